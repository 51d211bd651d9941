/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "journal/items.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/grow.h"
#include "base/hash.h"

enum {
	HEAD = 7,     /* bytes before the key of an item in the file */
	SLICE = 4096, /* items copied while the lock is held once */
};

static_assert(HEAD + STORE_ITEM_MAX <= JOURNAL_BLOCK_SIZE, "an item fits a block");

/* Returns the slot in which the item is, or would be entered. */
static size_t slot_of(const struct journal_items *t, uint8_t kind, const uint8_t *key,
		      uint16_t nkey)
{
	size_t i = base_hash(key, nkey, kind) & (t->nslots - 1);

	while (t->slots[i] != 0) {
		const struct journal_live *l = t->live[t->slots[i] - 1];

		if (l->kind == kind && l->nkey == nkey && memcmp(l->key, key, nkey) == 0)
			break;
		i = (i + 1) & (t->nslots - 1);
	}
	return i;
}

void journal_items_fini(struct journal_items *t)
{
	for (uint32_t i = 0; i < t->nlive; i++)
		free(t->live[i]);
	free(t->live);
	free(t->spare);
	free(t->slots);
	free(t->prepared);
	*t = (struct journal_items){0};
}

static int slots_grow(struct journal_items *t, size_t more)
{
	size_t nslots = t->nslots == 0 ? 64 : t->nslots;
	uint32_t *slots;

	while (2 * (t->count + more) > nslots)
		nslots *= 2;
	if (nslots == t->nslots)
		return 0;
	slots = calloc(nslots, sizeof(*slots));
	if (slots == NULL)
		return -ENOMEM;
	free(t->slots);
	t->slots = slots;
	t->nslots = nslots;
	for (uint32_t i = 0; i < t->nlive; i++)
		if (t->live[i] != NULL)
			t->slots[slot_of(t, t->live[i]->kind, t->live[i]->key, t->live[i]->nkey)] =
				i + 1;
	return 0;
}

static int live_grow(struct journal_items *t, size_t more)
{
	struct journal_live **live;
	uint32_t *spare;
	uint32_t capacity = base_grow_capacity32(0, ((uint64_t)t->nlive + more) * 2, sizeof(*live));

	if (more <= t->live_capacity - t->nlive)
		return 0;
	/* A slot contains an index plus 1. */
	if (capacity == 0 || capacity == UINT32_MAX)
		return -ENOMEM;
	live = realloc(t->live, capacity * sizeof(*live));
	if (live == NULL)
		return -ENOMEM;
	t->live = live;
	spare = realloc(t->spare, capacity * sizeof(*spare));
	if (spare == NULL)
		return -ENOMEM;
	t->spare = spare;
	t->live_capacity = capacity;
	return 0;
}

