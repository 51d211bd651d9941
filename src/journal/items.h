/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/items.h - the live notes: for each kind and key the last one, so that it can be carried
 * on when the log that it is in is given back. Room-private.
 *
 * The table is under the journal's lock. Its file (kind 1, key octets 2, octets 4, key, bytes, for
 * each) is written while commits go on: what it says is as of some time between begin and end, and
 * the log since the begin sets it right. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "journal/blocks.h"
#include "store/store.h"

struct journal_live {
	uint32_t nbytes;
	uint16_t nkey;
	uint8_t kind;
	uint8_t key[]; /* then the bytes */
};

struct journal_items {
	struct journal_live *
		*items; /* a note stays at its index as long as it lives; NULL is free */
	uint32_t nitems, items_room; /* indices handed out so far */
	uint32_t *spare;	     /* indices that are free again */
	uint32_t nspare;
	uint32_t *table; /* open addressing: index + 1; 0 is free */
	size_t count, table_room;
	struct journal_live **prepared; /* what a batch is about to put in */
	size_t prepared_room;
};

void journal_items_fini(struct journal_items *n);

/* Takes all the memory that putting these notes in may need. 0, -ENOMEM, or -EMSGSIZE if one is
 * longer than a block of a file; nothing is changed then. */
int journal_items_prepare(struct journal_items *n, const struct store_item *notes, size_t nnotes);

/* Gives back what journal_items_prepare took. */
void journal_items_abort(struct journal_items *n, size_t nnotes);

/* Puts the prepared notes in. */
void journal_items_commit(struct journal_items *n, const struct store_item *notes, size_t nnotes);

/* Writes all notes to a file; takes `lock` for a moment now and then, which guards the table. 0 or
 * a negative errno. */
int journal_items_write(struct journal_items *n, pthread_mutex_t *lock,
			struct journal_blocks_out *w);

/* Reads the notes of a file and hands each on. 0, a negative errno, or what `on_note` returned. */
int journal_items_read(struct journal_blocks_in *r,
		       int (*on_note)(void *arg, const struct store_item *note), void *arg);
