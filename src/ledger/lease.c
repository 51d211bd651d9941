/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The heap is lazy: a refresh only moves the lease's end; when the place in the heap comes up, the
 * lease is put back to where it then belongs. So a refresh costs no more than the look-ups that
 * show it to be one. */
#include "ledger/lease_priv.h"

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

int ledger_leases_init(struct ledger_leases *l, uint64_t seed)
{
	int ret;

	memset(l, 0, sizeof(*l));
	ret = undo_table_init(&l->table, sizeof(struct ledger_lease), seed, content_free,
			      base_rcu_defer);
	if (ret == 0)
		ret = ledger_refreshes_init(&l->refreshes, seed);
	return ret == 0 ? undo_pairs_init(&l->holds) : ret;
}

void ledger_leases_fini(struct ledger_leases *l)
{
	undo_table_fini(&l->table);
	ledger_refreshes_fini(&l->refreshes);
	undo_pairs_fini(&l->holds);
	free(l->heap);
	free(l->dirty);
	free(l->items);
	free(l->sorted);
	free(l->scratch);
}

/* ---- the heap ---- */

static void heap_put(struct ledger_leases *l, size_t place, struct ledger_lease *lease)
{
	l->heap[place] = lease;
	lease->heap_place = (uint32_t)place;
}

static void heap_up(struct ledger_leases *l, size_t place, struct ledger_lease *lease)
{
	for (; place > 0 && l->heap[(place - 1) / 2]->heap_ms > lease->heap_ms;
	     place = (place - 1) / 2)
		heap_put(l, place, l->heap[(place - 1) / 2]);
	heap_put(l, place, lease);
}

static void heap_down(struct ledger_leases *l, size_t place, struct ledger_lease *lease)
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

static void heap_remove(struct ledger_leases *l, struct ledger_lease *lease)
{
	size_t place = lease->heap_place;
	struct ledger_lease *last;

	if (place == LEDGER_NOWHERE)
		return;
	lease->heap_place = LEDGER_NOWHERE;
	last = l->heap[--l->nheap];
	if (last == lease)
		return;
	heap_down(l, place, last);
	if (last->heap_place == place)
		heap_up(l, place, last);
}

int ledger_leases_again(struct ledger_leases *l, struct ledger_lease *lease, uint64_t at_ms)
{
	struct ledger_lease **heap;

	if (lease->heap_place != LEDGER_NOWHERE && at_ms >= lease->heap_ms)
		return 0;
	heap_remove(l, lease);
	heap = base_grow(l->heap, l->nheap, &l->heap_room, sizeof(struct ledger_lease *));
	if (heap == NULL)
		return -ENOMEM;
	l->heap = heap;
	lease->heap_ms = at_ms;
	heap_up(l, l->nheap++, lease);
	return 0;
}

uint64_t ledger_leases_next(const struct ledger_leases *l)
{
	return l->nheap == 0 ? UINT64_MAX : l->heap[0]->heap_ms;
}

/* Takes the end of a lease from the workers, if it is `before` still. */
static bool seize(struct ledger_lease *lease, uint64_t before)
{
	if (!atomic_compare_exchange_strong_explicit(&lease->expires_ms, &before,
						     LEDGER_LEASE_ENDED, memory_order_acq_rel,
						     memory_order_relaxed))
		return false;
	lease->ended_ms = before;
	return true;
}

/* Gives it back to them. */
static void revive(struct ledger_lease *lease)
{
	if (ledger_lease_expires(lease) == LEDGER_LEASE_ENDED)
		atomic_store_explicit(&lease->expires_ms, lease->ended_ms, memory_order_release);
}

struct ledger_lease *ledger_leases_due(struct ledger_leases *l, uint64_t now_ms)
{
	while (l->nheap > 0 && l->heap[0]->heap_ms <= now_ms) {
		struct ledger_lease *lease = l->heap[0];
		uint64_t expires_ms = ledger_lease_expires(lease);

		if (expires_ms <= now_ms && seize(lease, expires_ms)) {
			heap_remove(l, lease);
			return lease;
		}
		lease->heap_ms = ledger_lease_expires(lease);
		heap_down(l, 0, lease);
	}
	return NULL;
}

int ledger_leases_put_back(struct ledger_leases *l, struct ledger_lease *lease)
{
	revive(lease);
	return ledger_leases_again(l, lease, ledger_lease_expires(lease));
}

