/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "locate/probe.h"

#include "dns/type.h"

static void answered(void *arg, struct resolve_answer *answer, int error, uint64_t now_ms)
{
	struct locate_probe *p = arg;

	(void)error;
	if (answer != NULL)
		locate_known_succeeded(p->known, &p->endpoint, 0);
	else
		locate_known_failed(p->known, &p->endpoint, now_ms);
	locate_probe_end(p);
}

void locate_probe_begin(struct locate_probe *p, struct fabric_tls_context *tls, uint64_t now_ms)
{
	const struct locate_registry *r = locate_known_due(p->known, now_ms);
	const struct resolve_lookup_servers server = {&p->endpoint, 1, tls};

	if (r == NULL || p->lookup != NULL || locate_known_have_failed(p->known))
		return; /* if all have failed, what asks is itself the probe */
	p->endpoint = r->endpoint;
	if (resolve_lookup_new(&p->lookup, p->events, &server, p->name, DNS_TYPE_SOA,
			       r->transport != LOCATE_UDP, answered, p) < 0)
		p->lookup = NULL;
}

void locate_probe_end(struct locate_probe *p)
{
	resolve_lookup_free(p->lookup);
	p->lookup = NULL;
}
