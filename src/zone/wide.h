/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/wide.h - wide names: those with more records of a type, or more types, than other servers
 * take by default.
 *
 * BIND 9.18.28 and later refuse a zone with such a name as secondaries (max-records-per-type,
 * max-types-per-name), and do not pass on such an answer as forwarders. Wide names are legal; they
 * are only found here, for a warning. A draft is the writer's, a snapshot any reader's. */
#pragma once

#include <stdint.h>

#include "dns/name.h"

struct zone_draft;
struct zone_snapshot;

enum {
	ZONE_WIDE_RECORDS = 100, /* of a type at a name that BIND takes by default */
	ZONE_WIDE_TYPES = 100,	 /* at a name */
	ZONE_WIDE_TEXT_MAX = DNS_NAME_TEXT_MAX + 128,
};

/* A wide RRset, or a wide name. */
struct zone_wide {
	const uint8_t *owner; /* a view until the function that it is given to returns */
	uint16_t type;	      /* of the RRset; 0: the name has too many types */
	uint32_t count;	      /* of records, or of types */
	uint64_t hash;	      /* of owner and type, under the zone's seed; 0 from a snapshot */
};

typedef void (*zone_wide_fn)(void *arg, const struct zone_wide *wide);

/* Calls `fn` for each RRset and name that a sealed draft makes wide and its parent did not. Costs a
 * comparison for each set of a changed name. Registrar's thread, before zone_draft_publish. */
void zone_wide_in_draft(const struct zone_draft *d, zone_wide_fn fn, void *arg);

/* Calls `fn` for each wide RRset and name of a version. Walks all names. Returns 0 or -ENOMEM. */
int zone_wide_in_snapshot(const struct zone_snapshot *s, zone_wide_fn fn, void *arg);

/* Writes a sentence for the operator: what is wide, and which limit of BIND it is over. Returns
 * `out`. */
const char *zone_wide_text(char out[static ZONE_WIDE_TEXT_MAX], const struct zone_wide *wide);
