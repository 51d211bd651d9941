/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* hosting/baseline.h - the records of a zone's file as they were last merged, kept in the store.
 *
 * An edited file is merged as its difference to the baseline (hosting/merge.h). The identity of a
 * baseline is a token, by which the log names the merge that made it, followed by the list of files
 * that it was read from (hosting/files.h). A merge prepares the next baseline before its commit and
 * adopts it after, so that a restart always finds the baseline that goes with the log. A baseline
 * knows neither the registrar nor how a merge is applied. In main before the zone is served, later
 * in the jobs' thread (hosting/jobs.h). */
#pragma once

#include <stdint.h>

struct hosting_files;
struct hosting_zone;
struct store;
struct zone;
struct zone_snapshot;

/* Publishes the zone's baseline as the first version of `zone`, which has none. Returns 0, -ENOENT
 * if the store has no baseline, or another negative errno; on failure `zone` has no version. */
int hosting_baseline_read(struct zone *zone, struct store *store);

/* Writes h->first as the zone's baseline and ends its pin, if h->needs_baseline. Returns 0, or a
 * negative errno with the baseline still to be written. */
int hosting_baseline_write(struct hosting_zone *h, struct store *store);

/* Writes `snapshot`, read from `files`, as the next baseline of the zone `name`, with this token.
 * The prepared baseline replaces the current one only when it is adopted. Returns 0 or a negative
 * errno. */
int hosting_baseline_prepare(struct store *store, const uint8_t *name,
			     const struct zone_snapshot *snapshot,
			     const struct hosting_files *files, uint64_t token);

/* Replaces the zone's baseline by the prepared one whose token is h->token. Returns 0 with
 * h->must_adopt cleared, or a negative errno. */
int hosting_baseline_adopt(struct hosting_zone *h, struct store *store);

/* Sets h->is_stale: whether the files on disk differ from those that the baseline was made from, or
 * will be made from, or whose first is not `file`. A `file` of NULL changes nothing. Returns 0 or
 * -ENOMEM. */
int hosting_baseline_compare(struct hosting_zone *h, struct store *store, const char *file);
