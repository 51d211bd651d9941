/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* hosting/files.h - which files a zone was read from, and whether they have changed since.
 *
 * A list of paths with size, time and inode, as one piece of bytes which the store keeps beside the
 * zone's base. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stat;

struct hosting_files {
	uint8_t *bytes;
	size_t nbytes, capacity;
	bool is_short; /* memory was short: the list is not to be used */
};

/* Adds a file. Fits text_opened_fn with the list as argument. */
void hosting_files_add(void *files, const char *path, const struct stat *st);

/* Whether `nbytes` at `bytes`, a list made earlier, begin with the file `path` and all of it is
 * still so on disk. */
bool hosting_files_are_current(const uint8_t *bytes, size_t nbytes, const char *path);

void hosting_files_fini(struct hosting_files *f);
