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
 * 3. Whether a connection remains is decided in one place, server_tcp_pool_rearm, at the end of
 *    whatever was done with the connection. */
#include "server/tcp_priv.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/rcu.h"
#include "server/rules.h"
#include "server/transfer.h"

enum {
	DRAIN_MS = 5000,
	COUNTS_EXACT = 64, /* numbers of connections with a list of their own */
	EVICT_SCAN = 256,  /* clients without an idle connection that are passed over */
};

/* ---- the lists ---- */

static bool is_quiet(enum server_tcp_state state)
{
	return state == SERVER_TCP_IDLE || state == SERVER_TCP_STUCK;
}

static void list_remove(struct server_tcp_connection *c)
{
	if (c->state == SERVER_TCP_NEW)
		return;
	TAILQ_REMOVE(&c->worker->tcp->lists[c->state], c, by_state);
	if (is_quiet(c->state))
		TAILQ_REMOVE(&c->share->quiet, c, by_client);
	c->state = SERVER_TCP_NEW;
}

static void list_append(struct server_tcp_connection *c, enum server_tcp_state state)
{
	c->state = state;
	c->since_ms = c->worker->turn.now_ms;
	TAILQ_INSERT_TAIL(&c->worker->tcp->lists[state], c, by_state);
	if (is_quiet(state))
		TAILQ_INSERT_TAIL(&c->share->quiet, c, by_client);
}

/* Returns the list of clients with `count` connections. */
static struct server_tcp_shares *counts_of(struct server_tcp *tcp, unsigned count)
{
	if (count < COUNTS_EXACT)
		return &tcp->counts[count];
	return &tcp->counts[COUNTS_EXACT + 31 - __builtin_clz(count / COUNTS_EXACT)];
}

static void count_connection(struct server_tcp *tcp, struct server_tcp_share *s, int n)
{
	if (s->nconnections > 0)
		TAILQ_REMOVE(counts_of(tcp, s->nconnections), s, by_count);
	s->nconnections += (unsigned)n;
	if (s->nconnections > 0)
		TAILQ_INSERT_TAIL(counts_of(tcp, s->nconnections), s, by_count);
}

static void count_open(struct server_tcp *tcp)
{
	__atomic_store_n(&tcp->worker->stats.tcp_connections, tcp->nconnections, __ATOMIC_RELAXED);
}

static void connection_close(struct server_tcp_connection *c)
{
	struct server_worker *w = c->worker;
	struct server_tcp *tcp = w->tcp;

	ev_io_stop(w->loop, &c->io);
	list_remove(c);
	if (c->is_unsent)
		TAILQ_REMOVE(&tcp->unsent, c, by_unsent);
	c->is_unsent = false;
	server_tcp_turn_remove(c);
	server_tcp_connection_clear(c);
	close(c->io.fd);
	count_connection(tcp, c->share, -1);
	server_tcp_clients_remove(w->shared->tcp_clients, c->client);
	tcp->nconnections--;
	count_open(tcp);
	c->is_closed = true;
	if (c->nupdates == 0)
		free(c);
}

/* ---- timeouts ---- */

static uint64_t timeout_ms(const struct server_tcp *tcp, enum server_tcp_state state)
{
	const struct server_tcp_options *o = &tcp->worker->turn.rules->options.tcp;

	return 1000ull * (state == SERVER_TCP_IDLE ? o->idle_timeout_s : o->io_timeout_s);
}

/* Has the timer go off at `due_ms`, or earlier if it is already set so. */
static void timer_set(struct server_tcp *tcp, uint64_t due_ms)
{
	uint64_t now_ms = tcp->worker->turn.now_ms;
	double after_s = due_ms > now_ms ? (double)(due_ms - now_ms) / 1000 : 0;

	if (ev_is_active(&tcp->timer) && tcp->due_ms <= due_ms)
		return;
	tcp->due_ms = due_ms;
	ev_timer_stop(tcp->worker->loop, &tcp->timer);
	ev_timer_set(&tcp->timer, after_s + 0.005,
		     0); /* the steady clock is a coarse one, by some ms */
	ev_timer_start(tcp->worker->loop, &tcp->timer);
}

