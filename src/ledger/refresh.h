/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* ledger/refresh.h - refreshes that need no registrar.
 *
 * When an update with a lease has changed nothing, the next one that says the same, octet for
 * octet, by the same key, will change nothing either, as long as no name that it asks for or writes
 * has changed. Such a one is known by the fingerprint of its message; a worker moves the lease's
 * end and answers at once. The zone tells whether a name has changed since.
 *
 * The registrar learns refreshes and forgets them; workers try them, in an RCU read section. A
 * lease's end is one atomic word, which the registrar takes before it ends the lease: a refresh
 * comes before that or not at all. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/queue.h"

struct ledger_lease;
struct ledger_lease_terms;
struct update_policy;
struct dns_update_record;
struct zone;

enum {
	LEDGER_REFRESH_NAMES_MAX = 1024,
	LEDGER_REFRESH_LEASES_MAX = 8
}; /* octets of the names, leases of one update */

struct ledger_fingerprint {
	uint64_t high, low;
};

struct ledger_refresh;

struct ledger_refreshes {
	_Atomic(struct ledger_refresh_slots *)
		slots;	    /* written by the registrar, read by workers */
	size_t used, count; /* the registrar's: slots that are not free, refreshes */
	uint64_t seed;
	struct base_queue moved; /* from workers: leases that were moved, by hash */
	_Atomic uint64_t ntaken;
};

/* A lease that a worker has moved by more than that since it was last written down: who refreshes
 * ten times a second costs the disk no more than who does it once. */
enum { LEDGER_REFRESH_SAVE_MS = 250 };

struct ledger_moved {
	struct base_queue_link link;
	uint64_t lease;
};

int ledger_refreshes_init(struct ledger_refreshes *t, uint64_t seed);

/* When no worker runs. */
void ledger_refreshes_fini(struct ledger_refreshes *t);

/* The fingerprint of an update: `msg` without TSIG, but for its ID, and the key that signed it. Any
 * thread. */
struct ledger_fingerprint ledger_refresh_fingerprint(const struct ledger_refreshes *t,
						     const uint8_t *msg, size_t nbytes,
						     const uint8_t *key);

/* If this is a refresh that is known and still good, moves its leases and writes to `granted` what
 * to answer. False: it goes to the registrar. A worker, in its read section; `is_first` says that
 * the registrar is to be woken, some time. */
bool ledger_refresh_try(struct ledger_refreshes *t, const struct ledger_fingerprint *print,
			const struct zone *zone, const struct update_policy *policy,
			uint64_t now_ms, struct ledger_lease_terms *granted, bool *is_first);

/* What is to be learnt of an update in hand that changed nothing, when its batch counts. NULL when
 * memory is short, or if it is too large to be worth it; it is then not known, and costs what it
 * costs. */
struct ledger_refresh *ledger_refresh_new(struct zone *zone, const struct update_policy *policy,
					  const struct ledger_fingerprint *print,
					  const struct dns_update_record *records, size_t nrecords,
					  struct ledger_lease *const *leases, size_t nleases,
					  const struct ledger_lease_terms *granted);

/* Takes it into the table, in the place of what its leases had; or drops it. */
void ledger_refresh_learn(struct ledger_refreshes *t, struct ledger_refresh *r);
void ledger_refresh_drop(struct ledger_refresh *r);

/* The leases that it moves. Returns how many. */
size_t ledger_refresh_leases(const struct ledger_refresh *r, struct ledger_lease *const **leases);

/* Whether the batch, which is not committed yet, leaves its leases what they were; if not, there is
 * nothing to be learnt. */
bool ledger_refresh_is_sound(const struct ledger_refresh *r);

/* Forgets what the lease has: it ends, or is another from now on. */
void ledger_refresh_forget(struct ledger_refreshes *t, struct ledger_lease *lease);
