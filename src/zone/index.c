/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "zone/index.h"

#include <assert.h>

#include "base/hash.h"
#include "base/pages.h"
#include "zone/node.h"

static size_t index_size(uint64_t slots)
{
	return sizeof(struct zone_index) + slots * sizeof(uint64_t);
}

struct zone_index *zone_index_new(uint64_t names)
{
	uint64_t slots = 64;
	struct zone_index *x;

	while (slots * 7 < names * 8 + 8)
		slots *= 2;
	x = base_pages_alloc(index_size(slots));
	if (x != NULL)
		x->mask = slots - 1;
	return x;
}

void zone_index_free(struct zone_index *x)
{
	if (x != NULL)
		base_pages_free(x, index_size(x->mask + 1));
}

static uint64_t slot_value(uint64_t hash, const struct zone_node *n)
{
	return (hash >> 48 << 48) | (uint64_t)(uintptr_t)n;
}

void zone_index_add(struct zone_index *x, uint64_t hash, const struct zone_node *n)
{
	uint64_t i = hash & x->mask, v;

	assert((uintptr_t)n >> 48 == 0);
	while ((v = atomic_load_explicit(&x->slot[i], memory_order_relaxed)) != 0 &&
	       v != ZONE_INDEX_REMOVED)
		i = (i + 1) & x->mask;
	if (v == 0)
		x->used++;
	atomic_store_explicit(&x->slot[i], slot_value(hash, n), memory_order_release);
}

void zone_index_replace(struct zone_index *x, uint64_t hash, const struct zone_node *before,
			const struct zone_node *after)
{
	uint64_t i = hash & x->mask, old = slot_value(hash, before), v;

	while ((v = atomic_load_explicit(&x->slot[i], memory_order_relaxed)) != old) {
		assert(v != 0);
		i = (i + 1) & x->mask;
	}
	if (after != NULL) {
		v = slot_value(hash, after);
	} else if (atomic_load_explicit(&x->slot[(i + 1) & x->mask], memory_order_relaxed) == 0) {
		v = 0; /* the end of a run: no search steps over this slot */
		x->used--;
	} else {
		v = ZONE_INDEX_REMOVED;
	}
	atomic_store_explicit(&x->slot[i], v, memory_order_release);
}

struct zone_index *zone_index_build(const struct zone_index *old, zone_trie_link root,
				    uint64_t nnames, uint64_t seed)
{
	uint64_t least = old == NULL ? 0 : old->mask + 1;
	struct zone_index *x = zone_index_new(nnames > least / 2 ? nnames : least / 2);
	struct zone_trie_walk *w = zone_trie_walk_new(root);
	const struct zone_node *n;
	/* Nodes still to be added: the memory of a slot is prefetched some nodes before it is
	 * needed. */
	enum { DELAY = 16 };
	struct {
		uint64_t hash;
		const struct zone_node *node;
	} late[DELAY] = {{0, NULL}};
	unsigned k = 0;

	if (x == NULL || w == NULL) {
		zone_index_free(x);
		zone_trie_walk_free(w);
		return NULL;
	}
	while ((n = zone_trie_walk_next(w)) != NULL) {
		unsigned i = k++ % DELAY;

		if (late[i].node != NULL)
			zone_index_add(x, late[i].hash, late[i].node);
		late[i].node = n;
		late[i].hash = base_hash(zone_node_name(n), n->name_nbytes, seed);
		zone_index_prefetch(x, late[i].hash);
	}
	for (unsigned i = 0; i < DELAY; i++)
		if (late[i].node != NULL)
			zone_index_add(x, late[i].hash, late[i].node);
	zone_trie_walk_free(w);
	return x;
}
