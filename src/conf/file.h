/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* conf/file.h - a file of a configuration, read whole.
 *
 * Such a file may contain secrets, so its text is wiped before it is freed. The unit does not know
 * what the text means. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct conf_file {
	char *bytes; /* the text and a NUL after it; NULL: not read */
	size_t nbytes;
	bool is_open_to_others; /* every user of the machine may read the file */
	dev_t device;		/* with `inode`: which file this is, whatever its path */
	ino_t inode;
};

/* Reads the regular file at `path` into `out`. Returns 0, or a negative errno: -EISDIR or -EINVAL
 * if it is not a regular file (a pipe might never end), -EFBIG if it is larger than 64 MiB. The
 * caller calls conf_file_free() in either case. */
int conf_file_read(struct conf_file *out, const char *path);

/* Wipes and frees the text. */
void conf_file_free(struct conf_file *file);
