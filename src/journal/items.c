/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "journal/items.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"

enum {
	HEAD = 7,     /* of a note in the file */
	SLICE = 4096, /* notes copied while the lock is held */
};

/* The slot where a note is, or would be put. */
static size_t slot_of(const struct journal_items *n, uint8_t kind, const uint8_t *key,
		      uint16_t nkey)
{
	size_t i = base_hash(key, nkey, kind) & (n->table_room - 1);

	while (n->table[i] != 0) {
		const struct journal_live *l = n->items[n->table[i] - 1];

		if (l->kind == kind && l->nkey == nkey && memcmp(l->key, key, nkey) == 0)
			break;
		i = (i + 1) & (n->table_room - 1);
	}
	return i;
}

void journal_items_fini(struct journal_items *n)
{
	for (uint32_t i = 0; i < n->nitems; i++)
		free(n->items[i]);
	free(n->items);
	free(n->spare);
	free(n->table);
	free(n->prepared);
	*n = (struct journal_items){0};
}

static int table_grow(struct journal_items *n, size_t more)
{
	size_t room = n->table_room == 0 ? 64 : n->table_room;
	uint32_t *table;

	while (2 * (n->count + more) > room)
		room *= 2;
	if (room == n->table_room)
		return 0;
	table = calloc(room, sizeof(*table));
	if (table == NULL)
		return -ENOMEM;
	free(n->table);
	n->table = table;
	n->table_room = room;
	for (uint32_t i = 0; i < n->nitems; i++)
		if (n->items[i] != NULL)
			n->table[slot_of(n, n->items[i]->kind, n->items[i]->key,
					 n->items[i]->nkey)] = i + 1;
	return 0;
}

static int items_grow(struct journal_items *n, size_t more)
{
	struct journal_live **items;
	uint32_t *spare;
	size_t room = (n->nitems + more) * 2;

	if (n->nitems + more <= n->items_room)
		return 0;
	if (room > UINT32_MAX - 1)
		return -ENOMEM;
	items = realloc(n->items, room * sizeof(*items));
	if (items == NULL)
		return -ENOMEM;
	n->items = items;
	spare = realloc(n->spare, room * sizeof(*spare));
	if (spare == NULL)
		return -ENOMEM;
	n->spare = spare;
	n->items_room = (uint32_t)room;
	return 0;
}

static int prepared_grow(struct journal_items *n, size_t nnotes)
{
	struct journal_live **grown;

	if (nnotes <= n->prepared_room)
		return 0;
	grown = realloc(n->prepared, 2 * nnotes * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	n->prepared = grown;
	n->prepared_room = 2 * nnotes;
	return 0;
}

static int live_new(struct journal_live **out, const struct store_item *note)
{
	struct journal_live *l;

	*out = NULL;
	if (note->nbytes == 0)
		return 0;
	if (HEAD + (size_t)note->nkey + note->nbytes > JOURNAL_BLOCK_SIZE)
		return -EMSGSIZE;
	l = malloc(sizeof(*l) + note->nkey + note->nbytes);
	if (l == NULL)
		return -ENOMEM;
	l->kind = note->kind;
	l->nkey = note->nkey;
	l->nbytes = note->nbytes;
	memcpy(l->key, note->key, note->nkey);
	memcpy(l->key + note->nkey, note->bytes, note->nbytes);
	*out = l;
	return 0;
}

int journal_items_prepare(struct journal_items *n, const struct store_item *notes, size_t nnotes)
{
	if (nnotes == 0)
		return 0;
	if (table_grow(n, nnotes) < 0 || items_grow(n, nnotes) < 0 || prepared_grow(n, nnotes) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < nnotes; i++) {
		int ret = live_new(&n->prepared[i], &notes[i]);

		if (ret < 0) {
			journal_items_abort(n, i);
			return ret;
		}
	}
	return 0;
}

void journal_items_abort(struct journal_items *n, size_t nnotes)
{
	for (size_t i = 0; i < nnotes; i++)
		free(n->prepared[i]);
}

/* Takes out the note in a slot, and puts those behind it where they can be found without it. */
static void note_remove(struct journal_items *n, size_t slot)
{
	uint32_t i = n->table[slot] - 1;

	free(n->items[i]);
	n->items[i] = NULL;
	n->spare[n->nspare++] = i;
	n->table[slot] = 0;
	n->count--;
	for (slot = (slot + 1) & (n->table_room - 1); n->table[slot] != 0;
	     slot = (slot + 1) & (n->table_room - 1)) {
		uint32_t moved = n->table[slot];
		const struct journal_live *l = n->items[moved - 1];

		n->table[slot] = 0;
		n->table[slot_of(n, l->kind, l->key, l->nkey)] = moved;
	}
}

static void note_put(struct journal_items *n, size_t slot, struct journal_live *l)
{
	uint32_t i;

	if (n->table[slot] != 0) {
		i = n->table[slot] - 1;
		free(n->items[i]);
	} else {
		i = n->nspare > 0 ? n->spare[--n->nspare] : n->nitems++;
		n->table[slot] = i + 1;
		n->count++;
	}
	n->items[i] = l;
}

void journal_items_commit(struct journal_items *n, const struct store_item *notes, size_t nnotes)
{
	for (size_t k = 0; k < nnotes; k++) {
		size_t slot = slot_of(n, notes[k].kind, notes[k].key, notes[k].nkey);

		if (n->prepared[k] != NULL)
			note_put(n, slot, n->prepared[k]);
		else if (n->table[slot] != 0)
			note_remove(n, slot);
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

/* A note keeps its index, so a walk by index meets each that lives from begin to end. The disk is
 * written without the lock. */
int journal_items_write(struct journal_items *n, pthread_mutex_t *lock,
			struct journal_blocks_out *w)
{
	uint32_t i = 0;
	bool is_end = false;
	int ret = 0;

	while (!is_end && ret == 0) {
		bool is_full = false;

		pthread_mutex_lock(lock);
		for (unsigned k = 0; k < SLICE && i < n->nitems && !is_full; k++) {
			is_full = n->items[i] != NULL && !live_write(w, n->items[i]);
			i += !is_full;
		}
		is_end = i >= n->nitems;
		pthread_mutex_unlock(lock);
		if (is_full)
			ret = journal_blocks_flush(w);
	}
	return ret;
}

static int block_read(const uint8_t *bytes, size_t nbytes,
		      int (*on_note)(void *arg, const struct store_item *note), void *arg)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	int ret = 0;

	while (ret == 0 && base_buf_left(&b) > 0) {
		struct store_item note;

		note.kind = base_buf_u8(&b);
		note.nkey = base_buf_u16(&b);
		note.nbytes = base_buf_u32(&b);
		note.key = base_buf_take(&b, note.nkey);
		note.bytes = base_buf_take(&b, note.nbytes);
		ret = b.has_failed ? -EBADMSG : on_note(arg, &note);
	}
	return ret;
}

int journal_items_read(struct journal_blocks_in *r,
		       int (*on_note)(void *arg, const struct store_item *note), void *arg)
{
	const uint8_t *bytes;
	size_t nbytes;
	int ret;

	while ((ret = journal_blocks_next(r, &bytes, &nbytes)) > 0) {
		ret = block_read(bytes, nbytes, on_note, arg);
		if (ret != 0)
			break;
	}
	return ret;
}
