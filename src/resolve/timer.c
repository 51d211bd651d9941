/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "resolve/timer.h"

#include <stddef.h>

/* Makes the later one of two heaps the first child of the other. Either may be NULL. */
static struct resolve_timer *heap_join(struct resolve_timer *a, struct resolve_timer *b)
{
	struct resolve_timer *first = a, *later = b;

	if (a == NULL || b == NULL)
		return a != NULL ? a : b;
	if (b->due_ms < a->due_ms) {
		first = b;
		later = a;
	}
	later->next = first->child;
	if (later->next != NULL) {
		later->next->link = &later->next;
		later->next->before = later;
	}
	first->child = later;
	later->link = &first->child;
	later->before = first;
	return first;
}

/* Joins siblings: in pairs from the left, then the pairs from the right. The pairs are linked by
 * `before` meanwhile, since a heap without siblings has no use for it. */
static struct resolve_timer *heap_join_siblings(struct resolve_timer *t)
{
	struct resolve_timer *pairs = NULL, *heap = NULL;

	while (t != NULL) {
		struct resolve_timer *a = t, *b = t->next, *pair;

		t = b != NULL ? b->next : NULL;
		a->next = NULL;
		if (b != NULL)
			b->next = NULL;
		pair = heap_join(a, b);
		pair->before = pairs;
		pairs = pair;
	}
	while (pairs != NULL) {
		struct resolve_timer *before = pairs->before;

		pairs->before = NULL;
		heap = heap_join(heap, pairs);
		pairs = before;
	}
	return heap;
}

static void root_set(struct resolve_timers *all, struct resolve_timer *t)
{
	all->first = t;
	if (t == NULL)
		return;
	t->link = &all->first;
	t->before = NULL;
	t->next = NULL;
}

void resolve_timer_set(struct resolve_timers *all, struct resolve_timer *t, uint64_t due_ms)
{
	resolve_timer_clear(all, t);
	t->due_ms = due_ms;
	root_set(all, heap_join(all->first, t));
}

void resolve_timer_clear(struct resolve_timers *all, struct resolve_timer *t)
{
	struct resolve_timer *rest;

	if (t->link == NULL)
		return;
	*t->link = t->next;
	if (t->next != NULL) {
		t->next->link = t->link;
		t->next->before = t->before;
	}
	rest = heap_join_siblings(t->child);
	t->child = t->next = t->before = NULL;
	t->link = NULL;
	root_set(all, heap_join(all->first, rest));
}

bool resolve_timer_is_set(const struct resolve_timer *t)
{
	return t->link != NULL;
}

uint64_t resolve_timers_deadline(const struct resolve_timers *all)
{
	return all->first != NULL ? all->first->due_ms : UINT64_MAX;
}

unsigned resolve_timers_run(struct resolve_timers *all, uint64_t now_ms, unsigned most)
{
	unsigned n = 0;

	for (; n < most && resolve_timers_deadline(all) <= now_ms; n++) {
		struct resolve_timer *t = all->first;

		resolve_timer_clear(all, t);
		t->on_due(t->arg, now_ms);
	}
	return n;
}
