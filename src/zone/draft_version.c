/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "zone/draft_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "zone/garbage.h"

static int compare_types(const void *a, const void *b)
{
	return (int)((const struct draft_rrset *)a)->type -
	       (int)((const struct draft_rrset *)b)->type;
}

static void node_fill(struct zone_node *n, const struct draft_owner *o)
{
	uint8_t *p = zone_node_space(n);

	for (unsigned i = 0; i < o->nrrsets; i++) {
		const struct draft_rrset *r = &o->rrset[i];

		if (r->packed != NULL)
			memcpy(p, r->packed, r->nbytes);
		else
			zone_draft_write_rrset(r, p);
		p += r->nbytes;
	}
}

static int node_make(struct zone_draft *d, struct draft_owner *o)
{
	struct zone_rrset few[16], *rrset = few;
	struct zone_node_plan plan = {o->name, o->spelled, o->name_nbytes, o->nrrsets, few};

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
	struct zone_trie_key key;
	int ret = 0;

	/* Counted before the trie is changed: in a first version that frees the old node at once.
	 */
	zone_snapshot_count(d->snapshot, o->old, -1);
	if (o->nrrsets > 0) {
		ret = node_make(d, o);
		if (ret == 0 && (ret = zone_trie_put(&d->edit, o->fresh)) < 0) {
			zone_node_free(&d->zone->slab, o->fresh);
			return ret;
		}
	} else if (o->old != NULL) {
		zone_trie_key_make(&key, o->name, o->name_nbytes);
		ret = zone_trie_remove(&d->edit, &key);
	}
	if (ret < 0)
		return ret;
	zone_snapshot_count(d->snapshot, o->fresh, 1);
	d->names_added += o->old == NULL && o->fresh != NULL;
	return 0;
}

/* Makes a larger index, with all nodes below `root`, if `old` does not fit the names added. */
static int index_grow(struct zone_draft *d, const struct zone_index *old, zone_trie_link root)
{
	struct zone_index *larger;

	if (old != NULL && zone_index_fits(old, d->names_added))
		return 0;
	larger = zone_index_build(old, root, d->snapshot->nnames + d->names_added, d->zone->seed);
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
	if (d->parent != NULL)
		*d->snapshot = (struct zone_snapshot){
			.root = d->parent->root,
			.ncuts = d->parent->ncuts,
			.nnames = d->parent->nnames,
			.nrecords = d->parent->nrecords,
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

/* A name that was opened again leaves the index before the trie frees its node, whose memory may be
 * reused for another name. */
int zone_draft_flush(struct zone_draft *d)
{
	if (version_begin(d) < 0)
		return -ENOMEM;
	for (const struct draft_owner *o = d->first; o != NULL; o = o->next)
		if (o->is_changed && o->old != NULL)
			zone_index_replace(d->index, o->hash, o->old, NULL);
	if (owners_seal(d) < 0)
		return -ENOMEM;
	if (d->index == NULL || !zone_index_fits(d->index, d->nowners)) {
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
	/* When the names of a new bucket last changed is not known: assume now. */
	for (uint64_t i = 0; i <= d->stamps->mask; i++)
		atomic_init(&d->stamps->version[i], d->version);
	return 0;
}

int zone_draft_make_version(struct zone_draft *d)
{
	struct zone *z = d->zone;
	int ret;

	if (version_begin(d) < 0)
		return -ENOMEM;
	if (d->parent == NULL)
		ret = zone_draft_flush(d);
	else if ((ret = owners_seal(d)) == 0)
		ret = index_grow(d, atomic_load_explicit(&z->index, memory_order_relaxed),
				 d->parent->root);
	if (ret < 0 || stamps_grow(d, atomic_load_explicit(&z->stamps, memory_order_relaxed)) < 0)
		return -ENOMEM;
	d->snapshot->root = d->edit.root;
	d->snapshot->version = d->version;
	zone_snapshot_fill(d->snapshot);
	return 0;
}
