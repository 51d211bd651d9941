/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* text/source.h - an open zone file, seen through a window that slides over it.
 *
 * The window is ordinary memory, not a mapping: somebody may truncate the file while it is read. It
 * grows until it holds one whole entry. What an entry is, is not known here: the caller moves
 * `start` past what it has read. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct stat;

enum { TEXT_ENTRY_MAX = 16 * 1024 * 1024 }; /* octets of one entry; the window grows to this size */

struct text_source {
	char *path; /* owned */
	int fd;
	char *window; /* `size` octets, and one more that the caller may set to a newline */
	size_t size;
	size_t start, fill; /* the octets that were read, but not consumed, are start..fill */
	bool is_last;	    /* the file's end is in the window */
};

/* Opens the regular file at `path`, which must be on the heap (or NULL: out of memory) and belongs
 * to the source from now on, even on failure. Fills in `s`, with an empty window, and `st`. Returns
 * 0, or a negative errno with nothing to close: -ENOMEM, -EISDIR, -EINVAL if it is neither file nor
 * folder (a pipe might never be written to, a device never end). */
int text_source_open(struct text_source *s, char *path, struct stat *st);

void text_source_close(struct text_source *s);

/* Moves what is not consumed to the front of the window, makes the window larger if it is full, and
 * reads on. Pointers into the window are invalid afterwards. Returns 0, -ENOMEM, -EMSGSIZE if one
 * entry is longer than TEXT_ENTRY_MAX, or another negative errno of read(2). */
int text_source_fill(struct text_source *s);
