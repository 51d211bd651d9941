/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* How memory of old versions comes back:
 *
 * 1. Publishing version v retires pieces of v-1 and before: branches, nodes, the snapshot. They go
 * as garbage to the end of the zone's list, and a grace period begins for them (base/rcu.h).
 * 2. The writer frees, between drafts, garbage whose grace period is over - but for pieces that a
 * held snapshot still uses: those born at or before its version, and retired after it. They stay in
 * the list. So a long transfer costs the memory of what changed in what it sends, not of all
 * changes meanwhile. */
#include "base/rcu.h"
#include "zone/zone_priv.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "dns/type.h"
#include "zone/find.h"

struct zone_garbage {
	struct zone_garbage *newer;
	uint64_t version;
	uint64_t grace; /* the period after which no reader is left but those who hold a snapshot */
	struct zone_retired *retired;
	size_t nretired;
	struct zone_snapshot *snapshot;
	struct zone_index *index;
	struct zone_stamps *stamps;
};

struct zone *zone_new(const uint8_t *name, uint64_t seed)
{
	struct zone *z = calloc(1, sizeof(*z));

	if (z == NULL)
		return NULL;
	z->name_octets = (uint8_t)dns_name_lower(z->name, name);
	z->nlabels = (uint8_t)dns_name_labels(z->name);
	z->seed = seed;
	atomic_init(&z->negative_ttl, UINT32_MAX);
	base_slab_init(&z->slab);
	pthread_mutex_init(&z->lock, NULL);
	return z;
}

void zone_set_negative_ttl(struct zone *z, uint32_t ttl)
{
	atomic_store_explicit(&z->negative_ttl, ttl, memory_order_relaxed);
}

struct zone_stamps *zone_stamps_new(uint64_t names)
{
	uint64_t buckets = 256;
	struct zone_stamps *t;

	while (buckets < names / 4 && buckets < 1 << 19)
		buckets *= 2;
	t = calloc(1, sizeof(*t) + buckets * sizeof(*t->version));
	if (t != NULL)
		t->mask = buckets - 1;
	return t;
}

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
	struct zone_key apex;

	zone_key_make(&apex, s->zone->name, 0);
	s->apex = zone_trie_find(s->root, &apex).node;
	if (s->apex == NULL || !zone_node_find(s->apex, DNS_TYPE_SOA, &s->soa) || s->soa.count != 1)
		return false;
	s->holds = 0;
	s->next_held = NULL;
	s->soa_fields = dns_soa_read(s->soa.data + 2, base_load16(s->soa.data));
	s->negative_ttl = s->soa.ttl < s->soa_fields.minimum ? s->soa.ttl : s->soa_fields.minimum;
	return true;
}

struct zone_index *zone_index_larger(const struct zone *z, const struct zone_index *old,
				     zone_link root, uint64_t names)
{
	uint64_t least = old == NULL ? 0 : old->mask + 1;
	struct zone_index *x = zone_index_new(names > least / 2 ? names : least / 2);
	struct zone_walk *w = zone_walk_new(root);
	const struct zone_node *n;
	/* Nodes on their way in: a slot's memory is asked for some time before it is needed. */
	enum { DELAY = 16 };
	struct {
		uint64_t hash;
		const struct zone_node *node;
	} late[DELAY] = {{0, NULL}};
	unsigned k = 0;

	if (x == NULL || w == NULL) {
		zone_index_free(x);
		zone_walk_free(w);
		return NULL;
	}
	while ((n = zone_walk_next(w)) != NULL) {
		unsigned i = k++ % DELAY;

		if (late[i].node != NULL)
			zone_index_add(x, late[i].hash, late[i].node);
		late[i].node = n;
		late[i].hash = zone_hash(z, zone_node_name(n), n->name_octets);
		zone_index_prefetch(x, late[i].hash);
	}
	for (unsigned i = 0; i < DELAY; i++)
		if (late[i].node != NULL)
			zone_index_add(x, late[i].hash, late[i].node);
	zone_walk_free(w);
	return x;
}

