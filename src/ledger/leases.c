/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "ledger/leases.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/budget.h"
#include "base/queue.h"
#include "base/rcu.h"

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
	return ret == 0 ? undo_pairs_init(&l->holders, true) : ret;
}

void ledger_leases_fini(struct ledger_leases *l)
{
	undo_table_fini(&l->table);
	ledger_refreshes_fini(&l->refreshes);
	undo_pairs_fini(&l->holders);
	free(l->stale);
	ledger_schedule_fini(&l->schedule);
	ledger_groups_fini(&l->groups);
	ledger_scratch_fini(&l->scratch);
}

/* ---- finding ---- */

struct ledger_lease *ledger_leases_find(const struct ledger_leases *l, const uint8_t *zone,
					const uint8_t *name, uint8_t number)
{
	struct undo_key key;
	struct undo_entry *e;

	undo_table_key(&l->table, &key, zone, name, number);
	e = undo_table_find(&l->table, &key);
	return e == NULL || e->content == NULL ? NULL : (struct ledger_lease *)e;
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

struct ledger_lease *ledger_leases_find_by_holder(const struct ledger_leases *l,
						  const uint8_t *zone, const uint8_t *name,
						  const uint8_t *key)
{
	struct ledger_lease *leases[LEDGER_LEASES_OF_NAME];
	unsigned n = ledger_leases_of(l, zone, name, leases);

	for (unsigned i = 0; i < n; i++)
		if (undo_entry_number(&leases[i]->entry) != LEDGER_LEASE_NAME &&
		    ledger_content_is_held_by(ledger_lease_content(leases[i]), key))
			return leases[i];
	return NULL;
}

bool ledger_leases_is_only_holder(const struct ledger_leases *l, const struct ledger_lease *lease,
				  const struct dns_record *record)
{
	uint64_t hash = ledger_content_hash(l->table.seed, record);

	return undo_pairs_has(&l->holders, hash, lease->entry.hash) &&
	       undo_pairs_count(&l->holders, hash) == 1;
}

bool ledger_leases_is_held_by(const struct ledger_leases *l, const struct dns_record *record,
			      const uint8_t *key, struct base_budget *budget)
{
	uint64_t hash = ledger_content_hash(l->table.seed, record);
	uint32_t n = undo_pairs_count(&l->holders, hash);

	if (!base_budget_take(budget, n))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		const struct ledger_lease *lease =
			(const struct ledger_lease *)undo_table_find_hash(
				&l->table, undo_pairs_member(&l->holders, hash, i));
		const struct ledger_content *c = lease == NULL ? NULL : ledger_lease_content(lease);

		if (c == NULL || !ledger_content_is_held_by(c, key))
			return false;
	}
	return n > 0;
}

struct ledger_lease *ledger_leases_take(struct ledger_leases *l, const struct undo_key *key,
					struct zone *zone)
{
	struct ledger_lease *lease = (struct ledger_lease *)undo_table_take(&l->table, key);

	if (lease != NULL && lease->entry.content == NULL && !lease->entry.is_changed)
		lease->heap_index = lease->dirty_index = LEDGER_NO_INDEX;
	if (lease != NULL)
		lease->zone = zone;
	return lease;
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
		/* The lease may have ended since, or its zone is not served any more. */
		if (lease == NULL || lease->entry.content == NULL || lease->zone == NULL)
			continue;
		if (ledger_schedule_mark(&l->schedule, lease) < 0 ||
		    ledger_schedule_add(&l->schedule, lease, ledger_lease_expires(lease)) < 0)
			ret = -ENOMEM;
	}
	return ret;
}

/* ---- the batch ---- */

/* Invariant at the end of a batch: a removed lease is in no array of the schedule and has no
 * refresh; a restored one is in the heap. */
static void on_end(void *arg, struct undo_entry *e)
{
	struct ledger_leases *l = arg;
	struct ledger_lease *lease = (struct ledger_lease *)e;

	if (e->content == NULL) {
		ledger_schedule_remove(&l->schedule, lease);
		ledger_schedule_unmark(&l->schedule, lease);
		ledger_refresh_forget(&l->refreshes, lease);
	} else if (lease->zone != NULL) {
		/* Cannot fail: the heap had room for the lease before, and never shrinks. */
		ledger_schedule_put_back(&l->schedule, lease);
	}
}

static void on_commit(void *arg, struct undo_entry *e)
{
	struct ledger_lease *lease = (struct ledger_lease *)e;

	lease->undo_expires_ms = 0;
	atomic_store_explicit(&lease->saved_ms, 0, memory_order_relaxed);
	on_end(arg, e);
}

static void on_undo(void *arg, struct undo_entry *e)
{
	struct ledger_lease *lease = (struct ledger_lease *)e;

	if (lease->undo_expires_ms != 0) {
		atomic_store_explicit(&lease->expires_ms, lease->undo_expires_ms,
				      memory_order_release);
		atomic_store_explicit(&lease->stamp_ms, lease->undo_stamp_ms, memory_order_relaxed);
		lease->undo_expires_ms = 0;
	}
	on_end(arg, e);
}

void ledger_leases_commit(struct ledger_leases *l)
{
	assert(l->nstale == 0);
	undo_pairs_commit(&l->holders);
	undo_table_commit(&l->table, on_commit, l);
}

void ledger_leases_undo(struct ledger_leases *l)
{
	while (l->nstale > 0)
		l->stale[--l->nstale]->is_stale = false;
	undo_pairs_undo(&l->holders);
	undo_table_undo(&l->table, on_undo, l);
}

void ledger_leases_prune(struct ledger_leases *l)
{
	undo_table_prune(&l->table);
	l->stats = (struct ledger_lease_stats){0};
}
