/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/reclaim.h - giving back log that nobody needs, in the background. Room-private. */
#pragma once

#include "journal/journal_priv.h"

/* Starts the reclaiming thread, which takes no signals. Returns 0 or a negative errno. */
int journal_reclaim_start(struct journal *j);

/* Stops the thread, if it was started, and waits for its end. */
void journal_reclaim_stop(struct journal *j);

/* Writes the items' file if that lets segments go, and gives back the segments that are not needed
 * any more. Returns 0, or a negative errno of writing the file. Any thread, not under the lock. */
int journal_reclaim_run(struct journal *j);

/* Like journal_reclaim_run, but writes the items' file in any case: then the log that recovery
 * needs is as short as the checkpoints permit. */
int journal_reclaim_all(struct journal *j);