static int prepared_grow(struct journal_items *t, size_t nitems)
{
	size_t capacity = base_grow_capacity(nitems, nitems, sizeof(struct journal_live *));
	struct journal_live **grown;

	if (nitems <= t->prepared_capacity)
		return 0;
	grown = capacity == 0 ? NULL : realloc(t->prepared, capacity * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	t->prepared = grown;
	t->prepared_capacity = capacity;
	return 0;
}

static int live_new(struct journal_live **out, const struct store_item *item)
{
	struct journal_live *l;

	*out = NULL;
	if (item->nbytes == 0)
		return 0;
	if (HEAD + (size_t)item->nkey + item->nbytes > JOURNAL_BLOCK_SIZE)
		return -EMSGSIZE;
	l = malloc(sizeof(*l) + item->nkey + item->nbytes);
	if (l == NULL)
		return -ENOMEM;
	l->kind = item->kind;
	l->nkey = item->nkey;
	l->nbytes = item->nbytes;
	memcpy(l->key, item->key, item->nkey);
	memcpy(l->key + item->nkey, item->bytes, item->nbytes);
	*out = l;
	return 0;
}

int journal_items_prepare(struct journal_items *t, const struct store_item *items, size_t nitems)
{
	if (nitems == 0)
		return 0;
	if (slots_grow(t, nitems) < 0 || live_grow(t, nitems) < 0 || prepared_grow(t, nitems) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < nitems; i++) {
		int ret = live_new(&t->prepared[i], &items[i]);

		if (ret < 0) {
			journal_items_abort(t, i);
			return ret;
		}
	}
	return 0;
}

void journal_items_abort(struct journal_items *t, size_t nitems)
{
	for (size_t i = 0; i < nitems; i++)
		free(t->prepared[i]);
}

/* Removes the item in a slot, and enters the items after it anew, so that they are found without
 * it. */
static void item_remove(struct journal_items *t, size_t slot)
{
	uint32_t i = t->slots[slot] - 1;

	free(t->live[i]);
	t->live[i] = NULL;
	t->spare[t->nspare++] = i;
	t->slots[slot] = 0;
	t->count--;
	for (slot = (slot + 1) & (t->nslots - 1); t->slots[slot] != 0;
	     slot = (slot + 1) & (t->nslots - 1)) {
		uint32_t moved = t->slots[slot];
		const struct journal_live *l = t->live[moved - 1];

		t->slots[slot] = 0;
		t->slots[slot_of(t, l->kind, l->key, l->nkey)] = moved;
	}
}

static void item_put(struct journal_items *t, size_t slot, struct journal_live *l)
{
	uint32_t i;

	if (t->slots[slot] != 0) {
		i = t->slots[slot] - 1;
		free(t->live[i]);
	} else {
		i = t->nspare > 0 ? t->spare[--t->nspare] : t->nlive++;
		t->slots[slot] = i + 1;
		t->count++;
	}
	t->live[i] = l;
}

void journal_items_commit(struct journal_items *t, const struct store_item *items, size_t nitems)
{
	for (size_t k = 0; k < nitems; k++) {
		size_t slot = slot_of(t, items[k].kind, items[k].key, items[k].nkey);

		if (t->prepared[k] != NULL)
			item_put(t, slot, t->prepared[k]);
		else if (t->slots[slot] != 0)
			item_remove(t, slot);
	}
}

static bool live_write(struct journal_blocks_out *w, const struct journal_live *l)
{
	size_t n = HEAD + (size_t)l->nkey + l->nbytes;
	struct base_out o;

	if (n > journal_blocks_left(w))
		return false;
	o = base_out_over(w->block + JOURNAL_BLOCKS_HEAD + w->fill, journal_blocks_left(w));
	base_out_u8(&o, l->kind);
	base_out_u16(&o, l->nkey);
	base_out_u32(&o, l->nbytes);
	base_out_bytes(&o, l->key, (size_t)l->nkey + l->nbytes);
	w->fill += n;
	w->header.nitems++;
	return true;
}

/* An item keeps its index, so a walk by index meets each item that lives from begin to end. The
 * lock is not held while the disk is written. */
int journal_items_write(struct journal_items *t, pthread_mutex_t *lock,
			struct journal_blocks_out *w)
{
	uint32_t i = 0;
	bool is_end = false;
	int ret = 0;

	while (!is_end && ret == 0) {
		bool is_full = false;

		pthread_mutex_lock(lock);
		for (unsigned k = 0; k < SLICE && i < t->nlive && !is_full; k++) {
			is_full = t->live[i] != NULL && !live_write(w, t->live[i]);
			i += !is_full;
		}
		is_end = i >= t->nlive;
		pthread_mutex_unlock(lock);
		if (is_full)
			ret = journal_blocks_flush(w);
	}
	return ret;
}

static int block_read(const uint8_t *bytes, size_t nbytes,
		      int (*on_item)(void *arg, const struct store_item *item), void *arg)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	int ret = 0;

	while (ret == 0 && base_buf_left(&b) > 0) {
		struct store_item item;

		item.kind = base_buf_u8(&b);
		item.nkey = base_buf_u16(&b);
		item.nbytes = base_buf_u32(&b);
		item.key = base_buf_take(&b, item.nkey);
		item.bytes = base_buf_take(&b, item.nbytes);
		ret = b.has_failed ? -EBADMSG : on_item(arg, &item);
	}
	return ret;
}

int journal_items_read(struct journal_blocks_in *r,
		       int (*on_item)(void *arg, const struct store_item *item), void *arg)
{
	const uint8_t *bytes;
	size_t nbytes;
	int ret;

	while ((ret = journal_blocks_next(r, &bytes, &nbytes)) > 0) {
		ret = block_read(bytes, nbytes, on_item, arg);
		if (ret != 0)
			break;
	}
	return ret;
}
