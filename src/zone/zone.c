/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "zone/zone.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/rcu.h"
#include "zone/draft_priv.h"
#include "zone/find.h"
#include "zone/garbage.h"
#include "zone/zone_priv.h"

struct zone *zone_new(const uint8_t *name, uint64_t seed)
{
	struct zone *z = calloc(1, sizeof(*z));

	if (z == NULL)
		return NULL;
	z->name_nbytes = (uint8_t)dns_name_lower(z->name, name);
	z->nlabels = (uint8_t)dns_name_labels(z->name);
	z->number = ZONE_NUMBERS - 1;
	z->seed = seed;
	atomic_init(&z->negative_ttl, UINT32_MAX);
	zone_set_limits(z, &ZONE_LIMITS_DEFAULT);
	base_slab_init(&z->slab);
	pthread_mutex_init(&z->lock, NULL);
	return z;
}

void zone_free(struct zone *z)
{
	struct zone_snapshot *s;

	if (z == NULL)
		return;
	assert(z->pinned == NULL && !z->has_draft);
	if (z->oldest != NULL)
		base_rcu_wait();
	zone_garbage_reclaim(z);
	assert(z->oldest == NULL);
	s = zone_snapshot_current(z);
	if (s != NULL)
		zone_trie_free(&z->slab, s->root);
	free(s);
	zone_index_free(atomic_load_explicit(&z->index, memory_order_acquire));
	free(atomic_load_explicit(&z->stamps, memory_order_acquire));
	zone_draft_free(z->idle_draft);
	base_slab_fini(&z->slab);
	pthread_mutex_destroy(&z->lock);
	free(z);
}

void zone_set_negative_ttl(struct zone *z, uint32_t ttl)
{
	atomic_store_explicit(&z->negative_ttl, ttl, memory_order_relaxed);
}

void zone_set_limits(struct zone *z, const struct zone_limits *limits)
{
	atomic_store_explicit(&z->limits.rrsets, limits->rrsets, memory_order_relaxed);
	atomic_store_explicit(&z->limits.records, limits->records, memory_order_relaxed);
	atomic_store_explicit(&z->limits.rrset_nbytes, limits->rrset_nbytes, memory_order_relaxed);
	atomic_store_explicit(&z->limits.name_nbytes, limits->name_nbytes, memory_order_relaxed);
}

struct zone_limits zone_get_limits(const struct zone *z)
{
	return (struct zone_limits){
		.rrsets = atomic_load_explicit(&z->limits.rrsets, memory_order_relaxed),
		.records = atomic_load_explicit(&z->limits.records, memory_order_relaxed),
		.rrset_nbytes = atomic_load_explicit(&z->limits.rrset_nbytes, memory_order_relaxed),
		.name_nbytes = atomic_load_explicit(&z->limits.name_nbytes, memory_order_relaxed),
	};
}

const uint8_t *zone_name(const struct zone *z)
{
	return z->name;
}

void zone_set_number(struct zone *z, unsigned number)
{
	assert(number < ZONE_NUMBERS);
	z->number = (uint16_t)number;
}

unsigned zone_number(const struct zone *z)
{
	return z->number;
}

bool zone_is_unchanged(const struct zone *z, const uint8_t *names, size_t nbytes, uint64_t version)
{
	const struct zone_snapshot *s = zone_snapshot_current(z);

	for (size_t at = 0, n; at < nbytes && s != NULL; at += n) {
		const struct zone_node *node;

		n = dns_name_nbytes(names + at);
		node = zone_find_node(s, names + at, n - z->name_nbytes,
				      zone_hash(z, names + at, n - z->name_nbytes));
		if (node == NULL || node->born > version)
			return false;
	}
	return s != NULL;
}

uint64_t zone_memory(const struct zone *z)
{
	const struct zone_index *x = atomic_load_explicit(&z->index, memory_order_acquire);
	const struct zone_stamps *t = atomic_load_explicit(&z->stamps, memory_order_acquire);

	return base_slab_memory(&z->slab) + (x == NULL ? 0 : (x->mask + 1) * 8) +
	       (t == NULL ? 0 : (t->mask + 1) * 8);
}

bool zone_snapshot_has(const struct zone_snapshot *s, const uint8_t *owner, uint16_t type)
{
	const struct zone *z = s->zone;
	uint8_t lower[DNS_NAME_MAX];
	struct zone_trie_found found;
	struct zone_rrset rrset;
	struct zone_trie_key key;

	if (!dns_name_is_under(owner, z->name))
		return false;
	zone_trie_key_make(&key, lower, dns_name_lower(lower, owner) - z->name_nbytes);
	found = zone_trie_find(s->root, &key);
	return found.node != NULL && (type == 0 || zone_node_find(found.node, type, &rrset));
}

bool zone_has(struct zone *z, const uint8_t *owner, uint16_t type)
{
	const struct zone_snapshot *s = zone_snapshot_current(z);

	return s != NULL && zone_snapshot_has(s, owner, type);
}