/* ---- one lease ---- */

uint64_t ledger_lease_hash(const struct ledger_leases *l, const uint8_t *owner, uint16_t type,
			   const uint8_t *rdata, size_t nbytes)
{
	uint8_t name[DNS_NAME_MAX];
	size_t n = dns_name_lower(name, owner);

	return base_hash(name, n, l->table.seed ^ type) ^
	       dns_rdata_hash(type, rdata, nbytes, l->table.seed + type);
}

struct ledger_lease *ledger_lease_take(struct ledger_leases *l, const struct undo_key *key,
				       struct zone *zone)
{
	struct ledger_lease *lease = (struct ledger_lease *)undo_table_take(&l->table, key);

	if (lease != NULL && lease->entry.content == NULL && !lease->entry.is_changed)
		lease->heap_place = lease->dirty_place = LEDGER_NOWHERE;
	if (lease != NULL)
		lease->zone = zone;
	return lease;
}

int ledger_lease_set_time(struct ledger_leases *l, struct ledger_lease *lease, uint64_t expires_ms,
			  uint64_t now_ms)
{
	atomic_store_explicit(&lease->expires_ms, expires_ms, memory_order_release);
	atomic_store_explicit(&lease->stamp_ms, now_ms, memory_order_relaxed);
	return ledger_leases_again(l, lease, expires_ms);
}

int ledger_lease_mark(struct ledger_leases *l, struct ledger_lease *lease)
{
	struct ledger_lease **dirty;

	if (lease->dirty_place != LEDGER_NOWHERE)
		return 0;
	dirty = base_grow(l->dirty, l->ndirty, &l->dirty_room, sizeof(struct ledger_lease *));
	if (dirty == NULL)
		return -ENOMEM;
	l->dirty = dirty;
	lease->dirty_place = (uint32_t)l->ndirty;
	l->dirty[l->ndirty++] = lease;
	return 0;
}

void ledger_lease_unmark(struct ledger_leases *l, struct ledger_lease *lease)
{
	struct ledger_lease *last;

	if (lease->dirty_place == LEDGER_NOWHERE)
		return;
	last = l->dirty[--l->ndirty];
	l->dirty[lease->dirty_place] = last;
	last->dirty_place = lease->dirty_place;
	lease->dirty_place = LEDGER_NOWHERE;
}

