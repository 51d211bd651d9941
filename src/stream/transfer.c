/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Which transfers run. Of each connection only the first one does. What a running transfer costs is
 * memory: its version of the zone, and a slice of messages that the peer has not taken. So:
 *
 * 1. A worker runs a bounded number of them, in all and for each client. What is over it waits, in
 *    the order in which it came at its client. When one ends, a waiting client has one more, in
 *    turn.
 * 2. When the worker has no room, a client with fewer running transfers than another takes the
 *    place of one of that client's: the one that has stood still for the longest time.
 * 3. Once a second: a transfer that has waited for too long is answered SERVFAIL. One whose client
 *    has not taken the least rate for WINDOW_MS is ended, and so is one that holds a version that
 *    has been replaced, for too long. */
#include "stream/stream_priv.h"

#include <errno.h>

#include "dns/msg.h"
#include "dns/type.h"
#include "server/rules.h"
#include "server/transfer.h"
#include "zone/zone.h"

enum { WINDOW_MS = 10000 };

static const struct server_transfer_options *options_of(const struct stream *st)
{
	return &st->worker->turn.rules->options.transfer;
}

/* ---- waiting ---- */

static void wait_begin(struct stream_connection *c)
{
	struct stream *st = c->worker->stream;

	c->is_waiting = true;
	if (TAILQ_EMPTY(&c->share->waiting))
		TAILQ_INSERT_TAIL(&st->waiting, c->share, by_waiting);
	TAILQ_INSERT_TAIL(&c->share->waiting, c, by_waiting);
	st->nwaiting++;
}

static void wait_end(struct stream_connection *c)
{
	struct stream *st = c->worker->stream;

	if (!c->is_waiting)
		return;
	c->is_waiting = false;
	TAILQ_REMOVE(&c->share->waiting, c, by_waiting);
	if (TAILQ_EMPTY(&c->share->waiting))
		TAILQ_REMOVE(&st->waiting, c->share, by_waiting);
	st->nwaiting--;
}

/* Has the connection that has waited longest at the next client try again. The clients that are
 * passed over have all that they may have, so they are few. */
static void resume_next(struct stream *st)
{
	const struct server_transfer_options *o = options_of(st);
	struct stream_connection *c;
	struct stream_share *s;

	if (st->ntransferring >= o->at_once)
		return;
	TAILQ_FOREACH (s, &st->waiting, by_waiting)
		if (s->ntransferring < o->per_client)
			break;
	if (s == NULL)
		return;
	TAILQ_REMOVE(&st->waiting, s, by_waiting);
	TAILQ_INSERT_TAIL(&st->waiting, s, by_waiting);
	c = TAILQ_FIRST(&s->waiting);
	wait_end(c);
	stream_turn_add(c);
}

/* ---- running ---- */

static void run(struct stream_connection *c)
{
	struct stream *st = c->worker->stream;

	TAILQ_INSERT_TAIL(&st->transferring, c, by_transfer);
	st->ntransferring++;
	c->share->ntransferring++;
	c->is_transferring = true;
	c->window_ms = st->worker->turn.now_ms;
	c->window_sent = 0;
	server_transfer_begin(STAILQ_FIRST(&c->transfers), &st->worker->turn);
}

/* Removes the first transfer. If it was running another one may begin. */
static void end(struct stream_connection *c)
{
	struct server_transfer *t = STAILQ_FIRST(&c->transfers);
	struct stream *st = c->worker->stream;
	bool was_running = c->is_transferring;

	wait_end(c);
	if (was_running) {
		transfer_out_log(t->out, st->worker->turn.now_ms, c->peer.address);
		TAILQ_REMOVE(&st->transferring, c, by_transfer);
		st->ntransferring--;
		c->share->ntransferring--;
		c->is_transferring = false;
	}
	STAILQ_REMOVE_HEAD(&c->transfers, link);
	c->ntransfers--;
	c->asked_ms = st->worker->turn.now_ms;
	server_transfer_free(t);
	if (was_running)
		resume_next(st);
}

/* Returns the running transfer that `c` may take the place of, NULL if there is none. */
static struct stream_connection *find_victim(const struct stream_connection *c)
{
	struct stream_connection *other, *victim = NULL;

	TAILQ_FOREACH (other, &c->worker->stream->transferring, by_transfer) {
		unsigned most =
			victim == NULL ? c->share->ntransferring + 1 : victim->share->ntransferring;

		if (other->has_failed || other->share->ntransferring < most)
			continue;
		if (other->share->ntransferring > most ||
		    (victim != NULL && other->since_ms < victim->since_ms))
			victim = other;
	}
	return victim;
}

