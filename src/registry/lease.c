/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The heap is lazy: a refresh only moves the lease's end; when the place in the heap comes up, the
 * lease is put back to where it then belongs. So a refresh costs no more than the look-ups that
 * show it to be one. */
#include "registry/lease_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/hash.h"
#include "base/rcu.h"
#include "dns/rdata.h"
#include "zone/draft.h"
#include "zone/zone.h"

static void content_free(void *content)
{
	free(content);
}

int registry_leases_init(struct registry_leases *l, uint64_t seed)
{
	int ret;

	memset(l, 0, sizeof *l);
	ret = registry_table_init(&l->table, sizeof(struct registry_lease), seed, content_free,
				  base_rcu_defer);
	if (ret == 0)
		ret = registry_refreshes_init(&l->refreshes, seed);
	return ret == 0 ? registry_holds_init(&l->holds) : ret;
}

void registry_leases_fini(struct registry_leases *l)
{
	registry_table_fini(&l->table);
	registry_refreshes_fini(&l->refreshes);
	registry_holds_fini(&l->holds);
	free(l->heap);
	free(l->dirty);
	free(l->items);
	free(l->sorted);
	free(l->scratch);
}

/* ---- the heap ---- */

static void heap_put(struct registry_leases *l, size_t place, struct registry_lease *lease)
{
	l->heap[place] = lease;
	lease->heap_place = (uint32_t)place;
}

static void heap_up(struct registry_leases *l, size_t place, struct registry_lease *lease)
{
	for (; place > 0 && l->heap[(place - 1) / 2]->heap_ms > lease->heap_ms;
	     place = (place - 1) / 2)
		heap_put(l, place, l->heap[(place - 1) / 2]);
	heap_put(l, place, lease);
}

static void heap_down(struct registry_leases *l, size_t place, struct registry_lease *lease)
{
	for (size_t child; (child = place * 2 + 1) < l->nheap; place = child) {
		if (child + 1 < l->nheap && l->heap[child + 1]->heap_ms < l->heap[child]->heap_ms)
			child++;
		if (l->heap[child]->heap_ms >= lease->heap_ms)
			break;
		heap_put(l, place, l->heap[child]);
	}
	heap_put(l, place, lease);
}

static void heap_remove(struct registry_leases *l, struct registry_lease *lease)
{
	size_t place = lease->heap_place;
	struct registry_lease *last;

	if (place == REGISTRY_NOWHERE)
		return;
	lease->heap_place = REGISTRY_NOWHERE;
	last = l->heap[--l->nheap];
	if (last == lease)
		return;
	heap_down(l, place, last);
	if (last->heap_place == place)
		heap_up(l, place, last);
}

int registry_leases_again(struct registry_leases *l, struct registry_lease *lease, uint64_t at_ms)
{
	struct registry_lease **heap;

	if (lease->heap_place != REGISTRY_NOWHERE && at_ms >= lease->heap_ms)
		return 0;
	heap_remove(l, lease);
	heap = base_grow(l->heap, l->nheap, &l->heap_room, sizeof(struct registry_lease *));
	if (heap == NULL)
		return -ENOMEM;
	l->heap = heap;
	lease->heap_ms = at_ms;
	heap_up(l, l->nheap++, lease);
	return 0;
}

uint64_t registry_leases_next(const struct registry_leases *l)
{
	return l->nheap == 0 ? UINT64_MAX : l->heap[0]->heap_ms;
}

/* Takes the end of a lease from the workers, if it is `before` still. */
static bool seize(struct registry_lease *lease, uint64_t before)
{
	if (!atomic_compare_exchange_strong_explicit(&lease->expires_ms, &before,
						     REGISTRY_LEASE_ENDED, memory_order_acq_rel,
						     memory_order_relaxed))
		return false;
	lease->ended_ms = before;
	return true;
}

/* Gives it back to them. */
static void revive(struct registry_lease *lease)
{
	if (registry_lease_expires(lease) == REGISTRY_LEASE_ENDED)
		atomic_store_explicit(&lease->expires_ms, lease->ended_ms, memory_order_release);
}

struct registry_lease *registry_leases_due(struct registry_leases *l, uint64_t now_ms)
{
	while (l->nheap > 0 && l->heap[0]->heap_ms <= now_ms) {
		struct registry_lease *lease = l->heap[0];
		uint64_t expires_ms = registry_lease_expires(lease);

		if (expires_ms <= now_ms && seize(lease, expires_ms)) {
			heap_remove(l, lease);
			return lease;
		}
		lease->heap_ms = registry_lease_expires(lease);
		heap_down(l, 0, lease);
	}
	return NULL;
}

