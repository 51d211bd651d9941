/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "undo/pairs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

enum { SLOTS_FIRST = 256 };

int undo_pairs_init(struct undo_pairs *p)
{
	memset(p, 0, sizeof(*p));
	p->slot = calloc(SLOTS_FIRST, sizeof(*p->slot));
	p->mask = SLOTS_FIRST - 1;
	return p->slot == NULL ? -ENOMEM : 0;
}

void undo_pairs_fini(struct undo_pairs *p)
{
	free(p->slot);
	free(p->undo);
}

static size_t home(const struct undo_pair *s, size_t mask)
{
	return (s->key + s->member * 0x9e3779b97f4a7c15ull) & mask;
}

/* Returns the slot of a pair, or the free slot where it belongs. */
static struct undo_pair *find(const struct undo_pairs *p, uint64_t key, uint64_t member)
{
	const struct undo_pair wanted = {.key = key, .member = member};
	size_t i = home(&wanted, p->mask);

	while (p->slot[i].count > 0 && (p->slot[i].key != key || p->slot[i].member != member))
		i = (i + 1) & p->mask;
	return &p->slot[i];
}

uint32_t undo_pairs_count(const struct undo_pairs *p, uint64_t key)
{
	return find(p, key, 0)->count;
}

bool undo_pairs_has(const struct undo_pairs *p, uint64_t key, uint64_t member)
{
	return find(p, key, member)->count > 0;
}

/* Makes room for a pair and its key, and for all that one call may have to undo. */
static int make_room(struct undo_pairs *p)
{
	struct undo_pairs more = {.mask = p->mask * 2 + 1};
	struct undo_pair *undo;

	for (unsigned i = 0; i < 2; i++) {
		undo = base_grow(p->undo, p->nundo + i, &p->undo_capacity, sizeof(*p->undo));
		if (undo == NULL)
			return -ENOMEM;
		p->undo = undo;
	}
	if (p->used + 2 <= p->mask / 4 * 3)
		return 0;
	more.slot = calloc(more.mask + 1, sizeof(*more.slot));
	if (more.slot == NULL)
		return -ENOMEM;
	for (size_t i = 0; i <= p->mask; i++)
		if (p->slot[i].count > 0)
			*find(&more, p->slot[i].key, p->slot[i].member) = p->slot[i];
	free(p->slot);
	p->slot = more.slot;
	p->mask = more.mask;
	return 0;
}

/* Frees a slot, and moves up those after it that would no longer be found past the gap. */
static void take_out(struct undo_pairs *p, struct undo_pair *s)
{
	size_t gap = (size_t)(s - p->slot), i = gap;

	for (i = (i + 1) & p->mask; p->slot[i].count > 0; i = (i + 1) & p->mask) {
		if (((i - home(&p->slot[i], p->mask)) & p->mask) < ((i - gap) & p->mask))
			continue;
		p->slot[gap] = p->slot[i];
		gap = i;
	}
	p->slot[gap] = (struct undo_pair){0};
	p->used--;
}

/* Writes the slot of a pair; a count of 0 frees it. */
static void set(struct undo_pairs *p, const struct undo_pair *now)
{
	struct undo_pair *s = find(p, now->key, now->member);

	if (now->count == 0) {
		if (s->count > 0)
			take_out(p, s);
		return;
	}
	p->used += s->count == 0;
	*s = *now;
}

/* Writes the slot of a pair, after storing its old value in the undo. */
static void change(struct undo_pairs *p, const struct undo_pair *now)
{
	struct undo_pair before = *find(p, now->key, now->member);

	before.key = now->key;
	before.member = now->member;
	p->undo[p->nundo++] = before;
	set(p, now);
}

static void change_count(struct undo_pairs *p, uint64_t key, uint64_t member, int by)
{
	struct undo_pair now = {key, member, find(p, key, member)->count};

	now.count += (uint32_t)by;
	change(p, &now);
}

int undo_pairs_add(struct undo_pairs *p, uint64_t key, uint64_t member)
{
	if (undo_pairs_has(p, key, member))
		return 0;
	if (make_room(p) < 0)
		return -ENOMEM;
	change_count(p, key, 0, 1);
	change_count(p, key, member, 1);
	return 0;
}

int undo_pairs_remove(struct undo_pairs *p, uint64_t key, uint64_t member)
{
	if (!undo_pairs_has(p, key, member))
		return 0;
	if (make_room(p) < 0)
		return -ENOMEM;
	change_count(p, key, 0, -1);
	change_count(p, key, member, -1);
	return 0;
}

void undo_pairs_commit(struct undo_pairs *p)
{
	p->nundo = 0;
}

void undo_pairs_undo(struct undo_pairs *p)
{
	/* Needs no memory: the set was large enough for this state before. */
	while (p->nundo > 0)
		set(p, &p->undo[--p->nundo]);
}
