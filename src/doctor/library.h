/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* doctor/library.h - what libweft finds for the name, with the same code as programs that use it.
 * One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "doctor/finding.h"
#include "doctor/hop.h"
#include "locate/locate.h"

struct doctor_library {
	bool is_asked;
	bool is_stale;
	int error; /* 0, or a negative errno as find_lookup_fn gets it */
	char why[DOCTOR_TEXT_MAX];
	size_t ninstances, naddresses; /* of all instances */
	uint32_t rtt_us;
};

/* Finds, until `deadline_ms` on the steady clock. */
void doctor_library_run(struct doctor_library *l, struct resolve_events *events,
			struct locate *locate, const struct doctor_subject *s,
			uint64_t deadline_ms);

/* Compares with the reference, which may be NULL. */
void doctor_library_judge(struct doctor_findings *f, const struct doctor_library *l,
			  const struct doctor_subject *s, const struct doctor_hop *reference);
