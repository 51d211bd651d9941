/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Which connections may stay, and for how long (RFC 7766 section 6.2, RFC 9210 section 4):
 *
 * 1. Each connection is in the list of its state. The connections of a list have the same timeout,
 *    and are sorted by the time at which bytes last got through: the first one is due first. One
 *    timer serves all lists. It is set for the earliest due time; if the connection has moved by
 *    then, the timer is set again.
 * 2. At a limit a connection is closed of the client that has most, so that no client can drive
 *    out others by connecting often: that on which nothing has got through for the longest time,
 *    unless updates or transfers are under way on it. A worker closes only its own connections: if
 *    it has none that may be closed, the new connection is refused. Clients are in lists by their
 *    number of connections: exactly up to COUNTS_EXACT, above that by its powers of two.
 * 3. Whether a connection remains is decided in one place, stream_pool_rearm, at the end of
 *    whatever was done with the connection. */
#include "stream/stream_priv.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/rcu.h"
#include "server/rules.h"
#include "server/transfer.h"
#include "stream/tls.h"

enum {
	DRAIN_MS = 5000,
	COUNTS_EXACT = 64, /* numbers of connections with a list of their own */
	EVICT_SCAN = 256,  /* clients without an idle connection that are passed over */
};

/* ---- the lists ---- */

static bool is_quiet(enum stream_state state)
{
	return state == STREAM_IDLE || state == STREAM_STUCK;
}

static void list_remove(struct stream_connection *c)
{
	if (c->state == STREAM_NEW)
		return;
	TAILQ_REMOVE(&c->worker->stream->lists[c->state], c, by_state);
	if (is_quiet(c->state))
		TAILQ_REMOVE(&c->share->quiet, c, by_client);
	c->state = STREAM_NEW;
}

static void list_append(struct stream_connection *c, enum stream_state state)
{
	c->state = state;
	c->since_ms = c->worker->turn.now_ms;
	TAILQ_INSERT_TAIL(&c->worker->stream->lists[state], c, by_state);
	if (is_quiet(state))
		TAILQ_INSERT_TAIL(&c->share->quiet, c, by_client);
}

/* Returns the list of clients with `count` connections. */
static struct stream_shares *counts_of(struct stream *st, unsigned count)
{
	if (count < COUNTS_EXACT)
		return &st->counts[count];
	return &st->counts[COUNTS_EXACT + 31 - __builtin_clz(count / COUNTS_EXACT)];
}

static void count_connection(struct stream *st, struct stream_share *s, int n)
{
	if (s->nconnections > 0)
		TAILQ_REMOVE(counts_of(st, s->nconnections), s, by_count);
	s->nconnections += (unsigned)n;
	if (s->nconnections > 0)
		TAILQ_INSERT_TAIL(counts_of(st, s->nconnections), s, by_count);
}

static void count_open(struct stream *st)
{
	__atomic_store_n(&st->worker->stats.tcp_connections, st->nconnections, __ATOMIC_RELAXED);
}

/* Has the share count the connection, unless it is an established session: then it is not one of
 * those among which server.tcp.connections choose. */
static void count_share(struct stream_connection *c, bool is_counted)
{
	if (c->is_counted != is_counted)
		count_connection(c->worker->stream, c->share, is_counted ? 1 : -1);
	c->is_counted = is_counted;
}

