/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "doctor/visit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "doctor/compare.h"
#include "doctor/judge.h"
#include "doctor/lan_judge.h"
#include "doctor/target.h"
#include "fabric/tls.h"

enum {
	/* percent of the time at whose end a round ends */
	FIRST_ENDS = 45,
	SECOND_ENDS = 70,
	REPEAT_MS = 1050, /* a TTL that counts down is lower then */
	PORT_TLS = 853,
	ROUND_MAX = (DOCTOR_REGISTRIES_MAX + DOCTOR_RESOLVERS_MAX) * 8 + 64,
};

struct visiting {
	struct doctor_visit *v;
	uint64_t begin_ms;
	struct fabric_tls_context *tls; /* trusts anybody: it is about reaching it */
	struct doctor_target *targets;
	size_t ntargets;
	struct doctor_probe *reports; /* DOCTOR_INSTANCES_MAX */
	size_t nreports;
	struct doctor_probe push_srv;
	struct doctor_probe *round[ROUND_MAX];
	size_t nround;
};

/* ---- what is asked ---- */

static bool label_is_service(const uint8_t *name)
{
	return name[0] > 1 && name[1] == '_';
}

void doctor_subject_make(struct doctor_subject *s, const uint8_t *name)
{
	const uint8_t *second = name[0] != 0 ? name + name[0] + 1 : name;
	bool is_type = label_is_service(name);

	*s = (struct doctor_subject){.ntypes = 2};
	memcpy(s->name, name, dns_name_nbytes(name));
	dns_name_to_text(s->text, name);
	if (is_type) {
		s->types[0] = DNS_TYPE_SRV;
		s->types[1] = DNS_TYPE_PTR;
	} else if (label_is_service(second)) {
		s->types[0] = DNS_TYPE_SRV;
		s->types[1] = DNS_TYPE_TXT;
	} else {
		s->types[0] = DNS_TYPE_A;
		s->types[1] = DNS_TYPE_AAAA;
	}
}

void doctor_hop_make(struct doctor_hop *h, enum doctor_hop_kind kind,
		     const struct resolve_endpoint *at, enum doctor_transport transport)
{
	char text[BASE_ADDRESS_TEXT_MAX];

	h->kind = kind;
	h->soa.to = *at;
	h->soa.transport = transport;
	base_address_to_text(text, (const struct sockaddr *)&at->address);
	snprintf(h->label, sizeof(h->label), "%s %s",
		 kind == DOCTOR_REGISTRY ? "registry" : "resolver", text);
}

