/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* history/file.h - what a history must know after it was killed (history/content.h).
 *
 * Lines are appended, each with a checksum; now and then the file is written anew beside and
 * renamed. A line that is torn, and what follows it, counts as not written. The file is not
 * synchronized to disk: what a power failure takes is seen when the numbers of the lost events are
 * used again (history/history.c). One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct history_content;
struct history_event;
struct history_file;

/* Opens or makes the file `history` of a folder, and reads it to `out`, which is empty: without an
 * era if the file has none that is valid. Sets `*is_damaged` if not all of it was valid; then, and
 * without an era, it must be written anew before the next line. Returns 0, or a negative errno
 * described in `error`. */
int history_file_open(struct history_file **out, const char *folder,
		      struct history_content *content, bool *is_damaged, struct base_error *error);

/* Closes it; NULL is fine. */
void history_file_close(struct history_file *f);

/* Returns the path. */
const char *history_file_path(const struct history_file *f);

/* Append a line: that event `n` waits; that the events up to `n` of the present era are in the
 * zone; that those before `first` of an era are not any more. Return 0, or a negative errno: then
 * the file must be written anew. */
int history_file_add(struct history_file *f, uint64_t n, const struct history_event *e);
int history_file_done(struct history_file *f, uint64_t n);
int history_file_removed(struct history_file *f, uint64_t era, uint64_t first);

/* Returns whether the file should be written anew: it is much longer than what is in it, or a line
 * could not be appended. */
bool history_file_is_due(const struct history_file *f);

/* Writes the file anew. Returns 0, or a negative errno with the old file as it was. */
int history_file_write(struct history_file *f, const struct history_content *content);
