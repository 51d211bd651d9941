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

static enum zone_limit node_over(const struct zone_node *n, const struct zone_limits *limits)
{
	uint64_t sum = 0;

	if (n->nentries > limits->rrsets)
		return ZONE_LIMIT_OF_RRSETS;
	for (unsigned i = 0; i < n->nentries; i++) {
		const struct zone_node_entry *e = &n->entry[i];
		uint64_t nbytes = zone_limit_nbytes(e->count, e->nbytes);

		if (e->type == DNS_TYPE_PTR)
			continue;
		if (e->count > limits->records)
			return ZONE_LIMIT_OF_RECORDS;
		if (nbytes > limits->rrset_nbytes)
			return ZONE_LIMIT_OF_RRSET_NBYTES;
		sum += nbytes;
	}
	return sum > limits->name_nbytes ? ZONE_LIMIT_OF_NAME_NBYTES : ZONE_LIMIT_NONE;
}

uint64_t zone_snapshot_over(const struct zone_snapshot *s, const struct zone_limits *limits,
			    uint8_t first[static DNS_NAME_MAX], enum zone_limit *limit)
{
	struct zone_trie_walk *w = zone_trie_walk_new(s->root);
	const struct zone_node *n;
	uint64_t count = 0;

	while (w != NULL && (n = zone_trie_walk_next(w)) != NULL) {
		enum zone_limit over = node_over(n, limits);

		if (over != ZONE_LIMIT_NONE && count++ == 0) {
			dns_name_join(first, zone_node_spelled(n), n->name_nbytes, s->zone->name);
			*limit = over;
		}
	}
	zone_trie_walk_free(w);
	return count;
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
