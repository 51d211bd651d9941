/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "ledger/schedule.h"

#include <errno.h>
#include <stdlib.h>

#include "base/grow.h"
#include "ledger/lease.h"

void ledger_schedule_fini(struct ledger_schedule *s)
{
	free(s->heap);
	free(s->dirty);
}

/* ---- the heap ---- */

static void heap_set(struct ledger_schedule *s, size_t index, struct ledger_lease *lease)
{
	s->heap[index] = lease;
	lease->heap_index = (uint32_t)index;
}

static void heap_up(struct ledger_schedule *s, size_t index, struct ledger_lease *lease)
{
	for (; index > 0 && s->heap[(index - 1) / 2]->heap_ms > lease->heap_ms;
	     index = (index - 1) / 2)
		heap_set(s, index, s->heap[(index - 1) / 2]);
	heap_set(s, index, lease);
}

static void heap_down(struct ledger_schedule *s, size_t index, struct ledger_lease *lease)
{
	for (size_t child; (child = index * 2 + 1) < s->nheap; index = child) {
		if (child + 1 < s->nheap && s->heap[child + 1]->heap_ms < s->heap[child]->heap_ms)
			child++;
		if (s->heap[child]->heap_ms >= lease->heap_ms)
			break;
		heap_set(s, index, s->heap[child]);
	}
	heap_set(s, index, lease);
}

uint64_t ledger_schedule_next(const struct ledger_schedule *s)
{
	return s->nheap == 0 ? UINT64_MAX : s->heap[0]->heap_ms;
}

struct ledger_lease *ledger_schedule_due(struct ledger_schedule *s, uint64_t now_ms)
{
	while (s->nheap > 0 && s->heap[0]->heap_ms <= now_ms) {
		struct ledger_lease *lease = s->heap[0];
		uint64_t expires_ms = ledger_lease_expires(lease);

		if (expires_ms <= now_ms && ledger_lease_seize(lease, expires_ms)) {
			ledger_schedule_remove(s, lease);
			return lease;
		}
		lease->heap_ms = ledger_lease_expires(lease);
		heap_down(s, 0, lease);
	}
	return NULL;
}

int ledger_schedule_put_back(struct ledger_schedule *s, struct ledger_lease *lease)
{
	ledger_lease_revive(lease);
	return ledger_schedule_add(s, lease, ledger_lease_expires(lease));
}

int ledger_schedule_add(struct ledger_schedule *s, struct ledger_lease *lease, uint64_t at_ms)
{
	struct ledger_lease **heap;

	if (lease->heap_index != LEDGER_NO_INDEX && at_ms >= lease->heap_ms)
		return 0;
	ledger_schedule_remove(s, lease);
	heap = base_grow(s->heap, s->nheap, &s->heap_capacity, sizeof(struct ledger_lease *));
	if (heap == NULL)
		return -ENOMEM;
	s->heap = heap;
	lease->heap_ms = at_ms;
	heap_up(s, s->nheap++, lease);
	return 0;
}

void ledger_schedule_remove(struct ledger_schedule *s, struct ledger_lease *lease)
{
	size_t index = lease->heap_index;
	struct ledger_lease *last;

	if (index == LEDGER_NO_INDEX)
		return;
	lease->heap_index = LEDGER_NO_INDEX;
	last = s->heap[--s->nheap];
	if (last == lease)
		return;
	heap_down(s, index, last);
	if (last->heap_index == index)
		heap_up(s, index, last);
}

void ledger_schedule_stop(struct ledger_schedule *s, struct ledger_lease *lease)
{
	ledger_schedule_remove(s, lease);
	lease->zone = NULL;
}

int ledger_schedule_set_end(struct ledger_schedule *s, struct ledger_lease *lease,
			    uint64_t expires_ms, uint64_t now_ms)
{
	atomic_store_explicit(&lease->expires_ms, expires_ms, memory_order_release);
	atomic_store_explicit(&lease->stamp_ms, now_ms, memory_order_relaxed);
	return ledger_schedule_add(s, lease, expires_ms);
}

int ledger_schedule_extend(struct ledger_schedule *s, struct ledger_lease *lease, uint32_t left_s,
			   uint64_t now_ms)
{
	int ret = ledger_schedule_set_end(s, lease, now_ms + left_s * 1000ull, now_ms);

	return ret == 0 ? ledger_schedule_mark(s, lease) : ret;
}

/* ---- dirty leases ---- */

int ledger_schedule_mark(struct ledger_schedule *s, struct ledger_lease *lease)
{
	struct ledger_lease **dirty;

	if (lease->dirty_index != LEDGER_NO_INDEX)
		return 0;
	dirty = base_grow(s->dirty, s->ndirty, &s->dirty_capacity, sizeof(struct ledger_lease *));
	if (dirty == NULL)
		return -ENOMEM;
	s->dirty = dirty;
	lease->dirty_index = (uint32_t)s->ndirty;
	s->dirty[s->ndirty++] = lease;
	return 0;
}

void ledger_schedule_unmark(struct ledger_schedule *s, struct ledger_lease *lease)
{
	struct ledger_lease *last;

	if (lease->dirty_index == LEDGER_NO_INDEX)
		return;
	last = s->dirty[--s->ndirty];
	s->dirty[lease->dirty_index] = last;
	last->dirty_index = lease->dirty_index;
	lease->dirty_index = LEDGER_NO_INDEX;
}

void ledger_schedule_saved(struct ledger_schedule *s)
{
	for (size_t i = 0; i < s->ndirty; i++) {
		struct ledger_lease *lease = s->dirty[i];

		lease->dirty_index = LEDGER_NO_INDEX;
		atomic_store_explicit(&lease->saved_ms, lease->saving_ms, memory_order_relaxed);
	}
	s->ndirty = 0;
}
