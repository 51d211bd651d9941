/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* ledger/refresh.h - lease refreshes that workers answer without the registrar.
 *
 * If an update with a lease has changed nothing, the same update will change nothing again, as long
 * as no name that it reads or writes has changed. "The same" means: equal in every byte but the
 * message ID, and signed by the same key. Such an update is known by its fingerprint. A worker
 * moves the ends of its leases and answers at once; the zone knows whether a name has changed since
 * (zone_is_unchanged).
 *
 * The registrar learns refreshes and forgets them; workers try them in an RCU read section. A
 * lease's end is one atomic word, which the registrar seizes before it ends the lease
 * (ledger/lease.h): a refresh moves the end before that, or fails. Refreshes know the leases they
 * move, but not the table of leases, and of a policy only the number. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/queue.h"

struct dns_update_record;
struct ledger_lease;
struct ledger_lease_terms;
struct ledger_refresh;
struct ledger_refresh_slots;
struct zone;

enum {
	LEDGER_REFRESH_NAMES_MAX = 1024, /* bytes of the names that one update may depend on */
	LEDGER_REFRESH_LEASES_MAX = 8,	 /* leases that one update may move */
	/* A worker reports a moved lease only if its new end is at least this far from the end on
	   disk, so that many refreshes in a short time cost few writes. */
	LEDGER_REFRESH_SAVE_MS = 250
};

/* 128 bits that identify an update, and the key that signed it. */
struct ledger_fingerprint {
	uint64_t high, low;
};

/* The refreshes that are known. */
struct ledger_refreshes {
	/* written by the registrar, read by workers */
	_Atomic(struct ledger_refresh_slots *) slots;

	/* registrar only */
	size_t used;  /* slots that are not free, those of forgotten refreshes included */
	size_t count; /* refreshes */

	/* set before the threads start */
	uint64_t seed;

	/* any thread, atomic */
	struct base_queue moved;    /* of struct ledger_moved: the registrar takes and frees them */
	_Atomic uint64_t nanswered; /* refreshes that workers have answered */
};

/* A worker's report that it has moved the end of a lease. */
struct ledger_moved {
	struct base_queue_link link;
	uint64_t lease; /* hash of the lease's key */
};

/* Makes an empty table; `seed` is that of the fingerprints. Returns 0 or -ENOMEM; either way
 * ledger_refreshes_fini frees what there is. */
int ledger_refreshes_init(struct ledger_refreshes *t, uint64_t seed);

/* Frees all refreshes. To be called while no worker runs. */
void ledger_refreshes_fini(struct ledger_refreshes *t);

/* Returns the fingerprint of an update: a hash of the message `msg` (`nbytes` bytes, without its
 * TSIG record) from after the ID on, and of the wire name `key` that signed it. Any thread. */
struct ledger_fingerprint ledger_refresh_fingerprint(const struct ledger_refreshes *t,
						     const uint8_t *msg, size_t nbytes,
						     const uint8_t *key);

/* Answers the update with the fingerprint `print`, if it is a known refresh of `zone`, allowed by
 * the policy with that number, and still changes nothing: moves the ends of its leases, and writes
 * the terms to answer with to `granted`. Returns true if so; `*is_first` then is whether the
 * registrar must be woken, because the first moved lease has been queued for it. Returns false if
 * the update has to go to the registrar. A worker, in its RCU read section. */
bool ledger_refresh_try(struct ledger_refreshes *t, const struct ledger_fingerprint *print,
			const struct zone *zone, uint64_t policy_number, uint64_t now_ms,
			struct ledger_lease_terms *granted, bool *is_first);

/* Makes a refresh of an update that changed nothing in its zone: `records` is its update section,
 * `leases` are those that it moved. `policy_number` is that of the policy that allowed it,
 * `granted` the terms of the answer. Returns the refresh, which the caller hands to
 * ledger_refresh_learn or ledger_refresh_free, or NULL if there are too many leases or names, or
 * memory is short: each such update then goes to the registrar. Registrar only. */
struct ledger_refresh *ledger_refresh_new(struct zone *zone, uint64_t policy_number,
					  const struct ledger_fingerprint *print,
					  const struct dns_update_record *records, size_t nrecords,
					  struct ledger_lease *const *leases, size_t nleases,
					  const struct ledger_lease_terms *granted);

/* Frees a refresh that was not learned. `r` may be NULL. */
void ledger_refresh_free(struct ledger_refresh *r);

/* Points `*leases` to the leases that the refresh moves. Returns how many there are. */
size_t ledger_refresh_leases(const struct ledger_refresh *r, struct ledger_lease *const **leases);

/* Returns whether the batch, not committed yet, leaves all leases of the refresh unchanged. If not,
 * the refresh must not be learned. Registrar only. */
bool ledger_refresh_is_valid(const struct ledger_refresh *r);

/* Adds the refresh, which it takes, to the table. The refresh replaces those of its leases, and one
 * with the same fingerprint. If memory is short, it is freed instead. Registrar only. */
void ledger_refresh_learn(struct ledger_refreshes *t, struct ledger_refresh *r);

/* Removes the refresh of the lease, if it has one: the lease ends or changes. Workers may use the
 * refresh until their read sections end. Registrar only. */
void ledger_refresh_forget(struct ledger_refreshes *t, struct ledger_lease *lease);
