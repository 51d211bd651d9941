/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/segment.h - one file of the log, of fixed size, all of it written before it is used.
 * Room-private.
 *
 * The file's name is log-NUMBER. Numbers rise and none is used twice, though the same file may have
 * had another number before. A segment knows no records. Segments are in lists of the journal
 * (journal/log.h), under its lock.
 *
 * Where the file system can, a segment is written past the page cache (O_DIRECT): a sync then finds
 * nothing to write back, and what is never read again takes no memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "journal/path.h"

struct journal_segment {
	struct journal_segment *next; /* in its list */
	uint64_t number, size;
	uint64_t start; /* position of its first byte in the log as a whole */
	int fd;
	int direct_fd;		/* the same file with O_DIRECT, or -1 */
	unsigned npins;		/* readers of history that need the file to stay as it is */
	uint64_t last_sequence; /* of its last record; 0: it has none */
	uint64_t last_time_s;	/* wall clock, of its last record */
	bool is_abandoned;	/* a write or sync failed: never written again */
	bool is_gone;		/* no longer in the log; the last unpin closes it */
};

/* Writes the path of segment `number` in `folder`. */
void journal_segment_path(char out[static JOURNAL_PATH_MAX], const char *folder, uint64_t number);

/* Makes a segment whose bytes are zero and whose file and name are durable. Returns 0, or a
 * negative errno with no file left behind. The caller owns the segment. */
int journal_segment_make(struct journal_segment **out, const char *folder, uint64_t number,
			 uint64_t size);

/* Gives the file of `old`, which is not needed any more, the number `number`. Takes `old`, even on
 * failure. Returns 0 or a negative errno. */
int journal_segment_recycle(struct journal_segment **out, struct journal_segment *old,
			    const char *folder, uint64_t number);

/* Opens an existing segment for reading. Returns 0 or a negative errno. */
int journal_segment_open(struct journal_segment **out, const char *folder, uint64_t number);

/* Opens a segment that journal_segment_open opened for writing, too. Returns 0, or a negative errno
 * with the segment as it was. */
int journal_segment_reopen(struct journal_segment *s, const char *folder);

/* Writes all of `pieces` at the offset `at`: through `buffer` (as journal_io_write_direct) if
 * direct writes work, else as journal_io_write. `at` and the sum of the pieces are multiples of
 * JOURNAL_BLOCK. Changes `pieces`. Returns 0 or a negative errno; what was written is durable after
 * a sync of s->fd. */
int journal_segment_write(struct journal_segment *s, void *buffer, struct iovec *pieces,
			  size_t npieces, uint64_t at);

/* Ends the writing, which frees a descriptor. NULL is fine. */
void journal_segment_finish(struct journal_segment *s);

/* Makes a segment of its own with the first `size` bytes of the file of `s`, for reading. Returns 0
 * or a negative errno. */
int journal_segment_dup(struct journal_segment **out, const struct journal_segment *s,
			uint64_t size);

/* Frees the segment; its file stays. NULL is fine. */
void journal_segment_close(struct journal_segment *s);

/* Pins the segment: while it has pins its file is neither written anew nor closed. Under the
 * journal's lock. */
void journal_segment_pin(struct journal_segment *s);

/* Ends a pin; closes the segment if that was the last one and the log has given the segment up.
 * Under the journal's lock. */
void journal_segment_unpin(struct journal_segment *s);

/* Removes the file and frees the segment, whether or not the removal works. Returns 0 or a negative
 * errno. */
int journal_segment_remove(struct journal_segment *s, const char *folder);

/* Finds the numbers of all segments in a folder, in rising order. Returns 0 with an array that the
 * caller frees, or a negative errno with `numbers` NULL. */
int journal_segment_list(const char *folder, uint64_t **numbers, size_t *count);
