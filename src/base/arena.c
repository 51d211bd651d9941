/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct base_arena_block {
	struct base_arena_block *older;
	size_t size;
	char bytes[];
};

void base_arena_init(struct base_arena *a, size_t block_size)
{
	*a = (struct base_arena){ .block_size = block_size };
}

static void blocks_free(struct base_arena_block *b)
{
	while (b != NULL) {
		struct base_arena_block *older = b->older;

		free(b);
		b = older;
	}
}

void base_arena_fini(struct base_arena *a)
{
	blocks_free(a->blocks);
	base_arena_init(a, a->block_size);
}

void base_arena_reset(struct base_arena *a)
{
	struct base_arena_block *keep = a->blocks;

	if (keep == NULL)
		return;
	blocks_free(keep->older);
	keep->older = NULL;
	if (keep->size > a->block_size) {
		base_arena_fini(a);
		return;
	}
	a->at = keep->bytes;
	a->left = keep->size;
	a->total = keep->size;
}

static int block_add(struct base_arena *a, size_t nbytes)
{
	size_t size = nbytes > a->block_size ? nbytes : a->block_size;
	struct base_arena_block *b = malloc(sizeof *b + size);

	if (b == NULL)
		return -1;
	b->older = a->blocks;
	b->size = size;
	a->blocks = b;
	a->at = b->bytes;
	a->left = size;
	a->total += size;
	return 0;
}

void *base_arena_alloc(struct base_arena *a, size_t nbytes)
{
	void *p;

	if (nbytes > SIZE_MAX / 2)
		return NULL;
	nbytes = (nbytes + 7) & ~(size_t)7;
	if ((nbytes > a->left || a->blocks == NULL) && block_add(a, nbytes) < 0)
		return NULL;
	p = a->at;
	a->at += nbytes;
	a->left -= nbytes;
	return p;
}

void *base_arena_copy(struct base_arena *a, const void *bytes, size_t nbytes)
{
	void *p = base_arena_alloc(a, nbytes);

	if (p != NULL && nbytes > 0)
		memcpy(p, bytes, nbytes);
	return p;
}
