/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agent/file.h - small files that are whole or count as absent: with a checksum in the last line.
 *
 * It does not know what the lines mean. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { AGENT_FILE_MAX = 4096 }; /* bytes of a file with its checksum */

/* Writes the lines in `text` to the file. `is_durable`: they are written beside, are on the disk,
 * and replace the file; when this fails it is as it was. Else the file is written over, which a
 * kill of this process does not interrupt, but a power failure may. Returns 0 or a negative errno.
 */
int agent_file_write(const char *path, const char *text, bool is_durable);

/* Reads the lines of a file, without that of the checksum, and a NUL. Returns 0, -ENOENT if there
 * is none, -EBADMSG if it is damaged, or another negative errno. */
int agent_file_read(const char *path, char out[static AGENT_FILE_MAX]);

/* Makes the folder, and those above it, with the mode. Returns 0 or a negative errno; one that
 * exists remains as it is. */
int agent_file_folder(const char *path, unsigned mode);
