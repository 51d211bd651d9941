/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* answer/lookup.h - the first steps from a question to its answer.
 *
 * A look-up is made in steps, so that a worker can begin those of a whole batch before it needs the
 * first: each step touches what the step before it has prefetched. Steps 1 to 4 are here, step 5 is
 * answer_write (answer/answer.h). Each look-up goes through all of them in order. A look-up
 * knows no message and no transport.
 *
 * Any thread, inside one RCU read section from the first step to the last. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dns/msg.h"

struct sockaddr;
struct zone;
struct zone_catalog;
struct zone_node;
struct zone_snapshot;

struct answer_lookup {
	const struct dns_question *question; /* borrowed until step 5 has returned */
	const struct zone_catalog *catalog;  /* borrowed until step 5 has returned */
	struct zone *zone; /* with the longest match; NULL: the name is in no zone of `catalog` */
	const struct zone_snapshot *snapshot; /* of `zone`; NULL: it has no version yet */
	struct zone_node *node; /* candidate from the index, name and version not yet compared; or
				   NULL. Not const: any thread may prepare an answer for it */
	uint64_t hash;		/* of the name relative to the zone */
	uint8_t name_nbytes;	/* of the name relative to the zone */
	const struct sockaddr *peer; /* that asks, for `_whoami`; NULL: not known. Set and borrowed
					like is_do */
	bool is_do; /* the client wants DNSSEC records (RFC 3225); set by the caller after
		       step 1, which clears it */
};

/* Step 1: fills in `l`, finds the zone, and prefetches the index. */
void answer_lookup_begin(struct answer_lookup *l, const struct zone_catalog *catalog,
			 const struct dns_question *q);

/* Step 2: finds the node, and prefetches it. */
void answer_lookup_node(struct answer_lookup *l);

/* Step 3: prefetches the prepared answer, or where the node's data are. */
void answer_lookup_prepared(const struct answer_lookup *l);

/* Step 4: prefetches the stamps that tell whether the prepared answer is valid. */
void answer_lookup_stamps(const struct answer_lookup *l);
