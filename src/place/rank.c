/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "place/rank.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

enum { BLOCK_MAX = 512 };

/* ---- candidates ---- */

struct place_candidate *place_rank_candidate(uint32_t owner, const uint8_t *key,
					     const uint8_t *spelled, size_t nbytes, uint16_t cost)
{
	bool is_lower = memcmp(key, spelled, nbytes) == 0;
	struct place_candidate *c = malloc(sizeof(*c) + nbytes * (is_lower ? 1 : 2));

	if (c == NULL)
		return NULL;
	*c = (struct place_candidate){
		.owner = owner, .nrefs = 1, .cost = cost, .nbytes = (uint16_t)nbytes};
	memcpy(c->key, key, nbytes);
	c->spelled = is_lower ? c->key : c->key + nbytes;
	if (!is_lower)
		memcpy(c->key + nbytes, spelled, nbytes);
	return c;
}

static int candidate_compare(const struct place_candidate *a, const uint8_t *key, size_t nbytes)
{
	int d = memcmp(a->key, key, a->nbytes < nbytes ? a->nbytes : nbytes);

	return d != 0 ? d : (a->nbytes > nbytes) - (a->nbytes < nbytes);
}

struct place_candidate *place_rank_get(const struct place_rank_owner *o, size_t rank)
{
	const struct place_rank_block *b = o->block;

	while (rank >= b->count)
		rank -= b++->count;
	return b->item[rank];
}

int place_rank_compare(const struct place_rank_owner *a, size_t left,
		       const struct place_rank_owner *b, size_t right)
{
	const struct place_candidate *y;
	int d = (left > right) - (left < right);

	if (d != 0 || a == b)
		return d;
	y = place_rank_get(b, right);
	d = candidate_compare(place_rank_get(a, left), y->key, y->nbytes);
	return d != 0 ? d : (a->id > b->id) - (a->id < b->id);
}

/* ---- blocks ---- */

/* Finds the last block that begins with the key or before it; an empty one ends the search. */
static size_t find_block(const struct place_rank_owner *o, const uint8_t *key, size_t nbytes)
{
	size_t low = 0, high = o->nblocks;

	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (candidate_compare(o->block[mid].item[0], key, nbytes) <= 0)
			low = mid;
		else
			high = mid;
	}
	return low;
}

/* Finds the index in a block at which the key is or belongs. */
static size_t find_index(const struct place_rank_block *b, const uint8_t *key, size_t nbytes)
{
	size_t low = 0, high = b->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (candidate_compare(b->item[mid], key, nbytes) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct place_candidate *place_rank_find(const struct place_rank_owner *o, const uint8_t *key,
					size_t nbytes, struct place_rank_at *at)
{
	const struct place_rank_block *b;
	struct place_candidate *c;

	*at = (struct place_rank_at){0, 0, 0};
	if (o == NULL || o->nblocks == 0)
		return NULL;
	at->block = find_block(o, key, nbytes);
	b = &o->block[at->block];
	at->index = at->rank = find_index(b, key, nbytes);
	for (size_t i = 0; i < at->block; i++)
		at->rank += o->block[i].count;
	c = at->index < b->count ? b->item[at->index] : NULL;
	return c != NULL && candidate_compare(c, key, nbytes) == 0 ? c : NULL;
}

/* Inserts an empty block at `at`. */
static int block_insert(struct place_rank_owner *o, size_t at)
{
	struct place_rank_block *grown =
		base_grow(o->block, o->nblocks, &o->blocks_capacity, sizeof(*o->block));

	if (grown == NULL)
		return -ENOMEM;
	o->block = grown;
	memmove(grown + at + 1, grown + at, (o->nblocks++ - at) * sizeof(*grown));
	grown[at] = (struct place_rank_block){0};
	return 0;
}

/* Moves the second half of a full block to a new one. */
static int block_split(struct place_rank_owner *o, size_t at)
{
	struct place_candidate **half = malloc(BLOCK_MAX * sizeof(struct place_candidate *));
	struct place_rank_block *b;

	if (half == NULL || block_insert(o, at + 1) < 0) {
		free(half);
		return -ENOMEM;
	}
	b = &o->block[at];
	memcpy(half, b->item + BLOCK_MAX / 2, BLOCK_MAX / 2 * sizeof(*half));
	b[1] = (struct place_rank_block){half, BLOCK_MAX / 2, BLOCK_MAX};
	b->count = BLOCK_MAX / 2;
	return 0;
}

int place_rank_insert(struct place_rank_owner *o, struct place_candidate *c,
		      struct place_rank_at *at)
{
	struct place_candidate **grown;
	struct place_rank_block *b;

	place_rank_find(o, c->key, c->nbytes, at);
	if (o->nblocks == 0 && block_insert(o, 0) < 0)
		return -ENOMEM;
	if (o->block[at->block].count == BLOCK_MAX) {
		if (block_split(o, at->block) < 0)
			return -ENOMEM;
		place_rank_find(o, c->key, c->nbytes, at);
	}
	b = &o->block[at->block];
	grown = base_grow(b->item, b->count, &b->capacity, sizeof(struct place_candidate *));
	if (grown == NULL)
		return -ENOMEM;
	b->item = grown;
	memmove(grown + at->index + 1, grown + at->index,
		(b->count++ - at->index) * sizeof(*grown));
	grown[at->index] = c;
	o->count++;
	return 0;
}

void place_rank_remove(struct place_rank_owner *o, const struct place_rank_at *at)
{
	struct place_rank_block *b = &o->block[at->block];

	memmove(b->item + at->index, b->item + at->index + 1,
		(--b->count - at->index) * sizeof(struct place_candidate *));
	o->count--;
	if (b->count > 0)
		return;
	free(b->item);
	memmove(b, b + 1, (--o->nblocks - at->block) * sizeof(*b));
}

void place_rank_free(struct place_rank_owner *o)
{
	for (size_t i = 0; i < o->nblocks; i++) {
		for (size_t k = 0; k < o->block[i].count; k++)
			free(o->block[i].item[k]);
		free(o->block[i].item);
	}
	free(o->block);
	free(o);
}

int place_rank_each(const struct place_rank_owner *o, size_t from, size_t to, place_fn each,
		    void *arg)
{
	size_t rank = 0;
	int ret = 0;

	for (size_t i = 0; i < o->nblocks && rank < to; i++)
		for (size_t k = 0; k < o->block[i].count && ret == 0; k++, rank++)
			if (rank >= from && rank < to)
				ret = each(arg, o->block[i].item[k], rank < o->nchosen);
	return ret;
}
