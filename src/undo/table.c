/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "undo/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/hash.h"

enum { BUCKETS_FIRST = 64 };

int undo_table_init(struct undo_table *t, size_t entry_size, uint64_t seed,
		    void (*content_free)(void *content), void (*entry_free)(void *entry))
{
	memset(t, 0, sizeof(*t));
	t->bucket = calloc(BUCKETS_FIRST, sizeof(*t->bucket));
	t->mask = BUCKETS_FIRST - 1;
	t->seed = seed;
	t->entry_size = entry_size;
	t->content_free = content_free;
	t->entry_free = entry_free;
	return t->bucket == NULL ? -ENOMEM : 0;
}

static void fini(struct undo_table *t, struct undo_entry *e)
{
	if (e->content != NULL)
		t->content_free(e->content);
	if (e->is_changed && e->before != NULL)
		t->content_free(e->before);
	free(e->key);
}

void undo_table_fini(struct undo_table *t)
{
	for (size_t i = 0; t->bucket != NULL && i <= t->mask; i++)
		for (struct undo_entry *e = t->bucket[i], *next; e != NULL; e = next) {
			next = e->next;
			fini(t, e);
			free(e);
		}
	free(t->bucket);
	free(t->changed);
}

void undo_table_key_of(const struct undo_table *t, struct undo_key *key, const uint8_t *bytes,
		       size_t nbytes)
{
	memcpy(key->bytes, bytes, nbytes);
	key->nbytes = nbytes;
	key->hash = base_hash(key->bytes, key->nbytes, t->seed);
}

void undo_table_key(const struct undo_table *t, struct undo_key *key, const uint8_t *zone,
		    const uint8_t *name, uint8_t number)
{
	size_t n = dns_name_lower(key->bytes, zone);

	n += dns_name_lower(key->bytes + n, name);
	key->bytes[n++] = number;
	key->nbytes = n;
	key->hash = base_hash(key->bytes, n, t->seed);
}

const uint8_t *undo_entry_zone(const struct undo_entry *e)
{
	return e->key;
}

const uint8_t *undo_entry_name(const struct undo_entry *e)
{
	return e->key + dns_name_nbytes(e->key);
}

uint8_t undo_entry_number(const struct undo_entry *e)
{
	return e->key[e->nkey - 1];
}

struct undo_entry *undo_table_find(const struct undo_table *t, const struct undo_key *key)
{
	struct undo_entry *e = t->bucket[key->hash & t->mask];

	while (e != NULL && (e->hash != key->hash || e->nkey != key->nbytes ||
			     memcmp(e->key, key->bytes, e->nkey) != 0))
		e = e->next;
	return e;
}

void *undo_table_content(const struct undo_table *t, const uint8_t *zone, const uint8_t *name)
{
	struct undo_key key;
	struct undo_entry *e;

	if (t->count == 0)
		return NULL;
	undo_table_key(t, &key, zone, name, 0);
	e = undo_table_find(t, &key);
	return e == NULL ? NULL : e->content;
}

struct undo_entry *undo_table_find_hash(const struct undo_table *t, uint64_t hash)
{
	struct undo_entry *e = t->bucket[hash & t->mask];

	while (e != NULL && e->hash != hash)
		e = e->next;
	return e;
}

/* Doubles the buckets. If memory is short, the chains get longer instead. */
static void grow(struct undo_table *t)
{
	size_t mask = t->mask * 2 + 1;
	struct undo_entry **bucket = calloc(mask + 1, sizeof(*bucket));

	if (bucket == NULL)
		return;
	for (size_t i = 0; i <= t->mask; i++)
		for (struct undo_entry *e = t->bucket[i], *next; e != NULL; e = next) {
			next = e->next;
			e->next = bucket[e->hash & mask];
			bucket[e->hash & mask] = e;
		}
	free(t->bucket);
	t->bucket = bucket;
	t->mask = mask;
}

struct undo_entry *undo_table_take(struct undo_table *t, const struct undo_key *key)
{
	struct undo_entry *e = undo_table_find(t, key);

