/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/zone.h - a zone and its versions.
 *
 * A zone has one current snapshot, which never changes; a draft (zone/draft.h) makes the next.
 * Readers are threads registered with RCU (QSBR): a snapshot found by zone_current is theirs until
 * their next quiescent state. Who needs one for longer (a transfer, a checkpoint) acquires it.
 * Memory of old versions comes back when no reader can see it any more. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"
#include "zone/changeset.h"

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

/* The current version, NULL if nothing was loaded yet. In an RCU read section. */
const struct zone_snapshot *zone_current(const struct zone *z);

/* Holds the current version against being freed, until zone_release; NULL if there is none. The
 * thread must be RCU-registered and online; release may be called by any thread. */
const struct zone_snapshot *zone_acquire(struct zone *z);
void zone_release(struct zone *z, const struct zone_snapshot *s);

/* Facts of a version. */
uint64_t zone_snapshot_version(const struct zone_snapshot *s);
uint32_t zone_snapshot_serial(const struct zone_snapshot *s);
uint64_t zone_snapshot_names(const struct zone_snapshot *s);
uint64_t zone_snapshot_records(const struct zone_snapshot *s);

/* A walk over all records of a version in canonical order of owners; the SOA comes first. The walk
 * stays good as long as the snapshot does. Records are views, the owner's good until the next call.
 */
struct zone_cursor;
struct zone_cursor *zone_cursor_new(const struct zone_snapshot *s);
void zone_cursor_free(struct zone_cursor *c);
bool zone_cursor_next(struct zone_cursor *c, struct dns_record *record);

/* Memory of old versions that can be given back is given back. The writer calls it between drafts.
 */
void zone_reclaim(struct zone *z);

/* Whether `owner` has records of `type` in the current version; type 0 asks for any. For checks by
 * the writer's thread, without hurry. */
bool zone_has(struct zone *z, const uint8_t *owner, uint16_t type);

/* For who remembers something that was so when some names were as they were: whether all of `names`
 * (wire names in lower case, one after the other) are in the current version and none has changed
 * since that one. Any thread, in an RCU read section. */
bool zone_is_unchanged(const struct zone *z, const uint8_t *names, size_t nbytes, uint64_t version);

/* Bytes of memory that the zone's data takes. */
uint64_t zone_memory(const struct zone *z);
