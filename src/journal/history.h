/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/history.h - where in the log each zone's changesets are, by serial. Room-private.
 *
 * Knows serials and positions, no bytes. Entries are in the order of commits; they are dropped with
 * the segment that they are in. Everything here is under the journal's lock. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"
#include "journal/segment.h"

struct store;
struct store_change;

struct journal_entry {
	struct journal_segment *segment;
	uint64_t offset, nbytes; /* of the record in its segment */
	uint64_t sequence;
	uint32_t from, to;
};

struct journal_zone {
	struct journal_zone *next;
	uint8_t name[DNS_NAME_MAX];    /* in lower case */
	struct journal_entry *entries; /* [first, end) are in use */
	size_t first, end, capacity;
	bool has_checkpoint;
	uint32_t checkpoint_serial;
	uint64_t checkpoint_sequence; /* of the last commit that the checkpoint has in it */
	uint64_t removed_sequence;    /* of the commit that forgot the zone; 0: none */
};

struct journal_history {
	struct journal_zone *zones;
};

void journal_history_fini(struct journal_history *h);

/* The zone of this name, or NULL. */
struct journal_zone *journal_history_find(const struct journal_history *h, const uint8_t *name);

/* The zone of this name, made if it is new. NULL when memory is short. */
struct journal_zone *journal_history_get(struct journal_history *h, const uint8_t *name);

/* Makes sure that `more` entries can be added to the zone. 0 or -ENOMEM. */
int journal_history_reserve(struct journal_zone *z, size_t more);

/* Adds an entry, for which there is room. */
void journal_history_add(struct journal_zone *z, const struct journal_entry *entry);

/* Forgets all of a zone that was committed before `sequence`, and its checkpoint. */
void journal_history_remove(struct journal_zone *z, uint64_t sequence);

/* Drops the entries in `segment`, which are the oldest there are. */
void journal_history_drop(struct journal_history *h, const struct journal_segment *segment);

/* Tells that the record `sequence` now stands at another place as well, which is the one to keep.
 */
void journal_history_move(struct journal_history *h, uint64_t sequence,
			  struct journal_segment *segment, uint64_t offset);

/* The first entry that the zone's checkpoint does not have in it; NULL if there is none. */
const struct journal_entry *journal_history_unchecked(const struct journal_zone *z);

/* The last commit that is in the zone's version `serial`, of which `newest` is the last of all. A
 * serial that no commit knows is that of the zone as it is now: whatever comes next will begin with
 * it. */
uint64_t journal_history_sequence(const struct journal_zone *z, uint32_t serial, uint64_t newest);

/* The entries that lead from `serial` to the newest version, as an index of entries[]: z->end if
 * none is needed. Returns false if they are not all there. */
bool journal_history_since(const struct journal_zone *z, uint32_t serial, size_t *first);

/* Returns the sequence of the first commit that some zone's checkpoint does not contain, or `most`
 * if that is less. */
uint64_t journal_history_needed(const struct journal_history *h, uint64_t most);

/* Hands the changesets of a zone from `serial` on to `on_change`; the contract is that of
 * store_history_read. The segments are pinned meanwhile, so that commits and reclaiming go on. Any
 * thread, not under the lock. */
int journal_history_read(struct store *s, const uint8_t *zone, uint32_t serial,
			 int (*on_change)(void *, const struct store_change *), void *arg);
