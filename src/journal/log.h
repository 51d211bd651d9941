/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/log.h - the segments of the log, oldest first, and those to come. Room-private.
 *
 * Writing a whole segment takes long, so the reclaiming thread makes the next one before a commit
 * needs it, of the file of an old one if there is any. Segments get their numbers here. Knows which
 * segments make up the log and where it ends, but no record. */
#pragma once

#include "journal/journal_priv.h"

/* Counts the segments of the log, for the figures. Under the lock. */
void journal_log_count(struct journal *j);

/* Adds a segment, with a number above all others, to the end of the log. Takes `s`. Under the lock.
 */
void journal_log_add(struct journal *j, struct journal_segment *s);

/* Takes the newest segment out of the log again and leaves it to the caller. Under the lock. */
void journal_log_remove_newest(struct journal *j, struct journal_segment *s);

/* Returns the position after the last byte written. Positions are bytes from the begin of the
 * oldest segment that was found at the start, as if the log were one file. Under the lock. */
uint64_t journal_log_end(const struct journal *j);

/* Adds a segment that the log has given up, for its file. Returns false, with `s` still the
 * caller's, if there are enough spares or the file has not the usual size. Under the lock. */
bool journal_log_add_spare(struct journal *j, struct journal_segment *s);

/* Makes the next segment ahead of time. Returns 0 or a negative errno. Reclaiming thread, under the
 * lock, which is released meanwhile. */
int journal_log_prepare(struct journal *j);

/* Hands out a segment of at least `nbytes` that is not in the log yet: the one made ahead, or a new
 * one. Returns 0 or a negative errno. Registrar, not under the lock. */
int journal_log_take(struct journal *j, struct journal_segment **out, uint64_t nbytes);
