/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "zone/bulk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "dns/type.h"
#include "zone/zone_priv.h"

/* Owners after which a zone counts as large: from then on its memory is prefaulted. */
enum { OWNERS_MANY = 20000 };

struct zone_bulk {
	struct zone *zone;
	size_t nowners;
	struct zone_snapshot *snapshot;
	struct zone_trie_edit edit;

	/* the owner whose records are being added */
	uint8_t owner[DNS_NAME_MAX], lower[DNS_NAME_MAX];
	size_t owner_nbytes;	/* of `owner` and `lower`; 0: none yet */
	struct zone_rrset *set; /* `data` is an offset into b->data until the node is made, since
				   that may move */
	unsigned nsets;
	size_t sets_capacity;
	uint8_t *data;
	size_t ndata, data_capacity;
};

struct zone_bulk *zone_bulk_new(struct zone *zone)
{
	struct zone_bulk *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->zone = zone;
	b->snapshot = calloc(1, sizeof(*b->snapshot));
	b->edit = (struct zone_trie_edit){.slab = &zone->slab, .version = 1};
	if (b->snapshot == NULL) {
		zone_bulk_abort(b);
		return NULL;
	}
	b->snapshot->zone = zone;
	b->snapshot->version = 1;
	return b;
}

static void bulk_free(struct zone_bulk *b)
{
	base_slab_prefault_end(&b->zone->slab);
	free(b->snapshot);
	free(b->edit.retired);
	free(b->set);
	free(b->data);
	free(b);
}

void zone_bulk_abort(struct zone_bulk *b)
{
	if (b == NULL)
		return;
	zone_trie_undo(&b->zone->slab, b->edit.root, 1);
	bulk_free(b);
}

/* ---- owners ---- */

static int compare_types(const void *a, const void *b)
{
	return (int)((const struct zone_rrset *)a)->type -
	       (int)((const struct zone_rrset *)b)->type;
}

/* Makes the node of the owner whose records are complete. Returns 0, -ENOMEM, or -EBADMSG if the
 * owner has come before. */
static int owner_end(struct zone_bulk *b)
{
	size_t relative = b->owner_nbytes - b->zone->name_nbytes;
	struct zone_node_plan plan = {b->lower, b->owner, (uint8_t)relative, b->nsets, b->set};
	struct zone_node *n;
	int put;

	if (b->owner_nbytes == 0)
		return 0;
	for (unsigned i = 0; i < b->nsets; i++)
		b->set[i].data = b->data + (uintptr_t)b->set[i].data;
	if (b->nsets > 1)
		qsort(b->set, b->nsets, sizeof(*b->set), compare_types);
	n = zone_node_new(&b->zone->slab, &plan, 1);
	if (n == NULL)
		return -ENOMEM;
	put = zone_trie_put(&b->edit, n);
	if (put < 0)
		zone_node_free(&b->zone->slab, n);
	if (put != 0)
		return put < 0 ? put : -EBADMSG;
	zone_snapshot_count(b->snapshot, n, 1);
	b->owner_nbytes = 0;
	if (++b->nowners == OWNERS_MANY)
		base_slab_prefault(&b->zone->slab);
	return 0;
}

static int owner_begin(struct zone_bulk *b, const uint8_t *owner)
{
	size_t n = dns_name_lower(b->lower, owner);

	if (n < b->zone->name_nbytes || !dns_name_is_under(owner, b->zone->name))
		return -EBADMSG;
	memcpy(b->owner, owner, n);
	b->owner_nbytes = n;
	b->nsets = 0;
	b->ndata = 0;
	return 0;
}

/* ---- records ---- */

static int set_begin(struct zone_bulk *b, const struct dns_record *r)
{
	struct zone_rrset *set = base_grow(b->set, b->nsets, &b->sets_capacity, sizeof(*set));

	if (set == NULL)
		return -ENOMEM;
	b->set = set;
	b->set[b->nsets++] = (struct zone_rrset){
		.type = r->type, .ttl = r->ttl, .data = (const uint8_t *)(uintptr_t)b->ndata};
	return 0;
}

static int data_room(struct zone_bulk *b, size_t more)
{
	uint8_t *data = base_grow_bytes(b->data, b->ndata, &b->data_capacity, more);

	if (data == NULL)
		return -ENOMEM;
	b->data = data;
	return 0;
}

int zone_bulk_add(struct zone_bulk *b, const struct dns_record *r)
{
	struct zone_rrset *set;
	int ret = 0;

	if (b->owner_nbytes == 0 || memcmp(b->owner, r->owner, b->owner_nbytes) != 0) {
		ret = owner_end(b);
		if (ret == 0)
			ret = owner_begin(b, r->owner);
	}
	if (ret == 0 && (b->nsets == 0 || b->set[b->nsets - 1].type != r->type))
		ret = set_begin(b, r);
	if (ret == 0)
		ret = data_room(b, r->nbytes + 2u);
	if (ret < 0)
		return ret;
	set = &b->set[b->nsets - 1];
	if (set->nbytes > UINT32_MAX - 2 - r->nbytes)
		return -EBADMSG;
	base_store16(b->data + b->ndata, r->nbytes);
	memcpy(b->data + b->ndata + 2, r->rdata, r->nbytes);
	b->ndata += r->nbytes + 2u;
	set->nbytes += r->nbytes + 2u;
	set->count++;
	return 0;
}

int zone_bulk_publish(struct zone_bulk *b)
{
	struct zone_stamps *stamps = NULL;
	struct zone_index *index = NULL;
	int ret = owner_end(b);

	b->snapshot->root = b->edit.root;
	if (ret == 0 && !zone_snapshot_fill(b->snapshot))
		ret = -EBADMSG;
	if (ret == 0 && ((stamps = zone_stamps_new(b->snapshot->nnames)) == NULL ||
			 (index = zone_index_build(NULL, b->edit.root, b->snapshot->nnames,
						   b->zone->seed)) == NULL))
		ret = -ENOMEM;
	if (ret < 0) {
		free(stamps);
		zone_bulk_abort(b);
		return ret;
	}
	atomic_store_explicit(&b->zone->index, index, memory_order_release);
	atomic_store_explicit(&b->zone->stamps, stamps, memory_order_release);
	atomic_store_explicit(&b->zone->current, b->snapshot, memory_order_release);
	b->snapshot = NULL;
	bulk_free(b);
	return 0;
}
