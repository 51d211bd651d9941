/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The life of a session:
 *
 * 1. The first DSO request on a connection makes a session. The first one that succeeds establishes
 *    it. From then on it does not count as a connection, but as a session, with limits of its own:
 *    neither drives out the other.
 * 2. At a limit a session without operations that has been inactive for IDLE_MS ends in favour of
 *    the new one. If there is none, the new one ends at once: a Keepalive must succeed (RFC 8490
 *    section 5.2), so the client learns from a Retry Delay message that it is to come later.
 * 3. One timer for each session goes off at the deadline that push/session.h names. Most messages
 *    make the deadline later; that is seen when the timer goes off, which then is set again.
 * 4. New rules, and the end of weftd, concern all sessions at once. Each is marked, and does the
 *    work when it is its client's turn (stream/turn.c).
 * 5. A session that ends with a Retry Delay message counts as a connection again, which may be
 *    evicted, and is aborted after five seconds. */
#include "stream/dso.h"

#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/secret.h"
#include "dns/type.h"
#include "push/message.h"
#include "server/rules.h"
#include "stream/stream_priv.h"

enum {
	REPLY = 2 * DNS_DSO_PAD_RESPONSE, /* bytes; longer than any response */
	IDLE_MS = 2000,			  /* of inactivity before a session may be evicted */
	EVICT_SCAN = 256,		  /* sessions that are looked at for that */
	RETURN_MS = 2,			  /* for each session that returns after a restart */
	UNACKED_MS = 60000, /* for which the peer's kernel may not acknowledge bytes */
};

/* ---- rules ---- */

static uint32_t timeout_ms(uint32_t timeout_s)
{
	if (timeout_s == UINT32_MAX)
		return DNS_DSO_INFINITE;
	return timeout_s < DNS_DSO_INFINITE / 1000 ? timeout_s * 1000 : DNS_DSO_INFINITE - 1;
}

static bool is_plain_permitted(const struct stream_connection *c)
{
	const struct server_prefixes *p = &c->worker->turn.rules->options.dso_plain;

	for (size_t i = 0; i < p->count; i++)
		if (base_prefix_has(&p->items[i], &c->address.any))
			return true;
	return false;
}

static struct push_session_rules rules_of(const struct stream_connection *c)
{
	const struct server_dso_options *o = &c->worker->turn.rules->options.dso;
	bool is_encrypted = server_peer_is_encrypted(&c->peer);

	return (struct push_session_rules){
		.longest = {timeout_ms(o->inactivity_s), timeout_ms(o->keepalive_s)},
		.is_permitted = is_encrypted || is_plain_permitted(c),
		.is_encrypted = is_encrypted,
	};
}

static unsigned count_all(struct stream *st)
{
	return stream_clients_nsessions(st->worker->shared->stream_clients);
}

/* Returns a delay of at least `least_ms`, at random, so that clients that were sent away together
 * do not come back together. */
static uint32_t spread(struct stream *st, uint32_t least_ms)
{
	uint32_t nsessions = count_all(st);
	uint32_t range_ms = (nsessions > st->ncrowd ? nsessions : st->ncrowd) * RETURN_MS, random;

	if (range_ms < least_ms)
		range_ms = least_ms;
	base_secret_random(&random, sizeof(random));
	return least_ms + (uint32_t)((uint64_t)random * range_ms >> 32);
}

/* ---- established sessions ---- */

static uint64_t now_ms(const struct stream_session *s)
{
	return s->connection->worker->turn.now_ms;
}

static void count_sessions(struct stream *st, int n)
{
	uint64_t *count = &st->worker->stats.dso_sessions;

	__atomic_store_n(count, *count + (uint64_t)n, __ATOMIC_RELAXED);
}

/* Makes a session whose first request has succeeded, and that admit() has counted, one of the
 * worker's. */