	if (e != NULL)
		return e;
	e = calloc(1, t->entry_size);
	if (e == NULL)
		return NULL;
	e->key = malloc(key->nbytes);
	if (e->key == NULL) {
		free(e);
		return NULL;
	}
	if (t->count > t->mask)
		grow(t);
	memcpy(e->key, key->bytes, key->nbytes);
	e->nkey = (uint16_t)key->nbytes;
	e->hash = key->hash;
	e->next = t->bucket[e->hash & t->mask];
	t->bucket[e->hash & t->mask] = e;
	t->count++;
	return e;
}

static void drop(struct undo_table *t, struct undo_entry *e)
{
	struct undo_entry **at = &t->bucket[e->hash & t->mask];

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	t->count--;
	fini(t, e);
	t->entry_free(e);
}

/* Makes sure that a change of the entry can be remembered, and reports it. */
static int begin_put(struct undo_table *t, const struct undo_entry *e, const void *content)
{
	struct undo_entry **grown;

	if (!e->is_changed) {
		grown = base_grow(t->changed, t->nchanged, &t->changed_capacity,
				  sizeof(struct undo_entry *));
		if (grown == NULL)
			return -ENOMEM;
		t->changed = grown;
	}
	return t->on_put == NULL ? 0 : t->on_put(t->put_arg, e, content);
}

int undo_table_put(struct undo_table *t, struct undo_entry *e, void *content)
{
	if (begin_put(t, e, content) < 0) {
		if (content != NULL)
			t->content_free(content);
		return -ENOMEM;
	}
	if (e->is_changed) {
		if (e->content != NULL)
			t->content_free(e->content);
		e->content = content;
		return 0;
	}
	t->changed[t->nchanged++] = e;
	e->before = e->content;
	e->content = content;
	e->is_changed = true;
	return 0;
}

static void end(struct undo_table *t, void (*on_end)(void *arg, struct undo_entry *e), void *arg)
{
	for (size_t i = 0; i < t->nchanged; i++) {
		struct undo_entry *e = t->changed[i];

		if (e->before != NULL)
			t->content_free(e->before);
		e->before = NULL;
		e->is_changed = false;
		if (on_end != NULL)
			on_end(arg, e);
		if (e->content == NULL)
			drop(t, e);
	}
	t->nchanged = 0;
}

void undo_table_commit(struct undo_table *t, void (*on_end)(void *arg, struct undo_entry *e),
		       void *arg)
{
	end(t, on_end, arg);
}

void undo_table_undo(struct undo_table *t, void (*on_end)(void *arg, struct undo_entry *e),
		     void *arg)
{
	for (size_t i = 0; i < t->nchanged; i++) {
		struct undo_entry *e = t->changed[i];
		void *content = e->content;

		e->content = e->before;
		e->before = content;
	}
	end(t, on_end, arg);
}

void undo_table_prune(struct undo_table *t)
{
	for (size_t i = 0; i <= t->mask; i++)
		for (struct undo_entry *e = t->bucket[i], *next; e != NULL; e = next) {
			next = e->next;
			if (e->content == NULL && !e->is_changed)
				drop(t, e);
		}
}

struct undo_entry *undo_table_next(const struct undo_table *t, const struct undo_entry *e)
{
	struct undo_entry *next = e == NULL ? t->bucket[0] : e->next;
	size_t i = e == NULL ? 0 : e->hash & t->mask;

	for (;;) {
		while (next != NULL && next->content == NULL)
			next = next->next;
		if (next != NULL || i == t->mask)
			return next;
		next = t->bucket[++i];
	}
}

struct undo_entry *undo_table_next_in(const struct undo_table *t, const uint8_t *zone,
				      const struct undo_entry *e)
{
	struct undo_entry *next = undo_table_next(t, e);

	while (next != NULL && !dns_name_equal(undo_entry_zone(next), zone))
		next = undo_table_next(t, next);
	return next;
}

int undo_table_forget(struct undo_table *t, const uint8_t *zone)
{
	struct undo_entry *e = NULL;
	int ret = 0;

	while (ret == 0 && (e = undo_table_next_in(t, zone, e)) != NULL)
		ret = undo_table_put(t, e, NULL);
	return ret;
}
