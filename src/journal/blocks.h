/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/blocks.h - files that are written once and replaced as a whole: checkpoints, baselines
 * and the items' file. Room-private.
 *
 * A header of JOURNAL_BLOCK bytes, then blocks of up to 1 MiB, each with its length and a checksum:
 *
 *      0 magic 4      4 format 2     6 kind 2        8 serial 4        12 zero 4
 *     16 sequence 8  24 log from 8  32 items 8      40 owners 8        48 blocks 8
 *     56 bytes of the file 8        64 zone bytes 2    66 zone         4088 checksum 8
 *
 * A file is written beside the old one, synced and renamed. Knows nothing of what is in the blocks:
 * that depends on the kind (journal/image.h, journal/items.h). A file belongs to one thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"
#include "journal/path.h"

enum journal_blocks_kind {
	JOURNAL_BLOCKS_CHECKPOINT = 1,
	JOURNAL_BLOCKS_BASELINE = 2,
	JOURNAL_BLOCKS_ITEMS = 3
};

enum {
	JOURNAL_BLOCK_SIZE = 1 << 20, /* the most bytes in a block */
	JOURNAL_BLOCKS_HEAD = 16,     /* bytes before them: their number 4, zero 4, checksum 8 */
};

struct journal_blocks_header {
	enum journal_blocks_kind kind;
	uint32_t serial;   /* of a checkpoint; in a baseline the length of its identity */
	uint64_t sequence; /* of the last commit that the file contains */
	uint64_t log_from; /* items only: the first commit that the log must still hold */
	uint64_t nitems;   /* records or items in the file */
	uint64_t nowners;  /* different owner names of the records */
	uint64_t nblocks, nbytes;
	uint8_t zone[DNS_NAME_MAX]; /* wire name; the root in the items' file */
};

/* A file being written. The caller fills in kind, serial, sequence, log_from and zone of the header
 * before journal_blocks_end, and counts the items and owners. */
struct journal_blocks_out {
	const char *folder;
	char path[JOURNAL_PATH_MAX], temporary[JOURNAL_PATH_MAX];
	uint64_t key;	  /* of the checksums */
	uint64_t at;	  /* where the block being filled goes */
	uint64_t nsynced; /* bytes written before the last sync */
	int fd;
	uint8_t *block; /* JOURNAL_BLOCKS_HEAD and JOURNAL_BLOCK_SIZE bytes */
	size_t fill;	/* bytes used of the latter */
	struct journal_blocks_header header;
};

/* Begins the file `path` in `folder` (borrowed until the end). Returns 0, after which
 * journal_blocks_end or _abort is owed, or a negative errno. */
int journal_blocks_create(struct journal_blocks_out *w, const char *folder, const char *path,
			  uint64_t key);

/* Returns the bytes left in the block being filled; JOURNAL_BLOCK_SIZE if it is empty. */
static inline size_t journal_blocks_left(const struct journal_blocks_out *w)
{
	return JOURNAL_BLOCK_SIZE - w->fill;
}

/* Writes the block being filled, if it is not empty, and begins another one. Returns 0 or a
 * negative errno. */
int journal_blocks_flush(struct journal_blocks_out *w);

/* Writes what is left and the header, syncs the file and puts it in force. Returns 0, or a negative
 * errno with the file before still there. `w` is finished either way. */
int journal_blocks_end(struct journal_blocks_out *w);

/* Removes what was written so far and finishes `w`. */
void journal_blocks_abort(struct journal_blocks_out *w);

/* A file being read. */
struct journal_blocks_in {
	struct journal_blocks_header header;
	uint64_t key, at, nread; /* nread: blocks read so far */
	int fd;
	uint8_t *block; /* the block read last */
};

/* Opens a file and reads its header. Returns 0, after which journal_blocks_close is owed; -ENOENT;
 * -EPROTO if a newer version of weft wrote the file; -EBADMSG if it is damaged or of another kind;
 * or another negative errno. */
int journal_blocks_open(struct journal_blocks_in *r, const char *path,
			enum journal_blocks_kind kind, uint64_t key);

/* Reads the next block; `bytes` is valid until the next call. Returns 1, 0 after the last block,
 * -EBADMSG if the file is damaged, or another negative errno. */
int journal_blocks_next(struct journal_blocks_in *r, const uint8_t **bytes, size_t *nbytes);

void journal_blocks_close(struct journal_blocks_in *r);
