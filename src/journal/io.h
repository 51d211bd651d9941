/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/io.h - whole reads and writes, and names that survive a loss of power. Room-private.
 *
 * Knows files and folders, no format. What changes a disk goes through journal/system.h. No state,
 * any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

enum {
	JOURNAL_IO_ALIGNED = 4096,	/* direct writes: of memory, offsets and lengths */
	JOURNAL_IO_DIRECT = 512 * 1024, /* bytes of the buffer that direct writes go through */
};

/* Writes all of `pieces` at the offset `at`, in as many calls as it takes. Changes `pieces`.
 * Returns 0 or a negative errno. */
int journal_io_write(int fd, struct iovec *pieces, size_t npieces, uint64_t at);

/* Writes all of `pieces` at the offset `at` to a file opened with O_DIRECT, through `buffer`, which
 * has JOURNAL_IO_DIRECT bytes and is aligned. `at` and the sum of the pieces are multiples of
 * JOURNAL_IO_ALIGNED. Returns 0, -EINVAL if the file system does not take direct writes after all,
 * or another negative errno. */
int journal_io_write_direct(int fd, void *buffer, const struct iovec *pieces, size_t npieces,
			    uint64_t at);

/* Writes `nbytes` zeroes at the offset `at`; the file may be opened with O_DIRECT if both are
 * multiples of JOURNAL_IO_ALIGNED. Returns 0 or a negative errno. */
int journal_io_write_zeroes(int fd, uint64_t at, uint64_t nbytes);

/* Reads exactly `nbytes` at the offset `at`. Returns 0, -ENODATA if the file ends before, or
 * another negative errno. */
int journal_io_read(int fd, void *bytes, size_t nbytes, uint64_t at);

/* Makes new, renamed and removed names in a folder durable. Returns 0 or a negative errno. */
int journal_io_sync_folder(const char *path);

/* Renames a file of `folder`, durably. Returns 0 or a negative errno. */
int journal_io_rename(const char *folder, const char *from, const char *to);

/* Writes the file `path` of `folder` all or nothing: to `path`.new first, which is synced and
 * renamed. Returns 0 or a negative errno. */
int journal_io_put_file(const char *folder, const char *path, const void *bytes, size_t nbytes);
