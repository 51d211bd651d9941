/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* How a draft becomes a version:
 *
 * 1. An owner that is touched for the first time gets a draft_owner, which shares its sets with the
 *    old node. A set that is changed is opened: an array of pointers to its records in order, so
 *    that adding one to a large set copies no records.
 * 2. Sealing compares each changed owner with its old node, which gives the changeset; owners that
 *    are the same again are left out. It raises the serial, makes the new nodes, adds them to the
 *    trie, and makes a larger index if the zone's does not fit them.
 * 3. Publishing, which cannot fail, writes stamps and index, then the pointer to the snapshot, and
 *    hands over what no later version uses.
 *
 * A first version may be a load of millions of records. No reader sees its trie and index yet, so
 * the owners touched so far are moved into them every FLUSH_BYTES; an owner that is touched again
 * is opened again. */

#include "zone/draft_priv.h"

#include <assert.h>
#include <errno.h>

#include "zone/garbage.h"

int zone_draft_seal(struct zone_draft *d, struct zone_changeset *changes)
{
	int ret = 1;

	/* The changeset of a first version would be the whole zone; no caller needs it. */
	assert(d->parent != NULL || changes == NULL);
	if (d->is_short)
		return -ENOMEM;
	if (d->parent != NULL)
		ret = zone_draft_difference(d);
	if (ret <= 0)
		return ret;
	if (zone_draft_make_version(d) < 0)
		return -ENOMEM;
	if (changes != NULL && zone_draft_changes(d, changes) < 0)
		return -ENOMEM;
	return 1;
}

const struct zone_snapshot *zone_draft_sealed(const struct zone_draft *d)
{
	return d->snapshot;
}

static void publish_owner(struct zone_draft *d, const struct draft_owner *o, struct zone_index *x,
			  struct zone_stamps *t)
{
	if (o->old != NULL)
		zone_index_replace(x, o->hash, o->old, o->fresh);
	else if (o->fresh != NULL)
		zone_index_add(x, o->hash, o->fresh);
	zone_stamps_set(t, o->hash, d->version);
}

void zone_draft_show(struct zone_draft *d)
{
	struct zone *z = d->zone;
	struct zone_index *old_index = NULL,
			  *x = atomic_load_explicit(&z->index, memory_order_relaxed);
	struct zone_stamps *old_stamps = NULL,
			   *t = atomic_load_explicit(&z->stamps, memory_order_relaxed);

	if (d->index != NULL) {
		old_index = x;
		x = d->index;
	}
	if (d->stamps != NULL) {
		old_stamps = t;
		t = d->stamps;
	}
	for (const struct draft_owner *o = d->first; o != NULL; o = o->next)
		if (o->is_changed)
			publish_owner(d, o, x, t);
	atomic_store_explicit(&z->index, x, memory_order_release);
	atomic_store_explicit(&z->stamps, t, memory_order_release);
	atomic_store_explicit(&z->current, d->snapshot, memory_order_release);
	if (d->parent != NULL)
		zone_garbage_hand(z, d->garbage, d->version, d->edit.retired, d->edit.nretired,
				  d->parent, old_index, old_stamps);
	else
		zone_garbage_free(d->garbage);
	d->edit.retired = NULL;
}

void zone_draft_finish(struct zone_draft *d)
{
	struct zone *z = d->zone;

	zone_draft_end(d);
	zone_garbage_reclaim(z);
}

void zone_draft_publish(struct zone_draft *d)
{
	zone_draft_show(d);
	zone_draft_finish(d);
}
