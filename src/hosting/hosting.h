/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* hosting/hosting.h - the zones that this weftd hosts: each with its file and its part of the
 * store.
 *
 * A zone has two layers. The file is the administrator's; the store holds what has changed since.
 * The store also holds the file's records as they were last merged, the baseline
 * (hosting/baseline.h). So an edited file is merged as the difference to the baseline, whatever
 * updates have changed meanwhile (hosting/reload.h).
 *
 * A zone that the store has but the configuration does not name is parked: kept with all that is in
 * it, not served, until it is configured again or purged. So a slip in the configuration loses
 * nothing. If the store has only changes of it, made to a file that never became a baseline, they
 * wait for the file: until it is configured the zone has no version.
 *
 * A configured zone has no version either if its file is refused at the start and the store does
 * not have it. Questions about it are answered SERVFAIL, and updates refused, until its file is
 * read.
 *
 * This unit knows no store and no registry: those that use it do. The list belongs to the main
 * thread. The other functions of this room read files and walk whole zones: they run in main before
 * the service starts, and later in the jobs' thread (hosting/jobs.h); what changes a served zone
 * they hand to the registrar. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hosting/files.h"

struct zone;
struct zone_snapshot;

/* Whether the zone has what its file has. */
enum hosting_file_state {
	HOSTING_FILE_SERVED,  /* it has: updates apart, the zone is as the file when it was read */
	HOSTING_FILE_STALE,   /* the file was not merged, for want of memory or for the disk */
	HOSTING_FILE_REFUSED, /* the file cannot be read, or has errors */
};

/* What a merge of the zone's file has changed. */
struct hosting_changes {
	size_t nadded, nremoved; /* records, the SOA not included; one with another TTL counts as
				    added */
	uint32_t serial_before, serial_after; /* the same if nothing has changed */
};

struct hosting_zone {
	/* set when it is made */
	struct zone *zone; /* owned */
	uint64_t seed;	   /* of the hashes of this zone and its baseline */

	/* main thread only */
	char *file;	 /* path, owned; NULL: parked */
	bool is_purging; /* a purge is under way: no other job is begun */

	/* main until the zone is served, then the jobs' thread */
	struct hosting_files files;	   /* what the zone was last read from */
	const struct zone_snapshot *first; /* the version that was read from the file, pinned while
					      `needs_baseline` */
	bool needs_baseline;		   /* `first` is not yet stored as the baseline */
	bool is_stale;			   /* a file has changed since the baseline was made */
	bool is_unsure;	  /* the log has changes to a file that never became a baseline: the next
			    merge raises the serial in any case */
	bool must_adopt;  /* a merge is committed, its baseline `token` not yet adopted */
	uint64_t token;	  /* of the baseline that the last merge prepared */
	uint64_t nmerges; /* of files, since the start */
	struct hosting_changes changes; /* of the last merge that did not fail */
	uint32_t waiting_serial; /* where the stored changes begin, while `is_waiting` */

	/* any thread, atomic */
	_Atomic bool is_waiting;   /* has no version: the store has only changes, which wait for the
				      file */
	_Atomic uint64_t loaded_s; /* when it was last read or restored: seconds since 1970 */
	_Atomic int file_state;	   /* enum hosting_file_state, of a zone that is not parked */
	_Atomic bool is_unsaved;   /* its last checkpoint failed */
};

/* All zones, parked ones too. Starts as zeros; its owner frees zones and `items`. */
struct hosting {
	struct hosting_zone **items;
	size_t count, capacity;
};

/* Returns the state of the zone's file as a word, a constant: served, stale or refused. Any
 * thread. */
const char *hosting_file_state_text(const struct hosting_zone *h);

/* Makes a hosted zone without a version. Copies the wire name `name` and the path `file`, which may
 * be NULL. Returns NULL if memory is short; otherwise the caller owns it. */
struct hosting_zone *hosting_zone_new(const uint8_t *name, const char *file, uint64_t seed);

/* Frees the hosted zone with its zone, which no other thread may be able to reach. NULL is fine. */
void hosting_zone_free(struct hosting_zone *h);

/* Sets the path of the file that the zone is read from; copies it. NULL parks the zone. Returns 0,
 * or -ENOMEM with the path unchanged. */
int hosting_zone_set_file(struct hosting_zone *h, const char *file);

/* Like hosting_zone_set_file, but the path, from malloc or NULL, moves in. Cannot fail. */
void hosting_zone_take_file(struct hosting_zone *h, char *take);

/* Adds a zone to the list, which owns it after success, and gives it the lowest number that no
 * other zone of the list has (zone_number). No other thread may be able to reach it yet. Returns 0,
 * or -ENOMEM with the list unchanged. */
int hosting_add(struct hosting *list, struct hosting_zone *h);

/* Removes a zone from the list, if it is there; the caller owns it then. */
void hosting_remove(struct hosting *list, const struct hosting_zone *h);

/* Returns the zone with the wire name `name`, in any case, or NULL. */
struct hosting_zone *hosting_find(const struct hosting *list, const uint8_t *name);
