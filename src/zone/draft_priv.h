/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/draft_priv.h - the inside of a draft, shared by draft.c (names and sets), draft_difference.c
 * (what changed) and draft_version.c (the next version). */
#pragma once

#include <string.h>

#include "base/arena.h"
#include "zone/draft.h"
#include "zone/zone_priv.h"

struct draft_rrset {
	uint16_t type;
	uint32_t ttl;
	uint32_t count;
	uint32_t nbytes;	/* of the data, length octets included */
	uint32_t capacity;	/* of `record`; 0 while the set is not open */
	const uint8_t **record; /* each at the length octets before the rdata */
	const uint8_t *packed;	/* the data in one piece, or NULL if it must be made */
};

struct draft_owner {
	struct draft_owner *next;
	const struct zone_node *old;
	struct zone_node *fresh;
	uint64_t hash;
	struct draft_rrset *rrset;
	uint16_t nrrsets, capacity;
	uint8_t name_nbytes;
	bool is_changed;
	const uint8_t *spelled;
	uint8_t name[];
};

/* Bytes that grow. */
struct draft_bytes {
	uint8_t *bytes;
	size_t used, capacity;
	uint32_t nrecords;
};

struct zone_draft {
	struct zone *zone;
	struct zone_snapshot *parent; /* NULL for the first version */
	uint64_t version;
	struct base_arena arena;
	struct draft_owner *first, **last;
	struct draft_owner *recent; /* touched last: the next record is often of the same owner */
	uint64_t *table; /* 16 bits of hash, 48 of pointer to a draft_owner; 0 is empty */
	uint64_t mask, nowners;
	bool is_short; /* a look-up lacked memory: what it found is not to be relied on */
	struct draft_bytes removed, added;

	/* made by sealing */
	struct zone_trie_edit edit;
	struct zone_snapshot *snapshot;
	struct zone_garbage *garbage;
	struct zone_index *index;   /* a larger one, or NULL */
	struct zone_stamps *stamps; /* likewise */
	uint64_t names_added;
};

/* The draft's record of `owner`, made if needed. NULL when memory is short. */
struct draft_owner *zone_draft_owner(struct zone_draft *d, const uint8_t *owner);

/* The set of `type`, or NULL. */
struct draft_rrset *zone_draft_rrset(const struct draft_owner *o, uint16_t type);

/* Writes the data of an open set in one piece: r->nbytes. */
static inline void zone_draft_write_rrset(const struct draft_rrset *r, uint8_t *out)
{
	/* Most records of a large set lie in memory as they did before: one copy for all that
	 * follow each other there. */
	for (uint32_t i = 0; i < r->count;) {
		const uint8_t *from = r->record[i], *to = from;

		do
			to += 2u + base_load16(to);
		while (++i < r->count && r->record[i] == to);
		memcpy(out, from, (size_t)(to - from));
		out += to - from;
	}
}

/* Makes the draft ready for more owners: forgets those that it has. */
void zone_draft_forget(struct zone_draft *d);

/* Ends the draft when it has been published or dropped. */
void zone_draft_end(struct zone_draft *d);

/* Frees a draft that is not in use. NULL is fine. */
void zone_draft_free(struct zone_draft *d);

/* Writes the differences of all owners to d->removed and d->added, without the SOAs, and raises the
 * serial if there are any. Returns 1 if anything differs, 0, or -ENOMEM. */
int zone_draft_difference(struct zone_draft *d);

/* Puts the SOAs before the differences and gives the whole as a changeset. 0 or -ENOMEM. */
int zone_draft_changes(struct zone_draft *d, struct zone_changeset *changes);

/* Moves what has been gathered of a first version into its trie and index. 0 or -ENOMEM. */
int zone_draft_flush(struct zone_draft *d);

/* Makes the sealed version: nodes, trie, room in the index and stamps. 0 or -ENOMEM. */
int zone_draft_make_version(struct zone_draft *d);
