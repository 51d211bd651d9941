/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "history/content.h"

#include <stdlib.h>
#include <string.h>

void history_content_init(struct history_content *c)
{
	*c = (struct history_content){.nspans = 0};
	c->last = &c->first;
}

/* Frees the first `n` events that wait. */
static void waiting_drop(struct history_content *c, uint64_t n)
{
	for (; n > 0 && c->first != NULL; n--) {
		struct history_event *e = c->first;

		c->first = e->next;
		c->nwaiting--;
		free(e);
	}
	if (c->first == NULL)
		c->last = &c->first;
}

void history_content_fini(struct history_content *c)
{
	waiting_drop(c, c->nwaiting);
	history_content_init(c);
}

/* Removes eras without events; if there are none, the oldest era. */
static void make_room(struct history_content *c)
{
	unsigned n = 0;

	for (unsigned i = 0; i < c->nspans; i++)
		if (c->spans[i].first <= c->spans[i].last)
			c->spans[n++] = c->spans[i];
	if (n == HISTORY_SPANS_MAX)
		memmove(c->spans, c->spans + 1, --n * sizeof(c->spans[0]));
	c->nspans = n;
}

void history_content_begin(struct history_content *c, uint64_t era)
{
	make_room(c);
	c->spans[c->nspans++] = (struct history_span){.era = era, .first = 1, .last = 0};
}

uint64_t history_content_add(struct history_content *c, struct history_event *take)
{
	take->next = NULL;
	*c->last = take;
	c->last = &take->next;
	c->nwaiting++;
	return history_content_era(c)->last + c->nwaiting;
}

void history_content_done(struct history_content *c, uint64_t n)
{
	history_content_era(c)->last += n;
	waiting_drop(c, n);
}

bool history_content_removed(struct history_content *c, uint64_t era, uint64_t first)
{
	for (unsigned i = 0; i < c->nspans; i++) {
		struct history_span *s = &c->spans[i];

		if (s->era != era || first < s->first || first > s->last + 1)
			continue;
		s->first = first;
		return true;
	}
	return false;
}

uint64_t history_content_nthere(const struct history_content *c)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < c->nspans; i++)
		n += c->spans[i].last + 1 - c->spans[i].first;
	return n;
}
