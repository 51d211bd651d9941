/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* undo/table.h - what the registrar stores about names apart from their records, and can take back.
 *
 * An entry belongs to a name in a zone and has a content: an owner, a lease. A content is never
 * changed in place: another replaces it. Until the batch is durable the replaced one is retained,
 * so that a batch which could not be stored is undone. The table does not look into contents. Only
 * the registrar thread may touch it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"

/* Octets of an entry's key: the wire names of zone and owner in lower case, and a number that
 * distinguishes several entries of one name. */
enum { UNDO_KEY_MAX = 2 * DNS_NAME_MAX + 1 };

/* A key to look up. */
struct undo_key {
	uint64_t hash;
	size_t nbytes;
	uint8_t bytes[UNDO_KEY_MAX];
};

/* The first member of every entry. */
struct undo_entry {
	struct undo_entry *next; /* in its bucket */
	uint64_t hash;		 /* of the key */
	void *content;		 /* NULL: none; the entry is removed when the batch ends */
	void *before;		 /* while `is_changed`: the content as it is on disk */
	bool is_changed;	 /* in this batch */
	uint16_t nkey;
	uint8_t *key;
};

/* A hash table of entries, keyed at random. */
struct undo_table {
	struct undo_entry **bucket;
	size_t mask, count; /* buckets - 1; entries with a content */
	uint64_t seed;
	size_t entry_size; /* of the struct that begins with an undo_entry */
	void (*content_free)(void *content);
	void (*entry_free)(void *entry);
	struct undo_entry **changed; /* in this batch */
	size_t nchanged, changed_capacity;
	/* Is called before `content` (NULL: none) replaces that of an entry, while the batch is
	 * made, not when it is undone. Returns 0, or -ENOMEM with nothing changed. NULL: not
	 * called. */
	int (*on_put)(void *arg, const struct undo_entry *e, const void *content);
	void *put_arg;
};

/* Makes an empty table of entries of `entry_size` octets. `content_free` frees a content;
 * `entry_free` an entry that was removed, at which other threads may still look. Returns 0 or
 * -ENOMEM. */
int undo_table_init(struct undo_table *t, size_t entry_size, uint64_t seed,
		    void (*content_free)(void *content), void (*entry_free)(void *entry));

/* Frees the table with all entries and contents. */
void undo_table_fini(struct undo_table *t);

/* Writes the key of `name` in `zone` (wire names of any case) and `number` to `key`. */
void undo_table_key(const struct undo_table *t, struct undo_key *key, const uint8_t *zone,
		    const uint8_t *name, uint8_t number);

/* Writes a key that was read back from disk to `key`; `nbytes` is at most UNDO_KEY_MAX. */
void undo_table_key_of(const struct undo_table *t, struct undo_key *key, const uint8_t *bytes,
		       size_t nbytes);

/* Return the parts of an entry's key: zone, name, number. The names are valid as long as the
 * entry. */
const uint8_t *undo_entry_zone(const struct undo_entry *e);
const uint8_t *undo_entry_name(const struct undo_entry *e);
uint8_t undo_entry_number(const struct undo_entry *e);

/* Returns the entry of a key, even if it has no content, or NULL. */
struct undo_entry *undo_table_find(const struct undo_table *t, const struct undo_key *key);

/* Returns the content of the entry of `name` in `zone` with number 0, or NULL. */
void *undo_table_content(const struct undo_table *t, const uint8_t *zone, const uint8_t *name);

/* Returns the entry whose key has that hash, or NULL. */
struct undo_entry *undo_table_find_hash(const struct undo_table *t, uint64_t hash);

/* Returns the entry of a key; makes one, zeroed and without content, if there is none. NULL if
 * memory is short. */
struct undo_entry *undo_table_take(struct undo_table *t, const struct undo_key *key);

/* Replaces the entry's content by `content`, which becomes the table's; NULL removes it. Returns 0,
 * or -ENOMEM with `content` freed and the entry unchanged. */
int undo_table_put(struct undo_table *t, struct undo_entry *e, void *content);

/* Ends the batch: commit frees the replaced contents, undo restores them. Both call `on_end` (may
 * be NULL) with each changed entry first, and remove entries without content. Neither can fail. */
void undo_table_commit(struct undo_table *t, void (*on_end)(void *arg, struct undo_entry *e),
		       void *arg);
void undo_table_undo(struct undo_table *t, void (*on_end)(void *arg, struct undo_entry *e),
		     void *arg);

/* Removes entries that have no content and were not changed in the batch. */
void undo_table_prune(struct undo_table *t);

/* Returns the entry with a content that follows `e`, the first one if that is NULL; NULL after the
 * last. No entry may be added during the walk. */
struct undo_entry *undo_table_next(const struct undo_table *t, const struct undo_entry *e);

/* Walks like undo_table_next through the entries of one zone. */
struct undo_entry *undo_table_next_in(const struct undo_table *t, const uint8_t *zone,
				      const struct undo_entry *e);

/* Removes the contents of all entries of a zone. Returns 0 or -ENOMEM. */
int undo_table_forget(struct undo_table *t, const uint8_t *zone);
