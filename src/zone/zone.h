/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/zone.h - a zone: a name, and what is served below it.
 *
 * A zone has versions (zone/snapshot.h), of which the newest is current. A bulk load (zone/bulk.h)
 * or a draft (zone/draft.h) makes the first, drafts make all others. A zone knows no files, no
 * store, no registry and no rules about who may change it.
 *
 * One thread at a time is the zone's writer: a loader before the zone is served, then the
 * registrar's. Any thread may read; it must be registered with RCU (base/rcu.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"
#include "zone/limits.h"
#include "zone/snapshot.h"

struct zone;

/* Makes a zone without a version; until one is published, questions are answered SERVFAIL. Copies
 * the wire name `name`. `seed` is a random number for the hashes of its names, so that nobody can
 * choose names that collide. Returns NULL if memory is short; otherwise the caller owns the zone
 * and frees it with zone_free. */
struct zone *zone_new(const uint8_t *name, uint64_t seed);

/* Frees the zone with all versions. NULL is fine. No thread may be able to reach the zone, no
 * snapshot of it may be pinned and no draft begun; the calling thread must be offline (base/rcu.h)
 * if the zone has ever been changed. */
void zone_free(struct zone *z);

/* Returns the zone's wire name in lower case, valid as long as the zone. Any thread. */
const uint8_t *zone_name(const struct zone *z);

/* Numbers of zones, for arrays of counters by zone. Zones beyond that many share the last. */
enum { ZONE_NUMBERS = 1024 };

/* Gives the zone a number, less than ZONE_NUMBERS; it has the last one before. Before other threads
 * can reach the zone. */
void zone_set_number(struct zone *z, unsigned number);

/* Returns the zone's number. Any thread. */
unsigned zone_number(const struct zone *z);

/* Caps the TTL of negative answers (RFC 2308 section 5) at `ttl` seconds, from now on. UINT32_MAX,
 * the default, leaves them as the SOA has them. Any thread. */
void zone_set_negative_ttl(struct zone *z, uint32_t ttl);

/* Sets the limits that updates and zone files are held to, from the next draft on; the default is
 * ZONE_LIMITS_DEFAULT. Any thread. */
void zone_set_limits(struct zone *z, const struct zone_limits *limits);

/* Returns these limits. Any thread. */
struct zone_limits zone_get_limits(const struct zone *z);

/* Returns whether `owner`, a wire name in any case, has an RRset of `type` in the current version;
 * `type` 0 stands for any type. Wildcards and aliases are not followed. For checks: a look-up takes
 * longer than that of an answer. Writer, or any thread in an RCU read section. */
bool zone_has(struct zone *z, const uint8_t *owner, uint16_t type);

/* Returns whether every name in `names` exists in the current version and is unchanged since
 * `version`. `names` holds wire names in lower case at or below the apex, one after the other,
 * `nbytes` in all. For caches of results that depend on them. Any thread, in an RCU read section.
 */
bool zone_is_unchanged(const struct zone *z, const uint8_t *names, size_t nbytes, uint64_t version);

/* Returns how many bytes of memory the zone's data takes, old versions that are still in memory
 * included. Any thread; the number may be some changes old. */
uint64_t zone_memory(const struct zone *z);
