/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/lease.h - how long registrations live (RFC 9664).
 *
 * A lease is named after what was registered: the owner of the SRV records in an update, or, where
 * there is none, the owner of each record (of a PTR of DNS-SD, the instance that it points to). It
 * holds all records that the update added, and a later update of the same name moves it as a whole.
 * A record that several leases hold lives as long as one of them. The 8-byte form of the option
 * makes a second lease of the name, for its KEY records and for the name itself: while it lives,
 * the name belongs to who registered it.
 *
 * Time is the lease clock: milliseconds while weftd ran, so that leases stand still while it does
 * not. The caller says what time it is. Changes belong to the batch until registry_leases_commit or
 * _undo. Only the registrar thread may touch leases, but for what is said to be for any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "registry/holds.h"
#include "registry/refresh.h"
#include "registry/table.h"
#include "zone/changeset.h"

struct registry_record;
struct zone;
struct zone_draft;

/* What a zone grants; seconds. */
struct registry_lease_rule {
	uint32_t minimum_s, maximum_s, key_maximum_s;
	uint32_t default_s; /* for updates that ask for no lease; 0: none */
	uint32_t grace_s;   /* added after a restart; REGISTRY_GRACE_THIRD: a third of the lease, at
			       most 60 */
};

enum {
	REGISTRY_LEASE_MINIMUM_S = 30,
	REGISTRY_LEASE_MAXIMUM_S = 7200,
	REGISTRY_KEY_LEASE_MAXIMUM_S = 1209600
};
#define REGISTRY_GRACE_THIRD UINT32_MAX

/* What an update asks for, and what it got: the option of RFC 9664 section 4. */
struct registry_lease_terms {
	bool is_present;
	bool has_key; /* the 8-byte form */
	uint32_t lease_s, key_lease_s;
};

/* Numbers of their keys: the lease of a name, its key lease. Other keys that lease records at the
 * same name have leases of the same kind with numbers of their own, so that nobody moves what is
 * another's: 2, 4 and so on, the last for all that come later. */
enum {
	REGISTRY_LEASE_RECORDS = 0,
	REGISTRY_LEASE_NAME = 1,
	REGISTRY_LEASE_LAST = 14,
	REGISTRY_LEASES_OF_NAME = 9
};

/* What a lease says; never changed but by another. */
struct registry_lease_content {
	uint32_t granted_s;
	uint32_t nrecords, nbytes;
	uint8_t nholder;
	uint8_t bytes[]; /* wire name of the key that holds it (nothing: unsigned), then the records
			  */
};

enum { REGISTRY_NOWHERE = UINT32_MAX, REGISTRY_LEASE_ENDED = 0 };

struct registry_lease {
	struct registry_entry entry; /* first; its content is a registry_lease_content */
	struct zone *zone;	     /* NULL: not hosted now */
	_Atomic uint64_t expires_ms; /* lease clock; workers move it too; REGISTRY_LEASE_ENDED: they
					no longer can */
	_Atomic uint64_t stamp_ms;   /* when that was said */
	_Atomic uint64_t noted_ms;   /* expires_ms as it is on disk; 0: not known */
	uint64_t noting_ms;	     /* as it is in the commit in hand */
	uint64_t ended_ms;	     /* what expires_ms was before the registrar took it */
	uint64_t before_ms, before_stamp_ms; /* what both were before the batch gave the lease
						another content; 0: it did not */
	struct registry_refresh *refresh; /* the update that is known to refresh it; NULL: none */
	uint64_t heap_ms;		  /* when to look at it: at its end or before */
	uint32_t heap_place;		  /* REGISTRY_NOWHERE: not in the heap */
	uint32_t dirty_place; /* the same for those that were moved and are not yet on disk so */
	bool has_time;	      /* has a note of its time alone on disk */
};

struct registry_lease_stats {
	uint64_t granted, refreshed, expired, refused, dropped;
};

struct registry_leases {
	struct registry_table table;
	struct registry_holds holds;
	struct registry_refreshes refreshes;
	struct registry_lease **heap; /* the next to look at first */
	size_t nheap, heap_room;
	struct registry_lease **dirty;
	size_t ndirty, dirty_room;
	struct registry_lease_item *items; /* of the update in hand */
	size_t items_room;
	struct registry_lease_item **sorted;
	size_t sorted_room;
	struct registry_lease
		*touched[REGISTRY_REFRESH_LEASES_MAX]; /* by that update, as far as there is room */
	size_t ntouched;			       /* in all */
	bool is_refresh;			       /* it only moved them */
	uint8_t *scratch;			       /* the content that is being made */
	size_t scratch_room;
	struct registry_lease_stats stats;
	bool has_others; /* there was a lease of a number above 1 */
};

int registry_leases_init(struct registry_leases *l, uint64_t seed);
void registry_leases_fini(struct registry_leases *l);

/* What the rule grants of what is asked; asked for nothing, its default. */
struct registry_lease_terms registry_lease_grant(const struct registry_lease_rule *rule,
						 const struct registry_lease_terms *asked);

