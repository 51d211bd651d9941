/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "lan/sightings.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/hash.h"

enum { BUCKETS_MIN = 16, INTERFACE_ALL = -1 };

/* Records that are unseen are the first of the list. */

void lan_sightings_init(struct lan_sightings *s, size_t max)
{
	*s = (struct lan_sightings){.max = max};
	TAILQ_INIT(&s->all);
}

void lan_sightings_fini(struct lan_sightings *s)
{
	while (!TAILQ_EMPTY(&s->all)) {
		struct lan_sighting *one = TAILQ_FIRST(&s->all);

		TAILQ_REMOVE(&s->all, one, link);
		free(one->sources);
		free(one);
	}
	free(s->buckets);
	lan_sightings_init(s, s->max);
}

static struct lan_sighting *find(const struct lan_sightings *s, const uint8_t *rdata, size_t nbytes,
				 uint64_t hash)
{
	struct lan_sighting *one = s->buckets != NULL ? s->buckets[hash & s->mask] : NULL;

	while (one != NULL && (one->hash != hash || one->nbytes != nbytes ||
			       memcmp(one->rdata, rdata, nbytes) != 0))
		one = one->next;
	return one;
}

/* Makes room in the table for one more. */
static int reserve(struct lan_sightings *s)
{
	size_t n = s->buckets == NULL ? BUCKETS_MIN : (s->mask + 1) * 2;
	struct lan_sighting **buckets, *one;

	if (s->buckets != NULL && s->count <= s->mask)
		return 0;
	buckets = calloc(n, sizeof(struct lan_sighting *));
	if (buckets == NULL)
		return -ENOMEM;
	TAILQ_FOREACH (one, &s->all, link) {
		one->next = buckets[one->hash & (n - 1)];
		buckets[one->hash & (n - 1)] = one;
	}
	free(s->buckets);
	s->buckets = buckets;
	s->mask = n - 1;
	return 0;
}

static struct lan_sighting *insert(struct lan_sightings *s, const uint8_t *rdata, size_t nbytes,
				   uint64_t hash)
{
	struct lan_sighting *one = calloc(1, sizeof(*one) + nbytes);

	if (one == NULL || reserve(s) < 0) {
		free(one);
		return NULL;
	}
	one->hash = hash;
	one->nbytes = nbytes;
	memcpy(one->rdata, rdata, nbytes);
	one->next = s->buckets[hash & s->mask];
	s->buckets[hash & s->mask] = one;
	TAILQ_INSERT_TAIL(&s->all, one, link);
	s->count++;
	return one;
}

/* Takes a record from the set; it has no sources any more. */
static struct lan_sighting *take(struct lan_sightings *s, struct lan_sighting *one)
{
	struct lan_sighting **at = &s->buckets[one->hash & s->mask];

	while (*at != one)
		at = &(*at)->next;
	*at = one->next;
	TAILQ_REMOVE(&s->all, one, link);
	s->count--;
	free(one->sources);
	one->sources = NULL;
	return one;
}

static bool source_is(const struct lan_source *a, const struct lan_source *b)
{
	return a->interface == b->interface && a->protocol == b->protocol;
}

static int source_add(struct lan_sighting *one, const struct lan_source *source)
{
	uint32_t capacity;
	struct lan_source *grown;

	for (uint32_t i = 0; i < one->nsources; i++)
		if (source_is(&one->sources[i], source))
			return 0;
	if (one->nsources == one->capacity) {
		capacity = base_grow_capacity32(one->capacity, one->nsources + UINT64_C(2),
						sizeof(*grown));
		grown = realloc(one->sources, capacity * sizeof(*grown));
		if (grown == NULL)
			return -ENOMEM;
		one->sources = grown;
		one->capacity = capacity;
	}
	one->sources[one->nsources++] = *source;
	return 0;
}

int lan_sightings_add(struct lan_sightings *s, const uint8_t *rdata, size_t nbytes,
		      const struct lan_source *source)
{
	uint64_t hash = base_hash(rdata, nbytes, 0);
	struct lan_sighting *one = find(s, rdata, nbytes, hash);
	bool is_new = one == NULL;

	if (is_new && s->count >= s->max)
		return -ENOSPC;
	if (is_new)
		one = insert(s, rdata, nbytes, hash);
	if (one == NULL)
		return -ENOMEM;
	if (source_add(one, source) < 0) {
		if (is_new)
			free(take(s, one));
		return -ENOMEM;
	}
	if (!is_new && one->nsources == 1) {
		TAILQ_REMOVE(&s->all, one, link);
		TAILQ_INSERT_TAIL(&s->all, one, link);
	}
	return is_new;
}

struct lan_sighting *lan_sightings_remove(struct lan_sightings *s, const uint8_t *rdata,
					  size_t nbytes, const struct lan_source *source)
{
	struct lan_sighting *one = find(s, rdata, nbytes, base_hash(rdata, nbytes, 0));
	uint32_t i = 0;

	if (one == NULL)
		return NULL;
	while (i < one->nsources && !source_is(&one->sources[i], source))
		i++;
	if (i == one->nsources)
		return NULL;
	one->sources[i] = one->sources[--one->nsources];
	return one->nsources > 0 ? NULL : take(s, one);
}

/* Forgets the sources of one record on an interface. */
static void lose(struct lan_sighting *one, int interface)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < one->nsources; i++)
		if (interface != INTERFACE_ALL && one->sources[i].interface != interface)
			one->sources[n++] = one->sources[i];
	one->nsources = n;
}

void lan_sightings_lose(struct lan_sightings *s, int interface)
{
	struct lan_sighting *one = TAILQ_FIRST(&s->all), *next;

	for (; one != NULL; one = next) {
		next = TAILQ_NEXT(one, link);
		lose(one, interface);
		if (one->nsources > 0)
			continue;
		TAILQ_REMOVE(&s->all, one, link);
		TAILQ_INSERT_HEAD(&s->all, one, link);
	}
}

struct lan_sighting *lan_sightings_take_unseen(struct lan_sightings *s)
{
	struct lan_sighting *one = TAILQ_FIRST(&s->all);

	return one != NULL && one->nsources == 0 ? take(s, one) : NULL;
}
