/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The messages of one connection (RFC 1035 section 4.2.2, RFC 7766):
 *
 * 1. Requests are read into the worker's buffer and answered in place. Only the rest is copied to
 *    the connection: an incomplete message, or whole messages that must wait.
 * 2. Answers are gathered in the worker's other buffer and sent by one call. What the socket does
 *    not take is copied to the connection.
 * 3. While too many answers are unsent or under way, no request is answered, and then none is read:
 *    the peer's socket fills up, and the peer must wait.
 * 4. Unsent answers are sent first, then requests that wait are answered, then some messages of the
 *    first transfer are written. A slice bounds all of it (stream/turn.c); what is left over
 *    waits for the client's next turn. */
#include "stream/stream_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "dns/type.h"
#include "stream/tls.h"

enum {
	UNSENT_MAX = 64 << 10,	     /* bytes; then nothing more is read */
	UPDATES_MAX = 4096,	     /* of one connection, in the hands of the registrar */
	UPDATE_NBYTES_MAX = 1 << 20, /* of their messages */
	TRANSFERS_MAX = 64,	     /* of one connection, running or not */
	REST = 1024,		     /* first capacity for an incomplete message */
};

/* ---- answering ---- */

/* Returns whether another request may be answered. */
static bool may_answer(const struct stream_connection *c)
{
	return !c->has_failed && !stream_push_is_filling(c) && c->nunsent < UNSENT_MAX &&
	       c->nupdates < UPDATES_MAX && c->update_nbytes < UPDATE_NBYTES_MAX &&
	       c->ntransfers < TRANSFERS_MAX;
}

/* Hands an update to the registrar. Returns false if that is not possible: memory is short, or too
 * many wait. */
static bool put_update(struct stream_connection *c, struct server_query *q)
{
	struct server_worker *w = c->worker;
	struct server_update *u = server_update_new(&w->updates, &w->turn, q, &c->peer);

	if (u == NULL)
		return false;
	u->channel = c->channel;
	u->worker = w;
	u->connection = c;
	c->nupdates++;
	c->update_nbytes += q->request.nbytes;
	server_update_put(u, &w->turn);
	return true;
}

static void answer_one(struct stream_connection *c, struct server_query *q)
{
	struct server_worker *w = c->worker;
	uint8_t *out = w->stream->out.at + 2;
	uint16_t rcode = DNS_RCODE_NOERROR;
	size_t length = 0;

	if (stream_dso_take(c, &q->request))
		return;
	switch (server_query_end(q, &w->turn, &c->peer, out, DNS_MSG_MAX, &length)) {
	case SERVER_ANSWER:
		break;
	case SERVER_DROP: /* nor does it count as movement: the connection may time out */
		return;
	case SERVER_UPDATE:
		rcode = put_update(c, q) ? DNS_RCODE_NOERROR : DNS_RCODE_SERVFAIL;
		break;
	case SERVER_TRANSFER:
		rcode = stream_transfer_put(c, q);
		break;
	}
	c->is_moving = true;
	if (rcode != DNS_RCODE_NOERROR)
		length = server_query_short(q, &w->turn, rcode, 0, out, DNS_MSG_MAX);
	if (length > 0)
		stream_send_frame(c, length);
}

/* Takes the next whole message. Returns false if there is none. */
static bool take_message(struct base_buf *b, struct server_request *r)
{
	struct base_buf peek = *b;

	r->nbytes = base_buf_u16(&peek);
	r->msg = base_buf_take(&peek, r->nbytes);
	if (peek.has_failed)
		return false;
	*b = peek;
	return true;
}

/* Begins the queries of the next whole messages. Returns how many. */
static unsigned begin_batch(struct server_worker *w, struct base_buf *b)
{
	struct stream *st = w->stream;
	size_t start = base_buf_offset(b);
	unsigned n = 0;

	for (; n < STREAM_BATCH && take_message(b, &st->query[n].request); n++) {
		st->start[n] = start;
		start = base_buf_offset(b);
	}
	server_query_begin_batch(st->query, n, &w->turn);
	return n;
}

/* Answers whole messages until there are no more, or the connection must wait. Returns how many
 * bytes were answered. */
static size_t answer_all(struct stream_connection *c, const uint8_t *bytes, size_t nbytes)
{
	struct stream *st = c->worker->stream;
	struct base_buf b = base_buf_over(bytes, nbytes);
	size_t done = 0;
	unsigned n;

	st->gathering = c;
	while (done == base_buf_offset(&b) && (n = begin_batch(c->worker, &b)) > 0) {
		for (unsigned i = 0; i < n && may_answer(c) && stream_turn_may_go_on(st); i++) {
			answer_one(c, &st->query[i]);
			done = i + 1 < n ? st->start[i + 1] : base_buf_offset(&b);
		}
	}
	st->gathering = NULL;
	stream_send_gathered(c);
	return done;
}

/* ---- the rest ---- */

/* Returns the size of the first message in `rest`, its length field included; 2 while the length
 * field is incomplete. */
static size_t rest_first(const struct stream_connection *c)
{
	return c->nrest < 2 ? 2 : 2u + base_load16(c->rest);
}

static bool has_message(const struct stream_connection *c)
{
	return c->nrest >= 2 && c->nrest >= rest_first(c);
}

/* The capacity grows with the bytes that have come, not with what a length field announces: a peer
 * must not reserve memory by two bytes. */
