/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/io.h - whole reads and writes, and names that survive a loss of power. Room-private.
 *
 * Knows files and folders, no format. Writes go through journal/system.h. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

/* Writes all of the pieces at `at`, in as many calls as it takes; what `pieces` says is used up. 0
 * or a negative errno. */
int journal_io_write(int fd, struct iovec *pieces, size_t npieces, uint64_t at);

/* Bytes of the memory that direct writes go through, aligned to as many as JOURNAL_IO_ALIGNED; so
 * are their places and lengths. */
enum { JOURNAL_IO_DIRECT = 512 * 1024, JOURNAL_IO_ALIGNED = 4096 };

/* Writes all of the pieces at `at` to a file that was opened with O_DIRECT, by way of `buffer` of
 * JOURNAL_IO_DIRECT bytes. `at` and the sum of the pieces are multiples of JOURNAL_IO_ALIGNED;
 * `pieces` stay as they are. 0, -EINVAL if the file system takes no such write after all, or
 * another negative errno. */
int journal_io_write_direct(int fd, void *buffer, const struct iovec *pieces, size_t npieces,
			    uint64_t at);

/* Writes `nbytes` of zeroes at `at`; the file may be one opened with O_DIRECT if both are multiples
 * of JOURNAL_IO_ALIGNED. 0 or a negative errno. */
int journal_io_write_zeroes(int fd, uint64_t at, uint64_t nbytes);

/* Reads exactly `nbytes` at `at`. 0, -ENODATA if the file ends before, or another negative errno.
 */
int journal_io_read(int fd, void *bytes, size_t nbytes, uint64_t at);

/* Makes what happened to names in a folder durable. 0 or a negative errno. */
int journal_io_sync_folder(const char *path);

/* Renames, and makes it durable. 0 or a negative errno. */
int journal_io_rename(const char *folder, const char *from, const char *to);

/* Writes a file anew, all or nothing: beside it as `path`.new, sync, rename. 0 or a negative errno.
 */
int journal_io_put_file(const char *folder, const char *path, const void *bytes, size_t nbytes);
