/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/segment.h - one file of the log, of fixed size, all of it written before it is used.
 * Room-private.
 *
 * Its name is log-NUMBER; numbers rise and are never used twice, though the file may be one that
 * had another number before. A segment knows no records. The list of segments is the journal's,
 * under its lock.
 *
 * Where the file system can, it is written past the page cache (O_DIRECT): a sync then finds
 * nothing to write back, and what is never read again takes no memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "journal/path.h"

struct journal_segment {
	struct journal_segment *next; /* with a higher number */
	uint64_t number, size;
	uint64_t start; /* where it begins in the log as a whole: sizes of all before it */
	int fd;
	int direct_fd;		/* the same file with O_DIRECT, or -1 */
	unsigned npins;		/* readers of history that need the file to stay what it is */
	uint64_t last_sequence; /* of its last record; 0: none yet */
	uint64_t last_time_s;
	bool is_abandoned; /* a write or sync failed: never written again */
	bool is_gone;	   /* no longer of the log; the last reader closes it */
};

/* Writes the path of segment `number`. */
void journal_segment_path(char out[static JOURNAL_PATH_MAX], const char *folder, uint64_t number);

/* Makes a segment, written with zeroes and durable, name and all. 0 or a negative errno, nothing
 * left behind. */
int journal_segment_make(struct journal_segment **out, const char *folder, uint64_t number,
			 uint64_t size);

/* Gives the file of `old`, which is not needed any more, the number `number`. Takes `old`, even on
 * failure. 0 or a negative errno. */
int journal_segment_recycle(struct journal_segment **out, struct journal_segment *old,
			    const char *folder, uint64_t number);

/* Opens a segment that is there. 0 or a negative errno. */
int journal_segment_open(struct journal_segment **out, const char *folder, uint64_t number);

/* Writes all of the pieces at `at`, by way of `buffer` (as journal_io_write_direct) if that works;
 * what `pieces` says is used up. `at` and the sum of the pieces are multiples of JOURNAL_BLOCK. 0
 * or a negative errno. Durable after a sync of s->fd. */
int journal_segment_write(struct journal_segment *s, void *buffer, struct iovec *pieces,
			  size_t npieces, uint64_t at);

/* Tells that nothing more is written to it, which frees a descriptor. NULL is fine. */
void journal_segment_finish(struct journal_segment *s);

/* Closes it; the file stays. NULL is fine. */
void journal_segment_close(struct journal_segment *s);

/* Pins the segment: while it has pins its file is neither written anew nor closed. Under the
 * journal's lock. */
void journal_segment_pin(struct journal_segment *s);

/* Ends a pin; closes the segment if that was the last one and the log has given the segment up.
 * Under the journal's lock. */
void journal_segment_unpin(struct journal_segment *s);

/* Removes the file and closes it. 0 or a negative errno; closed either way. */
int journal_segment_remove(struct journal_segment *s, const char *folder);

/* Finds the numbers of all segments in a folder, rising, as an array that the caller frees. 0 or a
 * negative errno. */
int journal_segment_list(const char *folder, uint64_t **numbers, size_t *count);
