/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A disk for tests: it does what the store asks, remembers all of it, fails when a test wants it
 * to, and can show what a folder may look like when power is lost at any moment.
 *
 * Data written before a successful sync of the file survives; of data written later any sectors
 * may survive. Names behave likewise with syncs of the folder. After a failed sync, data written
 * before it is not made durable by a later one. One store at a time; the store's own threads may
 * call. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Until disk_begin the disk does what the system does. From then on it remembers every change and
 * can fail; disk_end ends that and forgets everything. */
void disk_begin(void);
void disk_end(void);

/* The calls that can fail. */
enum disk_call {
	DISK_OPEN,
	DISK_WRITE,
	DISK_FDATASYNC,
	DISK_FSYNC,
	DISK_FALLOCATE,
	DISK_RENAME,
	DISK_CALLS
};

/* Lets `count` calls of a kind fail with `error`, after `after` more that succeed. A write that
 * fails has written a part. */
void disk_fail(enum disk_call call, int error, unsigned after, unsigned count);

/* Lets only calls of the calling thread fail, and not those of the store's own. */
void disk_fail_here(enum disk_call call, int error, unsigned after, unsigned count);

/* Lets every write be done in pieces of at most `nbytes`; 0 ends that. */
void disk_short_writes(size_t nbytes);

/* What the file system does with files opened with O_DIRECT: takes aligned writes to them, as at
 * the beginning; refuses all writes; refuses to open. */
enum disk_direct { DISK_DIRECT, DISK_DIRECT_NOT_WRITTEN, DISK_DIRECT_NOT_OPENED };
void disk_direct(enum disk_direct what);

/* Returns how many direct writes were taken. */
size_t disk_direct_writes(void);

/* Returns how many steps are remembered. */
size_t disk_steps(void);

/* How much of what was not synced survives. */
enum disk_loss {
	DISK_LOSES_ALL,
	DISK_LOSES_NOTHING,
	DISK_LOSES_SECTORS,
	DISK_LOSES_PAGES,
	DISK_LOSES_THE_END,
	DISK_LOSSES
};

/* Writes into the empty `folder` what the disk may hold when power is lost after `nsteps`. */
void disk_show(size_t nsteps, const char *folder, enum disk_loss loss, uint64_t seed);

/* Passes calls to the system, but without any sync, for speed, until disk_resume or disk_end.
 * Steps remembered earlier are kept. */
void disk_none(void);

/* Remembers and fails again, as after disk_begin. */
void disk_resume(void);
