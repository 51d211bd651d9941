/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "view/reserve.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "dns/rdata.h"
#include "dns/type.h"

enum { LOOKS_PER_ITEM = 16 };

struct item {
	uint16_t nbytes;
	uint8_t rdata[];
};

/* Invariant: every SRV of the type that is neither in the set nor in `item` sorts after the last of
 * `item`. Without items nothing is known, unless the reserve is complete. */
struct reserve {
	struct item **item; /* in canonical order, none twice */
	size_t count, capacity, max;
	bool is_complete; /* no SRV is outside the set and `item` */
};

static void reserve_clear(struct reserve *v)
{
	for (size_t i = 0; i < v->count; i++)
		free(v->item[i]);
	v->count = 0;
	v->is_complete = false;
}

static void reserve_free(void *content)
{
	struct reserve *v = content;

	reserve_clear(v);
	free(v->item);
	free(v);
}

int view_reserves_init(struct view_reserves *r, uint64_t seed)
{
	return undo_table_init(&r->types, sizeof(struct undo_entry), seed, reserve_free, free);
}

void view_reserves_fini(struct view_reserves *r)
{
	undo_table_fini(&r->types);
}

static struct undo_entry *entry_find(const struct view_reserves *r, const uint8_t *zone,
				     const uint8_t *type)
{
	struct undo_key key;

	undo_table_key(&r->types, &key, zone, type, 0);
	return undo_table_find(&r->types, &key);
}

static struct reserve *reserve_find(const struct view_reserves *r, const uint8_t *zone,
				    const uint8_t *type)
{
	struct undo_entry *e = entry_find(r, zone, type);

	return e == NULL ? NULL : e->content;
}

/* Returns the reserve of a type, made if needed, or NULL if memory is short. */
static struct reserve *reserve_make(struct view_reserves *r, const uint8_t *zone,
				    const uint8_t *type)
{
	struct undo_key key;
	struct undo_entry *e;
	struct reserve *v;

	undo_table_key(&r->types, &key, zone, type, 0);
	e = undo_table_take(&r->types, &key);
	if (e == NULL || e->content != NULL)
		return e == NULL ? NULL : e->content;
	v = calloc(1, sizeof(*v));
	if (v != NULL)
		v->max = VIEW_RESERVE_MIN;
	return v == NULL || undo_table_put(&r->types, e, v) < 0 ? NULL : v;
}

/* Drops an empty reserve at the end of the batch; if memory is short for that, empties it. */
static void reserve_drop(struct view_reserves *r, struct undo_entry *e)
{
	struct reserve *v = e->content;

	if (undo_table_put(&r->types, e, NULL) < 0)
		reserve_clear(v);
}

bool view_reserve_is_known(const struct view_reserves *r, const uint8_t *zone, const uint8_t *type)
{
	const struct reserve *v = reserve_find(r, zone, type);

	return v != NULL && (v->is_complete || v->count > 0);
}

int view_reserve_begin(struct view_reserves *r, const uint8_t *zone, const uint8_t *type,
		       size_t nlooks)
{
	struct reserve *v = reserve_make(r, zone, type);
	size_t most = nlooks / LOOKS_PER_ITEM;

	if (v == NULL)
		return -ENOMEM;
	reserve_clear(v);
	v->is_complete = true;
	v->max = most < VIEW_RESERVE_MIN   ? VIEW_RESERVE_MIN
		 : most > VIEW_RESERVE_MAX ? VIEW_RESERVE_MAX
					   : most;
	return 0;
}

void view_reserve_end(struct view_reserves *r, const uint8_t *zone, const uint8_t *type)
{
	struct undo_entry *e = entry_find(r, zone, type);
	const struct reserve *v = e == NULL ? NULL : e->content;

	if (v != NULL && v->count == 0)
		reserve_drop(r, e);
}

static int item_compare(const struct item *i, const uint8_t *rdata, size_t nbytes)
{
	return dns_rdata_compare(DNS_TYPE_SRV, i->rdata, i->nbytes, rdata, nbytes);
}

