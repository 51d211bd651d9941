/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/zone.h - a zone: a name with what is served below it.
 *
 * A zone has versions (zone/snapshot.h), of which one is current; a draft (zone/draft.h) or a bulk
 * load (zone/bulk.h) makes one. A zone knows neither files nor the store, nor who may change it.
 * One thread at a time may be its writer, the registrar's or a loader's; any thread may read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"
#include "zone/snapshot.h"

struct zone;
struct zone_snapshot;

/* An empty zone, without a version to serve: answers SERVFAIL until a draft was published. `seed`
 * is for its hashes. NULL when memory is short. */
struct zone *zone_new(const uint8_t *name, uint64_t seed);

/* Frees a zone that no thread can reach any more. NULL is fine. */
void zone_free(struct zone *z);

/* Its name, in lower case. */
const uint8_t *zone_name(const struct zone *z);

/* Answers that there is nothing are good for at most so many seconds from now on, whatever the SOA
 * says (RFC 2308 section 5): names come. UINT32_MAX, as at first: as long as that says. Any thread.
 */
void zone_set_negative_ttl(struct zone *z, uint32_t ttl);

/* Whether `owner` has records of `type` in the current version; type 0 asks for any. For checks by
 * the writer's thread, without hurry. */
bool zone_has(struct zone *z, const uint8_t *owner, uint16_t type);

/* For who remembers something that was so when some names were as they were: whether all of `names`
 * (wire names in lower case, one after the other) are in the current version and none has changed
 * since that one. Any thread, in an RCU read section. */
bool zone_is_unchanged(const struct zone *z, const uint8_t *names, size_t nbytes, uint64_t version);

/* Bytes of memory that the zone's data takes. */
uint64_t zone_memory(const struct zone *z);