static void timer_set_for(struct server_tcp *tcp, const struct server_tcp_connection *c)
{
	if (c != NULL && c->state != SERVER_TCP_BUSY)
		timer_set(tcp, c->since_ms + timeout_ms(tcp, c->state));
}

static void close_due(struct server_tcp *tcp, enum server_tcp_state state)
{
	uint64_t now_ms = tcp->worker->turn.now_ms, limit_ms = timeout_ms(tcp, state);
	struct server_tcp_connection *c;

	while ((c = TAILQ_FIRST(&tcp->lists[state])) != NULL && now_ms - c->since_ms >= limit_ms &&
	       server_tcp_turn_may_go_on(tcp)) {
		server_count(&tcp->worker->stats.tcp_timeouts, 1);
		connection_close(c);
	}
}

void server_tcp_pool_close(struct server_tcp *tcp)
{
	for (unsigned i = 0; i < SERVER_TCP_STATES; i++)
		while (!TAILQ_EMPTY(&tcp->lists[i]))
			connection_close(TAILQ_FIRST(&tcp->lists[i]));
}

static void on_timer(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct server_tcp *tcp = timer->data;

	(void)loop;
	(void)events;
	server_worker_turn(tcp->worker);
	server_tcp_turn_begin(tcp);
	if (tcp->is_draining && tcp->worker->turn.now_ms >= tcp->drained_ms)
		server_tcp_pool_close(tcp);
	close_due(tcp, SERVER_TCP_IDLE);
	close_due(tcp, SERVER_TCP_STUCK);
	close_due(tcp, SERVER_TCP_STUCK_BUSY);
	for (unsigned i = 0; i < SERVER_TCP_STATES; i++)
		timer_set_for(tcp, TAILQ_FIRST(&tcp->lists[i]));
	if (tcp->is_draining && tcp->nconnections > 0)
		timer_set(tcp, tcp->drained_ms);
	base_rcu_quiescent();
	server_tcp_turn_end(tcp);
}

/* ---- the state of a connection ---- */

static enum server_tcp_state state_of(const struct server_tcp_connection *c)
{
	bool is_stuck = server_tcp_connection_is_stuck(c);

	if (c->nupdates > 0 || c->ntransfers > 0)
		return is_stuck ? SERVER_TCP_STUCK_BUSY : SERVER_TCP_BUSY;
	return is_stuck ? SERVER_TCP_STUCK : SERVER_TCP_IDLE;
}

static void watch(struct server_tcp_connection *c)
{
	int events = server_tcp_connection_events(c);

	if (ev_is_active(&c->io) && (c->io.events & (EV_READ | EV_WRITE)) == events)
		return;
	ev_io_stop(c->worker->loop, &c->io);
	if (events == 0)
		return;
	ev_io_modify(&c->io, events);
	ev_io_start(c->worker->loop, &c->io);
}

void server_tcp_pool_rearm(struct server_tcp_connection *c)
{
	enum server_tcp_state state = state_of(c);

	if (c->has_failed || (c->is_ended && !server_tcp_connection_is_pending(c))) {
		connection_close(c);
		return;
	}
	watch(c);
	if (server_tcp_connection_is_ready(c))
		server_tcp_turn_add(c);
	if (state == c->state && !c->is_moving)
		return;
	c->is_moving = false;
	list_remove(c);
	list_append(c, state);
	timer_set_for(c->worker->tcp, c);
}

void server_tcp_pool_add(struct server_tcp_connection *c, struct server_tcp_client *client)
{
	struct server_tcp *tcp = c->worker->tcp;

	c->client = client;
	c->share = &client->share[c->worker->number];
	count_connection(tcp, c->share, 1);
	tcp->nconnections++;
	count_open(tcp);
	server_tcp_pool_rearm(c);
}

/* ---- limits ---- */

static struct server_tcp_connection *older(struct server_tcp_connection *a,
					   struct server_tcp_connection *b)
{
	if (a == NULL || b == NULL)
		return a == NULL ? b : a;
	return b->since_ms < a->since_ms ? b : a;
}

/* Returns the idlest connection of all; NULL if no connection is idle. */
static struct server_tcp_connection *idlest(struct server_tcp *tcp)
{
	return older(TAILQ_FIRST(&tcp->lists[SERVER_TCP_IDLE]),
		     TAILQ_FIRST(&tcp->lists[SERVER_TCP_STUCK]));
}

