/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "view/reserve.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dns/rdata.h"
#include "dns/type.h"

enum { LOOKS_PER_ITEM = 16 };

struct item {
	uint16_t nbytes;
	uint8_t rdata[];
};

/* What is not among `item` is behind the last of them. Without any, nothing is known unless it is
 * whole. */
struct reserve {
	struct item **item; /* in canonical order, none twice */
	size_t count, room, most;
	bool is_whole; /* there are no others */
};

static void reserve_clear(struct reserve *v)
{
	for (size_t i = 0; i < v->count; i++)
		free(v->item[i]);
	v->count = 0;
	v->is_whole = false;
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

/* The reserve of a type, made if needed. NULL when memory is short. */
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
		v->most = VIEW_RESERVE_MIN;
	return v == NULL || undo_table_put(&r->types, e, v) < 0 ? NULL : v;
}

/* An empty one is not kept, with the batch's end. Without the memory for that it knows nothing. */
static void reserve_drop(struct view_reserves *r, struct undo_entry *e)
{
	struct reserve *v = e->content;

	if (undo_table_put(&r->types, e, NULL) < 0)
		reserve_clear(v);
}

bool view_reserve_is_known(const struct view_reserves *r, const uint8_t *zone, const uint8_t *type)
{
	const struct reserve *v = reserve_find(r, zone, type);

	return v != NULL && (v->is_whole || v->count > 0);
}

int view_reserve_begin(struct view_reserves *r, const uint8_t *zone, const uint8_t *type,
		       size_t nlooks)
{
	struct reserve *v = reserve_make(r, zone, type);
	size_t most = nlooks / LOOKS_PER_ITEM;

	if (v == NULL)
		return -ENOMEM;
	reserve_clear(v);
	v->is_whole = true;
	v->most = most < VIEW_RESERVE_MIN   ? VIEW_RESERVE_MIN
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

/* Where the SRV is, or belongs. Of a large type most belong behind the last. */
static size_t place_of(const struct reserve *v, const uint8_t *rdata, size_t nbytes, bool *is_there)
{
	size_t low = 0, high = v->count;

	*is_there = false;
	if (high > 0 && item_compare(v->item[high - 1], rdata, nbytes) < 0)
		return high;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int d = item_compare(v->item[mid], rdata, nbytes);

		*is_there |= d == 0;
		if (d < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int room_make(struct reserve *v)
{
	size_t room = v->room == 0 ? 8 : v->room * 2;
	struct item **item;

	if (v->count < v->room)
		return 0;
	item = realloc(v->item, room * sizeof(*item));
	if (item == NULL)
		return -ENOMEM;
	v->item = item;
	v->room = room;
	return 0;
}

/* Without memory for one of them, nothing is known any more. */
static void reserve_insert(struct reserve *v, size_t at, const uint8_t *rdata, size_t nbytes)
{
	struct item *i = malloc(sizeof(*i) + nbytes);

	if (i == NULL || room_make(v) < 0) {
		free(i);
		reserve_clear(v);
		return;
	}
	if (v->count == v->most) {
		free(v->item[--v->count]);
		v->is_whole = false;
	}
	i->nbytes = (uint16_t)nbytes;
	memcpy(i->rdata, rdata, nbytes);
	memmove(v->item + at + 1, v->item + at, (v->count - at) * sizeof(struct item *));
	v->item[at] = i;
	v->count++;
}

static void reserve_put(struct reserve *v, const uint8_t *rdata, size_t nbytes)
{
	bool is_there;
	size_t at = place_of(v, rdata, nbytes, &is_there);

	/* Behind the last there may be others before it. */
	if (is_there || (at == v->count && !v->is_whole))
		return;
	if (at < v->most)
		reserve_insert(v, at, rdata, nbytes);
	else
		v->is_whole = false;
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
	bool is_there;
	size_t at;

	if (e == NULL || e->content == NULL)
		return;
	at = place_of(e->content, rdata, nbytes, &is_there);
	if (is_there)
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

/* What is in a reserve was changed where it stands: there is no going back to what it was. */
void view_reserves_undo(struct view_reserves *r)
{
	view_reserves_forget(r);
	undo_table_commit(&r->types, NULL, NULL);
}
