/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "ledger/assigned.h"

#include <errno.h>
#include <stdlib.h>

int ledger_assigned_init(struct ledger_assigned *a, uint64_t seed)
{
	int ret = undo_table_init(&a->sets, sizeof(struct undo_entry), seed, free, free);

	if (ret == 0)
		ret = undo_pairs_init(&a->members, true);
	return ret == 0 ? undo_pairs_init(&a->of, false) : ret;
}

void ledger_assigned_fini(struct ledger_assigned *a)
{
	if (a->sets.bucket != NULL)
		undo_table_fini(&a->sets);
	undo_pairs_fini(&a->members);
	undo_pairs_fini(&a->of);
}

/* Removes the members from the last to the first, so that no number changes. */
static int clear(struct ledger_assigned *a, struct undo_entry *e)
{
	for (uint32_t n = undo_pairs_count(&a->members, e->hash); n > 0; n--) {
		uint64_t instance = undo_pairs_member(&a->members, e->hash, n - 1);

		if (undo_pairs_remove(&a->of, instance, e->hash) < 0 ||
		    undo_pairs_remove(&a->members, e->hash, instance) < 0)
			return -ENOMEM;
	}
	return undo_table_put(&a->sets, e, NULL);
}

int ledger_assigned_clear(struct ledger_assigned *a, const uint8_t *zone, const uint8_t *name)
{
	struct undo_entry *e;
	struct undo_key k;

	undo_table_key(&a->sets, &k, zone, name, 0);
	e = undo_table_find(&a->sets, &k);
	return e == NULL || e->content == NULL ? 0 : clear(a, e);
}

int ledger_assigned_add(struct ledger_assigned *a, const uint8_t *zone, const uint8_t *name,
			const uint8_t *instance)
{
	struct undo_key set, member;
	struct undo_entry *e;

	undo_table_key(&a->sets, &set, zone, name, 0);
	undo_table_key(&a->sets, &member, zone, instance, 0);
	e = undo_table_take(&a->sets, &set);
	if (e == NULL || (e->content == NULL && undo_table_put(&a->sets, e, calloc(1, 1)) < 0) ||
	    e->content == NULL || undo_pairs_add(&a->members, set.hash, member.hash) < 0)
		return -ENOMEM;
	return undo_pairs_add(&a->of, member.hash, set.hash);
}

uint32_t ledger_assigned_count(const struct ledger_assigned *a, const uint8_t *zone,
			       const uint8_t *instance)
{
	struct undo_key k;

	if (a->sets.count == 0)
		return 0;
	undo_table_key(&a->sets, &k, zone, instance, 0);
	return undo_pairs_count(&a->of, k.hash);
}

int ledger_assigned_forget(struct ledger_assigned *a, const uint8_t *zone)
{
	struct undo_entry *e = NULL;
	int ret = 0;

	while (ret == 0 && (e = undo_table_next_in(&a->sets, zone, e)) != NULL)
		ret = clear(a, e);
	return ret;
}

void ledger_assigned_commit(struct ledger_assigned *a)
{
	undo_table_commit(&a->sets, NULL, NULL);
	undo_pairs_commit(&a->members);
	undo_pairs_commit(&a->of);
}

void ledger_assigned_undo(struct ledger_assigned *a)
{
	undo_table_undo(&a->sets, NULL, NULL);
	undo_pairs_undo(&a->members);
	undo_pairs_undo(&a->of);
}
