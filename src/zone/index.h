/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/index.h - from the hash of a name to its node, in one step.
 *
 * A hash table beside the trie, which makes the cost of an exact match independent of the size of
 * the zone. One index serves all versions: the writer changes its slots just before it publishes.
 * So a reader of an older version may find a node that is too new, or none; it then asks the trie
 * of its own version, and a miss is never an answer (zone/find.h). An index knows hashes and nodes,
 * no versions.
 *
 * Open addressing with 8 octets a slot: 16 bits of hash, 48 of pointer. One writer; any number of
 * readers, each in an RCU read section. Room-private. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "zone/trie.h"

struct zone_node;

struct zone_index {
	uint64_t mask;		 /* number of slots - 1; a power of two - 1 */
	uint64_t used;		 /* writer only: slots that are not 0, removed ones included */
	_Atomic uint64_t slot[]; /* any thread, atomic: 0, ZONE_INDEX_REMOVED, or tag and node */
};

/* A slot whose node was removed, but which a search must step over. */
enum { ZONE_INDEX_REMOVED = 1 };

/* Makes an empty index that fits `nnames` names. Returns NULL if memory is short; otherwise the
 * caller frees it with zone_index_free. */
struct zone_index *zone_index_new(uint64_t nnames);

/* Frees the index, but no node. NULL is fine. */
void zone_index_free(struct zone_index *x);

/* Makes an index of all nodes below `root`, which fits `nnames` names and has no fewer slots than
 * `old` (NULL: any number). `seed` is the zone's. Returns NULL if memory is short. */
struct zone_index *zone_index_build(const struct zone_index *old, zone_trie_link root,
				    uint64_t nnames, uint64_t seed);

/* Returns whether `more` names can be added. Writer only. */
static inline bool zone_index_fits(const struct zone_index *x, uint64_t more)
{
	return (x->used + more) * 8 <= (x->mask + 1) * 7;
}

/* Adds the node `n`, whose name has this hash and is not in the index, which fits it. Writer only.
 */
void zone_index_add(struct zone_index *x, uint64_t hash, const struct zone_node *n);

/* Replaces the node `before`, which must be in the index, by `after` of the same name; NULL removes
 * it. Writer only. */
void zone_index_replace(struct zone_index *x, uint64_t hash, const struct zone_node *before,
			const struct zone_node *after);

/* Begins to load the slot where a search for `hash` starts. */
static inline void zone_index_prefetch(const struct zone_index *x, uint64_t hash)
{
	__builtin_prefetch((const void *)&x->slot[hash & x->mask]);
}

/* Returns the next node that may have this hash, beginning `*at` slots after where a search starts,
 * and sets `*at` to its slot; NULL if there is none. The caller compares name and version; if they
 * differ it searches on from `*at` + 1. The node is not const: its prepared answer may be replaced
 * by any thread (zone/node.h). */
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
