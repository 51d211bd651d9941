/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* listing/leases.h - copies of leases, for commands that show them.
 *
 * The registrar's thread copies, a part of a long table at a time, so that updates do not wait for
 * it; a listing is then read by the thread that owns it. A listing made in parts is not of one
 * moment: each lease is as it was when its part was copied. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ledger;
struct ledger_lease;

/* A lease as it was when it was copied; everything points into the listing. */
struct listing_lease {
	const uint8_t *zone, *name;
	const uint8_t *holder; /* the key that was granted it; NULL: unsigned */
	const uint8_t *owner;  /* the key that the name belongs to; NULL: nobody's */
	uint8_t number;	       /* LEDGER_LEASE_RECORDS or LEDGER_LEASE_NAME */
	bool is_hosted;	       /* its zone is hosted: else the lease is suspended */
	uint32_t granted_s;
	uint64_t left_ms;
	uint32_t nrecords;
	const uint8_t *records; /* in the form of a changeset */
	uint32_t nbytes;	/* of them; 0 if they were not asked for */
};

/* Which leases are listed: those that fit all that is not NULL. */
struct listing_lease_filter {
	const uint8_t *zone;
	const uint8_t *key;  /* first labels of the key that was granted it, or owns its name */
	const uint8_t *node; /* first labels of the node that it is of, or that an SRV it holds
				targets */
};

/* All zero is valid and empty. */
struct listing_leases {
	uint8_t *bytes;
	size_t nbytes, capacity;
	size_t count;
	size_t bucket, mask; /* where the walk goes on, in a table of which size */
};

/* Frees what the listing holds and empties it. */
void listing_leases_fini(struct listing_leases *l);

/* Adds a copy of a lease, with its records if `has_records`; `now_ms` is the lease clock. In the
 * registrar's thread. Returns 0, or -ENOMEM with the listing unchanged. */
int listing_leases_add(struct listing_leases *l, const struct ledger *ledger,
		       const struct ledger_lease *lease, uint64_t now_ms, bool has_records);

/* Returns whether a lease, which has not ended, fits the filter; all fit NULL. In the registrar's
 * thread. */
bool listing_leases_fits(const struct listing_lease_filter *filter, const struct ledger *ledger,
			 const struct ledger_lease *lease);

/* Adds copies of those of the next `most` leases or a few more that fit the filter. In the
 * registrar's thread. Returns 1 if there are more, 0 if there are not, or -ENOMEM. Leases that are
 * added or removed between two calls may be missed; if the table has grown, the walk begins
 * again. */
int listing_leases_walk(struct listing_leases *l, const struct ledger *ledger,
			const struct listing_lease_filter *filter, uint64_t now_ms, size_t most);

/* Writes the lease at offset `*at`, which starts at 0, to `out` and moves `*at` to the next.
 * Returns false at the end. `out` is valid until something is added. */
bool listing_leases_next(const struct listing_leases *l, size_t *at, struct listing_lease *out);