static bool rest_append(struct stream_connection *c, const uint8_t *bytes, size_t nbytes)
{
	size_t need = c->nrest + nbytes, size = c->rest_size > 0 ? c->rest_size : REST;
	uint8_t *rest;

	while (size < need)
		size *= 2;
	if (size != c->rest_size) {
		rest = realloc(c->rest, size);
		if (rest == NULL) {
			c->has_failed = true;
			return false;
		}
		c->rest = rest;
		c->rest_size = size;
	}
	memcpy(c->rest + c->nrest, bytes, nbytes);
	c->nrest += nbytes;
	return true;
}

static void rest_drop(struct stream_connection *c, size_t nbytes)
{
	c->nrest -= nbytes;
	if (c->nrest > 0) {
		memmove(c->rest, c->rest + nbytes, c->nrest);
		return;
	}
	free(c->rest);
	c->rest = NULL;
	c->rest_size = 0;
}

static void answer_rest(struct stream_connection *c)
{
	rest_drop(c, answer_all(c, c->rest, c->nrest));
}

/* Completes the first message in `rest` with what has been read. Returns false if that is not
 * enough. */
static bool rest_complete(struct stream_connection *c, struct base_buf *b)
{
	while (!has_message(c)) {
		size_t missing = rest_first(c) - c->nrest;
		size_t n = missing < base_buf_left(b) ? missing : base_buf_left(b);

		if (n == 0 || !rest_append(c, base_buf_take(b, n), n))
			return false;
	}
	return true;
}

/* ---- reading ---- */

static void answer_read(struct stream_connection *c, const uint8_t *bytes, size_t nbytes)
{
	struct base_buf b = base_buf_over(bytes, nbytes);

	if (c->nrest > 0) {
		if (!rest_complete(c, &b))
			return;
		answer_rest(c);
	}
	if (c->nrest == 0)
		base_buf_take(&b, answer_all(c, b.at, base_buf_left(&b)));
	if (base_buf_left(&b) > 0)
		rest_append(c, b.at, base_buf_left(&b));
}

/* The only function that reads from the socket. */
static ssize_t receive(struct stream_connection *c, uint8_t *bytes, size_t size)
{
	return c->tls != NULL ? stream_tls_receive(c, bytes, size)
			      : recv(c->io.fd, bytes, size, MSG_DONTWAIT);
}

static void readable(struct stream_connection *c)
{
	struct stream *st = c->worker->stream;
	ssize_t n = receive(c, st->in_bytes, sizeof(st->in_bytes));

	if (n > 0)
		answer_read(c, st->in_bytes, (size_t)n);
	else if (n == 0) /* the peer may have closed its side only, and wait for answers */
		c->is_ended = true;
	else if (errno != EAGAIN && errno != EINTR)
		c->has_failed = true;
}

/* ---- events ---- */

/* Returns whether bytes can be received although the socket may have none. */
static bool may_receive(const struct stream_connection *c)
{
	return c->tls != NULL && fabric_tls_has_pending(c->tls);
}

static bool may_transfer(const struct stream_connection *c)
{
	return !stream_send_is_blocked(c) && !STAILQ_EMPTY(&c->transfers) && !c->is_waiting &&
	       !c->has_failed;
}

void stream_connection_serve(struct stream_connection *c, int events)
{
	c->is_moving = false;
	if (c->has_failed)
		return;
	stream_dso_serve(c);
	stream_send_flush(c);
	if (!stream_send_is_blocked(c) && stream_push_is_filling(c)) {
		stream_push_fill(c);
		stream_send_flush(c);
	}
	if (c->nunsent == 0 && has_message(c) && may_answer(c))
		answer_rest(c);
	if (may_transfer(c))
		stream_transfer_slice(c);
	if (((events & EV_READ) || may_receive(c)) && (stream_connection_events(c) & EV_READ) &&
	    stream_turn_may_go_on(c->worker->stream))
		readable(c);
	/* RFC 7766 section 6.2.4: nothing is sent to a client that has closed its side. Answers
	 * that are under way are, but no transfer is begun for it. */
	c->has_failed |= c->is_ended && c->is_waiting;
}

int stream_connection_events(const struct stream_connection *c)
{
	int events = 0;

	if (c->has_failed)
		return 0;
	if (!c->is_ended && may_answer(c) && !has_message(c))
		events |= EV_READ;
	if (stream_send_is_blocked(c))
		events |= EV_WRITE;
	return events;
}

bool stream_connection_is_ready(const struct stream_connection *c)
{
	return !stream_send_is_blocked(c) && !c->has_failed &&
	       (stream_push_is_filling(c) || (has_message(c) && may_answer(c)) || may_transfer(c) ||
		(may_receive(c) && (stream_connection_events(c) & EV_READ)));
}

bool stream_connection_is_stuck(const struct stream_connection *c)
{
	return (stream_connection_events(c) & EV_WRITE) || (c->nrest > 0 && !has_message(c));
}

bool stream_connection_is_pending(const struct stream_connection *c)
{
	return stream_send_is_blocked(c) || c->nupdates > 0 || has_message(c) ||
	       stream_push_is_filling(c) || !STAILQ_EMPTY(&c->transfers);
}

void stream_connection_clear(struct stream_connection *c)
{
	stream_transfer_clear(c);
	stream_send_clear(c);
	free(c->rest);
	c->rest = NULL;
	c->nrest = c->rest_size = 0;
}