/* Makes close(2) send RST instead of what is unsent (RFC 8490 section 5.3). */
static void set_abort(struct stream_connection *c)
{
	struct linger now = {.l_onoff = 1, .l_linger = 0};

	setsockopt(c->io.fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	if (c->tls != NULL)
		fabric_tls_abort(c->tls);
}

static void connection_close(struct stream_connection *c)
{
	struct server_worker *w = c->worker;
	struct stream *st = w->stream;

	ev_io_stop(w->loop, &c->io);
	list_remove(c);
	stream_dso_close(c);
	if (c->is_aborted)
		set_abort(c);
	if (c->is_unsent)
		TAILQ_REMOVE(&st->unsent, c, by_unsent);
	c->is_unsent = false;
	stream_turn_remove(c);
	stream_connection_clear(c);
	stream_tls_close(c);
	close(c->io.fd);
	count_share(c, false);
	stream_clients_remove(w->shared->stream_clients, c->client);
	st->nconnections--;
	count_open(st);
	c->is_closed = true;
	if (c->nupdates == 0)
		free(c);
}

/* ---- timeouts ---- */

static uint64_t timeout_ms(const struct stream *st, enum stream_state state)
{
	const struct server_tcp_options *o = &st->worker->turn.rules->options.tcp;

	return 1000ull * (state == STREAM_IDLE ? o->idle_timeout_s : o->io_timeout_s);
}

/* Has the timer go off at `due_ms`, or earlier if it is already set so. */
static void timer_set(struct stream *st, uint64_t due_ms)
{
	uint64_t now_ms = st->worker->turn.now_ms;
	double after_s = due_ms > now_ms ? (double)(due_ms - now_ms) / 1000 : 0;

	if (ev_is_active(&st->timer) && st->due_ms <= due_ms)
		return;
	st->due_ms = due_ms;
	ev_timer_stop(st->worker->loop, &st->timer);
	ev_timer_set(&st->timer, after_s + 0.005,
		     0); /* the steady clock is a coarse one, by some ms */
	ev_timer_start(st->worker->loop, &st->timer);
}

static void timer_set_for(struct stream *st, const struct stream_connection *c)
{
	if (c != NULL && c->state != STREAM_BUSY && c->state != STREAM_SESSION)
		timer_set(st, c->since_ms + timeout_ms(st, c->state));
}

static void close_due(struct stream *st, enum stream_state state)
{
	uint64_t now_ms = st->worker->turn.now_ms, limit_ms = timeout_ms(st, state);
	struct stream_connection *c;

	while ((c = TAILQ_FIRST(&st->lists[state])) != NULL && now_ms - c->since_ms >= limit_ms &&
	       stream_turn_may_go_on(st)) {
		server_count(&st->worker->stats.tcp_timeouts, 1);
		connection_close(c);
	}
}

void stream_pool_close(struct stream *st)
{
	for (unsigned i = 0; i < STREAM_STATES; i++)
		while (!TAILQ_EMPTY(&st->lists[i]))
			connection_close(TAILQ_FIRST(&st->lists[i]));
}

static void on_timer(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct stream *st = timer->data;

	(void)loop;
	(void)events;
	server_worker_turn(st->worker);
	stream_turn_begin(st);
	if (st->is_draining && st->worker->turn.now_ms >= st->drained_ms)
		stream_pool_close(st);
	close_due(st, STREAM_IDLE);
	close_due(st, STREAM_STUCK);
	close_due(st, STREAM_STUCK_BUSY);
	for (unsigned i = 0; i < STREAM_STATES; i++)
		timer_set_for(st, TAILQ_FIRST(&st->lists[i]));
	if (st->is_draining && st->nconnections > 0)
		timer_set(st, st->drained_ms);
	base_rcu_quiescent();
	stream_turn_end(st);
}

/* ---- the state of a connection ---- */

static enum stream_state state_of(const struct stream_connection *c)
{
	bool is_stuck = stream_connection_is_stuck(c);

	if (c->nupdates > 0 || c->ntransfers > 0)
		return is_stuck ? STREAM_STUCK_BUSY : STREAM_BUSY;
	if (stream_dso_is_kept(c))
		return is_stuck ? STREAM_STUCK_BUSY : STREAM_SESSION;
	return is_stuck ? STREAM_STUCK : STREAM_IDLE;
}

static void watch(struct stream_connection *c)
{
	int events = stream_connection_events(c);

	if (ev_is_active(&c->io) && (c->io.events & (EV_READ | EV_WRITE)) == events)
		return;
	ev_io_stop(c->worker->loop, &c->io);
	if (events == 0)
		return;
	ev_io_modify(&c->io, events);
	ev_io_start(c->worker->loop, &c->io);
}

void stream_pool_rearm(struct stream_connection *c)
{
	enum stream_state state;

	if (c->has_failed || (c->is_ended && !stream_connection_is_pending(c))) {
		connection_close(c);
		return;
	}
	stream_dso_rearm(c);
	count_share(c, !stream_dso_is_kept(c));
	state = state_of(c);
	watch(c);
	if (stream_connection_is_ready(c))
		stream_turn_add(c);
	if (state == c->state && !c->is_moving)
		return;
	c->is_moving = false;
	list_remove(c);
	list_append(c, state);
	timer_set_for(c->worker->stream, c);
}

void stream_pool_add(struct stream_connection *c, struct stream_client *client)
{
	struct stream *st = c->worker->stream;

	c->client = client;
	c->share = &client->share[c->worker->number];
	st->nconnections++;
	count_open(st);
	stream_pool_rearm(c);
}

/* The timer of a session has gone off. */
static void on_session_timer(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct stream_session *s = timer->data;
	struct stream *st = s->connection->worker->stream;

	(void)loop;
	(void)events;
	server_worker_turn(st->worker);
	stream_turn_begin(st);
	stream_dso_expire(s);
	stream_pool_rearm(s->connection);
	base_rcu_quiescent();
	stream_turn_end(st);
}

/* ---- limits ---- */

static struct stream_connection *older(struct stream_connection *a, struct stream_connection *b)
{
	if (a == NULL || b == NULL)
		return a == NULL ? b : a;
	return b->since_ms < a->since_ms ? b : a;
}

/* Returns the idlest connection of all; NULL if no connection is idle. */
static struct stream_connection *idlest(struct stream *st)
{
	return older(TAILQ_FIRST(&st->lists[STREAM_IDLE]), TAILQ_FIRST(&st->lists[STREAM_STUCK]));
}

/* Returns the idlest connection of the client that has most of them, among those with one that is
 * idle; NULL if there is none. */
static struct stream_connection *idlest_of_most(struct stream *st)
{
	unsigned nscanned = 0;
	struct stream_share *s;

	for (unsigned i = STREAM_COUNTS - 1; i > 1; i--) {
		TAILQ_FOREACH (s, &st->counts[i], by_count) {
			if (!TAILQ_EMPTY(&s->quiet))
				return TAILQ_FIRST(&s->quiet);
			if (++nscanned > EVICT_SCAN)
				return idlest(st);
		}
	}
	return idlest(st);
}

static bool evict(struct stream *st, struct stream_connection *c)
{
	if (c == NULL)
		return false;
	server_count(&st->worker->stats.tcp_evicted, 1);
	connection_close(c);
	return true;
}

bool stream_pool_evict(struct stream *st)
{
	return evict(st, idlest_of_most(st));
}

bool stream_pool_admit(struct stream *st, const struct stream_client *client, unsigned of_client,
		       unsigned in_all)
{
	const struct server_tcp_options *o = &st->worker->turn.rules->options.tcp;

	if (of_client > o->connections_per_client)
		return evict(st, TAILQ_FIRST(&client->share[st->worker->number].quiet));
	return in_all <= o->connections || evict(st, idlest_of_most(st));
}

/* ---- the whole pool ---- */

void stream_pool_init(struct stream *st)
{
	for (unsigned i = 0; i < STREAM_STATES; i++)
		TAILQ_INIT(&st->lists[i]);
	TAILQ_INIT(&st->unsent);
	TAILQ_INIT(&st->sessions);
	LIST_INIT(&st->walks);
	st->on_session_timer = on_session_timer;
	TAILQ_INIT(&st->transferring);
	TAILQ_INIT(&st->ready);
	TAILQ_INIT(&st->waiting);
	for (unsigned i = 0; i < STREAM_COUNTS; i++)
		TAILQ_INIT(&st->counts[i]);
	ev_timer_init(&st->timer, on_timer, 0, 0);
	st->timer.data = st;
}

/* Has the transfers of a connection use the rules of this turn. Returns false if a zone is not
 * served any more. */
static bool move_transfers(struct stream_connection *c)
{
	struct server_rules *rules = c->worker->turn.rules;
	struct server_transfer *t;

	STAILQ_FOREACH (t, &c->transfers, link)
		if (t->rules != rules && !server_transfer_move(t, rules))
			return false;
	return true;
}

void stream_pool_set_rules(struct server_worker *w)
{
	static const enum stream_state busy[] = {STREAM_BUSY, STREAM_STUCK_BUSY};
	struct stream *st = w->stream;
	struct stream_connection *c, *next;

	if (st->edition == w->turn.edition)
		return;
	st->edition = w->turn.edition;
	for (unsigned i = 0; i < 2; i++) {
		for (c = TAILQ_FIRST(&st->lists[busy[i]]); c != NULL; c = next) {
			next = TAILQ_NEXT(c, by_state);
			if (!move_transfers(c))
				connection_close(c);
		}
	}
	for (unsigned i = 0; i < STREAM_STATES; i++)
		timer_set_for(st, TAILQ_FIRST(&st->lists[i]));
	stream_dso_check_all(st);
}

void stream_pool_drain(struct server_worker *w)
{
	struct stream *st = w->stream;
	struct stream_connection *c, *next;

	st->is_draining = true;
	st->drained_ms = w->turn.now_ms + DRAIN_MS;
	timer_set(st, st->drained_ms);
	for (unsigned i = 0; i < STREAM_STATES; i++) {
		for (c = TAILQ_FIRST(&st->lists[i]); c != NULL; c = next) {
			next = TAILQ_NEXT(c, by_state);
			if (stream_dso_leave(c))
				continue;
			c->is_ended = true;
			stream_pool_rearm(c);
		}
	}
}
