/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Whose turn it is, and for how long. A worker has one thread: what a stream connection takes of
 * it, datagrams and all other connections wait for.
 *
 * 1. Work is done in slices: one connection, some accepted connections, some timeouts. A slice ends
 *    when it has written STREAM_SLICE bytes or taken SLICE_US, whatever comes first; a step
 *    that is under way is completed.
 * 2. At the end of a slice the other transports are served if that has not been done for LOOK_US.
 *    So a datagram waits for two slices at most.
 * 3. Connections that have something to do but no time wait in the list of their client, and the
 *    clients take turns by deficit round robin: a client whose credit of time is used up gets
 *    CREDIT_US more and goes to the end. A client that joins with credit left goes to the front:
 *    it has used less than its part. As credit is given at the end only, that gains it no time. */
#include "stream/stream_priv.h"

#include "base/clock.h"

enum {
	SLICE_US = 100,
	LOOK_US = 100,
	CREDIT_US = 200,
	STEPS = 16,	     /* between two looks at the clock */
	STEP_NBYTES = 16384, /* written between two looks at the clock */
};

/* ---- slices ---- */

void stream_turn_begin(struct stream *st)
{
	st->slice_us = base_clock_steady_us();
	/* The loop has just served all transports. */
	if (st->spent_us == 0)
		st->looked_us = st->slice_us;
	st->nsteps = 0;
	st->nwritten = 0;
}

void stream_turn_charge(struct stream_connection *c)
{
	c->share->credit_us -= (int64_t)(base_clock_steady_us() - c->worker->stream->slice_us);
}

void stream_turn_end(struct stream *st)
{
	uint64_t now_us = base_clock_steady_us();

	st->spent_us += now_us - st->slice_us + 1;
	if (now_us - st->looked_us >= LOOK_US) {
		server_worker_receive(st->worker);
		st->looked_us = base_clock_steady_us();
	}
}

bool stream_turn_may_go_on(struct stream *st)
{
	size_t nwritten = base_out_nbytes(&st->out);

	if (nwritten >= STREAM_SLICE)
		return false;
	if (++st->nsteps < STEPS && nwritten < st->nwritten + STEP_NBYTES)
		return true;
	st->nsteps = 0;
	st->nwritten = nwritten;
	return base_clock_steady_us() - st->slice_us < SLICE_US;
}

/* ---- connections that wait ---- */

void stream_turn_add(struct stream_connection *c)
{
	struct stream *st = c->worker->stream;
	struct stream_share *s = c->share;

	if (c->is_ready)
		return;
	if (TAILQ_EMPTY(&s->ready)) {
		if (s->credit_us > 0)
			TAILQ_INSERT_HEAD(&st->ready, s, by_ready);
		else
			TAILQ_INSERT_TAIL(&st->ready, s, by_ready);
	}
	TAILQ_INSERT_TAIL(&s->ready, c, by_ready);
	c->is_ready = true;
	c->events = 0;
}

void stream_turn_remove(struct stream_connection *c)
{
	struct stream *st = c->worker->stream;
	struct stream_share *s = c->share;

	if (!c->is_ready)
		return;
	TAILQ_REMOVE(&s->ready, c, by_ready);
	c->is_ready = false;
	if (TAILQ_EMPTY(&s->ready))
		TAILQ_REMOVE(&st->ready, s, by_ready);
}

struct stream_connection *stream_turn_next(struct stream *st)
{
	struct stream_connection *c;
	struct stream_share *s;

	while ((s = TAILQ_FIRST(&st->ready)) != NULL && s->credit_us <= 0) {
		s->credit_us += CREDIT_US;
		TAILQ_REMOVE(&st->ready, s, by_ready);
		TAILQ_INSERT_TAIL(&st->ready, s, by_ready);
	}
	if (s == NULL)
		return NULL;
	c = TAILQ_FIRST(&s->ready);
	stream_turn_remove(c);
	return c;
}
