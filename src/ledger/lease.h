/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* ledger/lease.h - how long registrations live (RFC 9664).
 *
 * A lease is named after what was registered: the owner of the SRV records in an update, or, where
 * there is none, the owner of each record (of a PTR of DNS-SD, the instance that it points to). It
 * holds all records that the update added, and a later update of the same name moves it as a whole.
 * A record that several leases hold lives as long as one of them. The 8-byte form of the option
 * makes a second lease of the name, for its KEY records and for the name itself: while it lives,
 * the name belongs to who registered it.
 *
 * Time is the lease clock: milliseconds while weftd ran, so that leases stand still while it does
 * not. The caller says what time it is. Changes belong to the batch until ledger_leases_commit or
 * _undo. Only the registrar thread may touch leases, but for what is said to be for any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/refresh.h"
#include "undo/pairs.h"
#include "undo/table.h"
#include "zone/changeset.h"

struct dns_update_record;
struct zone;
struct zone_draft;

/* What a zone grants; seconds. */
struct ledger_lease_rule {
	uint32_t minimum_s, maximum_s, key_maximum_s;
	uint32_t default_s; /* for updates that ask for no lease; 0: none */
	uint32_t grace_s;   /* added after a restart; LEDGER_GRACE_THIRD: a third of the lease, at
			       most 60 */
};

enum {
	LEDGER_LEASE_MINIMUM_S = 30,
	LEDGER_LEASE_MAXIMUM_S = 7200,
	LEDGER_KEY_LEASE_MAXIMUM_S = 1209600
};
#define LEDGER_GRACE_THIRD UINT32_MAX

/* What an update asks for, and what it got: the option of RFC 9664 section 4. */
struct ledger_lease_terms {
	bool is_present;
	bool has_key; /* the 8-byte form */
	uint32_t lease_s, key_lease_s;
};

/* Numbers of their keys: the lease of a name, its key lease. Other keys that lease records at the
 * same name have leases of the same kind with numbers of their own, so that nobody moves what is
 * another's: 2, 4 and so on, the last for all that come later. */
enum {
	LEDGER_LEASE_RECORDS = 0,
	LEDGER_LEASE_NAME = 1,
	LEDGER_LEASE_LAST = 14,
	LEDGER_LEASES_OF_NAME = 9
};

/* What a lease says; never changed but by another. */
struct ledger_lease_content {
	uint32_t granted_s;
	uint32_t nrecords, nbytes;
	uint8_t nholder;
	uint8_t bytes[]; /* wire name of the key that holds it (nothing: unsigned), then the records
			  */
};

enum { LEDGER_NOWHERE = UINT32_MAX, LEDGER_LEASE_ENDED = 0 };

struct ledger_lease {
	struct undo_entry entry;     /* first; its content is a ledger_lease_content */
	struct zone *zone;	     /* NULL: not hosted now */
	_Atomic uint64_t expires_ms; /* lease clock; workers move it too; LEDGER_LEASE_ENDED: they
					no longer can */
	_Atomic uint64_t stamp_ms;   /* when that was said */
	_Atomic uint64_t noted_ms;   /* expires_ms as it is on disk; 0: not known */
	uint64_t noting_ms;	     /* as it is in the commit in hand */
	uint64_t ended_ms;	     /* what expires_ms was before the registrar took it */
	uint64_t before_ms, before_stamp_ms; /* what both were before the batch gave the lease
						another content; 0: it did not */
	struct ledger_refresh *refresh; /* the update that is known to refresh it; NULL: none */
	uint64_t heap_ms;		/* when to look at it: at its end or before */
	uint32_t heap_place;		/* LEDGER_NOWHERE: not in the heap */
	uint32_t dirty_place; /* the same for those that were moved and are not yet on disk so */
	bool has_time;	      /* has a note of its time alone on disk */
};

struct ledger_lease_stats {
	uint64_t granted, refreshed, expired, refused, dropped;
};

struct ledger_leases {
	struct undo_table table;
	struct undo_pairs holds;
	struct ledger_refreshes refreshes;
	struct ledger_lease **heap; /* the next to look at first */
	size_t nheap, heap_room;
	struct ledger_lease **dirty;
	size_t ndirty, dirty_room;
	struct ledger_lease_item *items; /* of the update in hand */
	size_t items_room;
	struct ledger_lease_item **sorted;
	size_t sorted_room;
	struct ledger_lease
		*touched[LEDGER_REFRESH_LEASES_MAX]; /* by that update, as far as there is room */
	size_t ntouched;			     /* in all */
	bool is_refresh;			     /* it only moved them */
	uint8_t *scratch;			     /* the content that is being made */
	size_t scratch_room;
	struct ledger_lease_stats stats;
	bool has_others; /* there was a lease of a number above 1 */
};

int ledger_leases_init(struct ledger_leases *l, uint64_t seed);
void ledger_leases_fini(struct ledger_leases *l);

/* What the rule grants of what is asked; asked for nothing, its default. */
struct ledger_lease_terms ledger_lease_grant(const struct ledger_lease_rule *rule,
					     const struct ledger_lease_terms *asked);

