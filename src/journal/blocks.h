/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/blocks.h - files that are written once and replaced as a whole: checkpoints, baselines,
 * items. Room-private.
 *
 * A header of JOURNAL_BLOCK bytes, then blocks of about 1 MiB, each with its length and a
 * checksum:
 *
 *      0 magic 4      4 format 2     6 kind 2        8 serial 4        12 zero 4
 *     16 sequence 8  24 log from 8  32 items 8      40 owners 8        48 blocks 8
 *     56 bytes of the file 8       64 zone bytes 2   66 zone         4088 checksum 8
 *
 * A file is written beside the old one, synced and renamed. What the blocks hold is told by the
 * kind. One thread a file. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"
#include "journal/segment.h"

enum journal_blocks_kind {
	JOURNAL_BLOCKS_CHECKPOINT = 1,
	JOURNAL_BLOCKS_BASELINE = 2,
	JOURNAL_BLOCKS_ITEMS = 3
};

enum {
	JOURNAL_BLOCK_SIZE = 1 << 20, /* bytes that a block holds at most */
	JOURNAL_BLOCKS_HEAD = 16,     /* before them: their number 4, zero 4, checksum 8 */
};

struct journal_blocks_header {
	enum journal_blocks_kind kind;
	uint32_t serial;
	uint64_t sequence; /* of the last commit that is in the file */
	uint64_t log_from; /* items only: the first commit that the log must still hold */
	uint64_t nitems, nowners, nblocks, nbytes;
	uint8_t zone[DNS_NAME_MAX];
};

/* A file being written. */
struct journal_blocks_out {
	const char *folder;
	char path[JOURNAL_PATH_MAX], temporary[JOURNAL_PATH_MAX];
	uint64_t key, at, nsynced;
	int fd;
	uint8_t *block; /* JOURNAL_BLOCKS_HEAD and JOURNAL_BLOCK_SIZE bytes */
	size_t fill;	/* of the latter */
	struct journal_blocks_header header;
};

/* Begins the file that will be `path` in `folder` (borrowed until the end). 0 or a negative errno.
 */
int journal_blocks_create(struct journal_blocks_out *w, const char *folder, const char *path,
			  uint64_t key);

/* Bytes left in the block being filled; all of JOURNAL_BLOCK_SIZE mean that it is empty. */
static inline size_t journal_blocks_left(const struct journal_blocks_out *w)
{
	return JOURNAL_BLOCK_SIZE - w->fill;
}

/* Ends the block being filled, if it holds anything. 0 or a negative errno. */
int journal_blocks_flush(struct journal_blocks_out *w);

/* Writes the header and puts the file in its place, durably. 0, or a negative errno with the old
 * file in place; ended either way. */
int journal_blocks_end(struct journal_blocks_out *w);

/* Drops the file. */
void journal_blocks_abort(struct journal_blocks_out *w);

/* A file being read. */
struct journal_blocks_in {
	struct journal_blocks_header header;
	uint64_t key, at, nread;
	int fd;
	uint8_t *block;
};

/* Opens a file and checks its header. 0, -ENOENT, -EPROTO if it is of a newer format, -EBADMSG if
 * it is damaged or of another kind, or another negative errno. */
int journal_blocks_open(struct journal_blocks_in *r, const char *path,
			enum journal_blocks_kind kind, uint64_t key);

/* Reads and checks the next block: a view until the next call. 1, 0 at the end, or a negative
 * errno. */
int journal_blocks_next(struct journal_blocks_in *r, const uint8_t **bytes, size_t *nbytes);

void journal_blocks_close(struct journal_blocks_in *r);
