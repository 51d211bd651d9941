/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/items.h - the live items: for each kind and key the last one, so that it can be carried
 * on when the log that it is in is given back. Room-private.
 *
 * The table is under the journal's lock. Its file (kind 1, key bytes 2, bytes 4, key, bytes, for
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
	struct journal_live **live; /* an item stays at its index as long as it lives; NULL: free */
	uint32_t nlive, live_capacity; /* indices handed out so far */
	uint32_t *spare;	       /* indices that are free again */
	uint32_t nspare;
	uint32_t *slots; /* open addressing by kind and key: index + 1; 0: free */
	size_t count, nslots;
	struct journal_live **prepared; /* the new value for each item of a batch; NULL removes */
	size_t prepared_capacity;
};

void journal_items_fini(struct journal_items *t);

/* Takes all the memory that putting these items in may need. 0, -ENOMEM, or -EMSGSIZE if one is
 * longer than a block of a file; nothing is changed then. */
int journal_items_prepare(struct journal_items *t, const struct store_item *items, size_t nitems);

/* Gives back what journal_items_prepare took. */
void journal_items_abort(struct journal_items *t, size_t nitems);

/* Puts the prepared items in. */
void journal_items_commit(struct journal_items *t, const struct store_item *items, size_t nitems);

/* Writes all items to a file; takes `lock` for a moment now and then, which guards the table. 0 or
 * a negative errno. */
int journal_items_write(struct journal_items *t, pthread_mutex_t *lock,
			struct journal_blocks_out *w);

/* Reads the items of a file and hands each on. 0, a negative errno, or what `on_item` returned. */
int journal_items_read(struct journal_blocks_in *r,
		       int (*on_item)(void *arg, const struct store_item *item), void *arg);