/* After an update was applied to `draft`, and what it removed was released: makes, moves or
 * refreshes the leases of its records, or, if nothing was granted, takes the added ones out of all
 * leases. `records` are those of the update section, `key` signed it (NULL: nobody), `is_changed`
 * says whether any record of the zone has changed by it. 0 or -ENOMEM. */
int ledger_leases_update(struct ledger_leases *l, struct zone_draft *draft,
			 const struct dns_update_record *records, size_t nrecords,
			 const uint8_t *key, const struct ledger_lease_terms *granted,
			 bool is_changed, uint64_t now_ms);

/* After ledger_leases_update: what there is to be learnt of it, NULL if nothing. It is the
 * caller's. */
struct ledger_refresh *ledger_leases_refresh(const struct ledger_leases *l, struct zone *zone,
					     const struct update_policy *policy,
					     const struct ledger_fingerprint *print,
					     const struct dns_update_record *records,
					     size_t nrecords,
					     const struct ledger_lease_terms *granted);

/* Takes note of what workers have moved. 0 or -ENOMEM. */
int ledger_leases_collect(struct ledger_leases *l);

/* The lease of that name and number, NULL if there is none. */
struct ledger_lease *ledger_leases_find(const struct ledger_leases *l, const uint8_t *zone,
					const uint8_t *name, uint8_t number);

/* All leases of a name: those of its records, then the key lease. Returns how many. */
unsigned ledger_leases_of(const struct ledger_leases *l, const uint8_t *zone, const uint8_t *name,
			  struct ledger_lease *out[static LEDGER_LEASES_OF_NAME]);

/* The one of its records that `key` (NULL: nobody) holds, NULL if there is none. */
struct ledger_lease *ledger_leases_held_by(const struct ledger_leases *l, const uint8_t *zone,
					   const uint8_t *name, const uint8_t *key);

/* Whether that lease, and no other, holds a record. */
bool ledger_leases_is_only_holder(const struct ledger_leases *l, const struct ledger_lease *lease,
				  const struct dns_record *record);

/* Before an update of the lease's holder is accounted for: takes out of it, and of `draft` where no
 * other lease holds them, the records that the update does not add. How many records went, or
 * -ENOMEM. */
int ledger_leases_replace(struct ledger_leases *l, const struct ledger_lease *lease,
			  struct zone_draft *draft, const struct dns_update_record *records,
			  size_t nrecords);

/* When the next lease may end, UINT64_MAX if there is none. */
uint64_t ledger_leases_next(const struct ledger_leases *l);

/* The next lease that has ended, taken off the list: it must be ended, or put back. NULL if there
 * is none. */
struct ledger_lease *ledger_leases_due(struct ledger_leases *l, uint64_t now_ms);

/* Puts one back that was due, to be looked at soon. 0 or -ENOMEM. */
int ledger_leases_put_back(struct ledger_leases *l, struct ledger_lease *lease);

/* Looks at it at `at_ms`, if not before. 0 or -ENOMEM. */
int ledger_leases_again(struct ledger_leases *l, struct ledger_lease *lease, uint64_t at_ms);

/* Ends a lease: removes from `draft` what no other lease holds. Returns how many records went, or
 * -ENOMEM. */
int ledger_leases_end(struct ledger_leases *l, struct ledger_lease *lease,
		      struct zone_draft *draft);

/* Takes it off the list: its zone is not hosted for now. */
void ledger_leases_stop(struct ledger_leases *l, struct ledger_lease *lease);

/* Moves its end, for the operator. 0 or -ENOMEM. */
int ledger_leases_extend(struct ledger_leases *l, struct ledger_lease *lease, uint32_t left_s,
			 uint64_t now_ms);

/* Takes a record out of all leases that hold it: it was removed, or is there to stay. A lease
 * without records ends. 0 or -ENOMEM. */
int ledger_leases_release(struct ledger_leases *l, const uint8_t *zone,
			  const struct dns_record *record);

/* The same for all that `changes` removes and adds: a merge of the zone's file made them. 0 or
 * -ENOMEM. */
int ledger_leases_release_all(struct ledger_leases *l, const uint8_t *zone,
			      const struct zone_changeset *changes);

/* Ends the batch. */
void ledger_leases_commit(struct ledger_leases *l);
void ledger_leases_undo(struct ledger_leases *l);

/* ---- on disk ---- */

/* Octets of a lease's note, and the note itself at `out`. */
size_t ledger_lease_item_size(const struct ledger_lease *lease);
size_t ledger_lease_item_write(const struct ledger_lease *lease, uint8_t *out);

/* Reads a note back: of a lease, or of its time alone. 0, -ENOMEM, or -EBADMSG if it is not one of
 * ours. */
int ledger_lease_item_read(struct ledger_leases *l, const uint8_t *key, size_t nkey,
			   const uint8_t *bytes, size_t nbytes);
int ledger_lease_time_read(struct ledger_leases *l, const uint8_t *key, size_t nkey,
			   const uint8_t *bytes, size_t nbytes);

/* When all notes have been read: drops what is no lease after all. */
void ledger_leases_prune(struct ledger_leases *l);

enum { LEDGER_LEASE_TIME_SIZE = 16 };
void ledger_lease_time_write(const struct ledger_lease *lease,
			     uint8_t out[static LEDGER_LEASE_TIME_SIZE]);
