/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* undo/table.h - what the registrar knows about names beside their records, and can take back.
 *
 * An entry is for a name in a zone, and has a content: an owner, a lease. A change puts another
 * content in its place; until the batch is durable the one before is kept, so that a batch that
 * could not be stored is undone. The table reads no content. Only the registrar thread may touch
 * it. Room-private. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"

/* What an entry's key is made of: the names of zone and owner, lower case, and a number that tells
 * kinds apart. */
enum { UNDO_KEY_MAX = 2 * DNS_NAME_MAX + 1 };

struct undo_key {
	uint64_t hash;
	size_t nbytes;
	uint8_t bytes[UNDO_KEY_MAX];
};

struct undo_entry {
	struct undo_entry *next; /* in its bucket */
	uint64_t hash;
	void *content;	 /* NULL: there is none, the entry goes when the batch ends */
	void *before;	 /* while `is_changed`: the content as it is on disk */
	bool is_changed; /* in this batch */
	uint16_t nkey;
	uint8_t *key;
};

struct undo_table {
	struct undo_entry **bucket;
	size_t mask, count;
	uint64_t seed;
	size_t entry_size; /* of what begins with a undo_entry */
	void (*content_free)(void *content);
	void (*entry_free)(void *entry);
	struct undo_entry **changed; /* in this batch */
	size_t nchanged, changed_room;
};

/* `entry_free` frees an entry that went; others than the registrar may still look at it. 0 or
 * -ENOMEM. */
int undo_table_init(struct undo_table *t, size_t entry_size, uint64_t seed,
		    void (*content_free)(void *content), void (*entry_free)(void *entry));
void undo_table_fini(struct undo_table *t);

/* Writes the key of `name` in `zone` (wire names of any case) to `key`. */
void undo_table_key(const struct undo_table *t, struct undo_key *key, const uint8_t *zone,
		    const uint8_t *name, uint8_t number);

/* A key as it was read back. */
void undo_table_key_of(const struct undo_table *t, struct undo_key *key, const uint8_t *bytes,
		       size_t nbytes);

/* The zone and the name of an entry. */
const uint8_t *undo_entry_zone(const struct undo_entry *e);
const uint8_t *undo_entry_name(const struct undo_entry *e);
uint8_t undo_entry_number(const struct undo_entry *e);

/* The entry of that key, one without content too; NULL if there is none. */
struct undo_entry *undo_table_find(const struct undo_table *t, const struct undo_key *key);

/* The content of the name's entry, of number 0; NULL if there is none. */
void *undo_table_content(const struct undo_table *t, const uint8_t *zone, const uint8_t *name);

/* The one whose key has that hash. */
struct undo_entry *undo_table_find_hash(const struct undo_table *t, uint64_t hash);

/* The entry of that key, and makes one, zeroed and without content, if there is none. NULL when
 * memory is short. */
struct undo_entry *undo_table_take(struct undo_table *t, const struct undo_key *key);

/* Puts `content`, which it takes, in the place of the entry's; NULL: none. 0, or -ENOMEM with
 * `content` freed. */
int undo_table_put(struct undo_table *t, struct undo_entry *e, void *content);

/* Ends the batch: contents of before are freed, or come back. `on_end` is told of each changed
 * entry first; it may be NULL. Entries without content go. */
void undo_table_commit(struct undo_table *t, void (*on_end)(void *arg, struct undo_entry *e),
		       void *arg);
void undo_table_undo(struct undo_table *t, void (*on_end)(void *arg, struct undo_entry *e),
		     void *arg);

/* Drops entries that have no content and are not of the batch. */
void undo_table_prune(struct undo_table *t);

/* Walks all entries that have a content: the first for `e` NULL; NULL behind the last. Not while
 * entries are taken. */
struct undo_entry *undo_table_next(const struct undo_table *t, const struct undo_entry *e);

/* Walks as undo_table_next() those of one zone. */
struct undo_entry *undo_table_next_in(const struct undo_table *t, const uint8_t *zone,
				      const struct undo_entry *e);

/* Takes away the contents of all names of a zone. 0 or -ENOMEM. */
int undo_table_forget(struct undo_table *t, const uint8_t *zone);
