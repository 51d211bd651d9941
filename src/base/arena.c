/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/pages.h"

struct base_arena_block {
	struct base_arena_block *older;
	size_t size;
	char bytes[];
};

void base_arena_init(struct base_arena *a, size_t block_size)
{
	*a = (struct base_arena){.block_size = block_size};
}

static void blocks_free(struct base_arena_block *b)
{
	while (b != NULL) {
		struct base_arena_block *older = b->older;

		if (b->size >= BASE_PAGES_HUGE)
			base_pages_free(b, b->size);
		else
			free(b);
		b = older;
	}
}

void base_arena_fini(struct base_arena *a)
{
	blocks_free(a->blocks);
	base_arena_init(a, a->block_size);
}

static void use_block(struct base_arena *a, struct base_arena_block *b)
{
	a->at = b->bytes;
	a->left = b->size - sizeof(*b);
}

void base_arena_reset(struct base_arena *a)
{
	struct base_arena_block *keep = a->blocks, **at = &a->blocks;

	if (keep == NULL)
		return;
	/* Keep the oldest block: it has the ordinary size, unless the first piece was a large one.
	 */
	while ((*at)->older != NULL)
		at = &(*at)->older;
	keep = *at;
	*at = NULL;
	blocks_free(a->blocks);
	a->blocks = keep;
	a->total = keep->size;
	if (keep->size > a->block_size + sizeof(*keep))
		base_arena_fini(a);
	else
		use_block(a, keep);
}

/* Blocks grow with the arena, and large ones consist of huge pages, so that loading a zone takes
 * few allocations and page faults. */
static size_t block_size(const struct base_arena *a, size_t nbytes)
{
	size_t size = a->block_size;

	if (a->total >= BASE_PAGES_HUGE)
		size = a->total < 4 * BASE_PAGES_HUGE ? BASE_PAGES_HUGE : 4 * BASE_PAGES_HUGE;
	size = (size < nbytes ? nbytes : size) + sizeof(struct base_arena_block);
	return size < BASE_PAGES_HUGE
		       ? size
		       : (size + BASE_PAGES_HUGE - 1) / BASE_PAGES_HUGE * BASE_PAGES_HUGE;
}

static int block_add(struct base_arena *a, size_t nbytes)
{
	size_t size = block_size(a, nbytes);
	struct base_arena_block *b =
		size >= BASE_PAGES_HUGE ? base_pages_alloc(size) : malloc(size);

	if (b == NULL)
		return -1;
	b->older = a->blocks;
	b->size = size;
	a->blocks = b;
	a->total += size;
	use_block(a, b);
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
