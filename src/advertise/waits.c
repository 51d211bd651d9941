/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "advertise/waits.h"

#include <assert.h>
#include <stddef.h>

enum { GRAIN_MS = 100 };

static void list_init(struct advertise_wait *list)
{
	list->next = list->previous = list;
}

static void list_add(struct advertise_wait *list, struct advertise_wait *w)
{
	w->next = list;
	w->previous = list->previous;
	w->previous->next = w;
	list->previous = w;
}

void advertise_wait_end(struct advertise_wait *w)
{
	if (w->next == NULL)
		return;
	w->next->previous = w->previous;
	w->previous->next = w->next;
	w->next = w->previous = NULL;
}

uint64_t advertise_waits_now(const struct advertise_waits *ws)
{
	return (uint64_t)(ev_now(ws->loop) * 1000);
}

/* Has the timer end at `at_ms`, but not at once again. */
static void arm(struct advertise_waits *ws, uint64_t at_ms)
{
	uint64_t now = advertise_waits_now(ws);
	uint64_t in_ms = at_ms > now + GRAIN_MS ? at_ms - now : GRAIN_MS;

	ev_timer_stop(ws->loop, &ws->timer);
	ev_timer_set(&ws->timer, (double)in_ms / 1000, 0.);
	ev_timer_start(ws->loop, &ws->timer);
	ws->at_ms = now + in_ms;
}

static void on_timer(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct advertise_waits *ws = timer->data;
	uint64_t now = advertise_waits_now(ws), earliest = UINT64_MAX;
	struct advertise_wait due, *w, *next;

	(void)loop;
	(void)events;
	ws->at_ms = UINT64_MAX;
	list_init(&due);
	for (w = ws->waits.next; w != &ws->waits; w = next) {
		next = w->next;
		if (w->at_ms <= now) {
			advertise_wait_end(w);
			list_add(&due, w);
		} else if (w->at_ms < earliest) {
			earliest = w->at_ms;
		}
	}
	/* A call may end waits that are due as well: so each is taken from the list's head. */
	while (due.next != &due) {
		w = due.next;
		advertise_wait_end(w);
		w->fn(w);
	}
	if (earliest < ws->at_ms)
		arm(ws, earliest);
}

void advertise_waits_init(struct advertise_waits *ws, struct ev_loop *loop)
{
	ws->loop = loop;
	ws->at_ms = UINT64_MAX;
	list_init(&ws->waits);
	ev_timer_init(&ws->timer, on_timer, 0., 0.);
	ws->timer.data = ws;
}

void advertise_waits_fini(struct advertise_waits *ws)
{
	assert(ws->waits.next == &ws->waits);
	ev_timer_stop(ws->loop, &ws->timer);
}

void advertise_wait_begin(struct advertise_waits *ws, struct advertise_wait *w, uint64_t in_ms,
			  void (*fn)(struct advertise_wait *w))
{
	advertise_wait_end(w);
	w->at_ms = advertise_waits_now(ws) + in_ms;
	w->fn = fn;
	list_add(&ws->waits, w);
	if (w->at_ms < ws->at_ms)
		arm(ws, w->at_ms);
}
