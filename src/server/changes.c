/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "server/changes.h"

#include <stdlib.h>

#include "base/clock.h"
#include "push/change.h"
#include "zone/changeset.h"

void server_changes_init(struct server_changes *c, struct server_watchers *all)
{
	c->all = all;
	for (unsigned i = 0; i < ZONE_NUMBERS; i++)
		atomic_init(&c->watching[i], 0);
	base_queue_init(&c->queue);
	atomic_init(&c->nbytes, 0);
	atomic_init(&c->has_lost_one, false);
}

void server_changes_fini(struct server_changes *c)
{
	bool has_lost_one;
	struct server_change *change = server_changes_take(c, &has_lost_one), *next;

	for (; change != NULL; change = next) {
		next = (struct server_change *)change->link.next;
		server_change_drop(c, change);
	}
}

/* ---- the worker ---- */

bool server_changes_watch(struct server_changes *c, const struct zone *zone, uint32_t most)
{
	if (atomic_fetch_add_explicit(&c->all->count, 1, memory_order_relaxed) >= most) {
		atomic_fetch_sub_explicit(&c->all->count, 1, memory_order_relaxed);
		return false;
	}
	atomic_fetch_add_explicit(&c->watching[zone_number(zone)], 1, memory_order_relaxed);
	/* Before the caller reads the current version. */
	atomic_thread_fence(memory_order_seq_cst);
	return true;
}

void server_changes_unwatch(struct server_changes *c, unsigned zone_number)
{
	atomic_fetch_sub_explicit(&c->watching[zone_number], 1, memory_order_relaxed);
	atomic_fetch_sub_explicit(&c->all->count, 1, memory_order_relaxed);
}

struct server_change *server_changes_take(struct server_changes *c, bool *has_lost_one)
{
	*has_lost_one = atomic_exchange_explicit(&c->has_lost_one, false, memory_order_acquire);
	return (struct server_change *)base_queue_take(&c->queue);
}

void server_change_free(struct server_changes *c, struct server_change *change)
{
	atomic_fetch_sub_explicit(&c->nbytes, push_change_nbytes(change->change),
				  memory_order_relaxed);
	free(change);
}

void server_change_drop(struct server_changes *c, struct server_change *change)
{
	struct push_change *copy = change->change;

	server_change_free(c, change);
	push_change_release(copy);
}

/* ---- the registrar ---- */

bool server_changes_are_wanted(const struct server_watchers *all)
{
	/* After the version was published. */
	atomic_thread_fence(memory_order_seq_cst);
	return atomic_load_explicit(&all->count, memory_order_relaxed) > 0;
}

struct push_change *server_changes_copy(const struct zone *zone,
					const struct zone_changeset *changes, uint64_t number)
{
	struct push_change *c = push_change_new(zone, zone_snapshot_version(zone_current(zone)),
						changes, base_clock_steady_us());

	if (c != NULL)
		c->number = number;
	return c;
}

static bool has_room(const struct server_changes *c, const struct push_change *copy)
{
	size_t nbytes = atomic_load_explicit(&c->nbytes, memory_order_relaxed);

	return nbytes == 0 || nbytes + push_change_nbytes(copy) <= SERVER_CHANGES_MAX;
}

/* A worker that cannot get a change must know that it misses one. */
bool server_changes_put(struct server_changes *c, struct push_change *copy)
{
	struct server_change *change = NULL;

	if (copy != NULL && has_room(c, copy))
		change = malloc(sizeof(*change));
	if (change == NULL) {
		atomic_store_explicit(&c->has_lost_one, true, memory_order_release);
		return true;
	}
	atomic_fetch_add_explicit(&c->nbytes, push_change_nbytes(copy), memory_order_relaxed);
	push_change_acquire(copy);
	change->change = copy;
	return base_queue_put(&c->queue, &change->link);
}
