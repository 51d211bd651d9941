/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* When connections are served. As long as there is time, a connection is served at once when the
 * loop reports an event of its socket. When slices have taken PASS_US since the loop last asked the
 * kernel for events, connections wait for their client's turn (stream/turn.c), and those that
 * wait are served before the loop asks again, for as long. So the events of a thousand busy
 * connections do not keep the loop from hearing of others. Changes to be pushed take turns with the
 * connections. */
#include "stream/stream_priv.h"

#include "base/rcu.h"

enum { PASS_US = 1000 };

/* Whether the time is at the expense of others, and the client pays for it. */
enum payment { FREE, PAID };

/* Serves a connection, which may be gone afterwards. */
static void serve(struct stream_connection *c, int events, enum payment payment)
{
	struct stream *st = c->worker->stream;

	server_worker_turn(st->worker);
	stream_turn_begin(st);
	stream_connection_serve(c, events);
	if (payment == PAID)
		stream_turn_charge(c);
	stream_pool_rearm(c);
	base_rcu_quiescent();
	stream_turn_end(st);
}

void stream_slice_event(struct stream_connection *c, int events)
{
	struct stream *st = c->worker->stream;

	if (TAILQ_EMPTY(&st->ready) && st->spent_us < PASS_US) {
		serve(c, events, FREE);
		return;
	}
	stream_turn_add(c);
	c->events |= events;
}

/* Delivers changes to sessions, which are served when it is their turn. */
static void deliver(struct stream *st)
{
	server_worker_turn(st->worker);
	stream_turn_begin(st);
	stream_push_deliver(st);
	base_rcu_quiescent();
	stream_turn_end(st);
}

static bool has_work(const struct stream *st)
{
	return !TAILQ_EMPTY(&st->ready) || stream_push_is_pending(st);
}

static void on_run(struct ev_loop *loop, struct ev_prepare *prepare, int events)
{
	struct stream *st = prepare->data;
	struct stream_connection *c;

	(void)events;
	st->spent_us = 0;
	while (st->spent_us < PASS_US && has_work(st)) {
		if (stream_push_is_pending(st))
			deliver(st);
		c = stream_turn_next(st);
		if (c != NULL)
			serve(c, c->events, PAID);
	}
	st->spent_us = 0;
	if (has_work(st))
		ev_idle_start(loop, &st->busy);
	else
		ev_idle_stop(loop, &st->busy);
}

/* The watcher alone has the effect: the loop does not wait. */
static void on_busy(struct ev_loop *loop, struct ev_idle *idle, int events)
{
	(void)loop;
	(void)idle;
	(void)events;
}

static void on_tick(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct stream *st = timer->data;

	(void)events;
	server_worker_turn(st->worker);
	stream_turn_begin(st);
	stream_transfer_tick(st, stream_pool_rearm);
	if (st->ntransferring == 0 && st->nwaiting == 0)
		ev_timer_stop(loop, timer);
	base_rcu_quiescent();
	stream_turn_end(st);
}

void stream_slice_init(struct stream *st)
{
	ev_prepare_init(&st->run, on_run);
	ev_set_priority(&st->run, EV_MAXPRI); /* before the worker goes offline */
	st->run.data = st;
	ev_prepare_start(st->worker->loop, &st->run);
	ev_idle_init(&st->busy, on_busy);
	ev_timer_init(&st->tick, on_tick, 1, 1);
	st->tick.data = st;
}

void stream_slice_fini(struct stream *st)
{
	ev_prepare_stop(st->worker->loop, &st->run);
	ev_idle_stop(st->worker->loop, &st->busy);
	ev_timer_stop(st->worker->loop, &st->tick);
}
