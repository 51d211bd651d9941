/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "stream/tcp.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/rcu.h"
#include "stream/handshake.h"
#include "stream/stream_priv.h"
#include "stream/tls.h"

enum {
	BACKLOG = 1024,
	ACCEPT_BATCH = 64,
	PAUSE_MS = 100,	    /* in accepting, when descriptors are short */
	LOG_MS = 60000,	    /* between two log lines about that */
	NOTSENT = 64 << 10, /* bytes in the kernel that have not been sent, at most */
	SHORT = 4096,	    /* bytes; longer than any answer to an update */
};

/* ---- events ---- */

static void on_connection(struct ev_loop *loop, struct ev_io *io, int events)
{
	(void)loop;
	stream_slice_event(io->data, events);
}

/* ---- accepting ---- */

static struct stream_connection *connection_new(struct server_worker *w,
						const struct server_channel *channel, int fd,
						const struct sockaddr *peer)
{
	struct stream_connection *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->worker = w;
	c->channel = channel;
	memcpy(&c->address, peer, base_address_nbytes(peer));
	c->peer = (struct server_peer){.address = &c->address.any, .transport = channel->transport};
	STAILQ_INIT(&c->transfers);
	ev_io_init(&c->io, on_connection, fd, EV_READ);
	c->io.data = c;
	return c;
}

/* Takes an accepted connection, counted by `client`. Returns false if that is not possible. */
static bool connection_take(struct server_socket *s, int fd, const struct sockaddr *peer,
			    struct stream_client *client)
{
	struct stream_connection *c;

	if (s->channel->transport == SERVER_TLS)
		return stream_handshakes_put(s->worker, s->channel, fd, peer, client);
	c = connection_new(s->worker, s->channel, fd, peer);
	if (c != NULL)
		stream_pool_add(c, client);
	return c != NULL;
}

static void connection_open(struct server_socket *s, int fd, const struct sockaddr *peer)
{
	struct server_worker *w = s->worker;
	struct stream_clients *clients = w->shared->stream_clients;
	struct stream_client *client;
	unsigned of_client, in_all;
	bool is_taken = false;

	client = stream_clients_add(clients, peer, &of_client, &in_all);
	if (client != NULL && stream_pool_admit(w->stream, client, of_client, in_all))
		is_taken = connection_take(s, fd, peer, client);
	server_count(is_taken ? &w->stats.tcp_accepted : &w->stats.tcp_refused, 1);
	if (is_taken)
		return;
	if (client != NULL)
		stream_clients_remove(clients, client);
	close(fd);
}

enum accepting { PAUSED, ACCEPTING };

static void set_accepting(struct server_worker *w, enum accepting accepting)
{
	for (struct server_socket *s = w->sockets; s != NULL; s = s->next) {
		if (s->channel->socket_type != SOCK_STREAM)
			continue;
		if (accepting == ACCEPTING)
			ev_io_start(w->loop, &s->io);
		else
			ev_io_stop(w->loop, &s->io);
	}
}

static void on_resume(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct stream *st = timer->data;

	(void)loop;
	(void)events;
	if (!st->is_draining)
		set_accepting(st->worker, ACCEPTING);
}

/* Pauses when descriptors or memory are short and no connection may be closed: the sockets remain
 * readable, and the loop would call again at once. */
static void pause_accepting(struct stream *st, int error)
{
	uint64_t now_ms = st->worker->turn.now_ms;

	set_accepting(st->worker, PAUSED);
	ev_timer_stop(st->worker->loop, &st->resume);
	ev_timer_set(&st->resume, PAUSE_MS / 1000., 0);
	ev_timer_start(st->worker->loop, &st->resume);
	if (st->logged_ms == 0 || now_ms - st->logged_ms >= LOG_MS) {
		st->logged_ms = now_ms;
		base_log(BASE_LOG_WARNING, "server", "accepting-paused error=\"%s\"",
			 strerror(error));
	}
}

/* Returns whether a connection waits. accept(2) fails for want of a descriptor even if none does.
 */
static bool has_pending(const struct server_socket *s)
{
	struct pollfd p = {.fd = s->fd, .events = POLLIN};

	return poll(&p, 1, 0) > 0;
}

/* Handles an error of accept(2). Returns whether to go on accepting. */
static bool accept_failed(struct server_socket *s, int error)
{
	struct stream *st = s->worker->stream;

	switch (error) {
	case EAGAIN:
		return false;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		if (!has_pending(s))
			return false;
		if (stream_pool_evict(st))
			return true;
		pause_accepting(st, error);
		return false;
	default: /* the connection failed before it was accepted (accept(2)) */
		return true;
	}
}

