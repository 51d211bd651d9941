/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "follow/entry.h"

#include <errno.h>
#include <stdlib.h>

#include "base/hash.h"

enum { BUCKETS_LEAST = 8, SALT = 0x656e };

static size_t bucket_of(const struct follow_entries *t, const uint8_t *name)
{
	uint8_t lower[DNS_NAME_MAX];
	size_t nbytes = dns_name_lower(lower, name);

	return base_hash(lower, nbytes, SALT) & (t->nbuckets - 1);
}

static void bucket_add(struct follow_entries *t, struct follow_entry *e)
{
	struct follow_entry **bucket = &t->buckets[bucket_of(t, e->name)];

	e->next = *bucket;
	*bucket = e;
}

static int table_grow(struct follow_entries *t)
{
	struct follow_entries grown = {.nbuckets =
					       t->nbuckets == 0 ? BUCKETS_LEAST : t->nbuckets * 2};

	if (t->n < t->nbuckets)
		return 0;
	grown.buckets = calloc(grown.nbuckets, sizeof(struct follow_entry *));
	if (grown.buckets == NULL)
		return t->nbuckets == 0 ? -ENOMEM : 0; /* a full table is only slower */
	for (size_t b = 0; b < t->nbuckets; b++)
		while (t->buckets[b] != NULL) {
			struct follow_entry *e = t->buckets[b];

			t->buckets[b] = e->next;
			bucket_add(&grown, e);
		}
	free(t->buckets);
	t->buckets = grown.buckets;
	t->nbuckets = grown.nbuckets;
	return 0;
}

struct follow_entry *follow_entries_find(const struct follow_entries *t, const uint8_t *name)
{
	struct follow_entry *e = t->nbuckets == 0 ? NULL : t->buckets[bucket_of(t, name)];

	while (e != NULL && !dns_name_equal(e->name, name))
		e = e->next;
	return e;
}

int follow_entries_add(struct follow_entries *t, struct follow_entry *e)
{
	if (table_grow(t) < 0)
		return -ENOMEM;
	bucket_add(t, e);
	t->n++;
	return 0;
}

void follow_entries_remove(struct follow_entries *t, struct follow_entry *e)
{
	struct follow_entry **at = &t->buckets[bucket_of(t, e->name)];

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	t->n--;
}

void follow_entries_each(const struct follow_entries *t,
			 void (*visit)(void *arg, struct follow_entry *e), void *arg)
{
	for (size_t b = 0; b < t->nbuckets; b++)
		for (struct follow_entry *e = t->buckets[b]; e != NULL; e = e->next)
			visit(arg, e);
}

void follow_entries_fini(struct follow_entries *t, void (*end)(void *arg, struct follow_entry *e),
			 void *arg)
{
	for (size_t b = 0; b < t->nbuckets; b++)
		while (t->buckets[b] != NULL) {
			struct follow_entry *e = t->buckets[b];

			t->buckets[b] = e->next;
			t->n--;
			end(arg, e);
		}
	free(t->buckets);
	*t = (struct follow_entries){0};
}
