/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/slab.h"

#include <stdlib.h>

#include "base/pages.h"
#include "base/prefault.h"

enum { BLOCK_SMALL = 64 << 10, BLOCK_LARGE = 4 * BASE_PAGES_HUGE, CLASS_MAX = 4096 };

struct base_slab_piece {
	struct base_slab_piece *next;
};

struct base_slab_block {
	struct base_slab_block *older;
	size_t size;
	char bytes[];
};

void base_slab_init(struct base_slab *s)
{
	*s = (struct base_slab){.blocks = NULL};
}

void base_slab_fini(struct base_slab *s)
{
	while (s->blocks != NULL) {
		struct base_slab_block *older = s->blocks->older;

		base_pages_free(s->blocks, s->blocks->size);
		s->blocks = older;
	}
	base_slab_init(s);
}

void base_slab_prefault(struct base_slab *s)
{
	if (s->prefault == NULL)
		s->prefault = base_prefault_start(BLOCK_LARGE);
}

void base_slab_prefault_end(struct base_slab *s)
{
	base_prefault_stop(s->prefault);
	s->prefault = NULL;
}

/* The figures that base_slab_memory reads in another thread; one thread at a time changes them. */
static void add(size_t *figure, size_t nbytes)
{
	__atomic_store_n(figure, *figure + nbytes, __ATOMIC_RELAXED);
}

static unsigned class_of(size_t nbytes)
{
	return (unsigned)(nbytes <= 512 ? (nbytes - 1) / 8 : 64 + (nbytes - 513) / 128);
}

static size_t class_size(unsigned class)
{
	return class < 64 ? ((size_t) class + 1) * 8 : 512 + ((size_t) class - 63) * 128;
}

/* Small slabs get small blocks, large ones huge pages. The rest of the old block is not used any
 * more. */
static int block_add(struct base_slab *s)
{
	size_t size = s->total < 16 * BLOCK_SMALL ? BLOCK_SMALL : BLOCK_LARGE;
	struct base_slab_block *b = size == BLOCK_LARGE ? base_prefault_take(s->prefault) : NULL;

	if (b == NULL)
		b = base_pages_alloc(size);
	if (b == NULL)
		return -1;
	b->older = s->blocks;
	b->size = size;
	s->blocks = b;
	s->at = b->bytes;
	s->left = size - sizeof(*b);
	add(&s->total, size);
	return 0;
}

void *base_slab_alloc(struct base_slab *s, size_t nbytes)
{
	unsigned class;
	size_t size;
	void *p;

	if (nbytes > CLASS_MAX) {
		p = malloc(nbytes);
		add(&s->large, p == NULL ? 0 : nbytes);
		return p;
	}
	class = class_of(nbytes);
	size = class_size(class);
	if (s->unused[class] != NULL) {
		p = s->unused[class];
		s->unused[class] = s->unused[class]->next;
		s->used += size;
		return p;
	}
	if (size > s->left && block_add(s) < 0)
		return NULL;
	p = s->at;
	s->at += size;
	s->left -= size;
	s->used += size;
	return p;
}

void base_slab_free(struct base_slab *s, void *piece, size_t nbytes)
{
	struct base_slab_piece *p = piece;
	unsigned class;

	if (p == NULL)
		return;
	if (nbytes > CLASS_MAX) {
		free(p);
		add(&s->large, -nbytes);
		return;
	}
	class = class_of(nbytes);
	p->next = s->unused[class];
	s->unused[class] = p;
	s->used -= class_size(class);
}

size_t base_slab_memory(const struct base_slab *s)
{
	return __atomic_load_n(&s->total, __ATOMIC_RELAXED) +
	       __atomic_load_n(&s->large, __ATOMIC_RELAXED);
}
