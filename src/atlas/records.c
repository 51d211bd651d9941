/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "atlas/records.h"

#include <errno.h>
#include <string.h>

#include "base/grow.h"
#include "dns/name.h"
#include "dns/rdata.h"

enum { BLOCK = 1 << 16 };

void atlas_records_init(struct atlas_records *r)
{
	*r = (struct atlas_records){0};
	base_arena_init(&r->arena, BLOCK);
}

void atlas_records_fini(struct atlas_records *r)
{
	base_arena_fini(&r->arena);
	free(r->items);
	r->items = NULL;
	r->n = 0;
}

/* Returns a copy of the owner: that of the record before, if it is the same octets. */
static const uint8_t *owner_copy(struct atlas_records *r, const uint8_t *owner, size_t nbytes)
{
	const uint8_t *before = r->n > 0 ? r->items[r->n - 1].owner : NULL;

	if (before != NULL && dns_name_nbytes(before) == nbytes &&
	    memcmp(before, owner, nbytes) == 0)
		return before;
	r->nbytes += nbytes;
	return base_arena_copy(&r->arena, owner, nbytes);
}

int atlas_records_add(struct atlas_records *r, const struct dns_record *record)
{
	struct dns_record *items, *copy;

	if (r->n >= ATLAS_NRECORDS_MAX || r->nbytes >= ATLAS_NBYTES_MAX)
		return -EFBIG;
	items = base_grow(r->items, r->n, &r->capacity, sizeof(*items));
	if (items == NULL)
		return -ENOMEM;
	r->items = items;
	copy = &items[r->n];
	*copy = *record;
	copy->owner = owner_copy(r, record->owner, dns_name_nbytes(record->owner));
	copy->rdata = base_arena_copy(&r->arena, record->rdata, record->nbytes);
	if (copy->owner == NULL || copy->rdata == NULL)
		return -ENOMEM;
	r->nbytes += record->nbytes;
	r->n++;
	return 0;
}

static int record_compare(const void *one, const void *two)
{
	const struct dns_record *a = one, *b = two;
	int order = a->owner == b->owner ? 0 : dns_name_compare(a->owner, b->owner);

	if (order != 0)
		return order;
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	return dns_rdata_compare(a->type, a->rdata, a->nbytes, b->rdata, b->nbytes);
}

/* weftd sends a zone in this order, so mostly nothing is to be done. */
static bool is_sorted(const struct atlas_records *r)
{
	for (size_t i = 1; i < r->n; i++)
		if (record_compare(&r->items[i - 1], &r->items[i]) >= 0)
			return false;
	return true;
}

void atlas_records_sort(struct atlas_records *r)
{
	size_t kept = 0;

	if (is_sorted(r))
		return;
	qsort(r->items, r->n, sizeof(*r->items), record_compare);
	for (size_t i = 0; i < r->n; i++)
		if (kept == 0 || record_compare(&r->items[kept - 1], &r->items[i]) != 0)
			r->items[kept++] = r->items[i];
	r->n = kept;
}

/* Returns how the record sorts against the name and, unless that is 0, the type. */
static int compare_key(const struct dns_record *r, const uint8_t *name, uint16_t type)
{
	int order = dns_name_compare(r->owner, name);

	if (order != 0 || type == 0 || r->type == type)
		return order;
	return r->type < type ? -1 : 1;
}

const struct dns_record *atlas_records_find(const struct atlas_records *r, const uint8_t *name,
					    uint16_t type, size_t *n)
{
	size_t low = 0, high = r->n, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_key(&r->items[middle], name, type) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < r->n && compare_key(&r->items[end], name, type) == 0; end++)
		;
	*n = end - low;
	return end > low ? &r->items[low] : NULL;
}
