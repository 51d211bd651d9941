/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fabric/ring.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

static int longer_first(const void *a, const void *b)
{
	const struct fabric_ring_entry *ea = a, *eb = b;

	return (int)dns_name_labels(eb->fabric->name) - (int)dns_name_labels(ea->fabric->name);
}

struct fabric_ring *fabric_ring_new(const struct fabric_ring_entry *entries, size_t count)
{
	struct fabric_ring *ring = calloc(1, sizeof(*ring) + count * sizeof(*ring->entries));

	if (ring == NULL)
		return NULL;
	randombytes_buf(&ring->id, sizeof(ring->id));
	ring->count = count;
	if (count > 0) {
		memcpy(ring->entries, entries, count * sizeof(*entries));
		qsort(ring->entries, count, sizeof(*entries), longer_first);
	}
	return ring;
}

void fabric_ring_free(struct fabric_ring *ring)
{
	free(ring);
}

const struct fabric_ring_entry *fabric_ring_find(const struct fabric_ring *ring,
						 const uint8_t *name)
{
	for (size_t i = 0; ring != NULL && i < ring->count; i++)
		if (fabric_has_key(ring->entries[i].fabric, name))
			return &ring->entries[i];
	return NULL;
}
