/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "doctor/delegation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/clock.h"
#include "dns/rdata.h"
#include "dns/type.h"

/* How they are found:
 *
 * 1. All resolvers are asked for the SOA of the name: the first in order whose answer has one names
 *    the zone.
 * 2. That one is asked for the NS records of the zone,
 * 3. and for the addresses of these hosts. */

enum { DNS_PORT = 53, PROBES_MAX = 16 };

_Static_assert((int)PROBES_MAX >= (int)DOCTOR_RESOLVERS_MAX, "one question each");

struct asking {
	struct doctor_probe probes[PROBES_MAX];
	struct doctor_probe *round[PROBES_MAX];
	size_t n;
};

static void ask(struct asking *a, const struct resolve_endpoint *to, const uint8_t *name,
		uint16_t type)
{
	struct doctor_probe *p = &a->probes[a->n];

	*p = (struct doctor_probe){.to = *to, .type = type, .is_recursive = true, .has_edns = true};
	memcpy(p->name, name, dns_name_nbytes(name));
	a->round[a->n++] = p;
}

static void forget(struct asking *a)
{
	for (size_t i = 0; i < a->n; i++)
		doctor_probe_fini(&a->probes[i]);
	a->n = 0;
}

/* Runs a round until a part of the time that is left. */
static void run(struct asking *a, uint64_t deadline_ms, unsigned part)
{
	uint64_t now_ms = base_clock_steady_us() / 1000;
	uint64_t left_ms = deadline_ms > now_ms ? deadline_ms - now_ms : 0;

	doctor_probes_run(a->round, a->n, NULL, now_ms + left_ms / part);
}

/* Finds the zone, and which resolver has named it. Returns NULL with the reason. */
static const struct doctor_hop *zone_find(struct asking *a, const struct doctor_visit *v,
					  uint8_t zone[static DNS_NAME_MAX], uint64_t deadline_ms,
					  char why[static DOCTOR_TEXT_MAX])
{
	char text[DNS_NAME_TEXT_MAX];

	snprintf(why, DOCTOR_TEXT_MAX, "no resolver answers which zone the name is in");
	for (size_t i = 0; i < v->nresolvers; i++)
		if (v->resolvers[i].soa.transport == DOCTOR_UDP)
			ask(a, &v->resolvers[i].soa.to, v->subject.name, DNS_TYPE_SOA);
	run(a, deadline_ms, 3);
	for (size_t i = 0; i < a->n; i++) {
		const struct doctor_view *view = &a->probes[i].view;
		const struct doctor_record *soa =
			doctor_view_is_good(view) ? doctor_view_soa(view) : NULL;

		if (soa == NULL || !dns_name_is_under(v->subject.name, soa->owner))
			continue;
		memcpy(zone, soa->owner, dns_name_nbytes(soa->owner));
		dns_name_to_text(text, zone);
		if (zone[0] == 0 || zone[zone[0] + 1] == 0) {
			snprintf(why, DOCTOR_TEXT_MAX,
				 "this host's resolver finds the name in the public zone \"%.64s\"",
				 text);
			continue;
		}
		for (size_t k = 0; k < v->nresolvers; k++)
			if (memcmp(&v->resolvers[k].soa.to.address, &a->probes[i].to.address,
				   sizeof(a->probes[i].to.address)) == 0)
				return &v->resolvers[k];
	}
	return NULL;
}

static void registry_add(struct doctor_visit *v, const struct doctor_record *r, const char *zone)
{
	struct resolve_endpoint e = {0};
	struct doctor_hop *h = &v->registries[v->nregistries];

	if (v->nregistries == DOCTOR_REGISTRIES_MAX)
		return;
	base_address_from_bytes(&e.address, r->type == DNS_TYPE_A ? AF_INET : AF_INET6, r->rdata,
				DNS_PORT);
	doctor_hop_make(h, DOCTOR_REGISTRY, &e, DOCTOR_UDP);
	v->nregistries++;
	doctor_finding_mend(doctor_finding_add(&v->findings, DOCTOR_NOTE, "delegated", h->label,
					       "is known only by the NS records of %.200s", zone),
			    "name it with --registry, WEFT_REGISTRY or in client.conf, if it is a "
			    "registry");
}

void doctor_delegation_find(struct doctor_visit *v, uint64_t deadline_ms,
			    char why[static DOCTOR_TEXT_MAX])
{
	static const uint16_t types[] = {DNS_TYPE_A, DNS_TYPE_AAAA};
	struct asking *a = calloc(2, sizeof(*a)), *servers = a != NULL ? a + 1 : NULL;
	const struct doctor_record *r = NULL;
	const struct doctor_hop *h;
	uint8_t zone[DNS_NAME_MAX];
	char text[DNS_NAME_TEXT_MAX];

	snprintf(why, DOCTOR_TEXT_MAX, "memory is short");
	h = a != NULL ? zone_find(a, v, zone, deadline_ms, why) : NULL;
	if (h == NULL)
		goto out;
	dns_name_to_text(text, zone);
	snprintf(why, DOCTOR_TEXT_MAX, "the NS records of %.100s lead to no address", text);
	forget(a);
	ask(a, &h->soa.to, zone, DNS_TYPE_NS);
	run(a, deadline_ms, 2);
	while (servers->n + 2 <= PROBES_MAX &&
	       (r = doctor_view_next(&a->probes[0].view, RESOLVE_ANSWER, DNS_TYPE_NS, r)) != NULL)
		for (size_t k = 0; k < 2; k++)
			ask(servers, &h->soa.to, r->rdata, types[k]);
	r = NULL;
	run(servers, deadline_ms, 1);
	for (size_t i = 0; i < servers->n; i++)
		while ((r = doctor_view_next(&servers->probes[i].view, RESOLVE_ANSWER,
					     servers->probes[i].type, r)) != NULL)
			registry_add(v, r, text);
out:
	if (a != NULL) {
		forget(a);
		forget(servers);
	}
	free(a);
}
