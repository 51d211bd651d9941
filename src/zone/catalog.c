/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "zone/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "zone/zone_priv.h"

struct zone_catalog {
	uint64_t seed, mask;
	uint64_t depths[2];  /* bit n: some zone has n labels */
	struct zone **zones; /* in the order given */
	uint32_t slot[];     /* by hash of the name: index in `zones` + 1; 0 is empty */
};

static uint64_t slot_of(const struct zone_catalog *c, const uint8_t *lower, size_t nbytes)
{
	uint64_t i = base_hash(lower, nbytes, c->seed) & c->mask;

	for (; c->slot[i] != 0; i = (i + 1) & c->mask) {
		const struct zone *z = c->zones[c->slot[i] - 1];

		if (z->name_nbytes == nbytes && memcmp(z->name, lower, nbytes) == 0)
			break;
	}
	return i;
}

/* Returns the zone with exactly this name, or NULL. */
static struct zone *zone_called(const struct zone_catalog *c, const uint8_t *lower, size_t nbytes)
{
	uint32_t index = c->slot[slot_of(c, lower, nbytes)];

	return index == 0 ? NULL : c->zones[index - 1];
}

struct zone_catalog *zone_catalog_new(struct zone *const *zones, size_t nzones, uint64_t seed)
{
	uint64_t slots = 4;
	struct zone_catalog *c;

	while (slots < nzones * 2)
		slots *= 2;
	c = calloc(1, sizeof(*c) + slots * sizeof(*c->slot));
	if (c == NULL)
		return NULL;
	c->zones = calloc(nzones + 1, sizeof(*c->zones));
	if (c->zones == NULL) {
		free(c);
		return NULL;
	}
	c->seed = seed;
	c->mask = slots - 1;
	for (size_t i = 0; i < nzones; i++) {
		struct zone *z = zones[i];

		c->zones[i] = z;
		c->slot[slot_of(c, z->name, z->name_nbytes)] = (uint32_t)i + 1;
		c->depths[z->nlabels / 64] |= 1ull << z->nlabels % 64;
	}
	return c;
}

void zone_catalog_free(struct zone_catalog *c)
{
	if (c != NULL)
		free(c->zones);
	free(c);
}

/* Returns the largest number of labels, at most `most`, that some zone has; -1 if none has. */
static int deepest(const struct zone_catalog *c, int most)
{
	for (int word = most / 64; most >= 0 && word >= 0; word--, most = word * 64 + 63) {
		uint64_t bits = c->depths[word] & (~0ull >> (63 - most % 64));

		if (bits != 0)
			return word * 64 + 63 - __builtin_clzll(bits);
	}
	return -1;
}

struct zone *zone_catalog_find(const struct zone_catalog *c, const struct dns_question *q,
			       unsigned most)
{
	int depth = (int)(q->nlabels < most ? q->nlabels : most);

	for (depth = deepest(c, depth); depth >= 0; depth = deepest(c, depth - 1)) {
		uint8_t at = q->label[q->nlabels - depth];
		struct zone *z = zone_called(c, q->lower + at, (size_t)q->nbytes - at);

		if (z != NULL)
			return z;
	}
	return NULL;
}

int zone_catalog_index(const struct zone_catalog *c, const uint8_t *name)
{
	uint8_t lower[DNS_NAME_MAX];

	return (int)c->slot[slot_of(c, lower, dns_name_lower(lower, name))] - 1;
}
