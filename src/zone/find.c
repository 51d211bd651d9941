/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "zone/find.h"

#include <string.h>

const struct zone_node *zone_find_node(const struct zone_snapshot *s, const uint8_t *lower,
				       size_t nbytes, uint64_t hash)
{
	const struct zone_index *x = atomic_load_explicit(&s->zone->index, memory_order_acquire);
	const struct zone_node *n;

	/* A node in the index that is no newer than this version belongs to it: the index is
	 * at least as new as any published version. */
	for (uint64_t at = 0; (n = zone_index_find(x, hash, &at)) != NULL; at++)
		if (n->name_nbytes == nbytes && n->born <= s->version &&
		    memcmp(zone_node_name(n), lower, nbytes) == 0)
			return n;
	return zone_find_all(s, lower, nbytes).node;
}
