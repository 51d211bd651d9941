/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "undo/pairs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

enum { SLOTS_FIRST = 256 };

int undo_pairs_init(struct undo_pairs *h)
{
	memset(h, 0, sizeof(*h));
	h->slot = calloc(SLOTS_FIRST, sizeof(*h->slot));
	h->mask = SLOTS_FIRST - 1;
	return h->slot == NULL ? -ENOMEM : 0;
}

void undo_pairs_fini(struct undo_pairs *h)
{
	free(h->slot);
	free(h->undo);
}

static size_t home(const struct undo_pair *s, size_t mask)
{
	return (s->record + s->lease * 0x9e3779b97f4a7c15ull) & mask;
}

/* The slot of that pair, or the free one where it would be. */
static struct undo_pair *find(const struct undo_pairs *h, uint64_t record, uint64_t lease)
{
	const struct undo_pair wanted = {.record = record, .lease = lease};
	size_t i = home(&wanted, h->mask);

	while (h->slot[i].count > 0 && (h->slot[i].record != record || h->slot[i].lease != lease))
		i = (i + 1) & h->mask;
	return &h->slot[i];
}

uint32_t undo_pairs_count(const struct undo_pairs *h, uint64_t record)
{
	return find(h, record, 0)->count;
}

bool undo_pairs_has(const struct undo_pairs *h, uint64_t record, uint64_t lease)
{
	return find(h, record, lease)->count > 0;
}

/* Room for a pair and the record's own, and in the undo for all that one call changes. */
static int make_room(struct undo_pairs *h)
{
	struct undo_pairs more = {.mask = h->mask * 2 + 1};
	struct undo_pair *undo;

	for (unsigned i = 0; i < 2; i++) {
		undo = base_grow(h->undo, h->nundo + i, &h->undo_room, sizeof(*h->undo));
		if (undo == NULL)
			return -ENOMEM;
		h->undo = undo;
	}
	if (h->used + 2 <= h->mask / 4 * 3)
		return 0;
	more.slot = calloc(more.mask + 1, sizeof(*more.slot));
	if (more.slot == NULL)
		return -ENOMEM;
	for (size_t i = 0; i <= h->mask; i++)
		if (h->slot[i].count > 0)
			*find(&more, h->slot[i].record, h->slot[i].lease) = h->slot[i];
	free(h->slot);
	h->slot = more.slot;
	h->mask = more.mask;
	return 0;
}

/* Takes a slot out and moves those up that would not be found behind the gap. */
static void take_out(struct undo_pairs *h, struct undo_pair *s)
{
	size_t gap = (size_t)(s - h->slot), i = gap;

	for (i = (i + 1) & h->mask; h->slot[i].count > 0; i = (i + 1) & h->mask) {
		if (((i - home(&h->slot[i], h->mask)) & h->mask) < ((i - gap) & h->mask))
			continue;
		h->slot[gap] = h->slot[i];
		gap = i;
	}
	h->slot[gap] = (struct undo_pair){0};
	h->used--;
}

/* Makes the pair's slot what `now` says; count 0 takes it out. */
static void set(struct undo_pairs *h, const struct undo_pair *now)
{
	struct undo_pair *s = find(h, now->record, now->lease);

	if (now->count == 0) {
		if (s->count > 0)
			take_out(h, s);
		return;
	}
	h->used += s->count == 0;
	*s = *now;
}

/* The same, and notes what was there. */
static void change(struct undo_pairs *h, const struct undo_pair *now)
{
	struct undo_pair before = *find(h, now->record, now->lease);

	before.record = now->record;
	before.lease = now->lease;
	h->undo[h->nundo++] = before;
	set(h, now);
}

static void change_count(struct undo_pairs *h, uint64_t record, uint64_t lease, int by)
{
	struct undo_pair now = {record, lease, find(h, record, lease)->count};

	now.count += (uint32_t)by;
	change(h, &now);
}

int undo_pairs_add(struct undo_pairs *h, uint64_t record, uint64_t lease)
{
	if (undo_pairs_has(h, record, lease))
		return 0;
	if (make_room(h) < 0)
		return -ENOMEM;
	change_count(h, record, 0, 1);
	change_count(h, record, lease, 1);
	return 0;
}

int undo_pairs_drop(struct undo_pairs *h, uint64_t record, uint64_t lease)
{
	if (!undo_pairs_has(h, record, lease))
		return 0;
	if (make_room(h) < 0)
		return -ENOMEM;
	change_count(h, record, 0, -1);
	change_count(h, record, lease, -1);
	return 0;
}

void undo_pairs_commit(struct undo_pairs *h)
{
	h->nundo = 0;
}

void undo_pairs_undo(struct undo_pairs *h)
{
	/* There was room for all of it before. */
	while (h->nundo > 0)
		set(h, &h->undo[--h->nundo]);
}
