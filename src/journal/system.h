/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/system.h - the system calls by which the journal changes a disk, in one table.
 * Room-private.
 *
 * Every change of a file or a name goes through the table, so that a test can link a table of its
 * own instead, whose functions fail or remember what a disk may hold after a loss of power. Reading
 * does not. The functions are those of the C library: -1 and errno on failure. Any thread. */
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

struct journal_system {
	int (*open)(const char *path, int flags, mode_t mode);
	ssize_t (*pwritev)(int fd, const struct iovec *pieces, int npieces, off_t at);
	int (*fdatasync)(int fd);
	int (*fsync)(int fd);
	int (*fallocate)(int fd, int mode, off_t at, off_t nbytes);
	int (*rename)(const char *from, const char *to);
	int (*unlink)(const char *path);
};

/* Nothing else is defined in system.c: a program that defines the table itself links without it. */
extern const struct journal_system journal_system;
