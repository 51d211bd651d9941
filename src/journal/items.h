/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/items.h - the live items: the last one of each kind and key, so that an item survives
 * when the log that contains it is given back. Room-private.
 *
 * The table is under the journal's lock. Its file contains, for each item, kind 1, key bytes 2,
 * bytes 4, key, bytes. It is written while commits go on, and so is as of no single commit; the log
 * since its beginning completes it. */
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

/* All zero at first. */
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

/* Takes all the memory that committing these items needs. Returns 0, after which
 * journal_items_commit or _abort is owed; -ENOMEM; or -EMSGSIZE if an item is longer than a block
 * of a file. */
int journal_items_prepare(struct journal_items *t, const struct store_item *items, size_t nitems);

/* Frees what journal_items_prepare took for `nitems` items. */
void journal_items_abort(struct journal_items *t, size_t nitems);

/* Enters the prepared items. Cannot fail. */
void journal_items_commit(struct journal_items *t, const struct store_item *items, size_t nitems);

/* Writes all items to a file; takes `lock`, which guards the table, for a moment now and then.
 * Returns 0 or a negative errno. */
int journal_items_write(struct journal_items *t, pthread_mutex_t *lock,
			struct journal_blocks_out *w);

/* Reads the items of a file and hands each to `on_item`. Returns 0, -EBADMSG if the file is
 * damaged, another negative errno, or the value other than 0 that `on_item` returned. */
int journal_items_read(struct journal_blocks_in *r,
		       int (*on_item)(void *arg, const struct store_item *item), void *arg);
