/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/history.h - where in the log each zone's changesets are, by serial, and reading them
 * back. Room-private.
 *
 * The index knows serials, commits and positions; its entries are in the order of commits and are
 * dropped with the segment that they refer to. Everything but journal_history_read is called under
 * the journal's lock. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"
#include "journal/segment.h"

struct store;
struct store_change;

/* A changeset in the log. */
struct journal_entry {
	struct journal_segment *segment;
	uint64_t offset, nbytes; /* of the record in its segment */
	uint64_t sequence;	 /* of the commit */
	uint32_t from, to;	 /* serials */
};

struct journal_zone {
	struct journal_zone *next;
	uint8_t name[DNS_NAME_MAX];    /* in lower case */
	struct journal_entry *entries; /* [first, end) are in use */
	size_t first, end, capacity;
	bool has_checkpoint;
	uint32_t checkpoint_serial;
	uint64_t checkpoint_sequence; /* of the last commit that the checkpoint contains */
	uint64_t removed_sequence;    /* of the commit that forgot the zone; 0: none did */
};

/* All zero at first. */
struct journal_history {
	struct journal_zone *zones;
};

void journal_history_fini(struct journal_history *h);

/* Finds a zone by its wire name, in any case. Returns NULL if the index does not have the zone. */
struct journal_zone *journal_history_find(const struct journal_history *h, const uint8_t *name);

/* Like journal_history_find, but adds a zone that is new. Returns NULL if memory is short. */
struct journal_zone *journal_history_get(struct journal_history *h, const uint8_t *name);

/* Makes room for `more` entries of the zone. Returns 0 or -ENOMEM. */
int journal_history_reserve(struct journal_zone *z, size_t more);

/* Adds an entry, for which journal_history_reserve made room. */
void journal_history_add(struct journal_zone *z, const struct journal_entry *entry);

/* Forgets the zone's entries before the commit `sequence`, and its checkpoint if that is older. */
void journal_history_remove(struct journal_zone *z, uint64_t sequence);

/* Drops all entries in `segment`, which is the oldest of the log. */
void journal_history_drop(struct journal_history *h, const struct journal_segment *segment);

/* Makes the entries of the commit `sequence` refer to the copy of its record at `offset` of
 * `segment`.
 */
void journal_history_move(struct journal_history *h, uint64_t sequence,
			  struct journal_segment *segment, uint64_t offset);

/* Returns the first entry that the zone's checkpoint does not contain, or NULL. */
const struct journal_entry *journal_history_unchecked(const struct journal_zone *z);

/* Returns the sequence of the first commit that some zone's checkpoint does not contain, or `most`
 * if that is less. */
uint64_t journal_history_needed(const struct journal_history *h, uint64_t most);

/* Returns the sequence of the last commit that the zone's version `serial` contains; `newest` is
 * the last commit of all. A serial that no commit of the zone has is taken for the zone's version
 * now. */
uint64_t journal_history_sequence(const struct journal_zone *z, uint32_t serial, uint64_t newest);

/* Finds the entries that lead from `serial` to the zone's newest version: from entries[*first] on,
 * none if *first is z->end. Returns false if some of them are missing. */
bool journal_history_since(const struct journal_zone *z, uint32_t serial, size_t *first);

/* Hands the changesets of a zone from `serial` on to `on_change`; the contract is that of
 * store_history_read. The segments are pinned meanwhile, so that commits and reclaiming go on. Any
 * thread, not under the lock. */
int journal_history_read(struct store *s, const uint8_t *zone, uint32_t serial,
			 int (*on_change)(void *, const struct store_change *), void *arg);
