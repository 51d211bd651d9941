/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* hosting/files.h - which files a zone was read from, and whether they have changed since.
 *
 * A list of paths with size, time of change and inode, as bytes that the store keeps in the
 * identity of a baseline (hosting/baseline.h): their form must not change. The list knows nothing
 * of what the files contain. One thread at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stat;

/* Starts as zeros. */
struct hosting_files {
	uint8_t *bytes; /* from malloc */
	size_t nbytes, capacity;
	bool is_short; /* memory was short: the list lacks files and must not be used */
};

/* Adds the file at `path` with its size, time and inode from `st`. Has the type text_opened_fn;
 * `files` is the struct hosting_files. */
void hosting_files_add(void *files, const char *path, const struct stat *st);

/* Returns whether the list of `nbytes` at `bytes` begins with the file `path` and all its files are
 * the same on disk. False for an empty list. */
bool hosting_files_are_current(const uint8_t *bytes, size_t nbytes, const char *path);

/* Frees what is inside, and makes the list empty. */
void hosting_files_fini(struct hosting_files *f);
