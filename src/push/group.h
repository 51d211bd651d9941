/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* push/group.h - what a changeset changes, by owner and type, as far as there are subscriptions to
 * the owner: the first two steps of a delivery (push/delivery.h).
 *
 * Groups are made in small steps. They know the names with subscriptions, but not the subscribers.
 * Room-private; one thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "dns/record.h"

struct base_arena;
struct push_change;
struct push_index;
struct push_name;
struct zone_snapshot;

enum { PUSH_GROUP_UNITS_MAX = 64 }; /* of a group: the bits of a mask */

/* The records of one owner and type: some follow each other in each part of the changeset, in
 * canonical order. */
struct push_unit {
	struct push_unit *next; /* of the group */
	struct base_buf removed, added;
	uint32_t nremoved, nadded; /* net */
	uint16_t type;
	bool is_gone;	   /* the RRset has no records any more */
	bool is_announced; /* an oversized record has changed (push/writer.h) */
};

/* One owner. A name with changes in more than PUSH_GROUP_UNITS_MAX types has several groups. */
struct push_group {
	struct push_group *next; /* in the order of the change */
	struct push_name *name;
	const uint8_t *owner; /* as it is spelled now; in the change */
	struct push_unit *first, *last;
	unsigned nunits;
	bool is_later; /* not the first group of its name */
	bool is_gone;  /* the name has no records any more, and this is its only group */
};

/* ---- what is net of a unit ---- */

/* A walk over it. */
struct push_merge {
	struct base_buf removed, added;
	struct dns_record r, a;
	bool has_r, has_a;
};

enum push_effect { PUSH_NOTHING, PUSH_REMOVED, PUSH_ADDED };

/* Begins a walk. */
void push_merge_begin(struct push_merge *m, const struct push_unit *u);

/* Takes the next record, or two that are the same record before and after. Writes what is net of it
 * to `effect` and `record`. Returns false at the end. */
bool push_merge_next(struct push_merge *m, enum push_effect *effect, struct dns_record *record);

/* ---- the groups of a change ---- */

/* All zero is valid and empty. The caller reads `first` and `has_delegated`, once all is net. */
struct push_groups {
	struct push_index *index;
	struct base_arena *arena; /* that groups and units are in */
	const struct push_change *change;
	struct push_group *first, *last;
	bool has_delegated; /* the change has delegated a name */

	/* reading the change */
	struct base_buf part;
	bool is_added;	      /* `part` is that of additions */
	const uint8_t *owner; /* of the record before, or NULL */
	size_t owner_nbytes;
	struct push_name *name; /* of it; NULL: nobody subscribes to it */
	bool is_grouped;	/* all is read */

	/* finding what is net: the group and the unit in hand; without a unit its walk has not
	 * begun */
	struct push_group *group;
	struct push_unit *unit;
	struct push_merge merge;
};

/* Begins with a change. All is borrowed until the end. */
void push_groups_begin(struct push_groups *gs, struct push_index *x, struct base_arena *arena,
		       const struct push_change *change);

/* Looks at one record, in an RCU read section. `now` is the current version of the zone; NULL: it
 * is not served any more. Returns 1 if all is net, 0 if there is more to do, or -ENOMEM. */
int push_groups_step(struct push_groups *gs, const struct zone_snapshot *now);

/* Ends the first group. Returns false if there is none any more. */
bool push_groups_end_one(struct push_groups *gs);
