/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "zone/draft_priv.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/pages.h"
#include "zone/garbage.h"

enum { TABLE_SMALL = 256, ARENA_BLOCK = 256 << 10 };

static struct zone_draft *draft_make(struct zone *zone)
{
	struct zone_draft *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->table = base_pages_alloc(TABLE_SMALL * sizeof(*d->table));
	if (d->table == NULL) {
		free(d);
		return NULL;
	}
	d->mask = TABLE_SMALL - 1;
	d->zone = zone;
	d->last = &d->first;
	base_arena_init(&d->arena, ARENA_BLOCK);
	return d;
}

void zone_draft_free(struct zone_draft *d)
{
	if (d == NULL)
		return;
	base_arena_fini(&d->arena);
	base_pages_free(d->table, (d->mask + 1) * sizeof(*d->table));
	free(d->removed.bytes);
	free(d->added.bytes);
	free(d);
}

struct zone_draft *zone_draft_new(struct zone *zone)
{
	struct zone_draft *d = zone->idle_draft != NULL ? zone->idle_draft : draft_make(zone);

	if (d == NULL)
		return NULL;
	assert(!zone->has_draft);
	zone->has_draft = true;
	zone->idle_draft = NULL;
	d->parent = zone_snapshot_current(zone);
	d->version = d->parent == NULL ? 1 : d->parent->version + 1;
	d->first = NULL;
	d->last = &d->first;
	d->is_short = false;
	d->has_new_serial = false;
	return d;
}

struct zone *zone_draft_zone(struct zone_draft *d)
{
	return d->zone;
}

void zone_draft_forget(struct zone_draft *d)
{
	base_arena_reset(&d->arena);
	memset(d->table, 0, (d->mask + 1) * sizeof(*d->table));
	d->nowners = 0;
	d->recent = NULL;
	d->first = NULL;
	d->last = &d->first;
	d->names_added = 0;
}

/* The memory of an oversized draft is freed, that of any other is kept. */
void zone_draft_end(struct zone_draft *d)
{
	struct zone *zone = d->zone;

	zone->has_draft = false;
	if (d->mask + 1 > 1 << 16 || d->added.capacity > 4 << 20 || d->removed.capacity > 4 << 20) {
		zone_draft_free(d);
		return;
	}
	zone_draft_forget(d);
	d->removed.used = d->added.used = 0;
	d->removed.nrecords = d->added.nrecords = 0;
	memset(&d->edit, 0, sizeof(d->edit));
	d->snapshot = NULL;
	d->garbage = NULL;
	d->index = NULL;
	d->stamps = NULL;
	zone->idle_draft = d;
}

void zone_draft_abort(struct zone_draft *d)
{
	if (d->edit.slab != NULL) {
		zone_trie_undo(d->edit.slab, d->edit.root, d->version);
		free(d->edit.retired);
	}
	free(d->snapshot);
	zone_garbage_free(d->garbage);
	zone_index_free(d->index);
	free(d->stamps);
	zone_draft_end(d);
}
