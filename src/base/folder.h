/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/folder.h - makes the folders above a path, and removes old files of a folder. No state; any
 * thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Makes the missing folders above `path`, with mode 0755 as far as the umask permits. Returns 0; or
 * a negative errno, with `path` cut after the folder that could not be made. */
int base_folder_make_above(char *path);

/* Removes the regular files of the folder that were not written for `age_s` seconds and that
 * `is_kept` returns false for, which gets their names. Returns how many. */
unsigned base_folder_prune(const char *folder, uint64_t age_s,
			   bool (*is_kept)(void *arg, const char *file), void *arg);
