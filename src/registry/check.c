/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registry/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/grow.h"
#include "base/secret.h"
#include "registry/registrar.h"
#include "registry/state.h"
#include "zone/bulk.h"
#include "zone/cursor.h"
#include "zone/draft.h"
#include "zone/zone.h"

enum { KEYS_BLOCK = 64 << 10 };

/* A zone that the view is derived in: a copy of the version that was current. */
struct copied {
	struct zone *zone; /* the one that is served */
	const struct zone_snapshot *snapshot;
	struct zone *copy;
	struct zone_draft *draft; /* of the copy */
};

/* An owned name, by the hash of its entry. */
struct owned {
	uint64_t hash;
	const uint8_t *key; /* in the check's arena */
};

struct registry_check {
	struct view view; /* its reverse zones are the copies */
	struct view_rule rule;
	struct copied *zones; /* the zone itself, then the reverse zones that are loaded */
	size_t nzones;
	struct undo_table names; /* empty; hashes names as the ledger does */
	struct owned *owned;	 /* sorted by hash once the check runs */
	size_t nowned, owned_capacity;
	struct base_arena keys;
};

/* ---- taking ---- */

static int take_owners(struct registry_check *c, const struct ledger_owners *owners,
		       const uint8_t *zone)
{
	const uint8_t *last = NULL;
	struct undo_entry *e = NULL;

	while ((e = undo_table_next_in(&owners->table, zone, e)) != NULL) {
		const uint8_t *key = ((const struct ledger_owner *)e->content)->key;
		struct owned *owned =
			base_grow(c->owned, c->nowned, &c->owned_capacity, sizeof(*owned));

		if (owned == NULL)
			return -ENOMEM;
		c->owned = owned;
		if (last == NULL || !dns_name_equal(key, last))
			last = base_arena_copy(&c->keys, key, dns_name_nbytes(key));
		if (last == NULL)
			return -ENOMEM;
		owned[c->nowned++] = (struct owned){e->hash, last};
	}
	return 0;
}

static int take_zone(struct registry_check *c, struct zone *zone)
{
	const struct zone_snapshot *s = zone_acquire(zone);

	if (s == NULL)
		return -ENOENT;
	c->zones[c->nzones++] = (struct copied){.zone = zone, .snapshot = s};
	return 0;
}

static int take(struct registry_check *c, const struct registry_state *s, struct zone *zone)
{
	int ret = view_check_copy(&c->view, &s->view, zone_name(zone));

	if (ret == 0)
		ret = undo_table_init(&c->names, sizeof(struct undo_entry),
				      s->ledger.owners.table.seed, free, free);
	c->zones = calloc(s->view.nreverse + 1, sizeof(*c->zones));
	if (ret < 0 || c->zones == NULL)
		return -ENOMEM;
	ret = take_zone(c, zone);
	/* A reverse zone without a version has no PTRs to compare. */
	for (size_t i = 0; i < s->view.nreverse && ret == 0; i++)
		take_zone(c, s->view.reverse[i]);
	return ret == 0 ? take_owners(c, &s->ledger.owners, zone_name(zone)) : ret;
}

struct registry_check *registry_check_take(struct registry_registrar *r, struct zone *zone,
					   const struct view_rule *rule)
{
	struct registry_check *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	base_arena_init(&c->keys, KEYS_BLOCK);
	c->rule = *rule;
	if (take(c, registry_registrar_batch(r)->settings.state, zone) == 0)
		return c;
	registry_check_free(c);
	return NULL;
}

const struct zone_snapshot *registry_check_snapshot(const struct registry_check *c)
{
	return c->zones[0].snapshot;
}

/* ---- running ---- */

static int compare_hashes(const void *left, const void *right)
{
	const struct owned *a = left, *b = right;

	return a->hash < b->hash ? -1 : a->hash > b->hash;
}

/* Is a view_owner_fn. */
static const uint8_t *owner_of(void *arg, const uint8_t *zone, const uint8_t *instance)
{
	const struct registry_check *c = arg;
	const struct owned *found;
	struct undo_key key;

	undo_table_key(&c->names, &key, zone, instance, 0);
	found = c->nowned == 0 ? NULL
			       : bsearch(&(struct owned){.hash = key.hash}, c->owned, c->nowned,
					 sizeof(*found), compare_hashes);
	return found == NULL ? NULL : found->key;
}

/* Is a view_draft_fn. */
static struct zone_draft *draft_of(void *arg, struct zone *copy)
{
	struct registry_check *c = arg;
	size_t i = 0;

	while (c->zones[i].copy != copy)
		i++;
	if (c->zones[i].draft == NULL)
		c->zones[i].draft = zone_draft_new(copy);
	return c->zones[i].draft;
}

static int copy_records(struct zone_bulk *bulk, const struct zone_snapshot *s)
{
	struct zone_cursor *cursor = zone_cursor_new(s);
	struct dns_record r;
	int ret = cursor == NULL ? -ENOMEM : 0;

	while (ret == 0 && zone_cursor_next(cursor, &r))
		ret = zone_bulk_add(bulk, &r);
	zone_cursor_free(cursor);
	return ret;
}

static int copy_zone(struct copied *z)
{
	struct zone_bulk *bulk;
	uint64_t seed;
	int ret;

	base_secret_random(&seed, sizeof(seed));
	z->copy = zone_new(zone_name(z->zone), seed);
	bulk = z->copy == NULL ? NULL : zone_bulk_new(z->copy);
	if (bulk == NULL)
		return -ENOMEM;
	ret = copy_records(bulk, z->snapshot);
	if (ret == 0)
		return zone_bulk_publish(bulk);
	zone_bulk_abort(bulk);
	return ret;
}

static int copy_zones(struct registry_check *c)
{
	struct zone **reverse = calloc(c->nzones, sizeof(struct zone *));
	int ret = reverse == NULL ? -ENOMEM : 0;

	for (size_t i = 0; i < c->nzones && ret == 0; i++) {
		ret = copy_zone(&c->zones[i]);
		if (i > 0)
			reverse[i - 1] = c->zones[i].copy;
	}
	if (ret == 0)
		view_set_reverse(&c->view, reverse, c->nzones - 1);
	else
		free(reverse);
	return ret;
}

int registry_check_run(struct registry_check *c, view_difference_fn on_difference, void *arg)
{
	struct zone_draft *draft;
	int ret = copy_zones(c);

	if (ret < 0)
		return ret;
	if (c->nowned > 0)
		qsort(c->owned, c->nowned, sizeof(*c->owned), compare_hashes);
	c->view.draft_of = draft_of;
	c->view.owner_of = owner_of;
	c->view.draft_arg = c->view.owner_arg = c;
	draft = draft_of(c, c->zones[0].copy);
	return draft == NULL ? -ENOMEM
			     : view_check_run(&c->view, &c->rule, c->zones[0].snapshot, draft,
					      on_difference, arg);
}

void registry_check_unaddressed(const struct registry_check *c, view_unaddressed_fn each, void *arg)
{
	view_check_unaddressed(&c->view, zone_name(c->zones[0].zone), each, arg);
}

void registry_check_free(struct registry_check *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->nzones; i++) {
		struct copied *z = &c->zones[i];

		if (z->draft != NULL)
			zone_draft_abort(z->draft);
		zone_free(z->copy);
		zone_release(z->zone, z->snapshot);
	}
	view_fini(&c->view);
	undo_table_fini(&c->names);
	base_arena_fini(&c->keys);
	free(c->zones);
	free(c->owned);
	free(c);
}