/* After an update was applied to `draft`, and what it removed was released: makes, moves or
 * refreshes the leases of its records, or, if nothing was granted, takes the added ones out of all
 * leases. `records` are those of the update section, `key` signed it (NULL: nobody), `is_changed`
 * says whether any record of the zone has changed by it. 0 or -ENOMEM. */
int registry_leases_update(struct registry_leases *l, struct zone_draft *draft,
			   const struct registry_record *records, size_t nrecords,
			   const uint8_t *key, const struct registry_lease_terms *granted,
			   bool is_changed, uint64_t now_ms);

/* After registry_leases_update: what there is to be learnt of it, NULL if nothing. It is the
 * caller's. */
struct registry_refresh *registry_leases_refresh(const struct registry_leases *l, struct zone *zone,
						 const struct registry_policy *policy,
						 const struct registry_fingerprint *print,
						 const struct registry_record *records,
						 size_t nrecords,
						 const struct registry_lease_terms *granted);

/* Takes note of what workers have moved. 0 or -ENOMEM. */
int registry_leases_collect(struct registry_leases *l);

/* The lease of that name and number, NULL if there is none. */
struct registry_lease *registry_leases_find(const struct registry_leases *l, const uint8_t *zone,
					    const uint8_t *name, uint8_t number);

/* All leases of a name: those of its records, then the key lease. Returns how many. */
unsigned registry_leases_of(const struct registry_leases *l, const uint8_t *zone,
			    const uint8_t *name,
			    struct registry_lease *out[static REGISTRY_LEASES_OF_NAME]);

/* The one of its records that `key` (NULL: nobody) holds, NULL if there is none. */
struct registry_lease *registry_leases_held_by(const struct registry_leases *l, const uint8_t *zone,
					       const uint8_t *name, const uint8_t *key);

/* Whether that lease, and no other, holds a record. */
bool registry_leases_is_only_holder(const struct registry_leases *l,
				    const struct registry_lease *lease,
				    const struct zone_record *record);

/* Before an update of the lease's holder is accounted for: takes out of it, and of `draft` where no
 * other lease holds them, the records that the update does not add. How many records went, or
 * -ENOMEM. */
int registry_leases_replace(struct registry_leases *l, const struct registry_lease *lease,
			    struct zone_draft *draft, const struct registry_record *records,
			    size_t nrecords);

/* When the next lease may end, UINT64_MAX if there is none. */
uint64_t registry_leases_next(const struct registry_leases *l);

/* The next lease that has ended, taken off the list: it must be ended, or put back. NULL if there
 * is none. */
struct registry_lease *registry_leases_due(struct registry_leases *l, uint64_t now_ms);

/* Puts one back that was due, to be looked at soon. 0 or -ENOMEM. */
int registry_leases_put_back(struct registry_leases *l, struct registry_lease *lease);

/* Looks at it at `at_ms`, if not before. 0 or -ENOMEM. */
int registry_leases_again(struct registry_leases *l, struct registry_lease *lease, uint64_t at_ms);

/* Ends a lease: removes from `draft` what no other lease holds. Returns how many records went, or
 * -ENOMEM. */
int registry_leases_end(struct registry_leases *l, struct registry_lease *lease,
			struct zone_draft *draft);

/* Takes it off the list: its zone is not hosted for now. */
void registry_leases_stop(struct registry_leases *l, struct registry_lease *lease);

/* Moves its end, for the operator. 0 or -ENOMEM. */
int registry_leases_extend(struct registry_leases *l, struct registry_lease *lease, uint32_t left_s,
			   uint64_t now_ms);

/* Takes a record out of all leases that hold it: it was removed, or is there to stay. A lease
 * without records ends. 0 or -ENOMEM. */
int registry_leases_release(struct registry_leases *l, const uint8_t *zone,
			    const struct zone_record *record);

/* The same for all that `changes` removes and adds: a merge of the zone's file made them. 0 or
 * -ENOMEM. */
int registry_leases_release_all(struct registry_leases *l, const uint8_t *zone,
				const struct zone_changeset *changes);

/* Ends the batch. */
void registry_leases_commit(struct registry_leases *l);
void registry_leases_undo(struct registry_leases *l);

/* ---- on disk ---- */

/* Octets of a lease's note, and the note itself at `out`. */
size_t registry_lease_note_size(const struct registry_lease *lease);
size_t registry_lease_note_write(const struct registry_lease *lease, uint8_t *out);

/* Reads a note back: of a lease, or of its time alone. 0, -ENOMEM, or -EBADMSG if it is not one of
 * ours. */
int registry_lease_note_read(struct registry_leases *l, const uint8_t *key, size_t nkey,
			     const uint8_t *bytes, size_t nbytes);
int registry_lease_time_read(struct registry_leases *l, const uint8_t *key, size_t nkey,
			     const uint8_t *bytes, size_t nbytes);

/* When all notes have been read: drops what is no lease after all. */
void registry_leases_prune(struct registry_leases *l);

enum { REGISTRY_LEASE_TIME_SIZE = 16 };
void registry_lease_time_write(const struct registry_lease *lease,
			       uint8_t out[static REGISTRY_LEASE_TIME_SIZE]);
