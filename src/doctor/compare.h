/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* doctor/compare.h - how the records of one answer differ from those of another.
 *
 * Compares; it does not know which of both is right, or why. No state; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "doctor/view.h"

struct doctor_difference {
	size_t nwanted, nfound;
	size_t nmissing, nextra;
	/* SRV records for the same target and port, with another priority or weight: they count as
	 * changed, not as missing and extra. */
	size_t nchanged;
	const struct doctor_record *missing, *extra; /* one of each; NULL: there is none */
	const struct doctor_record *before, *after;  /* of the changed ones */
	uint32_t ttl_wanted, ttl_found;		     /* the least of each; 0 without a record */
};

/* Compares the records of the type in both answers. */
void doctor_compare(struct doctor_difference *d, const struct doctor_view *wanted,
		    const struct doctor_view *found, uint16_t type);

/* Returns whether the records are the same, whatever their TTLs. */
bool doctor_compare_is_same(const struct doctor_difference *d);

/* Writes what a record has, for people: escaped, and cut if it is long. Returns `out`. */
const char *doctor_record_to_text(char out[static DOCTOR_TEXT_MAX], const struct doctor_record *r);
