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

#include "base/error.h"
#include "hosting/files.h"
#include "text/zonefile.h"

struct registry_registrar;
struct store;
struct store_item;
struct zone;
struct zone_snapshot;

/* Told of what is wrong in a zone file; `is_error` false is a warning. Line 0 means the file as a
 * whole. */
typedef void (*hosting_problem_fn)(void *arg, bool is_error, const char *file, unsigned line,
				   const char *text);

struct hosting_zone {
	struct zone *zone;
	char *file; /* NULL: parked */
	uint64_t seed;
	bool needs_base; /* what was read from the file is not yet kept in the store */
	const struct zone_snapshot *first; /* that version, held until it is */
	bool is_stale;	/* restored from the store, and the file has changed since */
	bool is_unsure; /* the log has changes, but what file they were made to was never kept: the
			   serial must move */
	_Atomic bool is_waiting; /* parked, and the store has nothing but changes from
				    `waiting_serial` on */
	uint32_t waiting_serial;
	bool is_purging; /* its purge is under way: no more work is begun on it */
	bool must_adopt; /* a merge is committed, its base (of that token) not yet in place */
	uint64_t token;
	struct hosting_files files; /* what the zone was last read from */
	_Atomic uint64_t loaded_s;  /* when it was last read or restored: seconds since 1970 */
};

/* All zones, parked ones too. */
struct hosting {
	struct hosting_zone **items;
	size_t count, room;
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

/* Reads the zone file into the empty `zone`, checks it, and publishes the first version. 0,
 * -EBADMSG if the file is wrong (all of it told to `on_problem`), or another negative errno.
 * `files` may be NULL. */
int hosting_load(struct zone *zone, const char *file, struct hosting_files *files,
		 hosting_problem_fn on_problem, void *arg);

/* Told of each note in the store that is not about a zone's file. 0, or a negative errno that ends
 * the restoring. */
typedef int (*hosting_item_fn)(void *arg, const struct store_item *note);

/* Restores all zones from the store: checkpoint or base, and the changes since. A zone that the
 * store does not have is read from its file; one that only the store has is added to the list,
 * parked. Before the registrar starts; the thread is registered with RCU and online. 0 or a
 * negative errno; an error of the store is described in `error`, which stays as it is
 * otherwise, those of files by `on_problem`. Both functions get `arg`. */
int hosting_restore(struct hosting *list, uint64_t seed, struct store *store,
		    hosting_problem_fn on_problem, hosting_item_fn on_other, void *arg,
		    struct base_error *error);

/* Gives a zone that came with a reload its first version: its file, and the changes that waited for
 * it. The thread as above. 0 or a negative errno; what waited goes on waiting then. */
int hosting_restore_first(struct hosting_zone *h, struct store *store,
			  hosting_problem_fn on_problem, void *arg);

/* Merges the zone file `file` if it has changed, or in any case if `is_forced`: the difference
 * between what was last merged and the file as it is is applied as one changeset, the serial moves
 * on. Returns 1 if the zone has changed, 0 if not, or a negative errno with the zone as it was (or
 * merged, if it is the base of the next merge that cannot be put in place). */
int hosting_reload(struct hosting_zone *h, struct store *store,
		   struct registry_registrar *registrar, const char *file, bool is_forced,
		   hosting_problem_fn on_problem, void *arg);

/* Keeps what was read from the file as the zone's base. Before any update of the zone, or after a
 * merge. 0 or a negative errno. */
int hosting_baseline_write(struct hosting_zone *h, struct store *store);

/* Writes a checkpoint of the zone as it is now, if it has a version. 0 or a negative errno. */
int hosting_checkpoint(struct hosting_zone *h, struct store *store);

/* Makes the store forget a parked zone, for good. In the thread that writes checkpoints, so that
 * none of it is being written. 0, or a negative errno with the zone as it was. */
int hosting_purge(struct hosting_zone *h, struct registry_registrar *registrar);
