/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "undo/pairs.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

enum { SLOTS_FIRST = 256 };

enum { KEY = 1, PAIR, MEMBER }; /* what a slot is: undo/pairs.h */

/* Slots that one call changes at most: the key, the pair, and, where pairs are listed, the member
 * that takes its number, its pair, and the last number. */
enum { CHANGES_MAX = 5, NEW_SLOTS_MAX = 2 };

int undo_pairs_init(struct undo_pairs *p, bool is_listed)
{
	memset(p, 0, sizeof(*p));
	p->slot = calloc(SLOTS_FIRST, sizeof(*p->slot));
	p->mask = SLOTS_FIRST - 1;
	p->is_listed = is_listed;
	return p->slot == NULL ? -ENOMEM : 0;
}

void undo_pairs_fini(struct undo_pairs *p)
{
	free(p->slot);
	free(p->undo);
}

static size_t home(const struct undo_pair *s, size_t mask)
{
	uint64_t tag = s->kind == KEY ? 0 : s->kind == PAIR ? s->member : ~(uint64_t)s->number;

	return (s->key + tag * 0x9e3779b97f4a7c15ull) & mask;
}

static bool is_same(const struct undo_pair *a, const struct undo_pair *b)
{
	return a->key == b->key && a->kind == b->kind &&
	       (a->kind == KEY ||
		(a->kind == PAIR ? a->member == b->member : a->number == b->number));
}

/* Returns the slot that is `wanted`, or the free slot where it belongs. */
static struct undo_pair *find(const struct undo_pairs *p, const struct undo_pair *wanted)
{
	size_t i = home(wanted, p->mask);

	while (p->slot[i].count > 0 && !is_same(&p->slot[i], wanted))
		i = (i + 1) & p->mask;
	return &p->slot[i];
}

static struct undo_pair *find_key(const struct undo_pairs *p, uint64_t key)
{
	const struct undo_pair wanted = {.key = key, .kind = KEY};

	return find(p, &wanted);
}

static struct undo_pair *find_pair(const struct undo_pairs *p, uint64_t key, uint64_t member)
{
	const struct undo_pair wanted = {.key = key, .member = member, .kind = PAIR};

	return find(p, &wanted);
}

uint32_t undo_pairs_count(const struct undo_pairs *p, uint64_t key)
{
	return find_key(p, key)->count;
}

/* Returns whether the slot of a key has its first member, and that is `member`. */
static bool is_first(const struct undo_pair *k, uint64_t member)
{
	return k->count > 0 && k->number == 0 && k->member == member;
}

bool undo_pairs_has(const struct undo_pairs *p, uint64_t key, uint64_t member)
{
	const struct undo_pair *k = find_key(p, key);

	return is_first(k, member) || (k->count > 0 && find_pair(p, key, member)->count > 0);
}

uint64_t undo_pairs_member(const struct undo_pairs *p, uint64_t key, uint32_t number)
{
	const struct undo_pair wanted = {.key = key, .kind = MEMBER, .number = number};

	assert(p->is_listed);
	return number == 0 ? find_key(p, key)->member : find(p, &wanted)->member;
}

/* Makes room for all that one call may add, and may have to undo. */
static int make_room(struct undo_pairs *p)
{
	struct undo_pairs more = {.mask = p->mask * 2 + 1};
	struct undo_pair *undo;

	for (unsigned i = 0; i < CHANGES_MAX; i++) {
		undo = base_grow(p->undo, p->nundo + i, &p->undo_capacity, sizeof(*p->undo));
		if (undo == NULL)
			return -ENOMEM;
		p->undo = undo;
	}
	if (p->used + NEW_SLOTS_MAX <= p->mask / 4 * 3)
		return 0;
	more.slot = calloc(more.mask + 1, sizeof(*more.slot));
	if (more.slot == NULL)
		return -ENOMEM;
	for (size_t i = 0; i <= p->mask; i++)
		if (p->slot[i].count > 0)
			*find(&more, &p->slot[i]) = p->slot[i];
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

/* Writes a slot; a count of 0 frees it. */
static void set(struct undo_pairs *p, const struct undo_pair *now)
{
	struct undo_pair *s = find(p, now);

	if (now->count == 0) {
		if (s->count > 0)
			take_out(p, s);
		return;
	}
	p->used += s->count == 0;
	*s = *now;
}

/* Writes a slot, after storing its old value in the undo. */
static void change(struct undo_pairs *p, struct undo_pair now)
{
	struct undo_pair before = *find(p, &now);

	if (before.count == 0) {
		before = now;
		before.count = 0;
	}
	p->undo[p->nundo++] = before;
	set(p, &now);
}

int undo_pairs_add(struct undo_pairs *p, uint64_t key, uint64_t member)
{
	struct undo_pair k;

	if (undo_pairs_has(p, key, member))
		return 0;
	if (make_room(p) < 0)
		return -ENOMEM;
	k = *find_key(p, key);
	if (k.count == 0 || k.number > 0) {
		change(p, (struct undo_pair){
				  .key = key, .member = member, .kind = KEY, .count = k.count + 1});
		return 0;
	}
	change(p,
	       (struct undo_pair){
		       .key = key, .member = member, .kind = PAIR, .count = 1, .number = k.count});
	if (p->is_listed)
		change(p, (struct undo_pair){.key = key,
					     .member = member,
					     .kind = MEMBER,
					     .count = 1,
					     .number = k.count});
	k.count++;
	change(p, k);
	return 0;
}

/* Gives the number of a member that leaves to the last member, so that there is no gap. */
static void close_gap(struct undo_pairs *p, struct undo_pair *k, uint32_t number)
{
	uint32_t last = k->count - 1;
	uint64_t member = undo_pairs_member(p, k->key, last);

	if (last == 0)
		return;
	change(p, (struct undo_pair){.key = k->key, .kind = MEMBER, .number = last});
	if (number == last)
		return;
	if (number == 0) {
		change(p, (struct undo_pair){.key = k->key, .member = member, .kind = PAIR});
		k->member = member;
		return;
	}
	change(p, (struct undo_pair){.key = k->key,
				     .member = member,
				     .kind = PAIR,
				     .count = 1,
				     .number = number});
	change(p, (struct undo_pair){.key = k->key,
				     .member = member,
				     .kind = MEMBER,
				     .count = 1,
				     .number = number});
}

int undo_pairs_remove(struct undo_pairs *p, uint64_t key, uint64_t member)
{
	struct undo_pair k = *find_key(p, key);
	bool is_in_key = is_first(&k, member);
	uint32_t number = is_in_key ? 0 : find_pair(p, key, member)->number;

	if (!undo_pairs_has(p, key, member))
		return 0;
	if (make_room(p) < 0)
		return -ENOMEM;
	if (p->is_listed)
		close_gap(p, &k, number);
	else if (is_in_key)
		k.number = 1;
	if (!is_in_key)
		change(p, (struct undo_pair){.key = key, .member = member, .kind = PAIR});
	k.count--;
	change(p, k);
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
