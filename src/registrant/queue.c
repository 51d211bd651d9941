/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registrant/queue.h"

#include "base/secret.h"

enum { LEAST_MS = 500, MOST_MS = 60000, EAGER_MS = 1000 };

void registrant_list_init(struct registrant_list *l)
{
	*l = (struct registrant_list){.last = &l->first};
}

static void list_add(struct registrant_list *l, struct registrant_service *s)
{
	s->next_listed = NULL;
	s->link_listed = l->last;
	*l->last = s;
	l->last = &s->next_listed;
	l->n++;
}

static void list_remove(struct registrant_list *l, struct registrant_service *s)
{
	*s->link_listed = s->next_listed;
	if (s->next_listed != NULL)
		s->next_listed->link_listed = s->link_listed;
	else
		l->last = s->link_listed;
	s->link_listed = NULL;
	l->n--;
}

void registrant_queue_take(struct registrant_service *s)
{
	struct registrant *r = s->r;

	if (s->place == REGISTRANT_IS_DUE)
		list_remove(&r->due, s);
	else if (s->place == REGISTRANT_TO_LOOK)
		list_remove(&r->to_look, s);
	else if (s->place == REGISTRANT_LOOKS)
		r->nlooks--;
	registrant_zones_wait_end(&s->zone_waiter);
	locate_ask_free(s->ask);
	s->ask = NULL;
	resolve_timer_clear(&r->events->timers, &s->due);
	s->place = REGISTRANT_WAITS;
}

void registrant_queue_pump(struct registrant *r)
{
	if (!resolve_timer_is_set(&r->pump))
		resolve_timer_set(&r->events->timers, &r->pump, 0);
}

void registrant_queue_now(struct registrant_service *s, enum registrant_todo todo)
{
	registrant_queue_take(s);
	s->todo = todo;
	s->place = REGISTRANT_IS_DUE;
	list_add(&s->r->due, s);
	registrant_queue_pump(s->r);
}

void registrant_queue_look(struct registrant_service *s)
{
	registrant_queue_take(s);
	s->place = REGISTRANT_TO_LOOK;
	list_add(&s->r->to_look, s);
	resolve_timer_set(&s->r->events->timers, &s->r->look, 0);
}

void registrant_queue_again(struct registrant_service *s)
{
	if (s->is_held)
		registrant_queue_look(s);
	else
		registrant_queue_now(s, s->todo);
}

void registrant_queue_at(struct registrant_service *s, enum registrant_todo todo, uint64_t due_ms)
{
	registrant_queue_take(s);
	s->todo = todo;
	resolve_timer_set(&s->r->events->timers, &s->due, due_ms);
}

void registrant_queue_later(struct registrant_service *s, enum registrant_todo todo,
			    uint64_t least_ms, uint64_t now_ms)
{
	uint64_t wait_ms = LEAST_MS;
	uint32_t random;

	/* What failed together is tried together. */
	if (s->settings->is_eager) {
		s->nfailures++;
		registrant_queue_at(s, todo, now_ms + (least_ms > EAGER_MS ? least_ms : EAGER_MS));
		return;
	}
	base_secret_random(&random, sizeof(random));
	for (unsigned i = 0; i < s->nfailures && wait_ms < MOST_MS; i++)
		wait_ms *= 2;
	if (wait_ms < least_ms)
		wait_ms = least_ms;
	if (wait_ms > MOST_MS)
		wait_ms = MOST_MS;
	s->nfailures++;
	registrant_queue_at(s, todo, now_ms + wait_ms - random % (wait_ms / 4 + 1));
}

void registrant_queue_over(struct registrant_service *s)
{
	registrant_queue_take(s);
	resolve_timer_clear(&s->r->events->timers, &s->lease_end);
	s->is_over = true;
	s->todo = REGISTRANT_NOTHING;
	if (!s->has_owner && s->nusers == 0)
		resolve_timer_set(&s->r->events->timers, &s->r->reap, 0);
}