static void establish(struct stream_session *s)
{
	struct stream_connection *c = s->connection;
	unsigned unacked_ms = UNACKED_MS;

	s->is_established = true;
	s->began_ms = now_ms(s);
	TAILQ_INSERT_TAIL(&c->worker->stream->sessions, s, link);
	count_sessions(c->worker->stream, 1);
	server_count(&c->worker->stats.dso_started, 1);
	/* What is sent resets the keepalive timer, whether it arrives or not. */
	setsockopt(c->io.fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacked_ms, sizeof(unacked_ms));
}

/* Has walks go on after a session that is about to leave the list. */
static void walks_pass(struct stream *st, struct stream_session *s)
{
	struct stream_walk *walk;

	LIST_FOREACH (walk, &st->walks, link)
		if (walk->next == s)
			walk->next = TAILQ_NEXT(s, link);
}

/* Undoes establish, for the reason in `s->end`. */
static void unestablish(struct stream_session *s)
{
	struct stream_connection *c = s->connection;
	struct stream *st = c->worker->stream;

	if (!s->is_established)
		return;
	s->is_established = false;
	st->operations->end(s);
	walks_pass(st, s);
	TAILQ_REMOVE(&st->sessions, s, link);
	stream_clients_end_session(c->worker->shared->stream_clients, c->client);
	count_sessions(st, -1);
	server_count(&c->worker->stats.dso_ended[s->end], 1);
}

/* Sends the client away with a Retry Delay message. */
static void send_away(struct stream_session *s, uint8_t rcode, uint32_t least_ms)
{
	struct stream_connection *c = s->connection;
	uint8_t bytes[REPLY];
	struct base_out out = base_out_over(bytes, sizeof(bytes));

	push_session_end(&s->push, rcode, spread(c->worker->stream, least_ms), now_ms(s), &out);
	stream_transfer_clear(c);
	stream_send_drop_shared(c);
	stream_send_message(c, bytes, base_out_nbytes(&out));
	stream_turn_add(c);
}

void stream_dso_end(struct stream_session *s, enum server_session_end end, uint8_t rcode)
{
	struct stream_connection *c = s->connection;
	uint32_t least_ms = c->worker->turn.rules->options.dso.retry_delay_s * 1000;

	if (!s->is_established)
		return;
	s->end = end;
	unestablish(s);
	if (end == SERVER_SESSION_OVERLOAD && least_ms < STREAM_DSO_OVERLOAD_MS)
		least_ms = STREAM_DSO_OVERLOAD_MS;
	send_away(s, rcode, least_ms);
}

/* Returns whether the client waits for an answer. */
static bool is_busy(const struct stream_session *s)
{
	const struct stream_connection *c = s->connection;

	return stream_send_is_blocked(c) || c->nupdates > 0 || c->ntransfers > 0;
}

/* ---- limits ---- */

/* Ends a session in favour of one of `client`, or of any client if that is NULL. Returns false if
 * none may be ended. */
static bool evict(struct stream *st, const struct stream_client *client)
{
	unsigned nscanned = 0;
	struct stream_session *s;

	TAILQ_FOREACH (s, &st->sessions, link) {
		if ((client == NULL || s->connection->client == client) &&
		    s->push.noperations == 0 && !is_busy(s) &&
		    now_ms(s) - s->push.active_ms >= IDLE_MS) {
			stream_dso_end(s, SERVER_SESSION_OVERLOAD, DNS_RCODE_SERVFAIL);
			return true;
		}
		if (++nscanned == EVICT_SCAN)
			return false;
	}
	return false;
}

static enum stream_limit count_client(struct stream_connection *c)
{
	const struct server_dso_options *o = &c->worker->turn.rules->options.dso;

	return stream_clients_begin_session(c->worker->shared->stream_clients, c->client,
					    o->sessions_per_client, o->sessions);
}

/* Counts the connection as a session, evicting another if needed. Returns false if it must not
 * become one. */
static bool admit(struct stream_connection *c)
{
	enum stream_limit limit = count_client(c);

	if (limit == STREAM_LIMIT_NONE ||
	    (evict(c->worker->stream, limit == STREAM_LIMIT_CLIENT ? c->client : NULL) &&
	     count_client(c) == STREAM_LIMIT_NONE))
		return true;
	server_count(&c->worker->stats.dso_refused, 1);
	return false;
}

