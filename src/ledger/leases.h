/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* ledger/leases.h - all leases: the table of them, and the batch that changes them.
 *
 * Leases are found by zone, name and number (ledger/lease.h). A set of pairs (hash of a record,
 * hash of a lease) records which leases hold a record. Updates make and move leases by
 * ledger/grant.h, records leave them by ledger/release.h. All changes belong to the batch until
 * ledger_leases_commit or ledger_leases_undo ends it.
 *
 * The table does not know what the zone contains. Only the registrar thread may touch it, and main
 * before that thread runs; workers reach leases by ledger/refresh.h alone. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/content.h"
#include "ledger/group.h"
#include "ledger/lease.h"
#include "ledger/refresh.h"
#include "ledger/schedule.h"
#include "undo/pairs.h"
#include "undo/table.h"

struct base_budget;
struct dns_record;
struct zone;

/* Counted since start. */
struct ledger_lease_stats {
	uint64_t granted;   /* made, or given another content */
	uint64_t refreshed; /* moved by the registrar */
	uint64_t expired;   /* ended by time */
	uint64_t refused; /* updates that asked for a lease and got an RCODE other than SERVFAIL */
	uint64_t dropped; /* ended by the operator */
};

struct ledger_leases {
	struct undo_table table;   /* of struct ledger_lease */
	struct undo_pairs holders; /* which leases (hash of the key) hold a record (its hash) */
	struct ledger_refreshes refreshes;
	struct ledger_schedule schedule;

	/* the update being applied (ledger/grant.h) */
	struct ledger_groups groups;
	struct ledger_scratch scratch;
	/* the leases that it made or moved: all are counted, the first are in `touched` */
	struct ledger_lease *touched[LEDGER_REFRESH_LEASES_MAX];
	size_t ntouched;
	struct base_budget *budget; /* of the update; NULL: no bound */
	bool is_refresh;	    /* it moved leases and changed none */
	/* leases that a record has left, until ledger_release_settle gives them their content */
	struct ledger_lease **stale;
	size_t nstale, stale_capacity;
	const uint8_t
		*too_large; /* after -E2BIG: the name of the lease, valid until it is undone */

	struct ledger_lease_stats stats;
	bool has_others; /* there was a lease of a number above LEDGER_LEASE_NAME */
};

/* Makes an empty table; `seed` is that of its hashes. Returns 0 or -ENOMEM; either way
 * ledger_leases_fini frees what there is. */
int ledger_leases_init(struct ledger_leases *l, uint64_t seed);

/* Frees all leases. To be called while no worker runs. */
void ledger_leases_fini(struct ledger_leases *l);

/* Returns the lease of `name` in `zone` (wire names in any case) with that number, or NULL if there
 * is none. The lease belongs to the table; once it has ended, it is valid until its batch ends. */
struct ledger_lease *ledger_leases_find(const struct ledger_leases *l, const uint8_t *zone,
					const uint8_t *name, uint8_t number);

/* Writes all leases of `name` to `out`: those of its records first, then the second lease. Returns
 * how many there are. */
unsigned ledger_leases_of(const struct ledger_leases *l, const uint8_t *zone, const uint8_t *name,
			  struct ledger_lease *out[static LEDGER_LEASES_OF_NAME]);

/* Returns the lease of the records of `name` that `key` (NULL: an unsigned update) holds, or NULL
 * if there is none. */
struct ledger_lease *ledger_leases_find_by_holder(const struct ledger_leases *l,
						  const uint8_t *zone, const uint8_t *name,
						  const uint8_t *key);

/* Returns whether `lease` holds `record` and no other lease does. */
bool ledger_leases_is_only_holder(const struct ledger_leases *l, const struct ledger_lease *lease,
				  const struct dns_record *record);

/* Returns whether leases of `key` (NULL: of unsigned updates) hold `record` and no other lease
 * does. Takes a look for each of them; false if `budget` is spent. */
bool ledger_leases_is_held_by(const struct ledger_leases *l, const struct dns_record *record,
			      const uint8_t *key, struct base_budget *budget);

/* Returns the lease of `key`, and sets its zone. If there is none, makes one without content: it
 * counts as no lease until it gets one (undo_table_put). Returns NULL if memory is short. */
struct ledger_lease *ledger_leases_take(struct ledger_leases *l, const struct undo_key *key,
					struct zone *zone);

/* Marks the leases dirty that workers have moved since the last call. Returns 0, or -ENOMEM if not
 * all could be marked: the end of such a lease is not saved, and after a crash it ends earlier. */
int ledger_leases_collect(struct ledger_leases *l);

/* Ends the batch: its changes are on disk. */
void ledger_leases_commit(struct ledger_leases *l);

/* Ends the batch: each changed lease gets the content and the end back that it had before. */
void ledger_leases_undo(struct ledger_leases *l);

/* Removes the leases without content, and starts the statistics at zero. To be called when all
 * items of the store have been read: a lease of which only the time was read has ended. */
void ledger_leases_prune(struct ledger_leases *l);
