/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/listing.h - copies of leases, for those who show them.
 *
 * The registrar's thread copies, a part of a long table at a time, so that updates do not wait for
 * who looks; reading a listing is for the thread that it belongs to. What is listed part by part is
 * not of one moment: each lease is as it was when its part was copied. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ledger_lease;
struct ledger;

/* A lease as it was: a view of the listing. */
struct registry_listed {
	const uint8_t *zone, *name;
	const uint8_t *holder; /* the key that was granted it; NULL: unsigned */
	const uint8_t *owner;  /* the key that the name belongs to; NULL: nobody's */
	uint8_t number;	       /* LEDGER_LEASE_RECORDS or LEDGER_LEASE_NAME */
	bool is_hosted;	       /* its zone is: else it stands still */
	uint32_t granted_s;
	uint64_t left_ms;
	uint32_t nrecords;
	const uint8_t *records; /* in the form of a changeset */
	uint32_t nbytes;	/* of them; 0 if they were not asked for */
};

/* All zero is an empty one. */
struct registry_listing {
	uint8_t *bytes;
	size_t nbytes, room;
	size_t count;
	size_t bucket, mask; /* how far the walk has come, in a table of what size */
};

void registry_listing_fini(struct registry_listing *l);

/* Copies one lease, with what it holds if `has_records`. In the registrar's thread. 0, or -ENOMEM
 * with the listing as it was. */
int registry_listing_add(struct registry_listing *l, const struct ledger *ledger,
			 const struct ledger_lease *lease, uint64_t now_ms, bool has_records);

/* Copies the next `most` leases or a few more, of one zone or (NULL) of all. In the registrar's
 * thread. Returns 1 if there are more, 0 if that were all, or -ENOMEM. Leases that come or go
 * between two calls may be missed; if the table has grown, the walk begins anew. */
int registry_listing_walk(struct registry_listing *l, const struct ledger *ledger,
			  const uint8_t *zone, uint64_t now_ms, size_t most);

/* The lease at `*at`, which starts with 0, and steps behind it. False at the end. Good as long as
 * nothing is added. */
bool registry_listing_next(const struct registry_listing *l, size_t *at,
			   struct registry_listed *out);
