/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* find/cache.h - RRsets that were found, bounded in number and size: the oldest use goes first.
 *
 * It keeps RRsets past their TTL, as they may be used while no registry answers (RFC 8767): which
 * ones are, its owner decides. One thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "find/rrset.h"

struct find_cache_entry;

enum {
	FIND_CACHE_BUCKETS = 1024,
	FIND_CACHE_RRSETS_MAX = 4096,
	FIND_CACHE_NBYTES_MAX = 8 << 20,
};

/* All zero: empty. */
struct find_cache {
	struct find_cache_entry *buckets[FIND_CACHE_BUCKETS];
	struct find_cache_entry *newest, *oldest;
	unsigned nrrsets;
	size_t nbytes;
};

void find_cache_fini(struct find_cache *c);

/* Returns what is known of the name and type, of whatever age, or NULL; valid until the next
 * call. */
struct find_rrset *find_cache_find(struct find_cache *c, const uint8_t *name, uint16_t type);

/* Adds an RRset, or replaces the one that is there, unless that is fresh and the new one only
 * additional. One with a TTL of 0 is not added. Where memory is short the cache has less. */
void find_cache_add(struct find_cache *c, const uint8_t *name, uint16_t type,
		    struct find_rrset *rrset, uint64_t now_ms);
