/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/catalog.h - the zones that are served, found by the longest match.
 *
 * A catalog never changes: a reload makes another one, which the workers are handed. It borrows its
 * zones, which must outlive it, and knows nothing of them but their names. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dns/msg.h"

struct zone;
struct zone_catalog;

/* Makes a catalog of `nzones` zones with different names; copies the list. `seed` is a random
 * number for the hashes of their names. Returns NULL if memory is short; otherwise the caller frees
 * it with zone_catalog_free. */
struct zone_catalog *zone_catalog_new(struct zone *const *zones, size_t nzones, uint64_t seed);

/* Frees the catalog, but no zone. NULL is fine. */
void zone_catalog_free(struct zone_catalog *c);

/* Returns, among the zones with at most `most` labels, the one with the longest name that the name
 * of `q` is at or below; NULL if there is none. `most` is at most DNS_LABELS_MAX. */
struct zone *zone_catalog_find(const struct zone_catalog *c, const struct dns_question *q,
			       unsigned most);

/* Returns the index, in the list given to zone_catalog_new, of the zone with exactly this wire name
 * in any case; -1 if there is none. */
int zone_catalog_index(const struct zone_catalog *c, const uint8_t *name);