const uint8_t *zone_name(const struct zone *z)
{
	return z->name;
}

const struct zone_snapshot *zone_current(const struct zone *z)
{
	return atomic_load_explicit(&z->current, memory_order_acquire);
}

const struct zone_snapshot *zone_acquire(struct zone *z)
{
	struct zone_snapshot *s;

	pthread_mutex_lock(&z->lock);
	s = atomic_load_explicit(&z->current, memory_order_acquire);
	if (s != NULL && s->holds++ == 0) {
		s->next_held = z->held;
		z->held = s;
	}
	pthread_mutex_unlock(&z->lock);
	return s;
}

void zone_release(struct zone *z, const struct zone_snapshot *s)
{
	struct zone_snapshot **at;

	pthread_mutex_lock(&z->lock);
	for (at = &z->held; *at != s; at = &(*at)->next_held)
		assert(*at != NULL);
	if (--(*at)->holds == 0)
		*at = (*at)->next_held;
	pthread_mutex_unlock(&z->lock);
}

/* Whether a held snapshot uses a piece that lived from version `born` until before `retired`. Under
 * the lock. */
static bool is_held(const struct zone *z, uint64_t born, uint64_t retired)
{
	for (const struct zone_snapshot *s = z->held; s != NULL; s = s->next_held)
		if (s->version >= born && s->version < retired)
			return true;
	return false;
}

static void retired_free(struct zone *z, const struct zone_retired *r)
{
	if (r->is_node)
		zone_node_free(&z->slab, r->piece);
	else
		base_slab_free(&z->slab, r->piece, r->nbytes);
}

/* Frees what may be freed of one version's garbage; true if nothing is left of it. Under the lock.
 */
static bool garbage_sweep(struct zone *z, struct zone_garbage *g)
{
	size_t kept = 0;

	for (size_t i = 0; i < g->nretired; i++) {
		if (z->held != NULL && is_held(z, g->retired[i].born, g->version))
			g->retired[kept++] = g->retired[i];
		else
			retired_free(z, &g->retired[i]);
	}
	g->nretired = kept;
	if (g->snapshot != NULL && g->snapshot->holds == 0) {
		free(g->snapshot);
		g->snapshot = NULL;
	}
	return kept == 0 && g->snapshot == NULL;
}

struct zone_garbage *zone_garbage_new(void)
{
	return calloc(1, sizeof(struct zone_garbage));
}

void zone_garbage_free(struct zone_garbage *g)
{
	if (g == NULL)
		return;
	free(g->retired);
	free(g->snapshot);
	zone_index_free(g->index);
	free(g->stamps);
	free(g);
}

void zone_reclaim(struct zone *z)
{
	struct zone_garbage **at = &z->oldest, *last = NULL;
	uint64_t done;

	if (z->oldest == NULL)
		return;
	done = base_rcu_done();
	if (z->oldest->grace > done)
		return;
	pthread_mutex_lock(&z->lock);
	while (*at != NULL && (*at)->grace <= done) {
		struct zone_garbage *g = *at;

		if (garbage_sweep(z, g)) {
			*at = g->newer;
			zone_garbage_free(g);
			continue;
		}
		last = g;
		at = &g->newer;
	}
	if (*at == NULL)
		z->newest = last;
	pthread_mutex_unlock(&z->lock);
}

void zone_garbage_hand(struct zone *z, struct zone_garbage *g, uint64_t version,
		       struct zone_retired *retired, size_t nretired,
		       struct zone_snapshot *snapshot, struct zone_index *index,
		       struct zone_stamps *stamps)
{
	g->version = version;
	g->grace = base_rcu_begin();
	g->retired = retired;
	g->nretired = nretired;
	g->snapshot = snapshot;
	g->index = index;
	g->stamps = stamps;
	if (z->newest != NULL)
		z->newest->newer = g;
	else
		z->oldest = g;
	z->newest = g;
}

