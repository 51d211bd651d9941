/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* hosting/hosting.h - a zone that this weftd hosts: its file, its store, and how the two come
 * together.
 *
 * A zone has two layers. The file is the administrator's; the store holds everything since. The
 * store also keeps the file's records as they were last merged (the base), so that an edited file
 * is merged as the difference between then and now, whatever has been changed by updates meanwhile.
 * Functions here read files and walk whole zones: they run in main before the service starts, later
 * in the keeper's thread (hosting/jobs.h); what changes a served zone they hand to the
 * registrar.
 *
 * A zone that the store has but the configuration does not name is parked: kept with all that is in
 * it, not served, until it is configured again or purged. So a slip in the configuration loses
 * nothing. If all that the store has of it are changes, made to a file that was never kept there,
 * they wait for the file: the zone has no version until it is configured. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hosting/files.h"

struct zone;
struct zone_snapshot;

struct hosting_zone {
	/* set when it is made */
	struct zone *zone; /* owned */
	uint64_t seed;	   /* of the hashes of this zone and its baseline */

	/* main thread only */
	char *file;	 /* path, owned; NULL: parked */
	bool is_purging; /* a purge is under way: no other job is begun */

	/* main before the service starts, then the jobs' thread */
	struct hosting_files files;	   /* what the zone was last read from */
	const struct zone_snapshot *first; /* the version that was read from the file, pinned while
					      `needs_baseline` */
	bool needs_baseline;		   /* `first` is not yet stored as the baseline */
	bool is_stale;			   /* the file has changed since the baseline was made */
	bool is_unsure;	 /* the log has changes to a file that never became a baseline: the next
			    merge  raises the serial in any case */
	bool must_adopt; /* a merge is committed, its baseline `token` not yet adopted */
	uint64_t token;	 /* of the baseline that the last merge prepared */
	uint32_t waiting_serial; /* where the changes begin, while `is_waiting` */

	/* any thread, atomic */
	_Atomic bool is_waiting;   /* parked without a version: the store has changes only */
	_Atomic uint64_t loaded_s; /* when it was last read or restored: seconds since 1970 */
};

/* All zones, parked ones too. */
struct hosting {
	struct hosting_zone **items;
	size_t count, capacity;
};

/* Makes an empty one; `name` is a wire name, `file` may be NULL. NULL when memory is short. */
struct hosting_zone *hosting_zone_new(const uint8_t *name, const char *file, uint64_t seed);

/* Adds one to the list, which it then belongs to. 0 or -ENOMEM. */
int hosting_add(struct hosting *list, struct hosting_zone *h);

/* Takes one out of the list; it is the caller's then. */
void hosting_remove(struct hosting *list, const struct hosting_zone *h);

/* The one of that name, or NULL. */
struct hosting_zone *hosting_find(const struct hosting *list, const uint8_t *name);

/* Sets the file that it is read from; NULL parks it. 0 or -ENOMEM. */
int hosting_zone_set_file(struct hosting_zone *h, const char *file);

/* Frees it with its zone, which no thread can reach any more. NULL is fine. */
void hosting_zone_free(struct hosting_zone *h);
