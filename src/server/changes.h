/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/changes.h - changesets on their way from the registrar to the workers whose clients watch
 * the zone.
 *
 * No change is missed: a worker counts itself as a watcher of the zone first and reads the current
 * version then; the registrar publishes a version first and looks at the counts then. So one of the
 * two sees the other. While nobody watches any zone, a commit costs the registrar one load. It does
 * not know what the workers do with a change.
 *
 * What waits for a worker that does not keep up is bounded: a change for which there is no room is
 * lost, as one for which memory is short, and the worker knows that it misses one. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/queue.h"
#include "zone/zone.h"

struct push_change;
struct zone_changeset;

enum { SERVER_CHANGES_MAX = 64 << 20 }; /* bytes that wait for a worker; one change may have more */

/* Of all workers. */
struct server_watchers {
	/* any thread, atomic */
	_Atomic uint32_t count;	   /* things that watch some zone */
	_Atomic uint64_t nchanges; /* changesets so far, of any zone */
};

/* Of one worker. */
struct server_changes {
	/* set before the threads start */
	struct server_watchers *all;

	/* this worker writes, the registrar reads, atomic */
	_Atomic uint32_t watching[ZONE_NUMBERS]; /* by number of the zone */

	/* any thread, atomic */
	struct base_queue queue;   /* of struct server_change */
	_Atomic size_t nbytes;	   /* of the changes that wait */
	_Atomic bool has_lost_one; /* a change did not get into the queue */
};

/* A change in the queue of a worker. */
struct server_change {
	struct base_queue_link link; /* first */
	struct push_change *change;  /* a reference */
};

/* Makes the changes of a worker, empty. */
void server_changes_init(struct server_changes *c, struct server_watchers *all);

/* Frees what is in the queue. No other thread may put changes in. */
void server_changes_fini(struct server_changes *c);

/* Has the worker get the changes of versions after the one that is current when the function
 * returns. Returns false, and does nothing, if `most` things watch already, in all workers. The
 * worker's thread. */
bool server_changes_watch(struct server_changes *c, const struct zone *zone, uint32_t most);

/* Undoes one server_changes_watch of the zone with this number. The worker's thread. */
void server_changes_unwatch(struct server_changes *c, unsigned zone_number);

/* Returns the oldest change that has come since the last call, linked to the newer ones, or NULL.
 * The caller ends each with server_change_free or server_change_drop. Writes to `has_lost_one`
 * whether one is missing. The worker's thread. */
struct server_change *server_changes_take(struct server_changes *c, bool *has_lost_one);

/* Frees a change, which waits no more, but for its reference to the copy: that has not been
 * released yet. The worker's thread. */
void server_change_free(struct server_changes *c, struct server_change *change);

/* Frees a change with its reference to the copy. The worker's thread. */
void server_change_drop(struct server_changes *c, struct server_change *change);

/* Returns whether something may watch, after a version was published. The registrar's thread. */
bool server_changes_are_wanted(const struct server_watchers *all);

/* Returns whether something of the worker watches the zone, likewise. */
static inline bool server_changes_has(const struct server_changes *c, const struct zone *zone)
{
	return atomic_load_explicit(&c->watching[zone_number(zone)], memory_order_relaxed) > 0;
}

/* Makes a copy of a change that is visible now, the `number`-th of all. Returns NULL if memory is
 * short. */
struct push_change *server_changes_copy(const struct zone *zone,
					const struct zone_changeset *changes, uint64_t number);

/* Puts a copy, of which the worker gets a reference, in the queue; NULL: the change is lost.
 * Returns whether the worker must be woken. */
bool server_changes_put(struct server_changes *c, struct push_change *copy);
