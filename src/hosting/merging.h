/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* hosting/merging.h - how the difference between two versions of a file gets into its zone: one
 * commit, while the registrar serves others.
 *
 * A small difference is applied in the registrar's thread, in one batch with all that follows from
 * it. A large one is prepared in the calling thread (registry/hold.h), so that the registrar has to
 * store and publish it only; what the service view derives from it follows in short batches. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "hosting/merge.h"

struct registry_hold;
struct registry_registrar;
struct zone;

struct hosting_merging {
	/* set by the caller; the difference has been taken (hosting_merge_take) */
	struct zone *zone;
	struct hosting_merge merge;
	bool must_raise; /* the serial */
	uint64_t token;	 /* of the baseline that goes with the merge: stored with it */

	/* set by hosting_merging_run if it does not fail: SOA serials of the zone */
	uint32_t serial_before, serial_after;

	/* the file's own */
	struct registry_hold *hold; /* of a large difference; NULL: it is applied directly */
	bool must_follow;	    /* derived records or counts depend on it */
	size_t nfollowed;	    /* records of which that is done */
	int ret;
};

/* Applies the difference to the zone. Returns 1 if the zone has a new version, 0 if nothing
 * changed, or a negative errno with the zone as it was: -E2BIG as hosting_merge_apply. Any thread
 * but the registrar's, registered with RCU and offline. */
int hosting_merging_run(struct hosting_merging *m, struct registry_registrar *registrar);
