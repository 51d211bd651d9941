/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* When connections are served. As long as there is time, a connection is served at once when the
 * loop reports an event of its socket. When slices have taken PASS_US since the loop last asked the
 * kernel for events, connections wait for their client's turn (server/tcp_turn.c), and those that
 * wait are served before the loop asks again, for as long. So the events of a thousand busy
 * connections do not keep the loop from hearing of others. */
#include "server/tcp_priv.h"

#include "base/rcu.h"

enum { PASS_US = 1000 };

/* Whether the time is at the expense of others, and the client pays for it. */
enum payment { FREE, PAID };

/* Serves a connection, which may be gone afterwards. */
static void serve(struct server_tcp_connection *c, int events, enum payment payment)
{
	struct server_tcp *tcp = c->worker->tcp;

	server_worker_turn(tcp->worker);
	server_tcp_turn_begin(tcp);
	server_tcp_connection_serve(c, events);
	if (payment == PAID)
		server_tcp_turn_charge(c);
	server_tcp_pool_rearm(c);
	base_rcu_quiescent();
	server_tcp_turn_end(tcp);
}

void server_tcp_slice_event(struct server_tcp_connection *c, int events)
{
	struct server_tcp *tcp = c->worker->tcp;

	if (TAILQ_EMPTY(&tcp->ready) && tcp->spent_us < PASS_US) {
		serve(c, events, FREE);
		return;
	}
	server_tcp_turn_add(c);
	c->events |= events;
}

static void on_run(struct ev_loop *loop, struct ev_prepare *prepare, int events)
{
	struct server_tcp *tcp = prepare->data;
	struct server_tcp_connection *c;

	(void)loop;
	(void)events;
	tcp->spent_us = 0;
	while (tcp->spent_us < PASS_US && (c = server_tcp_turn_next(tcp)) != NULL)
		serve(c, c->events, PAID);
	tcp->spent_us = 0;
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
	struct server_tcp *tcp = timer->data;

	(void)events;
	server_worker_turn(tcp->worker);
	server_tcp_turn_begin(tcp);
	server_tcp_transfer_tick(tcp, server_tcp_pool_rearm);
	if (tcp->ntransferring == 0 && tcp->nwaiting == 0)
		ev_timer_stop(loop, timer);
	base_rcu_quiescent();
	server_tcp_turn_end(tcp);
}

void server_tcp_slice_init(struct server_tcp *tcp)
{
	ev_prepare_init(&tcp->run, on_run);
	ev_set_priority(&tcp->run, EV_MAXPRI); /* before the worker goes offline */
	tcp->run.data = tcp;
	ev_prepare_start(tcp->worker->loop, &tcp->run);
	ev_idle_init(&tcp->busy, on_busy);
	ev_timer_init(&tcp->tick, on_tick, 1, 1);
	tcp->tick.data = tcp;
}

void server_tcp_slice_fini(struct server_tcp *tcp)
{
	ev_prepare_stop(tcp->worker->loop, &tcp->run);
	ev_idle_stop(tcp->worker->loop, &tcp->busy);
	ev_timer_stop(tcp->worker->loop, &tcp->tick);
}
