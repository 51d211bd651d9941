/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/lookup.h - the first steps from a question to its answer.
 *
 * A look-up goes in steps so that a worker can begin those of a whole batch before it needs the
 * first: each step touches what the step before has prefetched. Step 5 is zone_answer_write
 * (zone/answer.h). A look-up knows no message and no transport. Any thread, inside one RCU read
 * section from the first step to the last. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dns/msg.h"

struct zone;
struct zone_catalog;
struct zone_node;
struct zone_snapshot;

struct zone_lookup {
	const struct dns_question *question;
	const struct zone_catalog *catalog;
	struct zone *zone;		      /* NULL: in no zone of ours */
	const struct zone_snapshot *snapshot; /* NULL: the zone is not loaded */
	struct zone_node *node;		      /* candidate from the index, or NULL; not const: any
						 thread may prepare an answer for it */
	uint64_t hash;
	uint8_t name_nbytes; /* of the name relative to the zone */
	bool is_do;	     /* the client wants DNSSEC data; false until the caller says so */
};

/* Step 1: finds the zone. */
void zone_lookup_begin(struct zone_lookup *l, const struct zone_catalog *catalog,
		       const struct dns_question *q);

/* Step 2: finds the node. */
void zone_lookup_node(struct zone_lookup *l);

/* Step 3: finds what is kept ready for it. */
void zone_lookup_prepared(const struct zone_lookup *l);

/* Step 4: finds out whether that is still good. */
void zone_lookup_stamps(const struct zone_lookup *l);