/* Returns the index at which the SRV is, or belongs. In a large type most belong after the last. */
static size_t index_of(const struct reserve *v, const uint8_t *rdata, size_t nbytes,
		       bool *is_present)
{
	size_t low = 0, high = v->count;

	*is_present = false;
	if (high > 0 && item_compare(v->item[high - 1], rdata, nbytes) < 0)
		return high;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int d = item_compare(v->item[mid], rdata, nbytes);

		*is_present |= d == 0;
		if (d < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* If memory is short for one SRV, the reserve is emptied: nothing is known then. */
static void reserve_insert(struct reserve *v, size_t at, const uint8_t *rdata, size_t nbytes)
{
	struct item **items = base_grow(v->item, v->count, &v->capacity, sizeof(struct item *));
	struct item *i = malloc(sizeof(*i) + nbytes);

	if (items != NULL)
		v->item = items;
	if (items == NULL || i == NULL) {
		free(i);
		reserve_clear(v);
		return;
	}
	if (v->count == v->max) {
		free(v->item[--v->count]);
		v->is_complete = false;
	}
	i->nbytes = (uint16_t)nbytes;
	memcpy(i->rdata, rdata, nbytes);
	memmove(v->item + at + 1, v->item + at, (v->count - at) * sizeof(struct item *));
	v->item[at] = i;
	v->count++;
}

static void reserve_put(struct reserve *v, const uint8_t *rdata, size_t nbytes)
{
	bool is_present;
	size_t at = index_of(v, rdata, nbytes, &is_present);

	/* Not beyond the last known SRV: unknown ones might sort before this one. */
	if (is_present || (at == v->count && !v->is_complete))
		return;
	if (at < v->max)
		reserve_insert(v, at, rdata, nbytes);
	else
		v->is_complete = false;
}

void view_reserve_add(struct view_reserves *r, const uint8_t *zone, const uint8_t *type,
		      const uint8_t *rdata, size_t nbytes)
{
	struct reserve *v = reserve_find(r, zone, type);

	if (v != NULL)
		reserve_put(v, rdata, nbytes);
}

void view_reserve_push(struct view_reserves *r, const uint8_t *zone, const uint8_t *type,
		       const uint8_t *rdata, size_t nbytes)
{
	struct reserve *v = reserve_make(r, zone, type);

	if (v == NULL)
		return;
	if (v->count == 0)
		reserve_insert(v, 0, rdata, nbytes);
	else
		reserve_put(v, rdata, nbytes);
}

static void item_remove(struct view_reserves *r, struct undo_entry *e, size_t at)
{
	struct reserve *v = e->content;

	free(v->item[at]);
	v->count--;
	memmove(v->item + at, v->item + at + 1, (v->count - at) * sizeof(struct item *));
	if (v->count == 0)
		reserve_drop(r, e);
}

void view_reserve_remove(struct view_reserves *r, const uint8_t *zone, const uint8_t *type,
			 const uint8_t *rdata, size_t nbytes)
{
	struct undo_entry *e = entry_find(r, zone, type);
	bool is_present;
	size_t at;

	if (e == NULL || e->content == NULL)
		return;
	at = index_of(e->content, rdata, nbytes, &is_present);
	if (is_present)
		item_remove(r, e, at);
}

size_t view_reserve_take(struct view_reserves *r, const uint8_t *zone, const uint8_t *type,
			 uint8_t out[static DNS_NAME_MAX + 6])
{
	struct undo_entry *e = entry_find(r, zone, type);
	struct reserve *v = e == NULL ? NULL : e->content;
	size_t n;

	if (v == NULL)
		return 0;
	if (v->count == 0) {
		reserve_drop(r, e);
		return 0;
	}
	n = v->item[0]->nbytes;
	assert(n <= DNS_NAME_MAX + 6);
	memcpy(out, v->item[0]->rdata, n);
	item_remove(r, e, 0);
	return n;
}

void view_reserves_forget(struct view_reserves *r)
{
	struct undo_entry *e = NULL;

	while ((e = undo_table_next(&r->types, e)) != NULL)
		reserve_drop(r, e);
}

void view_reserves_commit(struct view_reserves *r)
{
	undo_table_commit(&r->types, NULL, NULL);
}

/* A reserve is changed in place, so its old state is not known any more. */
void view_reserves_undo(struct view_reserves *r)
{
	view_reserves_forget(r);
	undo_table_commit(&r->types, NULL, NULL);
}
