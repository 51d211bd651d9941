/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* setup/place.h - the files of a snippet at their places: written, compared, removed.
 *
 * Each is replaced as a whole, and never one that is not ours, unless that is forced. Does not know
 * what they mean. Writes messages to standard error. One thread. */
#pragma once

#include <stdbool.h>

#include "setup/snippet.h"

/* What was done with a file, or is true of it. */
enum setup_done {
	SETUP_FAILED, /* after a message */
	SETUP_WRITTEN,
	SETUP_UNCHANGED, /* it has this text already */
	SETUP_REMOVED,
	SETUP_ABSENT, /* there was nothing to remove */
};

/* Writes the file at its path below `root`, "" for this host. Its folder is made if the folder's
 * parent is there. */
enum setup_done setup_place_write(const struct setup_file *f, const char *root, bool is_forced);

/* Removes the file at its path below `root`. */
enum setup_done setup_place_remove(const struct setup_file *f, const char *root, bool is_forced);

/* Returns "written", "unchanged", "removed", "absent" or "failed". */
const char *setup_done_name(enum setup_done done);