/* Returns the idlest connection of the client that has most of them, among those with one that is
 * idle; NULL if there is none. */
static struct server_tcp_connection *idlest_of_most(struct server_tcp *tcp)
{
	unsigned nscanned = 0;
	struct server_tcp_share *s;

	for (unsigned i = SERVER_TCP_COUNTS - 1; i > 1; i--) {
		TAILQ_FOREACH (s, &tcp->counts[i], by_count) {
			if (!TAILQ_EMPTY(&s->quiet))
				return TAILQ_FIRST(&s->quiet);
			if (++nscanned > EVICT_SCAN)
				return idlest(tcp);
		}
	}
	return idlest(tcp);
}

static bool evict(struct server_tcp *tcp, struct server_tcp_connection *c)
{
	if (c == NULL)
		return false;
	server_count(&tcp->worker->stats.tcp_evicted, 1);
	connection_close(c);
	return true;
}

bool server_tcp_pool_evict(struct server_tcp *tcp)
{
	return evict(tcp, idlest_of_most(tcp));
}

bool server_tcp_pool_admit(struct server_tcp *tcp, const struct server_tcp_client *client,
			   unsigned of_client, unsigned in_all)
{
	const struct server_tcp_options *o = &tcp->worker->turn.rules->options.tcp;

	if (of_client > o->connections_per_client)
		return evict(tcp, TAILQ_FIRST(&client->share[tcp->worker->number].quiet));
	return in_all <= o->connections || evict(tcp, idlest_of_most(tcp));
}

/* ---- the whole pool ---- */

void server_tcp_pool_init(struct server_tcp *tcp)
{
	for (unsigned i = 0; i < SERVER_TCP_STATES; i++)
		TAILQ_INIT(&tcp->lists[i]);
	TAILQ_INIT(&tcp->unsent);
	TAILQ_INIT(&tcp->transferring);
	TAILQ_INIT(&tcp->ready);
	TAILQ_INIT(&tcp->waiting);
	for (unsigned i = 0; i < SERVER_TCP_COUNTS; i++)
		TAILQ_INIT(&tcp->counts[i]);
	ev_timer_init(&tcp->timer, on_timer, 0, 0);
	tcp->timer.data = tcp;
}

/* Has the transfers of a connection use the rules of this turn. Returns false if a zone is not
 * served any more. */
static bool move_transfers(struct server_tcp_connection *c)
{
	struct server_rules *rules = c->worker->turn.rules;
	struct server_transfer *t;

	STAILQ_FOREACH (t, &c->transfers, link)
		if (t->rules != rules && !server_transfer_move(t, rules))
			return false;
	return true;
}

void server_tcp_pool_set_rules(struct server_worker *w)
{
	static const enum server_tcp_state busy[] = {SERVER_TCP_BUSY, SERVER_TCP_STUCK_BUSY};
	struct server_tcp *tcp = w->tcp;
	struct server_tcp_connection *c, *next;

	if (tcp->rules == w->turn.rules)
		return;
	tcp->rules = w->turn.rules;
	for (unsigned i = 0; i < 2; i++) {
		for (c = TAILQ_FIRST(&tcp->lists[busy[i]]); c != NULL; c = next) {
			next = TAILQ_NEXT(c, by_state);
			if (!move_transfers(c))
				connection_close(c);
		}
	}
	for (unsigned i = 0; i < SERVER_TCP_STATES; i++)
		timer_set_for(tcp, TAILQ_FIRST(&tcp->lists[i]));
}

void server_tcp_pool_drain(struct server_worker *w)
{
	struct server_tcp *tcp = w->tcp;
	struct server_tcp_connection *c, *next;

	tcp->is_draining = true;
	tcp->drained_ms = w->turn.now_ms + DRAIN_MS;
	timer_set(tcp, tcp->drained_ms);
	for (unsigned i = 0; i < SERVER_TCP_STATES; i++) {
		for (c = TAILQ_FIRST(&tcp->lists[i]); c != NULL; c = next) {
			next = TAILQ_NEXT(c, by_state);
			c->is_ended = true;
			server_tcp_pool_rearm(c);
		}
	}
}
