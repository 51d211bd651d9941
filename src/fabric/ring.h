/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fabric/ring.h - the fabrics whose keys are accepted, and the TSIG keys derived from them.
 *
 * A ring is a list of fabrics; it never changes and any thread may read it. A cache keeps the
 * derived keys that have proved good, in a bounded table; it belongs to one worker. What a peer
 * only claims never gets into it, so random names can push nothing out of it: each costs a
 * derivation for each epoch, a microsecond or so. Neither reads a clock. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dns/tsig.h"
#include "fabric/fabric.h"
#include "fabric/revoked.h"

/* A fabric (borrowed) and for how long an epoch is good when the next has begun. */
struct fabric_ring_entry {
	const struct fabric *fabric;
	uint32_t overlap_s;
};

struct fabric_ring {
	uint64_t id; /* random: keys cached under another ring do not count */
	size_t count;
	struct fabric_ring_entry entries[]; /* longer names first */
};

/* Makes a ring; the fabrics must live as long as it does. NULL when memory is short. */
struct fabric_ring *fabric_ring_new(const struct fabric_ring_entry *entries, size_t count);

/* Frees it; NULL is fine. */
void fabric_ring_free(struct fabric_ring *ring);

/* The fabric that a key of this name (wire form) is of, or NULL; a ring may be NULL too. */
const struct fabric_ring_entry *fabric_ring_find(const struct fabric_ring *ring,
						 const uint8_t *name);

struct fabric_cache;

/* Makes an empty one. NULL when memory is short. */
struct fabric_cache *fabric_cache_new(void);

/* Wipes and frees it; NULL is fine. */
void fabric_cache_free(struct fabric_cache *c);

/* Finds or derives the key that is searched for, as dns_tsig_find_fn wants it: attempt by attempt
 * the key of each epoch, those that are no longer good marked so, and a name that is revoked. The
 * key stays until the next call. */
const struct dns_tsig_key *fabric_cache_find(struct fabric_cache *c, const struct fabric_ring *ring,
					     const struct fabric_revoked *revoked,
					     struct dns_tsig_search *search, uint64_t now_s);

/* Keeps the key that was found last, if it is not kept yet: a message signed with it was good. No
 * cache keeps nothing. */
void fabric_cache_keep(struct fabric_cache *c, const struct dns_tsig_key *key);
