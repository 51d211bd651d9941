/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* hosting/checkpoint.h - a whole version of a zone is written to the store.
 *
 * Walks one snapshot while commits go on. A checkpoint knows no files and no registrar. The jobs'
 * thread (hosting/jobs.h), registered with RCU and offline. */
#pragma once

struct hosting_zone;
struct store;
struct store_checkpoint;
struct zone_snapshot;

/* Writes a checkpoint of the zone's current version. Does nothing for a zone without a version.
 * Returns 0, or a negative errno with the previous checkpoint in force. */
int hosting_checkpoint(struct hosting_zone *h, struct store *store);

/* Writes all records of `snapshot` to `c` and ends `c` in any case, by store_checkpoint_end or
 * store_checkpoint_abort. Returns 0 or a negative errno. */
int hosting_checkpoint_fill(struct store_checkpoint *c, const struct zone_snapshot *snapshot);