int registry_leases_put_back(struct registry_leases *l, struct registry_lease *lease)
{
	revive(lease);
	return registry_leases_again(l, lease, registry_lease_expires(lease));
}

/* ---- one lease ---- */

uint64_t registry_lease_hash(const struct registry_leases *l, const uint8_t *owner, uint16_t type,
			     const uint8_t *rdata, size_t nbytes)
{
	uint8_t name[DNS_NAME_MAX];
	size_t n = dns_name_lower(name, owner);

	return base_hash(name, n, l->table.seed ^ type) ^
	       dns_rdata_hash(type, rdata, nbytes, l->table.seed + type);
}

struct registry_lease *registry_lease_take(struct registry_leases *l,
					   const struct registry_key *key, struct zone *zone)
{
	struct registry_lease *lease = (struct registry_lease *)registry_table_take(&l->table, key);

	if (lease != NULL && lease->entry.content == NULL && !lease->entry.is_changed)
		lease->heap_place = lease->dirty_place = REGISTRY_NOWHERE;
	if (lease != NULL)
		lease->zone = zone;
	return lease;
}

int registry_lease_set_time(struct registry_leases *l, struct registry_lease *lease,
			    uint64_t expires_ms, uint64_t now_ms)
{
	atomic_store_explicit(&lease->expires_ms, expires_ms, memory_order_release);
	atomic_store_explicit(&lease->stamp_ms, now_ms, memory_order_relaxed);
	return registry_leases_again(l, lease, expires_ms);
}

int registry_lease_mark(struct registry_leases *l, struct registry_lease *lease)
{
	struct registry_lease **dirty;

	if (lease->dirty_place != REGISTRY_NOWHERE)
		return 0;
	dirty = base_grow(l->dirty, l->ndirty, &l->dirty_room, sizeof(struct registry_lease *));
	if (dirty == NULL)
		return -ENOMEM;
	l->dirty = dirty;
	lease->dirty_place = (uint32_t)l->ndirty;
	l->dirty[l->ndirty++] = lease;
	return 0;
}

void registry_lease_unmark(struct registry_leases *l, struct registry_lease *lease)
{
	struct registry_lease *last;

	if (lease->dirty_place == REGISTRY_NOWHERE)
		return;
	last = l->dirty[--l->ndirty];
	l->dirty[lease->dirty_place] = last;
	last->dirty_place = lease->dirty_place;
	lease->dirty_place = REGISTRY_NOWHERE;
}

struct registry_lease_content *registry_lease_content_new(const uint8_t *key, uint32_t granted_s,
							  const uint8_t *records, size_t nbytes,
							  uint32_t nrecords)
{
	size_t nholder = key == NULL ? 0 : dns_name_length(key);
	struct registry_lease_content *c = malloc(sizeof *c + nholder + nbytes);

	if (c == NULL)
		return NULL;
	c->granted_s = granted_s;
	c->nrecords = nrecords;
	c->nbytes = (uint32_t)nbytes;
	c->nholder = (uint8_t)nholder;
	if (nholder > 0)
		dns_name_lower(c->bytes, key);
	if (nbytes > 0)
		memcpy(c->bytes + nholder, records, nbytes);
	return c;
}

unsigned registry_leases_of(const struct registry_leases *l, const uint8_t *zone,
			    const uint8_t *name,
			    struct registry_lease *out[static REGISTRY_LEASES_OF_NAME])
{
	unsigned n = 0;

	for (uint8_t number = 0; number <= (l->has_others ? REGISTRY_LEASE_LAST : 0); number += 2)
		if ((out[n] = registry_leases_find(l, zone, name, number)) != NULL)
			n++;
	if ((out[n] = registry_leases_find(l, zone, name, REGISTRY_LEASE_NAME)) != NULL)
		n++;
	return n;
}

struct registry_lease *registry_leases_find(const struct registry_leases *l, const uint8_t *zone,
					    const uint8_t *name, uint8_t number)
{
	struct registry_key key;
	struct registry_entry *e;

	registry_table_key(&l->table, &key, zone, name, number);
	e = registry_table_find(&l->table, &key);
	return e == NULL || e->content == NULL ? NULL : (struct registry_lease *)e;
}

struct registry_refresh *registry_leases_refresh(const struct registry_leases *l, struct zone *zone,
						 const struct registry_policy *policy,
						 const struct registry_fingerprint *print,
						 const struct registry_record *records,
						 size_t nrecords,
						 const struct registry_lease_terms *granted)
{
	if (!l->is_refresh || l->ntouched > REGISTRY_REFRESH_LEASES_MAX)
		return NULL;
	return registry_refresh_new(zone, policy, print, records, nrecords, l->touched, l->ntouched,
				    granted);
}

