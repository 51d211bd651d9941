/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/slab.h - memory for very many small pieces of one owner.
 *
 * A piece has no header: the caller gives its size again when it frees it. Sizes are rounded up to
 * a class (8 bytes apart up to 512, 128 apart up to 4096); larger pieces come from malloc. Freed
 * pieces are reused by the same class, blocks go back to the system only at the end. It does not
 * know what the pieces hold. One thread at a time, but for base_slab_memory. */
#pragma once

#include <stddef.h>

struct base_prefault;
struct base_slab_block;
struct base_slab_piece;

enum { BASE_SLAB_CLASSES = 64 + 28 }; /* up to 512, and from there to 4096 */

/* The caller reads `large`, `used` and `total` at most. */
struct base_slab {
	struct base_slab_piece *unused[BASE_SLAB_CLASSES]; /* freed pieces of each class */
	struct base_slab_block *blocks;			   /* newest first */
	char *at;					   /* the unused part of the newest block */
	size_t left;					   /* its bytes */
	size_t large;			/* bytes of pieces too large for blocks */
	size_t used;			/* bytes of pieces in blocks, rounded to classes */
	size_t total;			/* bytes taken from the system for blocks */
	struct base_prefault *prefault; /* has blocks ready, or NULL */
};

/* Makes an empty slab; it allocates nothing yet. */
void base_slab_init(struct base_slab *s);

/* Frees all blocks, and with them all pieces of up to 4096 bytes. Larger pieces must have been
 * freed before, and base_slab_prefault_end called. */
void base_slab_fini(struct base_slab *s);

/* Starts a thread that touches the memory of the next blocks in advance, before many pieces are
 * allocated. If it cannot be started, blocks are allocated as always. */
void base_slab_prefault(struct base_slab *s);

/* Ends the thread of base_slab_prefault, if there is one. */
void base_slab_prefault_end(struct base_slab *s);

/* Returns `nbytes` (more than 0), aligned to 8 and not cleared; NULL when out of memory. */
void *base_slab_alloc(struct base_slab *s, size_t nbytes);

/* Frees a piece that was allocated with `nbytes`. `piece` may be NULL. */
void base_slab_free(struct base_slab *s, void *piece, size_t nbytes);

/* Returns the bytes that the slab has taken from the system. Any thread: while pieces are allocated
 * the result is a moment old. */
size_t base_slab_memory(const struct base_slab *s);