/* Begins the first transfer. Returns false if it must wait. */
static bool begin(struct stream_connection *c)
{
	struct stream *st = c->worker->stream;
	const struct server_transfer_options *o = options_of(st);
	struct stream_connection *victim;

	if (c->share->ntransferring >= o->per_client)
		return false;
	if (st->ntransferring < o->at_once) {
		run(c);
		return true;
	}
	victim = find_victim(c);
	if (victim == NULL)
		return false;
	run(c); /* first: nobody else is to take the place */
	server_count(&st->worker->stats.transfers_ended, 1);
	victim->has_failed = true;
	end(victim);
	stream_turn_add(victim); /* closes it */
	return true;
}

void stream_transfer_slice(struct stream_connection *c)
{
	struct server_transfer *t = STAILQ_FIRST(&c->transfers);
	struct stream *st = c->worker->stream;

	if (!c->is_transferring && !begin(c)) {
		wait_begin(c);
		return;
	}
	while (!t->out->is_done && stream_turn_may_go_on(st))
		stream_send_frame(
			c, server_transfer_next(t, &st->worker->turn, st->out.at + 2, DNS_MSG_MAX));
	if (t->out->is_done)
		end(c);
	stream_send_gathered(c);
}

/* ---- once a second ---- */

/* Returns whether the transfer of `c` is to be ended. */
static bool is_over(struct stream_connection *c)
{
	const struct server_transfer_options *o = options_of(c->worker->stream);
	const struct transfer_out *t = STAILQ_FIRST(&c->transfers)->out;
	uint64_t now_ms = c->worker->turn.now_ms, ms = now_ms - c->window_ms;
	bool is_slow = false;

	if (ms >= WINDOW_MS) {
		/* A transfer with nothing unsent waits for us, not for its client. */
		is_slow = stream_send_is_blocked(c) && c->window_sent < o->least_rate * ms / 1000;
		c->window_ms = now_ms;
		c->window_sent = 0;
	}
	return is_slow || (now_ms - t->begun_ms >= 1000ull * o->hold_s &&
			   t->snapshot != zone_current(t->zone));
}

/* Answers the first transfer, which has waited for too long. */
static void refuse(struct stream_connection *c)
{
	struct server_transfer *t = STAILQ_FIRST(&c->transfers);
	struct stream *st = c->worker->stream;
	size_t length = server_transfer_refuse(t, &st->worker->turn, st->out.at + 2, DNS_MSG_MAX);

	server_count(&st->worker->stats.transfers_refused, 1);
	if (length > 0)
		stream_send_frame(c, length);
	end(c);
	stream_send_gathered(c);
}

void stream_transfer_tick(struct stream *st, void (*rearm)(struct stream_connection *c))
{
	uint64_t now_ms = st->worker->turn.now_ms, wait_ms = 1000ull * options_of(st)->wait_s;
	struct stream_connection *c, *next;
	struct stream_share *s, *next_share;

	for (c = TAILQ_FIRST(&st->transferring); c != NULL; c = next) {
		next = TAILQ_NEXT(c, by_transfer);
		if (!is_over(c))
			continue;
		server_count(&st->worker->stats.transfers_ended, 1);
		c->has_failed = true;
		rearm(c);
	}
	for (s = TAILQ_FIRST(&st->waiting); s != NULL; s = next_share) {
		next_share = TAILQ_NEXT(s, by_waiting);
		for (c = TAILQ_FIRST(&s->waiting); c != NULL && now_ms - c->asked_ms >= wait_ms;
		     c = next) {
			next = TAILQ_NEXT(c, by_waiting);
			refuse(c);
			rearm(c);
		}
	}
}

/* ---- the transfers of a connection ---- */

uint16_t stream_transfer_put(struct stream_connection *c, const struct server_query *q)
{
	struct stream *st = c->worker->stream;
	struct server_transfer *t;
	int ret = server_transfer_new(&t, q, &c->worker->turn);

	if (ret < 0)
		return ret == -EBADMSG ? DNS_RCODE_FORMERR : DNS_RCODE_SERVFAIL;
	if (STAILQ_EMPTY(&c->transfers))
		c->asked_ms = c->worker->turn.now_ms;
	STAILQ_INSERT_TAIL(&c->transfers, t, link);
	c->ntransfers++;
	if (!ev_is_active(&st->tick))
		ev_timer_again(c->worker->loop, &st->tick);
	return DNS_RCODE_NOERROR;
}

void stream_transfer_clear(struct stream_connection *c)
{
	while (!STAILQ_EMPTY(&c->transfers))
		end(c);
}