static bool accept_one(struct server_socket *s)
{
	struct sockaddr_storage peer;
	socklen_t length = sizeof(peer);
	int fd = accept4(s->fd, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return accept_failed(s, errno);
	connection_open(s, fd, (struct sockaddr *)&peer);
	return true;
}

static void on_acceptable(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct server_socket *s = io->data;
	struct stream *st = s->worker->stream;

	(void)loop;
	(void)events;
	server_worker_turn(s->worker);
	stream_turn_begin(st);
	for (unsigned i = 0; i < ACCEPT_BATCH && accept_one(s); i++)
		if (!stream_turn_may_go_on(st))
			break;
	base_rcu_quiescent();
	stream_turn_end(st);
}

/* ---- handshakes that are done ---- */

static void handshake_end(struct server_worker *w, struct stream_handshake *h)
{
	struct stream_connection *c = NULL;

	if (!w->stream->is_draining)
		c = connection_new(w, h->channel, h->fd, &h->address.any);
	if (c != NULL && stream_tls_open(c, h)) {
		stream_pool_add(c, h->client);
	} else {
		free(c);
		fabric_tls_free(h->tls);
		close(h->fd);
		stream_clients_remove(w->shared->stream_clients, h->client);
	}
	free(h);
}

static void take_handshakes(struct server_worker *w)
{
	struct base_queue_link *link, *next;

	for (link = stream_handshakes_take(w); link != NULL; link = next) {
		next = link->next;
		handshake_end(w, (struct stream_handshake *)link);
	}
}

/* ---- answers to updates ---- */

static void answer_update(struct server_update *u)
{
	struct stream_connection *c = u->connection;
	struct stream *st = c->worker->stream;
	uint8_t answer[2 + SHORT];
	size_t length;

	c->nupdates--;
	c->update_nbytes -= u->query.request.nbytes;
	if (!c->is_closed && u->request.is_unknown) {
		/* No answer will come: the client learns it from the closed connection. */
		c->has_failed = true;
	} else if (!c->is_closed && !stream_dso_is_over(c)) {
		length = server_query_short(&u->query, &u->worker->turn, u->request.result.rcode, 0,
					    answer + 2, SHORT);
		base_store16(answer, (uint16_t)length);
		stream_send_later(c, answer, 2 + length);
		server_count(&u->worker->stats.responses[c->peer.transport], 1);
	}
	if (!c->is_closed) {
		if (!c->is_unsent)
			TAILQ_INSERT_TAIL(&st->unsent, c, by_unsent);
		c->is_unsent = true;
	} else if (c->nupdates == 0) {
		free(c);
	}
	server_update_free(u);
}

static void flush_updates(struct server_worker *w)
{
	struct stream_connection *c;

	while ((c = TAILQ_FIRST(&w->stream->unsent)) != NULL) {
		TAILQ_REMOVE(&w->stream->unsent, c, by_unsent);
		stream_turn_begin(w->stream);
		c->is_unsent = false;
		c->is_moving = true;
		stream_send_flush(c);
		stream_pool_rearm(c);
		stream_turn_end(w->stream);
	}
}

static void tcp_flush(struct server_worker *w)
{
	stream_push_take(w);
	flush_updates(w);
}

/* ---- sockets, and the state in a worker ---- */

/* Accepted sockets inherit these options. TCP_NODELAY: answers are gathered here, not in the
 * kernel. TCP_NOTSENT_LOWAT: answers to a slow reader remain here, where they are bounded, instead
 * of filling megabytes of send buffer. */
static int tcp_listen(struct server_socket *s)
{
	int one = 1, unsent = NOTSENT;

	setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(s->fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent));
	return listen(s->fd, BACKLOG) < 0 ? -errno : 0;
}

static int tcp_share(struct server_shared *shared, unsigned nworkers)
{
	shared->stream_clients = stream_clients_new(nworkers);
	return shared->stream_clients == NULL ? -ENOMEM : 0;
}

static void tcp_unshare(struct server_shared *shared)
{
	stream_clients_free(shared->stream_clients);
}

static int tcp_init(struct server_worker *w)
{
	struct stream *st = calloc(1, sizeof(*st));

	if (st == NULL)
		return -ENOMEM;
	st->worker = w;
	st->operations = &stream_push_operations;
	st->out = base_out_over(st->out_bytes, sizeof(st->out_bytes));
	stream_pool_init(st);
	stream_slice_init(st);
	ev_timer_init(&st->resume, on_resume, 0, 0);
	st->resume.data = st;
	w->stream = st;
	return 0;
}

static void tcp_fini(struct server_worker *w)
{
	if (w->stream != NULL) {
		stream_pool_close(w->stream);
		stream_push_fini(w->stream);
		stream_slice_fini(w->stream);
	}
	free(w->stream);
	w->stream = NULL;
}

static unsigned tcp_nopen(const struct server_worker *w)
{
	return w->stream->nconnections;
}

static int tls_init(struct server_worker *w)
{
	return stream_handshakes_start(w->shared);
}

static void tls_fini(struct server_worker *w)
{
	if (w->shared->stream_handshakes != NULL)
		stream_handshakes_stop(w->shared);
}

const struct server_channel stream_tcp_channel = {
	.transport = SERVER_TCP,
	.socket_type = SOCK_STREAM,
	.listen = tcp_listen,
	.on_readable = on_acceptable,
	.share = tcp_share,
	.unshare = tcp_unshare,
	.init = tcp_init,
	.fini = tcp_fini,
	.answer = answer_update,
	.flush = tcp_flush,
	.rules_changed = stream_pool_set_rules,
	.drain = stream_pool_drain,
	.nopen = tcp_nopen,
};

/* Everything else is the same as over TCP, whose channel does it for both. */
const struct server_channel stream_tls_channel = {
	.transport = SERVER_TLS,
	.socket_type = SOCK_STREAM,
	.listen = tcp_listen,
	.on_readable = on_acceptable,
	.share = stream_handshakes_share,
	.unshare = stream_handshakes_unshare,
	.init = tls_init,
	.fini = tls_fini,
	.answer = answer_update,
	.flush = take_handshakes,
};
