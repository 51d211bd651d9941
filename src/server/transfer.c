/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "server/transfer.h"

#include <errno.h>
#include <stdlib.h>

#include "dns/type.h"
#include "server/query.h"
#include "server/rules.h"
#include "zone/catalog.h"
#include "zone/zone.h"

int server_transfer_new(struct server_transfer **out, const struct server_query *q,
			const struct server_turn *turn)
{
	const struct server_request *r = &q->request;
	struct server_transfer *t = calloc(1, sizeof(*t));
	int ret = -ENOMEM;

	if (t != NULL)
		ret = transfer_out_new(&t->out, q->zone, r->question.type, r->msg, r->nbytes,
				       &r->response);
	if (ret < 0) {
		free(t);
		return ret;
	}
	t->rules = server_rules_acquire(turn->rules);
	*out = t;
	return 0;
}

void server_transfer_free(struct server_transfer *t)
{
	if (t == NULL)
		return;
	transfer_out_free(t->out);
	server_rules_release(t->rules);
	free(t);
}

bool server_transfer_move(struct server_transfer *t, struct server_rules *rules)
{
	int index = zone_catalog_index(rules->catalog, zone_name(t->out->zone));

	if (index < 0 || rules->zones[index].zone != t->out->zone)
		return false;
	server_rules_release(t->rules);
	t->rules = server_rules_acquire(rules);
	return true;
}

void server_transfer_begin(struct server_transfer *t, const struct server_turn *turn)
{
	server_count(&turn->stats->transfers, 1);
	transfer_out_begin(t->out, turn->now_ms);
}

size_t server_transfer_refuse(struct server_transfer *t, const struct server_turn *turn,
			      uint8_t *out, size_t size)
{
	dns_response_explain(&t->out->response, DNS_EDE_NOT_READY,
			     "too many transfers at once, try again later");
	server_count(&turn->stats->rcode[DNS_RCODE_SERVFAIL], 1);
	return dns_response_short(&t->out->response, &turn->responder, DNS_RCODE_SERVFAIL, 0, out,
				  size);
}

size_t server_transfer_next(struct server_transfer *t, const struct server_turn *turn, uint8_t *out,
			    size_t size)
{
	size_t nbytes = transfer_out_next(t->out, &turn->responder, out, size);

	/* Only the first message is a response of its own, with an RCODE of its own. */
	if (t->out->nmessages == 1 && nbytes > 0)
		server_count(&turn->stats->rcode[t->out->rcode], 1);
	server_count(&turn->stats->transfer_messages, 1);
	return nbytes;
}
