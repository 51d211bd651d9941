/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "doctor/library.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "dns/type.h"
#include "find/find.h"
#include "resolve/events.h"

enum { ANY_PORT = 9 }; /* of a host, whose addresses alone count: discard */

struct finding_out {
	struct doctor_library *l;
	bool is_done;
};

static void on_found(void *arg, int error, const char *why, struct find_set *set, uint64_t now_ms)
{
	struct finding_out *o = arg;

	(void)now_ms;
	o->is_done = true;
	o->l->error = error;
	snprintf(o->l->why, sizeof(o->l->why), "%s", why != NULL ? why : "");
	if (error != 0)
		return;
	o->l->ninstances = set->n;
	o->l->is_stale = set->is_stale;
	for (size_t i = 0; i < set->n; i++)
		o->l->naddresses += set->all[i]->naddresses;
}

static void name_make(struct find_name *out, const struct doctor_subject *s)
{
	*out = (struct find_name){.kind = FIND_HOST, .port = ANY_PORT};
	memcpy(out->name, s->name, dns_name_nbytes(s->name));
	if (s->types[1] == DNS_TYPE_PTR)
		out->kind = FIND_TYPE;
	else if (s->types[1] == DNS_TYPE_TXT)
		out->kind = FIND_INSTANCE;
}

/* Turns until it is done, or the time is over. */
static void wait_done(const struct finding_out *o, struct resolve_events *events,
		      uint64_t deadline_ms)
{
	uint64_t now_ms = base_clock_steady_us() / 1000;

	while (!o->is_done && now_ms < deadline_ms)
		now_ms = resolve_events_wait(events, deadline_ms);
}

void doctor_library_run(struct doctor_library *l, struct resolve_events *events,
			struct locate *locate, const struct doctor_subject *s, uint64_t deadline_ms)
{
	uint64_t begin_us = base_clock_steady_us();
	struct finding_out o = {.l = l};
	struct find_lookup *lookup = NULL;
	struct find *find = NULL;
	struct find_name name;

	*l = (struct doctor_library){.is_asked = true, .error = -ETIMEDOUT};
	name_make(&name, s);
	if (find_new(&find, events, locate, 0) == 0 &&
	    find_lookup_new(&lookup, find, &name, deadline_ms, on_found, &o) == 0)
		wait_done(&o, events, deadline_ms);
	find_lookup_free(lookup);
	find_free(find);
	l->rtt_us = (uint32_t)(base_clock_steady_us() - begin_us);
}

/* Returns how many instances, or addresses of a host, the registry has. */
static size_t wanted_count(const struct doctor_subject *s, const struct doctor_hop *reference)
{
	size_t n = 0;

	if (s->types[1] == DNS_TYPE_PTR)
		n = doctor_view_count(doctor_hop_view(reference, 1), RESOLVE_ANSWER, DNS_TYPE_PTR);
	if (s->types[1] == DNS_TYPE_AAAA)
		n = doctor_view_count(doctor_hop_view(reference, 1), RESOLVE_ANSWER, DNS_TYPE_AAAA);
	return n > 0 && s->types[1] == DNS_TYPE_PTR
		       ? n
		       : n + doctor_view_count(doctor_hop_view(reference, 0), RESOLVE_ANSWER,
					       s->types[0]);
}

void doctor_library_judge(struct doctor_findings *f, const struct doctor_library *l,
			  const struct doctor_subject *s, const struct doctor_hop *reference)
{
	size_t nwanted, nfound = s->types[0] == DNS_TYPE_A ? l->naddresses : l->ninstances;
	struct doctor_finding *found;

	if (!l->is_asked || reference == NULL)
		return;
	nwanted = wanted_count(s, reference);
	if (l->error != 0 && nwanted > 0) {
		found = doctor_finding_add(f, DOCTOR_FAULT, "library", "libweft",
					   "finds nothing, where the registry has %zu: %s", nwanted,
					   l->why[0] != '\0' ? l->why : strerror(-l->error));
		doctor_finding_mend(found, "see the registries above: it asks the first that "
					   "answers");
	} else if (l->error == 0 && nfound != nwanted) {
		found = doctor_finding_add(f, DOCTOR_FAULT, "library", "libweft",
					   "finds %zu, where the registry has %zu", nfound,
					   nwanted);
		doctor_finding_mend(found, "see whether the registries disagree, and whether each "
					   "instance has an SRV record");
	}
}