/* ---- messages ---- */

static struct stream_session *session_new(struct stream_connection *c)
{
	struct stream_session *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	push_session_init(&s->push);
	s->connection = c;
	ev_timer_init(&s->timer, c->worker->stream->on_session_timer, 0, 0);
	s->timer.data = s;
	c->session = s;
	return s;
}

/* Fails the connection, which is then closed with RST. */
static void fail(struct stream_connection *c)
{
	c->has_failed = c->is_aborted = true;
}

/* Aborts the connection after a fatal error of the client (section 5.3). */
static void abort_session(struct stream_session *s)
{
	s->end = SERVER_SESSION_ERROR;
	fail(s->connection);
}

static void reply(struct stream_connection *c, const uint8_t *bytes, size_t nbytes)
{
	server_count(&c->worker->stats.rcode[bytes[3] & DNS_FLAG_RCODE], 1);
	stream_send_message(c, bytes, nbytes);
}

void stream_dso_respond(struct stream_session *s, const struct dns_dso *m, uint8_t rcode,
			uint32_t delay_ms)
{
	struct stream_connection *c = s->connection;
	struct push_session_rules rules = rules_of(c);
	uint8_t bytes[REPLY];
	struct base_out out = base_out_over(bytes, sizeof(bytes));

	if (delay_ms > 0)
		delay_ms = spread(c->worker->stream, delay_ms);
	push_session_respond(&s->push, &rules, m, rcode, delay_ms, now_ms(s), &out);
	reply(c, bytes, base_out_nbytes(&out));
	if (rcode == DNS_RCODE_NOERROR && !s->is_established)
		establish(s);
}