struct ledger_lease_content *ledger_lease_content_new(const uint8_t *key, uint32_t granted_s,
						      const uint8_t *records, size_t nbytes,
						      uint32_t nrecords)
{
	size_t nholder = key == NULL ? 0 : dns_name_nbytes(key);
	struct ledger_lease_content *c = malloc(sizeof(*c) + nholder + nbytes);

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

unsigned ledger_leases_of(const struct ledger_leases *l, const uint8_t *zone, const uint8_t *name,
			  struct ledger_lease *out[static LEDGER_LEASES_OF_NAME])
{
	unsigned n = 0;

	for (uint8_t number = 0; number <= (l->has_others ? LEDGER_LEASE_LAST : 0); number += 2)
		if ((out[n] = ledger_leases_find(l, zone, name, number)) != NULL)
			n++;
	if ((out[n] = ledger_leases_find(l, zone, name, LEDGER_LEASE_NAME)) != NULL)
		n++;
	return n;
}

struct ledger_lease *ledger_leases_find(const struct ledger_leases *l, const uint8_t *zone,
					const uint8_t *name, uint8_t number)
{
	struct undo_key key;
	struct undo_entry *e;

	undo_table_key(&l->table, &key, zone, name, number);
	e = undo_table_find(&l->table, &key);
	return e == NULL || e->content == NULL ? NULL : (struct ledger_lease *)e;
}

struct ledger_refresh *ledger_leases_refresh(const struct ledger_leases *l, struct zone *zone,
					     const struct update_policy *policy,
					     const struct ledger_fingerprint *print,
					     const struct dns_update_record *records,
					     size_t nrecords,
					     const struct ledger_lease_terms *granted)
{
	if (!l->is_refresh || l->ntouched > LEDGER_REFRESH_LEASES_MAX)
		return NULL;
	return ledger_refresh_new(zone, policy, print, records, nrecords, l->touched, l->ntouched,
				  granted);
}

int ledger_leases_collect(struct ledger_leases *l)
{
	struct base_queue_link *link = base_queue_take(&l->refreshes.moved), *next;
	int ret = 0;

	for (; link != NULL; link = next) {
		struct ledger_lease *lease = (struct ledger_lease *)undo_table_find_hash(
			&l->table, ((struct ledger_moved *)link)->lease);

		next = link->next;
		free(link);
		/* It may have ended since. What there is no memory to write down is only not
		 * written down. */
		if (lease == NULL || lease->entry.content == NULL || lease->zone == NULL)
			continue;
		if (ledger_lease_mark(l, lease) < 0 ||
		    ledger_leases_again(l, lease, ledger_lease_expires(lease)) < 0)
			ret = -ENOMEM;
	}
	return ret;
}

int ledger_leases_extend(struct ledger_leases *l, struct ledger_lease *lease, uint32_t left_s,
			 uint64_t now_ms)
{
	int ret = ledger_lease_set_time(l, lease, now_ms + left_s * 1000ull, now_ms);

	return ret == 0 ? ledger_lease_mark(l, lease) : ret;
}

void ledger_leases_stop(struct ledger_leases *l, struct ledger_lease *lease)
{
	heap_remove(l, lease);
	lease->zone = NULL;
}

/* ---- ending ---- */

/* Removes what the lease alone holds. */
static int end_records(struct ledger_leases *l, const struct ledger_lease *lease,
		       struct zone_draft *draft)
{
	struct base_buf b = ledger_lease_records(ledger_lease_said(lease));
	struct dns_record r;
	int nremoved = 0;

	while (zone_changeset_next(&b, &r)) {
		uint64_t hash = ledger_lease_hash(l, r.owner, r.type, r.rdata, r.nbytes);
		bool was_held = undo_pairs_has(&l->holds, hash, lease->entry.hash);
		int n;

		if (undo_pairs_remove(&l->holds, hash, lease->entry.hash) < 0)
			return -ENOMEM;
		if (!was_held || undo_pairs_count(&l->holds, hash) > 0)
			continue;
		n = zone_draft_remove(draft, r.owner, r.type, r.rdata, r.nbytes);
		if (n < 0)
			return n;
		nremoved += n;
	}
	return nremoved;
}

int ledger_leases_end(struct ledger_leases *l, struct ledger_lease *lease, struct zone_draft *draft)
{
	int n;

	while (ledger_lease_expires(lease) != LEDGER_LEASE_ENDED &&
	       !seize(lease, ledger_lease_expires(lease)))
		;
	n = end_records(l, lease, draft);
	if (n >= 0 && undo_table_put(&l->table, &lease->entry, NULL) < 0)
		n = -ENOMEM;
	if (n < 0)
		revive(lease);
	return n;
}

/* An entry that is about to go is in no list; one that came back is in the heap. */
static void on_end(void *arg, struct undo_entry *e)
{
	struct ledger_leases *l = arg;
	struct ledger_lease *lease = (struct ledger_lease *)e;

	if (e->content == NULL) {
		heap_remove(l, lease);
		ledger_lease_unmark(l, lease);
		ledger_refresh_forget(&l->refreshes, lease);
	} else if (lease->zone != NULL) {
		/* There was room for it before. */
		ledger_leases_put_back(l, lease);
	}
}

static void on_commit(void *arg, struct undo_entry *e)
{
	struct ledger_lease *lease = (struct ledger_lease *)e;

	lease->before_ms = 0;
	atomic_store_explicit(&lease->noted_ms, 0, memory_order_relaxed);
	on_end(arg, e);
}

static void on_undo(void *arg, struct undo_entry *e)
{
	struct ledger_lease *lease = (struct ledger_lease *)e;

	if (lease->before_ms != 0) {
		atomic_store_explicit(&lease->expires_ms, lease->before_ms, memory_order_release);
		atomic_store_explicit(&lease->stamp_ms, lease->before_stamp_ms,
				      memory_order_relaxed);
		lease->before_ms = 0;
	}
	on_end(arg, e);
}

void ledger_leases_commit(struct ledger_leases *l)
{
	undo_pairs_commit(&l->holds);
	undo_table_commit(&l->table, on_commit, l);
}

void ledger_leases_undo(struct ledger_leases *l)
{
	undo_pairs_undo(&l->holds);
	undo_table_undo(&l->table, on_undo, l);
}

void ledger_leases_prune(struct ledger_leases *l)
{
	undo_table_prune(&l->table);
	l->stats = (struct ledger_lease_stats){0};
}
