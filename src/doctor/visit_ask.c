/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/buf.h"
#include "base/secret.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "doctor/compare.h"
#include "doctor/visit_priv.h"

enum { REPEAT_MS = 1050 }; /* a TTL that counts down is lower then */

/* Adds a question to the round, to the same server as another. */
static void ask(struct doctor_visiting *x, struct doctor_probe *p, const struct doctor_hop *h,
		enum doctor_transport transport, const uint8_t *name, uint16_t type)
{
	if (x->nround == DOCTOR_ROUND_MAX)
		return;
	p->to = h->soa.to;
	/* A registry that is asked over TLS alone is asked all over TLS. */
	p->transport = h->soa.transport == DOCTOR_TLS ? DOCTOR_TLS : transport;
	p->type = type;
	p->is_recursive = h->kind == DOCTOR_RESOLVER;
	p->has_edns = true;
	if (p->name != name)
		memcpy(p->name, name, dns_name_nbytes(name));
	x->round[x->nround++] = p;
}

void doctor_visit_ask_run(struct doctor_visiting *x, unsigned percent)
{
	uint64_t limit_ms = x->v->limit_ms * percent / 100;

	if (x->nround > 0)
		doctor_probes_run(x->round, x->nround, x->tls, x->begin_ms + limit_ms);
	x->nround = 0;
}

/* ---- the first round ---- */

void doctor_visit_ask_first(struct doctor_visiting *x, struct doctor_hop *all, size_t n)
{
	const struct doctor_subject *s = &x->v->subject;

	for (size_t i = 0; i < n; i++) {
		ask(x, &all[i].soa, &all[i], DOCTOR_UDP, s->name, DNS_TYPE_SOA);
		ask(x, &all[i].tcp, &all[i], DOCTOR_TCP, s->name, DNS_TYPE_SOA);
		for (size_t k = 0; k < s->ntypes; k++)
			ask(x, &all[i].question[k], &all[i], DOCTOR_UDP, s->name, s->types[k]);
	}
}

/* ---- the second round ---- */

/* Makes a name in the zone that nobody has asked for, in letters of both cases. */
static bool fresh_make(uint8_t out[static DNS_NAME_MAX], const uint8_t *zone)
{
	uint8_t label[24];
	uint64_t random;
	int n;

	base_secret_random(&random, sizeof(random));
	n = snprintf((char *)label + 1, sizeof(label) - 1, "Weft-DocTOR-%010llx",
		     (unsigned long long)(random & 0xffffffffff));
	label[0] = (uint8_t)n;
	return dns_name_join(out, label, (size_t)n + 1, zone) > 0;
}

static void follow_ask(struct doctor_visiting *x, struct doctor_hop *h)
{
	const struct doctor_subject *s = &x->v->subject;
	const struct doctor_view *soa = &h->soa.view, *first = &h->question[0].view;
	uint8_t name[DNS_NAME_MAX];

	for (size_t k = 0; k < s->ntypes; k++)
		if (h->question[k].view.is_truncated)
			ask(x, &h->whole[k], h, DOCTOR_TCP, s->name, s->types[k]);
	if (first->outcome == DOCTOR_ANSWERED && first->rcode == DNS_RCODE_SERVFAIL) {
		ask(x, &h->unchecked, h, DOCTOR_UDP, s->name, s->types[0]);
		h->unchecked.is_unchecked = true;
	}
	if (soa->outcome != DOCTOR_ANSWERED || soa->rcode == DNS_RCODE_FORMERR ||
	    soa->rcode == DNS_RCODE_NOTIMP || soa->rcode == DNS_RCODE_BADVERS) {
		ask(x, &h->plain, h, DOCTOR_UDP, s->name, DNS_TYPE_SOA);
		h->plain.has_edns = false;
	}
	if (soa->outcome == DOCTOR_ANSWERED && s->zone[0] != 0 && fresh_make(name, s->zone))
		ask(x, &h->fresh, h, DOCTOR_UDP, name, DNS_TYPE_A);
	if (h->kind == DOCTOR_REGISTRY && x->v->key != NULL && soa->outcome == DOCTOR_ANSWERED) {
		ask(x, &h->sign, h, DOCTOR_UDP, s->name, DNS_TYPE_SOA);
		h->sign.key = x->v->key;
	}
}

/* Adds a target, once. */
static void target_add(struct doctor_visiting *x, const uint8_t *name, uint16_t port)
{
	struct doctor_target *t;

	for (size_t i = 0; i < x->ntargets; i++)
		if (x->targets[i].port == port && dns_name_equal(x->targets[i].name, name))
			return;
	if (x->ntargets == DOCTOR_TARGETS_MAX || name[0] == 0)
		return;
	t = &x->targets[x->ntargets++];
	memcpy(t->name, name, dns_name_nbytes(name));
	t->port = port;
	ask(x, &t->addresses[0], x->v->reference, DOCTOR_UDP, name, DNS_TYPE_A);
	ask(x, &t->addresses[1], x->v->reference, DOCTOR_UDP, name, DNS_TYPE_AAAA);
}

