/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "resolve/srv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dns/rdata.h"
#include "dns/type.h"
#include "resolve/host.h"
#include "resolve/order.h"

struct target {
	uint8_t name[DNS_NAME_MAX];
	uint16_t port;
};

struct resolve_srv {
	struct resolve_events *events;
	struct resolve_lookup_servers servers;
	resolve_srv_fn done;
	void *arg;
	bool is_tls;
	struct resolve_lookup *lookup; /* of the SRV records */
	struct resolve_host *host;     /* of a target that the additional section lacked */
	uint32_t ttl_s;
	struct target targets[RESOLVE_SRV_TARGETS_MAX]; /* in the order of contact */
	size_t ntargets, target;			/* how many; the one that is asked for */
	struct resolve_endpoint endpoints[RESOLVE_SRV_ENDPOINTS_MAX];
	size_t nendpoints;
};

static void report(struct resolve_srv *s, int error, uint64_t now_ms)
{
	const struct resolve_served found = {
		.error = error,
		.endpoints = s->endpoints,
		.nendpoints = s->nendpoints,
		.ttl_s = s->ttl_s,
	};

	s->done(s->arg, &found, now_ms);
}

static void ttl_lower(struct resolve_srv *s, uint32_t ttl_s)
{
	if (ttl_s < s->ttl_s)
		s->ttl_s = ttl_s;
}

static void endpoint_add(struct resolve_srv *s, const struct target *target,
			 const struct sockaddr_storage *address)
{
	struct resolve_endpoint *e = &s->endpoints[s->nendpoints];
	char name[DNS_NAME_TEXT_MAX];
	size_t nchars = dns_name_to_text(name, target->name);

	if (s->nendpoints == RESOLVE_SRV_ENDPOINTS_MAX || nchars > sizeof(e->name))
		return;
	*e = (struct resolve_endpoint){.address = *address, .is_tls = s->is_tls};
	memcpy(e->name, name, nchars - 1); /* without the final dot */
	s->nendpoints++;
}

/* Adds the addresses of the target that the additional section has. */
static void addresses_take(struct resolve_srv *s, struct resolve_answer answer,
			   const struct target *target, struct resolve_answer_record *r)
{
	while (resolve_message_next(&answer, r)) {
		struct sockaddr_storage address;

		if (r->section != RESOLVE_ADDITIONAL || !dns_name_equal(r->owner, target->name) ||
		    (r->type != DNS_TYPE_A && r->type != DNS_TYPE_AAAA))
			continue;
		ttl_lower(s, r->ttl);
		resolve_host_address(&address, r->type, r->rdata, target->port);
		endpoint_add(s, target, &address);
	}
}

/* Reads the SRV records into `targets`, in the order of contact. */
static void targets_take(struct resolve_srv *s, struct resolve_answer answer,
			 struct resolve_answer_record *r)
{
	struct resolve_order_srv srv[RESOLVE_SRV_TARGETS_MAX];
	uint8_t names[RESOLVE_SRV_TARGETS_MAX][DNS_NAME_MAX];
	size_t n = 0;

	while (n < RESOLVE_SRV_TARGETS_MAX && resolve_message_next(&answer, r)) {
		const uint8_t *target = r->rdata + DNS_SRV_TARGET;

		if (r->type != DNS_TYPE_SRV || r->section != RESOLVE_ANSWER || target[0] == 0)
			continue; /* the root as target: decidedly no such service (RFC 2782) */
		ttl_lower(s, r->ttl);
		memcpy(names[n], target, dns_name_nbytes(target));
		srv[n] = (struct resolve_order_srv){
			.priority = base_load16(r->rdata),
			.weight = base_load16(r->rdata + DNS_SRV_WEIGHT),
			.port = base_load16(r->rdata + DNS_SRV_PORT),
			.target = names[n],
		};
		n++;
	}
	resolve_order_sort(srv, n, resolve_order_random, NULL);
	for (size_t i = 0; i < n; i++) {
		memcpy(s->targets[i].name, srv[i].target, dns_name_nbytes(srv[i].target));
		s->targets[i].port = srv[i].port;
	}
	s->ntargets = n;
}

/* ---- the addresses of targets, one after the other ---- */

static void on_host(void *arg, const struct resolve_hosted *found, uint64_t now_ms);

static void next_target(struct resolve_srv *s, uint64_t now_ms)
{
	const struct target *t = &s->targets[s->target];

	resolve_host_free(s->host);
	s->host = NULL;
	if (s->target == s->ntargets)
		report(s, 0, now_ms);
	else if (resolve_host_new(&s->host, s->events, &s->servers, t->name, t->port, on_host, s) <
		 0)
		report(s, -ENOMEM, now_ms);
}

static void on_host(void *arg, const struct resolve_hosted *found, uint64_t now_ms)
{
	struct resolve_srv *s = arg;

	ttl_lower(s, found->ttl_s);
	for (size_t i = 0; i < found->naddresses; i++)
		endpoint_add(s, &s->targets[s->target], &found->addresses[i]);
	s->target++;
	next_target(s, now_ms);
}

static void answered(void *arg, struct resolve_answer *answer, int error, uint64_t now_ms)
{
	struct resolve_srv *s = arg;
	struct resolve_answer_record *r = NULL;

	if (error == 0)
		r = malloc(sizeof(*r));
	if (r == NULL) {
		report(s, error < 0 ? error : -ENOMEM, now_ms);
		return;
	}
	targets_take(s, *answer, r);
	for (size_t i = 0; i < s->ntargets; i++)
		addresses_take(s, *answer, &s->targets[i], r);
	free(r);
	if (s->ntargets == 0)
		ttl_lower(s, RESOLVE_TTL_NEGATIVE_S);
	if (s->nendpoints > 0)
		s->target = s->ntargets; /* enough to begin with */
	next_target(s, now_ms);
}

int resolve_srv_new(struct resolve_srv **out, struct resolve_events *events,
		    const struct resolve_lookup_servers *servers, const uint8_t *name, bool is_tls,
		    resolve_srv_fn done, void *arg)
{
	struct resolve_srv *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return -ENOMEM;
	s->events = events;
	s->servers = *servers;
	s->done = done;
	s->arg = arg;
	s->is_tls = is_tls;
	s->ttl_s = RESOLVE_TTL_MAX_S;
	if (resolve_lookup_new(&s->lookup, events, servers, name, DNS_TYPE_SRV, false, answered,
			       s) < 0) {
		free(s);
		return -ENOMEM;
	}
	*out = s;
	return 0;
}

void resolve_srv_free(struct resolve_srv *s)
{
	if (s == NULL)
		return;
	resolve_lookup_free(s->lookup);
	resolve_host_free(s->host);
	free(s);
}
