/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/slab.h - memory for very many small things of one owner.
 *
 * Pieces carry no header: who frees a piece says how large it was. Sizes are rounded up to a class
 * (8 octets apart up to 512, 128 apart up to 4096); larger pieces come from malloc. Freed pieces
 * are reused, blocks go back to the system only at the end. One thread at a time. */
#pragma once

#include <stddef.h>

enum { BASE_SLAB_CLASSES = 64 + 28 };

struct base_prefault;
struct base_slab_piece;
struct base_slab_block;

struct base_slab {
	struct base_slab_piece *unused[BASE_SLAB_CLASSES];
	struct base_slab_block *blocks;
	char *at;
	size_t left;
	size_t large;			/* bytes of pieces too large for blocks */
	size_t used;			/* bytes handed out, rounded to classes */
	size_t total;			/* bytes taken from the system for blocks */
	struct base_prefault *prefault; /* has blocks ready, or NULL */
};

void base_slab_init(struct base_slab *s);

/* Gives all blocks back. Pieces larger than 4096 octets must have been freed before. */
void base_slab_fini(struct base_slab *s);

/* Has the memory for what is about to come touched ahead, by a thread; base_slab_prefault_end ends
 * that, which must come before base_slab_fini. */
void base_slab_prefault(struct base_slab *s);
void base_slab_prefault_end(struct base_slab *s);

/* Returns `nbytes` (more than 0) aligned to 8, not cleared; NULL when memory is short. */
void *base_slab_alloc(struct base_slab *s, size_t nbytes);

/* Gives back a piece of `nbytes`, the size it was asked for with. NULL is fine. */
void base_slab_free(struct base_slab *s, void *piece, size_t nbytes);