int registry_leases_collect(struct registry_leases *l)
{
	struct base_queue_link *link = base_queue_take(&l->refreshes.moved), *next;
	int ret = 0;

	for (; link != NULL; link = next) {
		struct registry_lease *lease = (struct registry_lease *)registry_table_find_hash(
			&l->table, ((struct registry_moved *)link)->lease);

		next = link->next;
		free(link);
		/* It may have ended since. What there is no memory to write down is only not
		 * written down. */
		if (lease == NULL || lease->entry.content == NULL || lease->zone == NULL)
			continue;
		if (registry_lease_mark(l, lease) < 0 ||
		    registry_leases_again(l, lease, registry_lease_expires(lease)) < 0)
			ret = -ENOMEM;
	}
	return ret;
}

int registry_leases_extend(struct registry_leases *l, struct registry_lease *lease, uint32_t left_s,
			   uint64_t now_ms)
{
	int ret = registry_lease_set_time(l, lease, now_ms + left_s * 1000ull, now_ms);

	return ret == 0 ? registry_lease_mark(l, lease) : ret;
}

void registry_leases_stop(struct registry_leases *l, struct registry_lease *lease)
{
	heap_remove(l, lease);
	lease->zone = NULL;
}

/* ---- ending ---- */

/* Removes what the lease alone holds. */
static int end_records(struct registry_leases *l, const struct registry_lease *lease,
		       struct zone_draft *draft)
{
	struct base_buf b = registry_lease_records(registry_lease_said(lease));
	struct zone_record r;
	int nremoved = 0;

	while (zone_changeset_next(&b, &r)) {
		uint64_t hash = registry_lease_hash(l, r.owner, r.type, r.rdata, r.nbytes);
		bool was_held = registry_holds_has(&l->holds, hash, lease->entry.hash);
		int n;

		if (registry_holds_drop(&l->holds, hash, lease->entry.hash) < 0)
			return -ENOMEM;
		if (!was_held || registry_holds_count(&l->holds, hash) > 0)
			continue;
		n = zone_draft_remove(draft, r.owner, r.type, r.rdata, r.nbytes);
		if (n < 0)
			return n;
		nremoved += n;
	}
	return nremoved;
}

int registry_leases_end(struct registry_leases *l, struct registry_lease *lease,
			struct zone_draft *draft)
{
	int n;

	while (registry_lease_expires(lease) != REGISTRY_LEASE_ENDED &&
	       !seize(lease, registry_lease_expires(lease)))
		;
	n = end_records(l, lease, draft);
	if (n >= 0 && registry_table_put(&l->table, &lease->entry, NULL) < 0)
		n = -ENOMEM;
	if (n < 0)
		revive(lease);
	return n;
}

/* An entry that is about to go is in no list; one that came back is in the heap. */
static void on_end(void *arg, struct registry_entry *e)
{
	struct registry_leases *l = arg;
	struct registry_lease *lease = (struct registry_lease *)e;

	if (e->content == NULL) {
		heap_remove(l, lease);
		registry_lease_unmark(l, lease);
		registry_refresh_forget(&l->refreshes, lease);
	} else if (lease->zone != NULL) {
		/* There was room for it before. */
		registry_leases_put_back(l, lease);
	}
}

static void on_commit(void *arg, struct registry_entry *e)
{
	struct registry_lease *lease = (struct registry_lease *)e;

	lease->before_ms = 0;
	atomic_store_explicit(&lease->noted_ms, 0, memory_order_relaxed);
	on_end(arg, e);
}

static void on_undo(void *arg, struct registry_entry *e)
{
	struct registry_lease *lease = (struct registry_lease *)e;

	if (lease->before_ms != 0) {
		atomic_store_explicit(&lease->expires_ms, lease->before_ms, memory_order_release);
		atomic_store_explicit(&lease->stamp_ms, lease->before_stamp_ms,
				      memory_order_relaxed);
		lease->before_ms = 0;
	}
	on_end(arg, e);
}

void registry_leases_commit(struct registry_leases *l)
{
	registry_holds_commit(&l->holds);
	registry_table_commit(&l->table, on_commit, l);
}

void registry_leases_undo(struct registry_leases *l)
{
	registry_holds_undo(&l->holds);
	registry_table_undo(&l->table, on_undo, l);
}

void registry_leases_prune(struct registry_leases *l)
{
	registry_table_prune(&l->table);
	l->stats = (struct registry_lease_stats){0};
}
