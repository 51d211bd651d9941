/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "doctor/visit.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/error.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "doctor/compare.h"
#include "doctor/judge.h"
#include "doctor/lan_judge.h"
#include "doctor/visit_priv.h"
#include "fabric/tls.h"

enum {
	/* percent of the time at whose end a round ends */
	FIRST_ENDS = 45,
	SECOND_ENDS = 70,
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

/* Learns the zone from the reference. */
static void zone_learn(struct doctor_visit *v)
{
	const struct doctor_record *soa;

	v->reference = doctor_judge_reference(v->registries, v->nregistries);
	if (v->reference == NULL)
		return;
	soa = doctor_hop_soa(v->reference);
	if (soa != NULL)
		memcpy(v->subject.zone, soa->owner, dns_name_nbytes(soa->owner));
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

static void contacts_add(struct doctor_visiting *x, const struct doctor_target *t)
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

static void third_run(struct doctor_visiting *x)
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
	doctor_visit_ask_push(x);
	doctor_visit_ask_run(x, 90);
	doctor_visit_ask_again(x, &at_ms);
	now_ms = base_clock_steady_us() / 1000;
	if (at_ms > now_ms && at_ms < end_ms)
		poll(NULL, 0, (int)(at_ms - now_ms));
	if (at_ms < end_ms)
		doctor_visit_ask_run(x, 100);
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

static void reports_judge(struct doctor_visiting *x)
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

static void system_judge(struct doctor_visiting *x)
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

static void judge(struct doctor_visiting *x)
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
	struct doctor_visiting *x = calloc(1, sizeof(*x));
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
		doctor_visit_ask_first(x, v->registries, v->nregistries);
		doctor_visit_ask_first(x, v->resolvers, v->nresolvers);
		doctor_visit_ask_run(x, FIRST_ENDS);
		zone_learn(v);
		doctor_visit_ask_second(x);
		doctor_visit_ask_run(x, SECOND_ENDS);
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