/* No response follows a unidirectional message, which would acknowledge it: section 5.5.1. */
static void acknowledge(const struct stream_connection *c)
{
	int one = 1;

	setsockopt(c->io.fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
}

/* Has the operations carry out a message, which may establish the session. */
static void operate(struct stream_session *s, const struct dns_dso *m)
{
	struct stream_connection *c = s->connection;
	bool is_new = s->push.state == PUSH_SESSION_NONE;

	if (is_new && !admit(c)) {
		stream_dso_respond(s, m, DNS_RCODE_SERVFAIL, STREAM_DSO_OVERLOAD_MS);
		return;
	}
	if (m->id == 0)
		acknowledge(c);
	if (!c->worker->stream->operations->receive(s, m))
		abort_session(s);
	if (!is_new || s->push.state != PUSH_SESSION_NONE)
		return;
	c->worker->stream->operations->end(s);
	stream_clients_end_session(c->worker->shared->stream_clients, c->client);
}

/* Sends a response that the session has written, which may have established it. */
static void reply_of(struct stream_session *s, const struct base_out *out)
{
	reply(s->connection, out->start, base_out_nbytes(out));
	if (s->push.state != PUSH_SESSION_ESTABLISHED || s->is_established)
		return;
	if (admit(s->connection))
		establish(s);
	else
		send_away(s, DNS_RCODE_SERVFAIL, STREAM_DSO_OVERLOAD_MS);
}

/* Where DSO is not served no session is made: the response depends on the message alone. */
static void refuse(struct stream_connection *c, const struct server_request *r,
		   const struct push_session_rules *rules)
{
	uint8_t bytes[REPLY];
	struct base_out out = base_out_over(bytes, sizeof(bytes));
	struct push_session none;
	struct dns_dso m;

	push_session_init(&none);
	server_count(&c->worker->stats.dso_refused, 1);
	if (push_session_receive(&none, rules, r->msg, r->nbytes, c->worker->turn.now_ms, &m,
				 &out) == PUSH_SESSION_REPLY)
		reply(c, bytes, base_out_nbytes(&out));
	else
		fail(c);
}

static void receive(struct stream_connection *c, const struct server_request *r)
{
	struct push_session_rules rules = rules_of(c);
	uint8_t bytes[REPLY];
	struct base_out out = base_out_over(bytes, sizeof(bytes));
	struct stream_session *s = c->session;
	struct dns_dso m;

	server_count(&c->worker->stats.queries[c->peer.transport], 1);
	server_count(&c->worker->stats.opcode[DNS_OPCODE_DSO], 1);
	c->is_moving = true;
	if (s == NULL && !rules.is_permitted) {
		refuse(c, r, &rules);
		return;
	}
	if (s == NULL && (s = session_new(c)) == NULL) {
		c->has_failed = true;
		return;
	}
	switch (push_session_receive(&s->push, &rules, r->msg, r->nbytes, now_ms(s), &m, &out)) {
	case PUSH_SESSION_IGNORE:
		break;
	case PUSH_SESSION_REPLY:
		reply_of(s, &out);
		break;
	case PUSH_SESSION_OPERATION:
		operate(s, &m);
		break;
	case PUSH_SESSION_ABORT:
		abort_session(s);
		break;
	}
}

static bool is_dso(const struct server_request *r)
{
	return r->nbytes >= DNS_HEADER_SIZE && server_request_opcode(r) == DNS_OPCODE_DSO;
}

bool stream_dso_take(struct stream_connection *c, const struct server_request *r)
{
	struct stream_session *s = c->session;

	if (is_dso(r)) {
		receive(c, r);
		return true;
	}
	if (s == NULL)
		return false;
	if (stream_dso_is_over(c))
		return true;
	if (push_session_other(&s->push, !r->is_dropped && r->edns.has_keepalive, now_ms(s)))
		return false;
	abort_session(s);
	return true;
}

void stream_dso_send(struct stream_session *s, const uint8_t *msg, size_t nbytes)
{
	if (s->push.state == PUSH_SESSION_ENDING)
		return;
	push_session_sent(&s->push, now_ms(s));
	stream_send_message(s->connection, msg, nbytes);
	stream_turn_add(s->connection);
}

void stream_dso_send_shared(struct stream_session *s, struct push_message *m)
{
	if (s->push.state == PUSH_SESSION_ENDING)
		return;
	push_session_sent(&s->push, now_ms(s));
	stream_send_shared(s->connection, m);
	stream_turn_add(s->connection);
}

void stream_dso_send_now(struct stream_session *s, struct push_message *m)
{
	struct stream_connection *c = s->connection;

	if (s->push.state == PUSH_SESSION_ENDING)
		return;
	push_session_sent(&s->push, now_ms(s));
	stream_send_shared_now(c, m);
	if (c->has_failed || stream_send_is_blocked(c))
		stream_turn_add(c);
}

size_t stream_dso_unsent(const struct stream_session *s)
{
	return s->connection->nunsent;
}

struct stream_sessions *stream_dso_sessions(struct stream *st)
{
	return &st->sessions;
}

void stream_dso_walk(struct stream *st, struct stream_walk *walk)
{
	walk->next = TAILQ_FIRST(&st->sessions);
	LIST_INSERT_HEAD(&st->walks, walk, link);
}

struct stream_session *stream_dso_walk_next(struct stream_walk *walk)
{
	struct stream_session *s = walk->next;

	if (s != NULL)
		walk->next = TAILQ_NEXT(s, link);
	return s;
}

void stream_dso_walk_end(struct stream_walk *walk)
{
	LIST_REMOVE(walk, link);
}

/* ---- the state of a connection ---- */

bool stream_dso_is_kept(const struct stream_connection *c)
{
	return c->session != NULL && c->session->is_established;
}

bool stream_dso_is_over(const struct stream_connection *c)
{
	return c->session != NULL && c->session->push.state == PUSH_SESSION_ENDING;
}

/* Returns whether the client has the certificate that new clients need by now. */
static bool has_certificate(const struct stream_connection *c)
{
	const struct fabric_tls_context *tls = c->worker->turn.rules->tls;

	return c->tls == NULL || tls == NULL || fabric_tls_is_admitted(c->tls, tls);
}

/* Applies the rules of this turn. */
static void check(struct stream_session *s)
{
	struct stream_connection *c = s->connection;
	struct push_session_rules rules = rules_of(c);
	uint8_t bytes[REPLY];
	struct base_out out = base_out_over(bytes, sizeof(bytes));

	s->must_check = false;
	if (!rules.is_permitted || !has_certificate(c)) {
		stream_dso_end(s, SERVER_SESSION_CHANGED, DNS_RCODE_REFUSED);
		return;
	}
	if (push_session_change(&s->push, &rules, now_ms(s), &out))
		stream_send_message(c, bytes, base_out_nbytes(&out));
	c->worker->stream->operations->check(s);
}

/* Ends the session because weftd stops, when no answer is under way: none may be sent later. */
static void leave(struct stream_session *s)
{
	if (s->connection->nupdates == 0 && s->connection->ntransfers == 0)
		stream_dso_end(s, SERVER_SESSION_SHUTDOWN, DNS_RCODE_NOERROR);
}

void stream_dso_serve(struct stream_connection *c)
{
	struct stream_session *s = c->session;

	if (s == NULL || !s->is_established)
		return;
	if (s->must_check)
		check(s);
	if (s->must_leave)
		leave(s);
}

void stream_dso_check_all(struct stream *st)
{
	struct stream_session *s;

	st->ncrowd = count_all(st);
	TAILQ_FOREACH (s, &st->sessions, link) {
		s->must_check = true;
		stream_turn_add(s->connection);
	}
}

bool stream_dso_leave(struct stream_connection *c)
{
	struct stream *st = c->worker->stream;
	struct stream_session *s = c->session;

	if (s == NULL || s->push.state == PUSH_SESSION_NONE)
		return false;
	if (st->ncrowd < count_all(st))
		st->ncrowd = count_all(st);
	s->must_leave = true;
	stream_turn_add(c);
	return true;
}

/* Has the timer go off at the deadline, or earlier if it is already set so. */
static void timer_set(struct stream_session *s)
{
	struct ev_loop *loop = s->connection->worker->loop;
	uint64_t due_ms = push_session_deadline(&s->push, s->was_busy), now = now_ms(s);
	double after_s = due_ms > now ? (double)(due_ms - now) / 1000 : 0;

	if (due_ms == UINT64_MAX) {
		ev_timer_stop(loop, &s->timer);
		return;
	}
	if (ev_is_active(&s->timer) && s->due_ms <= due_ms)
		return;
	s->due_ms = due_ms;
	ev_timer_stop(loop, &s->timer);
	ev_timer_set(&s->timer, after_s + 0.005, 0); /* as in stream/pool.c */
	ev_timer_start(loop, &s->timer);
}

void stream_dso_rearm(struct stream_connection *c)
{
	struct stream_session *s = c->session;
	bool was_busy;

	if (s == NULL || s->push.state == PUSH_SESSION_NONE)
		return;
	was_busy = s->was_busy;
	s->was_busy = is_busy(s);
	/* The timers do not run while an answer is under way, and begin anew when it is sent. */
	if (was_busy || s->was_busy)
		push_session_sent(&s->push, now_ms(s));
	if (s->must_leave)
		leave(s);
	timer_set(s);
}

void stream_dso_expire(struct stream_session *s)
{
	switch (push_session_due(&s->push, is_busy(s), now_ms(s))) {
	case PUSH_SESSION_NOT_OVERDUE:
		return;
	case PUSH_SESSION_INACTIVE:
		s->end = SERVER_SESSION_INACTIVE;
		break;
	case PUSH_SESSION_SILENT:
		s->end = SERVER_SESSION_SILENT;
		break;
	case PUSH_SESSION_NOT_CLOSED:
		break;
	}
	fail(s->connection);
}

void stream_dso_close(struct stream_connection *c)
{
	struct stream_session *s = c->session;

	if (s == NULL)
		return;
	c->is_aborted |= stream_dso_is_over(c) && !c->is_ended;
	if (s->end == SERVER_SESSION_CLOSED && !c->is_ended)
		s->end = s->must_leave ? SERVER_SESSION_SHUTDOWN : SERVER_SESSION_FAILED;
	unestablish(s);
	ev_timer_stop(c->worker->loop, &s->timer);
	push_session_fini(&s->push);
	free(s);
	c->session = NULL;
}
