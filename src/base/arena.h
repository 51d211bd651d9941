/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/arena.h - memory that is given back all at once.
 *
 * An arena hands out pieces of larger blocks and frees nothing until it is reset or
 * ended: the lifetime "a batch", "a load", "a message". One thread at a time. */
#pragma once

#include <stddef.h>

struct base_arena_block;

struct base_arena {
	struct base_arena_block *blocks; /* newest first */
	char *at;
	size_t left;
	size_t block_size;
	size_t total; /* bytes in all blocks */
};

/* Makes an empty arena which takes blocks of `block_size` bytes from the system as needed. */
void base_arena_init(struct base_arena *a, size_t block_size);

/* Gives everything back to the system. */
void base_arena_fini(struct base_arena *a);

/* Forgets all pieces, keeping one block for the next use. */
void base_arena_reset(struct base_arena *a);

/* Returns `nbytes` aligned to 8, or NULL when memory is short. Not cleared. */
void *base_arena_alloc(struct base_arena *a, size_t nbytes);

/* A copy of `nbytes` at `bytes`, or NULL. */
void *base_arena_copy(struct base_arena *a, const void *bytes, size_t nbytes);
