/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/snapshot.h - a version of a zone, which never changes.
 *
 * Readers are threads registered with RCU (base/rcu.h): a snapshot from zone_current is readable
 * until the thread's next quiescent state. A caller that needs it for longer, as a transfer or a
 * checkpoint does, pins it with zone_acquire: then nothing that it uses is freed, whatever later
 * versions replace. A snapshot knows neither drafts nor how it was published. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dns/name.h"
#include "zone/limits.h"

struct zone;
struct zone_snapshot;

/* Returns the current version, readable until the calling thread's next quiescent state; NULL if
 * none was published yet. In an RCU read section. */
const struct zone_snapshot *zone_current(const struct zone *z);

/* Pins the current version and returns it; NULL if none was published yet. Each call must be
 * followed by one of zone_release. The calling thread must be registered with RCU and online. */
const struct zone_snapshot *zone_acquire(struct zone *z);

/* Ends one pin of the snapshot `s` of `z`. Any thread, registered with RCU or not. */
void zone_release(struct zone *z, const struct zone_snapshot *s);

/* Returns the number of the version: 1 for a zone's first, then one more for each draft that is
 * published. It does not survive a restart. */
uint64_t zone_snapshot_version(const struct zone_snapshot *s);

/* Returns the serial of the SOA. */
uint32_t zone_snapshot_serial(const struct zone_snapshot *s);

/* Returns how many names are over `limits`, and writes one of them, a full wire name, and its first
 * limit to `first` and `limit` if there is any. PTR sets, which the service view bounds, are not
 * looked at. Returns 0 if memory is short. */
uint64_t zone_snapshot_over(const struct zone_snapshot *s, const struct zone_limits *limits,
			    uint8_t first[static DNS_NAME_MAX], enum zone_limit *limit);

/* Returns whether `owner`, a wire name in any case, has an RRset of `type`; `type` 0 stands for any
 * type. Wildcards and aliases are not followed. For checks: a look-up takes longer than that of an
 * answer. */
bool zone_snapshot_has(const struct zone_snapshot *s, const uint8_t *owner, uint16_t type);

/* Returns the number of owner names that have records. */
uint64_t zone_snapshot_names(const struct zone_snapshot *s);

/* Returns the number of records, the SOA included. */
uint64_t zone_snapshot_records(const struct zone_snapshot *s);
