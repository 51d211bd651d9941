/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* hosting/merge.h - what an administrator changed in a zone file: records that went and records
 * that came.
 *
 * The difference is taken between the file as it was last merged and as it is now, and applied to
 * whatever the zone has become by then. It knows no file and no store. What was registered stays: a
 * record of the file that cannot stand beside it is left out, as one of an update would be. Taken
 * by one thread, applied by the registrar's. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "zone/changeset.h"

struct zone_draft;
struct zone_snapshot;

struct hosting_merge_list {
	struct dns_record *items;
	size_t count, capacity;
};

struct hosting_merge {
	struct hosting_merge_list removed, added;
	struct dns_record soa; /* of the file as it is now */
	bool is_soa_changed;
	struct base_arena owners;

	/* after applying */
	size_t nbarred;			 /* records of `added` that were left out */
	const struct dns_record *barred; /* the first of them */
};

/* Takes the difference of two versions, which must outlive it. 0 or -ENOMEM with `m` empty. */
int hosting_merge_take(struct hosting_merge *m, const struct zone_snapshot *before,
		       const struct zone_snapshot *after);

/* Applies it. The file's serial counts if it is newer than the zone's; with `is_moving` the serial
 * goes on in any case. 0 or -ENOMEM, the draft is good only for zone_draft_abort then. */
int hosting_merge_apply(struct hosting_merge *m, struct zone_draft *d, bool is_moving);

/* Frees it. */
void hosting_merge_fini(struct hosting_merge *m);
