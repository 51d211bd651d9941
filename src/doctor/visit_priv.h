/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* doctor/visit_priv.h - a visit under way, shared by the files about it.
 *
 * visit.c has the time of its rounds and has the answers judged, visit_ask.c knows what is asked in
 * each round. One thread. */
#pragma once

#include "doctor/target.h"
#include "doctor/visit.h"

struct fabric_tls_context;

enum { DOCTOR_ROUND_MAX = (DOCTOR_REGISTRIES_MAX + DOCTOR_RESOLVERS_MAX) * 8 + 64 };

struct doctor_visiting {
	struct doctor_visit *v;
	uint64_t begin_ms;
	struct fabric_tls_context *tls; /* trusts anybody: it is about reaching it */
	struct doctor_target *targets;
	size_t ntargets;
	struct doctor_probe *reports; /* DOCTOR_INSTANCES_MAX */
	size_t nreports;
	struct doctor_probe push_srv;
	struct doctor_probe *round[DOCTOR_ROUND_MAX];
	size_t nround;
};

/* Asks what has been added to the round, and waits for the answers until this percentage of the
 * visit's time is over. */
void doctor_visit_ask_run(struct doctor_visiting *x, unsigned percent);

/* Adds the first round's questions to these hops. */
void doctor_visit_ask_first(struct doctor_visiting *x, struct doctor_hop *all, size_t n);

/* Adds the second round's questions, for which the first one has given reason. */
void doctor_visit_ask_second(struct doctor_visiting *x);

/* Adds the question to the Push server that the zone names. */
void doctor_visit_ask_push(struct doctor_visiting *x);

/* Adds again the questions whose answers have a lower TTL than in the registry: they may have grown
 * older, or be capped. `at_ms` becomes the time before which the round is not to be run. */
void doctor_visit_ask_again(struct doctor_visiting *x, uint64_t *at_ms);
