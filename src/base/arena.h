/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/arena.h - memory that is freed all at once.
 *
 * An arena hands out pieces of larger blocks and frees nothing until it is reset or ended: the
 * lifetime "a batch", "a load", "a message". It does not know what the pieces hold. One thread at a
 * time. */
#pragma once

#include <stddef.h>

struct base_arena_block;

/* The caller reads `total` at most; the rest is the arena's. */
struct base_arena {
	struct base_arena_block *blocks; /* newest first */
	char *at;			 /* the unused part of the newest block */
	size_t left;			 /* its bytes */
	size_t block_size;		 /* bytes of an ordinary block */
	size_t total;			 /* bytes in all blocks */
};

/* Makes an empty arena. Blocks of `block_size` bytes are allocated as needed; large arenas take
 * larger blocks, in huge pages (base/pages.h). */
void base_arena_init(struct base_arena *a, size_t block_size);

/* Frees all blocks, and with them all pieces. The arena is empty then and may be used again. */
void base_arena_fini(struct base_arena *a);

/* Makes all pieces invalid, but keeps one block of ordinary size for the next use. */
void base_arena_reset(struct base_arena *a);

/* Returns `nbytes` aligned to 8 and not cleared, valid until the arena is reset or ended; NULL when
 * out of memory. */
void *base_arena_alloc(struct base_arena *a, size_t nbytes);

/* Returns a piece with a copy of the `nbytes` at `bytes`, or NULL when out of memory. */
void *base_arena_copy(struct base_arena *a, const void *bytes, size_t nbytes);