void zone_free(struct zone *z)
{
	struct zone_snapshot *s;

	if (z == NULL)
		return;
	assert(z->held == NULL && !z->has_draft);
	if (z->oldest != NULL)
		base_rcu_wait();
	zone_reclaim(z);
	assert(z->oldest == NULL);
	s = atomic_load_explicit(&z->current, memory_order_acquire);
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

bool zone_is_unchanged(const struct zone *z, const uint8_t *names, size_t nbytes, uint64_t version)
{
	const struct zone_snapshot *s = zone_current(z);

	for (size_t at = 0, n; at < nbytes && s != NULL; at += n) {
		const struct zone_node *node;

		n = dns_name_nbytes(names + at);
		node = zone_find_node(s, names + at, n - z->name_octets,
				      zone_hash(z, names + at, n - z->name_octets));
		if (node == NULL || node->born > version)
			return false;
	}
	return s != NULL;
}

uint64_t zone_memory(const struct zone *z)
{
	const struct zone_index *x = atomic_load_explicit(&z->index, memory_order_acquire);
	const struct zone_stamps *t = atomic_load_explicit(&z->stamps, memory_order_acquire);

	return z->slab.total + z->slab.large + (x == NULL ? 0 : (x->mask + 1) * 8) +
	       (t == NULL ? 0 : (t->mask + 1) * 8);
}

bool zone_has(struct zone *z, const uint8_t *owner, uint16_t type)
{
	const struct zone_snapshot *s = zone_current(z);
	uint8_t lower[DNS_NAME_MAX];
	struct zone_trie_found found;
	struct zone_rrset rrset;
	struct zone_key key;

	if (s == NULL || !dns_name_is_under(owner, z->name))
		return false;
	zone_key_make(&key, lower, dns_name_lower(lower, owner) - z->name_octets);
	found = zone_trie_find(s->root, &key);
	return found.node != NULL && (type == 0 || zone_node_find(found.node, type, &rrset));
}

struct zone_cursor {
	const struct zone_snapshot *snapshot;
	struct zone_walk *walk;
	const struct zone_node *node;
	unsigned entry;
	const uint8_t *at;
	struct zone_rrset rrset;
	bool soa_done;
	uint8_t owner[DNS_NAME_MAX];
};

struct zone_cursor *zone_cursor_new(const struct zone_snapshot *s)
{
	struct zone_cursor *c = calloc(1, sizeof(*c));

	if (c == NULL || (c->walk = zone_walk_new(s->root)) == NULL) {
		free(c);
		return NULL;
	}
	c->snapshot = s;
	return c;
}

void zone_cursor_free(struct zone_cursor *c)
{
	if (c != NULL)
		zone_walk_free(c->walk);
	free(c);
}

static void cursor_rrset(struct zone_cursor *c)
{
	c->rrset = zone_node_rrset(c->node, c->entry);
	c->at = c->rrset.data;
}

/* Steps to the next set; the SOA, which was told first, is left out. */
static bool cursor_advance(struct zone_cursor *c)
{
	do {
		if (c->node != NULL && ++c->entry < c->node->nentries) {
			cursor_rrset(c);
			continue;
		}
		c->node = zone_walk_next(c->walk);
		if (c->node == NULL)
			return false;
		c->entry = 0;
		dns_name_join(c->owner, zone_node_spelled(c->node), c->node->name_octets,
			      c->snapshot->zone->name);
		cursor_rrset(c);
	} while (c->rrset.type == DNS_TYPE_SOA && c->node == c->snapshot->apex);
	return true;
}

bool zone_cursor_next(struct zone_cursor *c, struct dns_record *record)
{
	struct zone_rdata rdata;

	if (!c->soa_done) {
		c->soa_done = true;
		c->rrset = c->snapshot->soa;
		c->at = c->rrset.data;
		memcpy(c->owner, c->snapshot->zone->name, c->snapshot->zone->name_octets);
	}
	while (!zone_rrset_next(&c->rrset, &c->at, &rdata))
		if (!cursor_advance(c))
			return false;
	*record = (struct dns_record){.owner = c->owner,
				      .type = c->rrset.type,
				      .ttl = c->rrset.ttl,
				      .rdata = rdata.bytes,
				      .nbytes = rdata.nbytes};
	return true;
}
