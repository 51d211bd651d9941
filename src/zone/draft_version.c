/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* How a draft becomes a version:
 *
 * 1. The first time an owner is touched it gets a draft_owner, which shares its sets with the old
 * node. A set that is changed is opened: an array of pointers to records in order, so that adding
 * one to a large set copies no records.
 * 2. Sealing compares each changed owner with its old node, which gives the changeset; what did not
 * change after all is dropped. It raises the serial, makes the new nodes, puts them into the trie,
 * and sees to it that the index has room.
 * 3. Publishing writes the stamps and the index, then the pointer to the snapshot, and hands over
 * what is no longer used.
 *
 * A first version may be a load of millions of records. Nobody sees its trie and index yet, so what
 * has been gathered is moved into them every FLUSH_BYTES; a name that comes up again is opened
 * again. */
#include "zone/draft_priv.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int compare_types(const void *a, const void *b)
{
	return (int)((const struct draft_rrset *)a)->type -
	       (int)((const struct draft_rrset *)b)->type;
}

static void node_fill(struct zone_node *n, const struct draft_owner *o)
{
	uint8_t *p = (uint8_t *)zone_node_data(n);

	for (unsigned i = 0; i < o->nrrsets; i++) {
		const struct draft_rrset *r = &o->rrset[i];

		if (r->packed != NULL)
			memcpy(p, r->packed, r->nbytes);
		else
			zone_draft_write(r, p);
		p += r->nbytes;
	}
}

static int node_make(struct zone_draft *d, struct draft_owner *o)
{
	struct zone_rrset few[16], *rrset = few;
	struct zone_node_plan plan = {o->name, o->spelled, o->name_octets, o->nrrsets, few};

	if (o->nrrsets > 16) {
		rrset = base_arena_alloc(&d->arena, o->nrrsets * sizeof(*rrset));
		if (rrset == NULL)
			return -ENOMEM;
		plan.rrset = rrset;
	}
	if (o->nrrsets > 1)
		qsort(o->rrset, o->nrrsets, sizeof(*o->rrset), compare_types);
	for (unsigned i = 0; i < o->nrrsets; i++)
		rrset[i] = (struct zone_rrset){o->rrset[i].type, o->rrset[i].ttl, o->rrset[i].count,
					       o->rrset[i].nbytes, NULL};
	o->fresh = zone_node_new(&d->zone->slab, &plan, d->version);
	if (o->fresh == NULL)
		return -ENOMEM;
	node_fill(o->fresh, o);
	return 0;
}

static int owner_seal(struct zone_draft *d, struct draft_owner *o)
{
	struct zone_key key;
	int r = 0;

	/* In a first version the trie frees the old node at once. */
	zone_snapshot_count(d->snapshot, o->old, -1);
	if (o->nrrsets > 0) {
		r = node_make(d, o);
		if (r == 0 && (r = zone_trie_put(&d->edit, o->fresh)) < 0) {
			zone_node_free(&d->zone->slab, o->fresh);
			return r;
		}
	} else if (o->old != NULL) {
		zone_key_make(&key, o->name, o->name_octets);
		r = zone_trie_remove(&d->edit, &key);
	}
	if (r < 0)
		return r;
	zone_snapshot_count(d->snapshot, o->fresh, 1);
	d->names_added += o->old == NULL && o->fresh != NULL;
	return 0;
}

/* Sees to it that the index has room for the names added. A larger one gets all nodes below `root`
 * here. */
static int index_grow(struct zone_draft *d, const struct zone_index *old, zone_link root)
{
	struct zone_index *larger;

	if (old != NULL && zone_index_has_room(old, d->names_added))
		return 0;
	larger = zone_index_larger(d->zone, old, root, d->snapshot->nnames + d->names_added);
	if (larger == NULL)
		return -ENOMEM;
	zone_index_free(d->index);
	d->index = larger;
	return 0;
}

static int version_begin(struct zone_draft *d)
{
	if (d->snapshot != NULL)
		return 0;
	d->snapshot = calloc(1, sizeof(*d->snapshot));
	d->garbage = zone_garbage_new();
	if (d->snapshot == NULL || d->garbage == NULL)
		return -ENOMEM;
	if (d->base != NULL)
		*d->snapshot = (struct zone_snapshot){
			.root = d->base->root,
			.ncuts = d->base->ncuts,
			.nnames = d->base->nnames,
			.nrecords = d->base->nrecords,
		};
	d->snapshot->zone = d->zone;
	d->edit = (struct zone_trie_edit){
		.slab = &d->zone->slab, .version = d->version, .root = d->snapshot->root};
	return 0;
}

