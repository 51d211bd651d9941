/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* ledger/lease.h - one registration and how long it lives (RFC 9664).
 *
 * A lease is named after what was registered: the owner of the SRV records in an update or, if the
 * update has no SRV, the owner of each record (for a PTR of DNS-SD, the instance that is its
 * target). A lease holds all records that the update added, and a later update of the same name
 * moves the lease's end for all of them. A record that several leases hold lives as long as one of
 * them. The 8-byte form of the EDNS option makes a second lease of the name, for its KEY records
 * and for the name itself: until this second lease ends, no other key may use the name.
 *
 * Times are milliseconds of the lease clock, which runs only while weftd does: a stopped server
 * ends no lease. A lease does not know the records of its zone, and reads no clock: `now_ms` is
 * always an argument. Workers move a lease's end (ledger/refresh.h) by its atomic members; all
 * other members belong to the registrar thread. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "ledger/content.h"
#include "undo/table.h"

struct ledger_refresh;
struct zone;

/* The defaults of a rule's limits, in seconds (weftd.conf(5)). */
enum {
	LEDGER_LEASE_MINIMUM_S = 30,
	LEDGER_LEASE_MAXIMUM_S = 7200,
	LEDGER_KEY_LEASE_MAXIMUM_S = 1209600
};

/* A grace_s that means a third of the lease's duration, at most 60 seconds. */
#define LEDGER_GRACE_THIRD UINT32_MAX

/* What a zone grants, in seconds. */
struct ledger_lease_rule {
	uint32_t minimum_s, maximum_s; /* of the records' lease */
	uint32_t key_maximum_s;	       /* of the key lease; its minimum is the records' lease */
	uint32_t default_s;	       /* for updates that ask for no lease; 0: they get none */
	uint32_t grace_s; /* added to each lease after a restart, or LEDGER_GRACE_THIRD */
};

/* The durations in the option of RFC 9664 section 4: asked for by an update, or granted. */
struct ledger_lease_terms {
	bool is_present; /* the update has the option */
	bool has_key;	 /* in its 8-byte form, with a duration for the KEY records and the name */
	uint32_t lease_s, key_lease_s;
};

/* The last byte of a lease's key, after the names of zone and owner. LEDGER_LEASE_RECORDS is the
 * lease of the key that came first; other keys that lease records at the same name get the even
 * numbers that follow, so that no key moves another key's lease. The keys for which there is no
 * number left share LEDGER_LEASE_LAST. */
enum {
	LEDGER_LEASE_RECORDS = 0,
	LEDGER_LEASE_NAME = 1, /* the second lease, of KEY records and name */
	LEDGER_LEASE_LAST = 14,
	LEDGER_LEASES_OF_NAME = 9 /* leases that one name can have */
};

enum {
	LEDGER_LEASE_ENDED = 0,	     /* `expires_ms` of a seized lease: no worker can move it */
	LEDGER_NO_INDEX = UINT32_MAX /* the lease is not in the array */
};

struct ledger_lease {
	struct undo_entry entry; /* first; its content is a struct ledger_content */

	/* any thread, atomic */
	_Atomic uint64_t expires_ms; /* the lease's end, or LEDGER_LEASE_ENDED */
	_Atomic uint64_t stamp_ms;   /* when `expires_ms` was last set */
	_Atomic uint64_t saved_ms;   /* `expires_ms` on disk; 0: not known */

	/* registrar only */
	struct zone *zone;		/* NULL: not served at present */
	struct ledger_refresh *refresh; /* the update that is known to refresh it; NULL: none */
	uint64_t seized_ms;		/* what `expires_ms` was when it was seized */
	uint64_t saving_ms;		/* `expires_ms` in the commit being made */
	uint64_t undo_expires_ms;	/* the end before the batch replaced the content; 0: it has
					   not */
	uint64_t undo_stamp_ms;		/* `stamp_ms` then */
	uint64_t heap_ms;		/* when the schedule looks at the lease: at its end, or
					   before */
	uint32_t heap_index, dirty_index; /* in the schedule's arrays, or LEDGER_NO_INDEX */
	bool is_stale;	    /* a record has left it that its content still has (ledger/release.h) */
	bool has_time_item; /* the store has an item of the lease's time (ledger/item.h) */
};

/* Returns what the lease covers, or NULL if the lease has ended. The content belongs to the lease
 * and is valid until the lease changes. Registrar only. */
const struct ledger_content *ledger_lease_content(const struct ledger_lease *lease);

/* Returns when the lease ends, or LEDGER_LEASE_ENDED. Any thread. */
uint64_t ledger_lease_expires(const struct ledger_lease *lease);

/* Takes the lease's end from the workers, so that no refresh can move it any more, if the end is
 * still `expires_ms`. Returns true if so, else false with the lease unchanged. Registrar only. */
bool ledger_lease_seize(struct ledger_lease *lease, uint64_t expires_ms);

/* Gives the end back to the workers, if it is seized: the lease ends when it would have ended.
 * Registrar only. */
void ledger_lease_revive(struct ledger_lease *lease);
