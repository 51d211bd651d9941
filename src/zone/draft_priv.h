/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/draft_priv.h - the inside of a draft, shared by its files, of which each calls only those
 * before it: draft_life.c (beginning and end), draft_version.c (the next version), draft.c (owners,
 * sets and records), draft_changes.c (changesets), draft_seal.c (sealing and publishing). How they
 * work together: draft_seal.c. */
#pragma once

#include <string.h>

#include "base/arena.h"
#include "zone/draft.h"
#include "zone/zone_priv.h"

/* One RRset of an owner. It is shared with the owner's old node (data in one piece, `packed`) until
 * it is opened: then `record` points to each record, so that a change in a large set moves pointers
 * and no records. */
struct draft_rrset {
	uint16_t type;
	uint32_t ttl;		/* seconds */
	uint32_t count;		/* records */
	uint32_t nbytes;	/* of the data: as zone_rrset */
	uint32_t capacity;	/* of `record`; 0 while the set is not open */
	const uint8_t **record; /* in canonical order, each at the length before the rdata */
	const uint8_t *packed;	/* the data in one piece, or NULL after a change */
};

/* One owner that was touched. In the draft's arena. */
struct draft_owner {
	struct draft_owner *next;    /* in the order in which they were touched */
	const struct zone_node *old; /* in the parent, or NULL */
	struct zone_node *fresh;     /* in the new version, or NULL; made by sealing */
	uint64_t hash;
	struct draft_rrset *rrset;
	uint64_t nbytes;	    /* of all sets, as zone/limits.h counts them */
	uint32_t nrrsets, capacity; /* of `rrset` */
	uint8_t name_nbytes;
	bool is_changed;
	const uint8_t *spelled; /* the name in the case it was written */
	uint8_t name[];		/* relative, lower case */
};

/* Bytes that grow: records of a changeset. */
struct draft_bytes {
	uint8_t *bytes; /* from malloc */
	size_t used, capacity;
	uint32_t nrecords;
};

struct zone_draft {
	/* set when it begins */
	struct zone *zone;
	struct zone_snapshot *parent; /* NULL: this is the first version */
	uint64_t version;

	/* owners */
	struct base_arena arena; /* of owners, sets and records */
	struct draft_owner *first, **last;
	struct draft_owner *recent; /* touched last: the next record is often of the same owner */
	uint64_t *table; /* 16 bits of hash, 48 of pointer to a draft_owner; 0 is empty */
	uint64_t mask;	 /* slots of `table` - 1 */
	uint64_t nowners;
	bool is_short;	     /* memory was short during a look-up, which may have missed records */
	bool has_new_serial; /* set by steps that were newer each (RFC 1982), even if the last one
				is not newer than the parent's */

	/* made by sealing */
	struct draft_bytes removed, added; /* the difference to the parent */
	struct zone_trie_edit edit;
	struct zone_snapshot *snapshot;
	struct zone_garbage *garbage; /* empty */
	struct zone_index *index;     /* a larger one, or NULL: the zone's fits */
	struct zone_stamps *stamps;   /* a larger one, or NULL: the zone's fits */
	uint64_t names_added;	      /* since the index was made or flushed */
};

/* ---- draft_life.c ---- */

/* Forgets all owners, and keeps the memory for others. */
void zone_draft_forget(struct zone_draft *d);

/* Ends the draft after it was published or dropped: its memory is kept for the zone's next one,
 * unless it is very much. */
void zone_draft_end(struct zone_draft *d);

/* Frees a draft that is not in use. NULL is fine. */
void zone_draft_free(struct zone_draft *d);

/* ---- draft_version.c ---- */

/* Moves the owners of a first version into its trie and index, and forgets them. Returns 0 or
 * -ENOMEM. */
int zone_draft_flush(struct zone_draft *d);

/* Makes what publishing needs: the new nodes and branches, the snapshot, garbage, and a larger
 * index and stamps if the zone's do not fit. Returns 0 or -ENOMEM. */
int zone_draft_make_version(struct zone_draft *d);

/* Writes the data of an open set in one piece, r->nbytes, to `out`. */
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

/* ---- draft.c ---- */

/* Returns the draft's owner of the wire name `owner`, made if it is touched for the first time.
 * Returns NULL if memory is short. */
struct draft_owner *zone_draft_owner(struct zone_draft *d, const uint8_t *owner);

/* Returns the set of `type`, or NULL; valid until the owner's sets change. */
struct draft_rrset *zone_draft_rrset(const struct draft_owner *o, uint16_t type);

/* ---- draft_changes.c ---- */

/* Writes the differences of all changed owners to `removed` and `added`, without the SOAs, and
 * raises the serial if it is not newer than the parent's. Returns 1 if anything differs, 0 if
 * nothing does, or -ENOMEM. */
int zone_draft_difference(struct zone_draft *d);

/* Puts the SOAs before the differences, and makes `changes` a view of them. After
 * zone_draft_make_version. Returns 0 or -ENOMEM. */
int zone_draft_changes(struct zone_draft *d, struct zone_changeset *changes);
