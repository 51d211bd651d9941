/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Whose turn it is, and for how long. A worker has one thread: what a stream connection takes of
 * it, datagrams and all other connections wait for.
 *
 * 1. Work is done in slices: one connection, some accepted connections, some timeouts. A slice ends
 *    when it has written SERVER_TCP_SLICE bytes or taken SLICE_US, whatever comes first; a step
 *    that is under way is completed.
 * 2. At the end of a slice the other transports are served if that has not been done for LOOK_US.
 *    So a datagram waits for two slices at most.
 * 3. Connections that have something to do but no time wait in the list of their client, and the
 *    clients take turns by deficit round robin: a client whose credit of time is used up gets
 *    CREDIT_US more and goes to the end. A client that joins with credit left goes to the front:
 *    it has used less than its part. As credit is given at the end only, that gains it no time. */
#include "server/tcp_priv.h"

#include "base/clock.h"

enum {
	SLICE_US = 100,
	LOOK_US = 100,
	CREDIT_US = 200,
	STEPS = 16,	     /* between two looks at the clock */
	STEP_NBYTES = 16384, /* written between two looks at the clock */
};

/* ---- slices ---- */

void server_tcp_turn_begin(struct server_tcp *tcp)
{
	tcp->slice_us = base_clock_steady_us();
	/* The loop has just served all transports. */
	if (tcp->spent_us == 0)
		tcp->looked_us = tcp->slice_us;
	tcp->nsteps = 0;
	tcp->nwritten = 0;
}

void server_tcp_turn_charge(struct server_tcp_connection *c)
{
	c->share->credit_us -= (int64_t)(base_clock_steady_us() - c->worker->tcp->slice_us);
}

void server_tcp_turn_end(struct server_tcp *tcp)
{
	uint64_t now_us = base_clock_steady_us();

	tcp->spent_us += now_us - tcp->slice_us + 1;
	if (now_us - tcp->looked_us >= LOOK_US) {
		server_worker_receive(tcp->worker);
		tcp->looked_us = base_clock_steady_us();
	}
}

bool server_tcp_turn_may_go_on(struct server_tcp *tcp)
{
	size_t nwritten = base_out_nbytes(&tcp->out);

	if (nwritten >= SERVER_TCP_SLICE)
		return false;
	if (++tcp->nsteps < STEPS && nwritten < tcp->nwritten + STEP_NBYTES)
		return true;
	tcp->nsteps = 0;
	tcp->nwritten = nwritten;
	return base_clock_steady_us() - tcp->slice_us < SLICE_US;
}

/* ---- connections that wait ---- */

void server_tcp_turn_add(struct server_tcp_connection *c)
{
	struct server_tcp *tcp = c->worker->tcp;
	struct server_tcp_share *s = c->share;

	if (c->is_ready)
		return;
	if (TAILQ_EMPTY(&tcp->ready))
		ev_idle_start(c->worker->loop, &tcp->busy);
	if (TAILQ_EMPTY(&s->ready)) {
		if (s->credit_us > 0)
			TAILQ_INSERT_HEAD(&tcp->ready, s, by_ready);
		else
			TAILQ_INSERT_TAIL(&tcp->ready, s, by_ready);
	}
	TAILQ_INSERT_TAIL(&s->ready, c, by_ready);
	c->is_ready = true;
	c->events = 0;
}

void server_tcp_turn_remove(struct server_tcp_connection *c)
{
	struct server_tcp *tcp = c->worker->tcp;
	struct server_tcp_share *s = c->share;

	if (!c->is_ready)
		return;
	TAILQ_REMOVE(&s->ready, c, by_ready);
	c->is_ready = false;
	if (!TAILQ_EMPTY(&s->ready))
		return;
	TAILQ_REMOVE(&tcp->ready, s, by_ready);
	if (TAILQ_EMPTY(&tcp->ready))
		ev_idle_stop(c->worker->loop, &tcp->busy);
}

struct server_tcp_connection *server_tcp_turn_next(struct server_tcp *tcp)
{
	struct server_tcp_connection *c;
	struct server_tcp_share *s;

	while ((s = TAILQ_FIRST(&tcp->ready)) != NULL && s->credit_us <= 0) {
		s->credit_us += CREDIT_US;
		TAILQ_REMOVE(&tcp->ready, s, by_ready);
		TAILQ_INSERT_TAIL(&tcp->ready, s, by_ready);
	}
	if (s == NULL)
		return NULL;
	c = TAILQ_FIRST(&s->ready);
	server_tcp_turn_remove(c);
	return c;
}
