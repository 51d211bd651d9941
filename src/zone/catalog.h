/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/catalog.h - the zones that are served, found by the longest match.
 *
 * A catalog never changes: a reload makes another and the workers are handed that. It borrows its
 * zones. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dns/msg.h"

struct zone;
struct zone_catalog;

/* A catalog of `nzones` zones, whose names differ. NULL when memory is short. */
struct zone_catalog *zone_catalog_new(struct zone *const *zones, size_t nzones, uint64_t seed);
void zone_catalog_free(struct zone_catalog *c);

/* The zone with the longest name that the question's is at or below, among zones with at most
 * `most` labels; NULL if none. */
struct zone *zone_catalog_find(const struct zone_catalog *c, const struct dns_question *q,
			       unsigned most);

/* The place (see zone_catalog_at) of the zone of exactly this name, or -1. */
int zone_catalog_index(const struct zone_catalog *c, const uint8_t *name);