/* Finds the targets in the SRV records of the reference, those for PTRs included. */
static void targets_ask(struct doctor_visiting *x)
{
	const struct doctor_subject *s = &x->v->subject;

	for (size_t k = 0; k < s->ntypes; k++) {
		const struct doctor_view *v = doctor_hop_view(x->v->reference, k);

		for (size_t i = 0; i < v->nrecords; i++)
			if (v->records[i].type == DNS_TYPE_SRV)
				target_add(x, v->records[i].rdata + DNS_SRV_TARGET,
					   base_load16(v->records[i].rdata + DNS_SRV_PORT));
	}
}

static void report_ask(struct doctor_visiting *x, const uint8_t *instance)
{
	static const uint8_t label[] = "\010_suspect";
	uint8_t name[DNS_NAME_MAX];

	if (x->nreports < DOCTOR_INSTANCES_MAX &&
	    dns_name_join(name, label, sizeof(label) - 1, instance) > 0)
		ask(x, &x->reports[x->nreports++], x->v->reference, DOCTOR_UDP, name, DNS_TYPE_TXT);
}

static void reports_ask(struct doctor_visiting *x)
{
	const struct doctor_subject *s = &x->v->subject;
	const struct doctor_record *r = NULL;

	if (s->types[1] == DNS_TYPE_TXT)
		report_ask(x, s->name);
	if (s->types[1] == DNS_TYPE_PTR)
		while ((r = doctor_view_next(doctor_hop_view(x->v->reference, 1), RESOLVE_ANSWER,
					     DNS_TYPE_PTR, r)) != NULL)
			report_ask(x, r->rdata);
}

void doctor_visit_ask_second(struct doctor_visiting *x)
{
	struct doctor_visit *v = x->v;
	uint8_t name[DNS_NAME_MAX];

	for (size_t i = 0; i < v->nregistries; i++)
		follow_ask(x, &v->registries[i]);
	for (size_t i = 0; i < v->nresolvers; i++)
		follow_ask(x, &v->resolvers[i]);
	if (v->reference == NULL)
		return;
	if (dnssd_push_name(name, v->subject.zone) > 0)
		ask(x, &x->push_srv, v->reference, DOCTOR_UDP, name, DNS_TYPE_SRV);
	targets_ask(x);
	reports_ask(x);
}

/* ---- the third round ---- */

void doctor_visit_ask_push(struct doctor_visiting *x)
{
	const struct doctor_view *srv = &x->push_srv.view;
	const struct doctor_record *r = doctor_view_next(srv, RESOLVE_ANSWER, DNS_TYPE_SRV, NULL);
	const struct doctor_record *address;
	uint16_t port;

	if (r == NULL)
		return;
	port = base_load16(r->rdata + DNS_SRV_PORT);
	address = doctor_view_next(srv, RESOLVE_ADDITIONAL, DNS_TYPE_A, NULL);
	if (address == NULL)
		address = doctor_view_next(srv, RESOLVE_ADDITIONAL, DNS_TYPE_AAAA, NULL);
	ask(x, &x->v->push, x->v->reference, DOCTOR_TLS, x->v->subject.zone, DNS_TYPE_SOA);
	x->v->push.transport = DOCTOR_TLS;
	if (address != NULL)
		base_address_from_bytes(&x->v->push.to.address,
					address->type == DNS_TYPE_A ? AF_INET : AF_INET6,
					address->rdata, port);
	else if (x->v->push.to.address.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&x->v->push.to.address)->sin6_port = htons(port);
	else
		((struct sockaddr_in *)&x->v->push.to.address)->sin_port = htons(port);
}

void doctor_visit_ask_again(struct doctor_visiting *x, uint64_t *at_ms)
{
	struct doctor_visit *v = x->v;
	struct doctor_difference d;

	for (size_t i = 0; i < v->nresolvers && v->reference != NULL; i++) {
		struct doctor_hop *h = &v->resolvers[i];
		const struct doctor_view *first = doctor_hop_view(h, 0);

		if (!doctor_view_is_good(first))
			continue;
		doctor_compare(&d, doctor_hop_view(v->reference, 0), first, v->subject.types[0]);
		if (d.nfound == 0 || d.ttl_found >= d.ttl_wanted)
			continue;
		ask(x, &h->again, h, DOCTOR_UDP, v->subject.name, v->subject.types[0]);
		if (*at_ms < first->at_ms + REPEAT_MS)
			*at_ms = first->at_ms + REPEAT_MS;
	}
}
