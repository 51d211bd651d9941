/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "zone/snapshot.h"

#include <assert.h>
#include <pthread.h>

#include "dns/type.h"
#include "zone/zone_priv.h"

const struct zone_snapshot *zone_current(const struct zone *z)
{
	return zone_snapshot_current(z);
}

const struct zone_snapshot *zone_acquire(struct zone *z)
{
	struct zone_snapshot *s;

	pthread_mutex_lock(&z->lock);
	s = zone_snapshot_current(z);
	if (s != NULL && s->npins++ == 0) {
		s->next_pinned = z->pinned;
		z->pinned = s;
	}
	pthread_mutex_unlock(&z->lock);
	return s;
}

void zone_release(struct zone *z, const struct zone_snapshot *s)
{
	struct zone_snapshot **at;

	pthread_mutex_lock(&z->lock);
	for (at = &z->pinned; *at != s; at = &(*at)->next_pinned)
		assert(*at != NULL);
	if (--(*at)->npins == 0)
		*at = (*at)->next_pinned;
	pthread_mutex_unlock(&z->lock);
}

uint64_t zone_snapshot_version(const struct zone_snapshot *s)
{
	return s->version;
}

uint32_t zone_snapshot_serial(const struct zone_snapshot *s)
{
	return s->soa_fields.serial;
}

uint64_t zone_snapshot_names(const struct zone_snapshot *s)
{
	return s->nnames;
}

uint64_t zone_snapshot_records(const struct zone_snapshot *s)
{
	return s->nrecords;
}

/* ---- making ---- */

void zone_snapshot_count(struct zone_snapshot *s, const struct zone_node *n, int sign)
{
	if (n == NULL)
		return;
	s->nnames += (uint64_t)sign;
	s->nrecords += (uint64_t)(sign * (int64_t)zone_node_records(n));
	if (n->flags & ZONE_NODE_CUT)
		s->ncuts += (uint64_t)sign;
}

bool zone_snapshot_fill(struct zone_snapshot *s)
{
	struct zone_trie_key apex;

	zone_trie_key_make(&apex, s->zone->name, 0);
	s->apex = zone_trie_find(s->root, &apex).node;
	if (s->apex == NULL || !zone_node_find(s->apex, DNS_TYPE_SOA, &s->soa) || s->soa.count != 1)
		return false;
	s->npins = 0;
	s->next_pinned = NULL;
	s->soa_fields = dns_soa_read(s->soa.data + 2, base_load16(s->soa.data));
	s->negative_ttl = s->soa.ttl < s->soa_fields.minimum ? s->soa.ttl : s->soa_fields.minimum;
	return true;
}
