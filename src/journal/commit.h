/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/commit.h - making a batch durable (store_commit, store_zone_remove). Room-private.
 *
 * Registrar only, not under the lock. */
#pragma once

#include "journal/journal_priv.h"

/* Makes a new segment with room for a record of `nbytes` the active one. The first time after a
 * start the last record is copied there: its sync may never have happened. Returns 0, or a negative
 * errno with no segment active. */
int journal_commit_segment(struct journal *j, uint64_t nbytes);

/* Makes the segment with the last record the active one again, and copies that record after
 * itself, for the reason above; so a start takes no space of its own. If the copy does not fit or
 * the segment cannot be written, a new segment is begun instead. Returns 0, or a negative errno
 * with no segment active. Recovery calls it once, before the threads start. */
int journal_commit_continue(struct journal *j);

/* Commits a batch; the contract is that of store_commit. */
int journal_commit(struct store *s, const struct store_batch *batch);

/* Forgets a zone; the contract is that of store_zone_remove. */
int journal_zone_remove(struct store *s, const uint8_t *zone, const struct store_batch *items);