static int owners_seal(struct zone_draft *d)
{
	for (struct draft_owner *o = d->first; o != NULL; o = o->next)
		if (o->is_changed && owner_seal(d, o) < 0)
			return -ENOMEM;
	return 0;
}

/* Moves what has been gathered of a first version into its trie and index. An opened name leaves
 * the index before the trie frees its node, whose memory may come up again under another name. */
int zone_draft_flush(struct zone_draft *d)
{
	if (version_begin(d) < 0)
		return -ENOMEM;
	for (const struct draft_owner *o = d->first; o != NULL; o = o->next)
		if (o->is_changed && o->old != NULL)
			zone_index_replace(d->index, o->hash, o->old, NULL);
	if (owners_seal(d) < 0)
		return -ENOMEM;
	if (d->index == NULL || !zone_index_has_room(d->index, d->nowners)) {
		if (index_grow(d, NULL, d->edit.root) < 0)
			return -ENOMEM;
	} else {
		for (const struct draft_owner *o = d->first; o != NULL; o = o->next)
			if (o->is_changed && o->fresh != NULL)
				zone_index_add(d->index, o->hash, o->fresh);
	}
	zone_draft_forget(d);
	return 0;
}

static int stamps_grow(struct zone_draft *d, const struct zone_stamps *old)
{
	if (old != NULL && (old->mask + 1 >= d->snapshot->nnames / 16 || old->mask + 1 >= 1 << 19))
		return 0;
	d->stamps = zone_stamps_new(d->snapshot->nnames);
	if (d->stamps == NULL)
		return -ENOMEM;
	/* What changed when is not known of the new buckets: all of them now. */
	for (uint64_t i = 0; i <= d->stamps->mask; i++)
		atomic_init(&d->stamps->version[i], d->version);
	return 0;
}

static int version_make(struct zone_draft *d)
{
	struct zone *z = d->zone;
	int r;

	if (version_begin(d) < 0)
		return -ENOMEM;
	if (d->base == NULL)
		r = zone_draft_flush(d);
	else if ((r = owners_seal(d)) == 0)
		r = index_grow(d, atomic_load_explicit(&z->index, memory_order_relaxed),
			       d->base->root);
	if (r < 0 || stamps_grow(d, atomic_load_explicit(&z->stamps, memory_order_relaxed)) < 0)
		return -ENOMEM;
	d->snapshot->root = d->edit.root;
	d->snapshot->version = d->version;
	zone_snapshot_fill(d->snapshot);
	return 0;
}

int zone_draft_seal(struct zone_draft *d, struct zone_changeset *changes)
{
	int r = 1;

	/* A first version is all new: its changeset would be the whole zone, and nobody asks for
	 * it. */
	assert(d->base != NULL || changes == NULL);
	if (d->is_short)
		return -ENOMEM;
	if (d->base != NULL)
		r = zone_draft_difference(d);
	if (r <= 0)
		return r;
	if (version_make(d) < 0)
		return -ENOMEM;
	if (changes != NULL && zone_draft_changes(d, changes) < 0)
		return -ENOMEM;
	return 1;
}

static void publish_owner(struct zone_draft *d, const struct draft_owner *o, struct zone_index *x,
			  struct zone_stamps *t)
{
	if (o->old != NULL)
		zone_index_replace(x, o->hash, o->old, o->fresh);
	else if (o->fresh != NULL)
		zone_index_add(x, o->hash, o->fresh);
	atomic_store_explicit(&t->version[o->hash & t->mask], d->version, memory_order_release);
}

void zone_draft_publish(struct zone_draft *d)
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
	if (d->base != NULL)
		zone_garbage_hand(z, d->garbage, d->version, d->edit.retired, d->edit.nretired,
				  (struct zone_snapshot *)d->base, old_index, old_stamps);
	else
		zone_garbage_free(d->garbage);
	d->edit.retired = NULL;
	zone_draft_end(d);
	zone_reclaim(z);
}
