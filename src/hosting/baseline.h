/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* hosting/baseline.h - the records of a zone's file as they were last merged, kept in the store.
 *
 * An edited file is merged as its difference to the baseline (hosting/merge.h). The identity of a
 * baseline is a token, by which the log names the merge that made it, followed by the list of files
 * it was read from (hosting/files.h). A merge prepares the next baseline before its commit and
 * adopts it after, so that a restart always finds the baseline that goes with the log. In main
 * before the service starts, later in the jobs' thread (hosting/jobs.h). */
#pragma once

#include <stdint.h>

struct hosting_files;
struct hosting_zone;
struct store;
struct zone;
struct zone_snapshot;

/* Publishes the zone's baseline as the first version of the empty `zone`. Returns 0, -ENOENT if the
 * store has none, or another negative errno; on failure `zone` stays empty. */
int hosting_baseline_read(struct zone *zone, struct store *store);

/* Writes what was read from the zone's file as its baseline, if that is still to be done
 * (`needs_baseline`). Returns 0, or a negative errno with the baseline still to be written. */
int hosting_baseline_write(struct hosting_zone *h, struct store *store);

/* Writes `snapshot`, read from `files`, as the next baseline of the zone `name`.
 * hosting_baseline_adopt puts it in force. Returns 0 or a negative errno. */
int hosting_baseline_prepare(struct store *store, const uint8_t *name,
			     const struct zone_snapshot *snapshot,
			     const struct hosting_files *files, uint64_t token);

/* Makes the prepared baseline with the token `h->token` the zone's. Returns 0, or a negative errno
 * with `must_adopt` still set. */
int hosting_baseline_adopt(struct hosting_zone *h, struct store *store);

/* Sets `is_stale`: whether `file` (NULL: none, nothing is set) differs on disk from what the
 * baseline was made from, or will be made from. Returns 0 or -ENOMEM. */
int hosting_baseline_compare(struct hosting_zone *h, struct store *store, const char *file);
