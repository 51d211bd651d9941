/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/snapshot.h - a version of a zone, which never changes.
 *
 * A zone has one current snapshot; a draft (zone/draft.h) makes the next. Readers are threads
 * registered with RCU (base/rcu.h): a snapshot from zone_current is readable until the thread's
 * next quiescent state. Callers that need it for longer (a transfer, a checkpoint) pin it with
 * zone_acquire: then only what later versions share with it, or replace in it, stays in memory. A
 * snapshot knows neither drafts nor how it was published. Any thread. */
#pragma once

#include <stdint.h>

struct zone;
struct zone_snapshot;

/* Returns the current version, valid until the thread's next quiescent state; NULL if none was
 * published yet. Inside an RCU read section. */
const struct zone_snapshot *zone_current(const struct zone *z);

/* Pins the current version until zone_release. Returns NULL if none was published yet. The thread
 * must be registered with RCU and online. */
const struct zone_snapshot *zone_acquire(struct zone *z);

/* Ends one pin of `s`. Any thread, also another than the one that acquired it. */
void zone_release(struct zone *z, const struct zone_snapshot *s);

/* Returns the number of the version: 1 for a zone's first, one more for each later one. */
uint64_t zone_snapshot_version(const struct zone_snapshot *s);

/* Returns the serial of the SOA. */
uint32_t zone_snapshot_serial(const struct zone_snapshot *s);

/* Returns the number of owner names that have records. */
uint64_t zone_snapshot_names(const struct zone_snapshot *s);

/* Returns the number of records. */
uint64_t zone_snapshot_records(const struct zone_snapshot *s);
