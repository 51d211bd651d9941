/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/refresh.h - refreshes that need no registrar.
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

struct registry_lease;
struct registry_lease_terms;
struct registry_policy;
struct registry_record;
struct zone;

enum {
	REGISTRY_REFRESH_NAMES_MAX = 1024,
	REGISTRY_REFRESH_LEASES_MAX = 8
}; /* octets of the names, leases of one update */

struct registry_fingerprint {
	uint64_t high, low;
};

struct registry_refresh;

struct registry_refreshes {
	_Atomic(struct registry_refresh_slots *)
		slots;	    /* written by the registrar, read by workers */
	size_t used, count; /* the registrar's: slots that are not free, refreshes */
	uint64_t seed;
	struct base_queue moved; /* from workers: leases that were moved, by hash */
	_Atomic uint64_t ntaken;
};

/* A lease that a worker has moved by more than that since it was last written down: who refreshes
 * ten times a second costs the disk no more than who does it once. */
enum { REGISTRY_REFRESH_NOTE_MS = 250 };

struct registry_moved {
	struct base_queue_link link;
	uint64_t lease;
};

int registry_refreshes_init(struct registry_refreshes *t, uint64_t seed);

/* When no worker runs. */
void registry_refreshes_fini(struct registry_refreshes *t);

/* The fingerprint of an update: `msg` without TSIG, but for its ID, and the key that signed it. Any
 * thread. */
struct registry_fingerprint registry_refresh_fingerprint(const struct registry_refreshes *t,
							 const uint8_t *msg, size_t nbytes,
							 const uint8_t *key);

/* If this is a refresh that is known and still good, moves its leases and writes to `granted` what
 * to answer. False: it goes to the registrar. A worker, in its read section; `is_first` says that
 * the registrar is to be woken, some time. */
bool registry_refresh_try(struct registry_refreshes *t, const struct registry_fingerprint *print,
			  const struct zone *zone, const struct registry_policy *policy,
			  uint64_t now_ms, struct registry_lease_terms *granted, bool *is_first);

/* What is to be learnt of an update in hand that changed nothing, when its batch counts. NULL when
 * memory is short, or if it is too large to be worth it; it is then not known, and costs what it
 * costs. */
struct registry_refresh *registry_refresh_new(struct zone *zone,
					      const struct registry_policy *policy,
					      const struct registry_fingerprint *print,
					      const struct registry_record *records,
					      size_t nrecords, struct registry_lease *const *leases,
					      size_t nleases,
					      const struct registry_lease_terms *granted);

/* Takes it into the table, in the place of what its leases had; or drops it. */
void registry_refresh_learn(struct registry_refreshes *t, struct registry_refresh *r);
void registry_refresh_drop(struct registry_refresh *r);

/* The leases that it moves. Returns how many. */
size_t registry_refresh_leases(const struct registry_refresh *r,
			       struct registry_lease *const **leases);

/* Whether the batch, which is not committed yet, leaves its leases what they were; if not, there is
 * nothing to be learnt. */
bool registry_refresh_is_sound(const struct registry_refresh *r);

/* Forgets what the lease has: it ends, or is another from now on. */
void registry_refresh_forget(struct registry_refreshes *t, struct registry_lease *lease);
