/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* hosting/checkpoint.h - a whole version of a zone goes to the store.
 *
 * A checkpoint walks one snapshot while commits go on; it knows no files. The jobs' thread
 * (hosting/jobs.h), which is registered with RCU and offline. */
#pragma once

struct hosting_zone;
struct store;
struct store_checkpoint;
struct zone_snapshot;

/* Writes a checkpoint of the zone's current version, if it has one and no changes wait for its
 * file. Returns 0, or a negative errno with the previous checkpoint in force. */
int hosting_checkpoint(struct hosting_zone *h, struct store *store);

/* Writes all records of `snapshot` to `c` and ends it, on failure by store_checkpoint_abort.
 * Returns 0 or a negative errno. */
int hosting_checkpoint_fill(struct store_checkpoint *c, const struct zone_snapshot *snapshot);