/* Adds a question to the round, to the same server as another. */
static void ask(struct visiting *x, struct doctor_probe *p, const struct doctor_hop *h,
		enum doctor_transport transport, const uint8_t *name, uint16_t type)
{
	if (x->nround == ROUND_MAX)
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

static void round_run(struct visiting *x, unsigned percent)
{
	uint64_t limit_ms = x->v->limit_ms * percent / 100;

	if (x->nround > 0)
		doctor_probes_run(x->round, x->nround, x->tls, x->begin_ms + limit_ms);
	x->nround = 0;
}

/* ---- the first round ---- */

static void first_ask(struct visiting *x, struct doctor_hop *all, size_t n)
{
	const struct doctor_subject *s = &x->v->subject;

	for (size_t i = 0; i < n; i++) {
		ask(x, &all[i].soa, &all[i], DOCTOR_UDP, s->name, DNS_TYPE_SOA);
		ask(x, &all[i].tcp, &all[i], DOCTOR_TCP, s->name, DNS_TYPE_SOA);
		for (size_t k = 0; k < s->ntypes; k++)
			ask(x, &all[i].question[k], &all[i], DOCTOR_UDP, s->name, s->types[k]);
	}
}

/* Learns the zone from the reference. */
static void zone_learn(struct doctor_visit *v)
{
	const struct doctor_record *soa;

	v->reference = doctor_judge_reference(v->registries, v->nregistries);
	if (v->reference == NULL)
		return;
	soa = doctor_view_soa(&v->reference->soa.view);
	if (soa == NULL)
		soa = doctor_view_soa(&v->reference->tcp.view);
	if (soa != NULL)
		memcpy(v->subject.zone, soa->owner, dns_name_nbytes(soa->owner));
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

static void follow_ask(struct visiting *x, struct doctor_hop *h)
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
static void target_add(struct visiting *x, const uint8_t *name, uint16_t port)
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
static void targets_ask(struct visiting *x)
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

static void report_ask(struct visiting *x, const uint8_t *instance)
{
	static const uint8_t label[] = "\010_suspect";
	uint8_t name[DNS_NAME_MAX];

	if (x->nreports < DOCTOR_INSTANCES_MAX &&
	    dns_name_join(name, label, sizeof(label) - 1, instance) > 0)
		ask(x, &x->reports[x->nreports++], x->v->reference, DOCTOR_UDP, name, DNS_TYPE_TXT);
}

static void reports_ask(struct visiting *x)
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

static void second_ask(struct visiting *x)
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

static void address_set(struct sockaddr_storage *out, const struct doctor_record *r, uint16_t port)
{
	base_address_from_bytes(out, r->type == DNS_TYPE_A ? AF_INET : AF_INET6, r->rdata, port);
}

/* Returns whether the service is one of this protocol, by its type. */
static bool is_of(const struct doctor_subject *s, const char *protocol)
{
	for (const uint8_t *at = s->name; at[0] != 0; at += at[0] + 1)
		if (dnssd_label_is(at, protocol))
			return true;
	return false;
}

static void contacts_add(struct visiting *x, const struct doctor_target *t)
{
	static const uint16_t types[] = {DNS_TYPE_A, DNS_TYPE_AAAA};
	struct doctor_visit *v = x->v;

	for (size_t k = 0; k < 2; k++) {
		const struct doctor_record *r = NULL;

		while (v->ncontacts < DOCTOR_CONTACTS_MAX &&
		       (r = doctor_view_next(&t->addresses[k].view, RESOLVE_ANSWER, types[k], r)) !=
			       NULL) {
			struct doctor_contact *c = &v->contacts[v->ncontacts++];

			memcpy(c->target, t->name, dns_name_nbytes(t->name));
			address_set(&c->address, r, t->port);
			c->is_datagram = is_of(&v->subject, "_udp");
		}
	}
}

/* Asks the Push server that the zone names. */
static void push_ask(struct visiting *x)
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
		address_set(&x->v->push.to.address, address, port);
	else if (x->v->push.to.address.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&x->v->push.to.address)->sin6_port = htons(port);
	else
		((struct sockaddr_in *)&x->v->push.to.address)->sin_port = htons(port);
}

/* Asks again for what has a lower TTL than in the registry: it may have grown older, or be
 * capped. */
static void again_ask(struct visiting *x, uint64_t *at_ms)
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

static void third_run(struct visiting *x)
{
	struct doctor_visit *v = x->v;
	const struct doctor_subject *s = &v->subject;
	uint64_t end_ms = x->begin_ms + v->limit_ms, at_ms = 0, now_ms;

	if (v->has_system && v->reference != NULL && s->types[0] == DNS_TYPE_A)
		doctor_system_begin(&v->system, s->name);
	else if (v->has_system && x->ntargets > 0)
		doctor_system_begin(&v->system, x->targets[0].name);
	for (size_t i = 0; i < x->ntargets && (is_of(s, "_tcp") || is_of(s, "_udp")); i++)
		contacts_add(x, &x->targets[i]);
	now_ms = base_clock_steady_us() / 1000;
	doctor_contacts_run(v->contacts, v->ncontacts, now_ms + (end_ms - now_ms) / 2);
	push_ask(x);
	round_run(x, 90);
	again_ask(x, &at_ms);
	now_ms = base_clock_steady_us() / 1000;
	if (at_ms > now_ms && at_ms < end_ms)
		poll(NULL, 0, (int)(at_ms - now_ms));
	if (at_ms < end_ms)
		round_run(x, 100);
	doctor_system_end(&v->system, end_ms);
	doctor_lan_end(&v->lan, end_ms);
}

/* ---- judging what is not a hop's ---- */

static void push_judge(struct doctor_visit *v)
{
	char where[96], address[BASE_ADDRESS_TEXT_MAX];

	if (v->push.view.outcome == DOCTOR_UNASKED || v->push.view.outcome == DOCTOR_ANSWERED)
		return;
	base_address_to_text(address, (const struct sockaddr *)&v->push.to.address);
	snprintf(where, sizeof(where), "push %s", address);
	doctor_finding_mend(doctor_finding_add(&v->findings, DOCTOR_FAULT, "push", where,
					       "does not answer over TLS, so changes are not "
					       "pushed: %s",
					       v->push.view.ede_text[0] != '\0'
						       ? v->push.view.ede_text
						       : strerror(-v->push.view.error)),
			    "let TCP through to this port; see server.listen-tls in "
			    "weftd.conf(5)");
}

static void reports_judge(struct visiting *x)
{
	struct doctor_visit *v = x->v;
	char name[DNS_NAME_TEXT_MAX], text[DOCTOR_TEXT_MAX];

	for (size_t i = 0; i < x->nreports; i++) {
		const struct doctor_view *view = &x->reports[i].view;
		size_t n = doctor_view_count(view, RESOLVE_ANSWER, DNS_TYPE_TXT);

		if (n == 0)
			continue;
		v->nreports += n;
		dns_name_to_text(name, dns_name_strip(x->reports[i].name, 1));
		doctor_finding_add(
			&v->findings, DOCTOR_NOTE, "suspect", v->reference->label,
			"has %zu reports that %.200s cannot be reached: %.100s", n, name,
			doctor_record_to_text(
				text, doctor_view_next(view, RESOLVE_ANSWER, DNS_TYPE_TXT, NULL)));
	}
}

static void system_judge(struct visiting *x)
{
	struct doctor_visit *v = x->v;
	const struct doctor_view *wanted[2];

	if (!v->system.is_asked)
		return;
	for (size_t k = 0; k < 2; k++)
		wanted[k] = v->subject.types[0] == DNS_TYPE_A ? doctor_hop_view(v->reference, k)
							      : &x->targets[0].addresses[k].view;
	doctor_system_judge(&v->findings, &v->system, wanted);
}

static void judge(struct visiting *x)
{
	struct doctor_visit *v = x->v;

	for (size_t i = 0; i < v->nregistries; i++)
		doctor_judge_registry(&v->findings, &v->subject, &v->registries[i], v->reference);
	for (size_t i = 0; i < v->nresolvers; i++)
		doctor_judge_resolver(&v->findings, &v->subject, &v->resolvers[i], v->reference);
	system_judge(x);
	doctor_library_judge(&v->findings, &v->library, &v->subject, v->reference);
	doctor_lan_judge(&v->findings, &v->lan, &v->subject, v->reference, x->targets, x->ntargets);
	doctor_contacts_judge(&v->findings, v->contacts, v->ncontacts);
	push_judge(v);
	reports_judge(x);
}

/* ---- the visit ---- */

int doctor_visit_run(struct doctor_visit *v)
{
	const struct fabric_tls_client any = {.trust = FABRIC_TLS_TRUST_ANY};
	struct base_error error;
	struct visiting *x = calloc(1, sizeof(*x));
	int ret = -ENOMEM;

	if (x == NULL)
		return ret;
	x->v = v;
	x->begin_ms = base_clock_steady_us() / 1000;
	x->targets = calloc(DOCTOR_TARGETS_MAX, sizeof(*x->targets));
	x->reports = calloc(DOCTOR_INSTANCES_MAX, sizeof(*x->reports));
	if (x->targets != NULL && x->reports != NULL)
		ret = fabric_tls_client_new(&x->tls, &any, &error);
	if (ret == 0) {
		doctor_lan_begin(&v->lan, &v->subject);
		first_ask(x, v->registries, v->nregistries);
		first_ask(x, v->resolvers, v->nresolvers);
		round_run(x, FIRST_ENDS);
		zone_learn(v);
		second_ask(x);
		round_run(x, SECOND_ENDS);
		third_run(x);
		judge(x);
	}
	for (size_t i = 0; i < x->ntargets; i++)
		for (size_t k = 0; k < 2; k++)
			doctor_probe_fini(&x->targets[i].addresses[k]);
	for (size_t i = 0; i < x->nreports; i++)
		doctor_probe_fini(&x->reports[i]);
	doctor_probe_fini(&x->push_srv);
	fabric_tls_context_release(x->tls);
	free(x->targets);
	free(x->reports);
	free(x);
	return ret;
}

static void hops_fini(struct doctor_hop *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct doctor_hop *h = &all[i];
		struct doctor_probe *probes[] = {&h->question[0], &h->question[1], &h->soa,
						 &h->tcp,	  &h->whole[0],	   &h->whole[1],
						 &h->unchecked,	  &h->plain,	   &h->fresh,
						 &h->again,	  &h->sign};

		for (size_t k = 0; k < sizeof(probes) / sizeof(*probes); k++)
			doctor_probe_fini(probes[k]);
	}
}

void doctor_visit_fini(struct doctor_visit *v)
{
	hops_fini(v->registries, v->nregistries);
	hops_fini(v->resolvers, v->nresolvers);
	doctor_probe_fini(&v->push);
}
