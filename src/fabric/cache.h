/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fabric/cache.h - the derived TSIG keys that have signed a message, so that the next one costs no
 * derivation.
 *
 * The table is bounded and belongs to one worker thread. A key that a peer only claims to have
 * never gets into it, so random names evict nothing: each of them costs a derivation for each
 * epoch, about a microsecond. Reads no clock. */
#pragma once

#include <stdint.h>

#include "dns/tsig.h"
#include "fabric/revoked.h"
#include "fabric/ring.h"

struct fabric_cache;
struct fabric_uses;

/* Makes an empty cache. Returns NULL if memory is short. */
struct fabric_cache *fabric_cache_new(void);

/* Wipes and frees the cache; NULL is fine. */
void fabric_cache_free(struct fabric_cache *c);

/* Finds the next key to try for `search`, as a dns_tsig_find_fn does: in each attempt the key of
 * another epoch, first the one in the cache. A key of an epoch that is no longer valid, and a
 * revoked name, are marked so in search->refusal. Returns NULL if there is no further key; a key
 * that is returned belongs to the cache and stays until the next call. `ring` and `revoked` may be
 * NULL. */
const struct dns_tsig_key *fabric_cache_find(struct fabric_cache *c, const struct fabric_ring *ring,
					     const struct fabric_revoked *revoked,
					     struct dns_tsig_search *search, uint64_t now_s);

/* Adds the key found last, after the signature of a message proved valid. Does nothing if `key` is
 * in the cache already or is none of the cache's keys, or if `c` is NULL. */
void fabric_cache_add(struct fabric_cache *c, const struct dns_tsig_key *key);

/* Has the cache record uses of its keys; `uses` is borrowed as long as the cache lives. */
void fabric_cache_share(struct fabric_cache *c, struct fabric_uses *uses);

/* Records that the key, which was just added or found, has signed a message at `now_s`. Returns the
 * number of its epoch if that is not the newest one of its fabric; else, also if the key is none of
 * the cache's or `c` is NULL, 0. */
uint32_t fabric_cache_use(struct fabric_cache *c, const struct dns_tsig_key *key, uint64_t now_s);
