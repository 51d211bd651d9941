/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* store/blocks.h - files that are written once and replaced as a whole: checkpoints, bases, notes.
 * Room-private.
 *
 * A header of STORE_BLOCK octets, then blocks of about 1 MiB, each with its length and a checksum:
 *
 *      0 magic 4      4 format 2     6 kind 2        8 serial 4        12 zero 4
 *     16 sequence 8  24 log from 8  32 items 8      40 owners 8        48 blocks 8
 *     56 octets of the file 8       64 zone octets 2   66 zone         4088 checksum 8
 *
 * A file is written beside the old one, synced and renamed. What the blocks hold is told by the
 * kind. One thread a file. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"
#include "store/segment.h"

enum store_blocks_kind {
	STORE_BLOCKS_CHECKPOINT = 1,
	STORE_BLOCKS_BASE = 2,
	STORE_BLOCKS_NOTES = 3
};

enum {
	STORE_BLOCK_SIZE = 1 << 20, /* octets that a block holds at most */
	STORE_BLOCKS_HEAD = 16,	    /* before them: their number 4, zero 4, checksum 8 */
};

struct store_blocks_header {
	enum store_blocks_kind kind;
	uint32_t serial;
	uint64_t sequence; /* of the last commit that is in the file */
	uint64_t log_from; /* notes only: the first commit that the log must still hold */
	uint64_t nitems, nowners, nblocks, nbytes;
	uint8_t zone[DNS_NAME_MAX];
};

/* A file being written. */
struct store_blocks_out {
	const char *folder;
	char path[STORE_PATH_MAX], temporary[STORE_PATH_MAX];
	uint64_t key, at, nsynced;
	int fd;
	uint8_t *block; /* STORE_BLOCKS_HEAD and STORE_BLOCK_SIZE octets */
	size_t fill;	/* of the latter */
	struct store_blocks_header header;
};

/* Begins the file that will be `path` in `folder` (borrowed until the end). 0 or a negative errno.
 */
int store_blocks_create(struct store_blocks_out *w, const char *folder, const char *path,
			uint64_t key);

/* Octets left in the block being filled; all of STORE_BLOCK_SIZE mean that it is empty. */
static inline size_t store_blocks_left(const struct store_blocks_out *w)
{
	return STORE_BLOCK_SIZE - w->fill;
}

/* Ends the block being filled, if it holds anything. 0 or a negative errno. */
int store_blocks_flush(struct store_blocks_out *w);

/* Writes the header and puts the file in its place, durably. 0, or a negative errno with the old
 * file in place; ended either way. */
int store_blocks_end(struct store_blocks_out *w);

/* Drops the file. */
void store_blocks_abort(struct store_blocks_out *w);

/* A file being read. */
struct store_blocks_in {
	struct store_blocks_header header;
	uint64_t key, at, nread;
	int fd;
	uint8_t *block;
};

/* Opens a file and checks its header. 0, -ENOENT, -EPROTO if it is of a newer format, -EBADMSG if
 * it is damaged or of another kind, or another negative errno. */
int store_blocks_open(struct store_blocks_in *r, const char *path, enum store_blocks_kind kind,
		      uint64_t key);

/* Reads and checks the next block: a view until the next call. 1, 0 at the end, or a negative
 * errno. */
int store_blocks_next(struct store_blocks_in *r, const uint8_t **bytes, size_t *nbytes);

void store_blocks_close(struct store_blocks_in *r);
