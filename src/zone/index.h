/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/index.h - from the hash of a name to its node, in one step.
 *
 * A table beside the trie which makes the cost of an exact match independent of the zone's size. It
 * is one for all versions: the writer changes its slots just before it publishes, so a reader of an
 * older version may find a node that is too new (or none), and then asks the trie of its own
 * version. A miss is never an answer. Open addressing, 8 octets a slot: 16 bits of hash, 48 of
 * pointer. One writer; any number of readers inside an RCU read section. Room-private. */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "zone/trie.h"

struct zone_node;

struct zone_index {
	uint64_t mask; /* slots - 1 */
	uint64_t used; /* writer only: slots that are not empty, removed ones included */
	_Atomic uint64_t slot[];
};

enum { ZONE_INDEX_REMOVED = 1 };

/* An index with room for `names`. NULL when memory is short. */
struct zone_index *zone_index_new(uint64_t names);
void zone_index_free(struct zone_index *x);

/* Makes an index of all nodes below `root`, with room for `nnames` names and not smaller than `old`
 * (NULL: of any size). `seed` is the zone's. Returns NULL if memory is short. */
struct zone_index *zone_index_build(const struct zone_index *old, zone_trie_link root,
				    uint64_t nnames, uint64_t seed);

/* Whether `more` names fit in without a larger table. */
static inline int zone_index_fits(const struct zone_index *x, uint64_t more)
{
	return (x->used + more) * 8 <= (x->mask + 1) * 7;
}

/* Adds a node whose name is not in. There must be room. */
void zone_index_add(struct zone_index *x, uint64_t hash, const struct zone_node *n);

/* Puts `after` in the place of `before`; `after` NULL removes it. */
void zone_index_replace(struct zone_index *x, uint64_t hash, const struct zone_node *before,
			const struct zone_node *after);

static inline void zone_index_prefetch(const struct zone_index *x, uint64_t hash)
{
	__builtin_prefetch((const void *)&x->slot[hash & x->mask]);
}

/* The next node that may be the one of `hash`, `at` steps from where it belongs; NULL when there is
 * none. The caller compares the name, and asks again with `at` + 1 if it is another. */
static inline struct zone_node *zone_index_find(const struct zone_index *x, uint64_t hash,
						uint64_t *at)
{
	for (;; ++*at) {
		uint64_t v = atomic_load_explicit(&x->slot[(hash + *at) & x->mask],
						  memory_order_acquire);

		if (v == 0)
			return NULL;
		if (v >> 48 == hash >> 48 && v != ZONE_INDEX_REMOVED)
			return (struct zone_node *)(uintptr_t)(v & 0xffffffffffff);
	}
}
