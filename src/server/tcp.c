/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "server/tcp.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/rcu.h"
#include "server/tcp_priv.h"

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
	server_tcp_slice_event(io->data, events);
}

/* ---- accepting ---- */

static struct server_tcp_connection *connection_new(const struct server_socket *s, int fd,
						    const struct sockaddr *peer)
{
	struct server_tcp_connection *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->worker = s->worker;
	c->channel = s->channel;
	memcpy(&c->address, peer, base_address_nbytes(peer));
	c->peer = (struct server_peer){&c->address.any, s->channel->transport};
	STAILQ_INIT(&c->transfers);
	ev_io_init(&c->io, on_connection, fd, EV_READ);
	c->io.data = c;
	return c;
}

static void connection_open(struct server_socket *s, int fd, const struct sockaddr *peer)
{
	struct server_worker *w = s->worker;
	struct server_tcp_clients *clients = w->shared->tcp_clients;
	struct server_tcp_connection *c = NULL;
	struct server_tcp_client *client;
	unsigned of_client, in_all;

	client = server_tcp_clients_add(clients, peer, &of_client, &in_all);
	if (client != NULL && server_tcp_pool_admit(w->tcp, client, of_client, in_all))
		c = connection_new(s, fd, peer);
	if (c == NULL) {
		if (client != NULL)
			server_tcp_clients_remove(clients, client);
		server_count(&w->stats.tcp_refused, 1);
		close(fd);
		return;
	}
	server_count(&w->stats.tcp_accepted, 1);
	server_tcp_pool_add(c, client);
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
	struct server_tcp *tcp = timer->data;

	(void)loop;
	(void)events;
	if (!tcp->is_draining)
		set_accepting(tcp->worker, ACCEPTING);
}

/* Pauses when descriptors or memory are short and no connection may be closed: the sockets remain
 * readable, and the loop would call again at once. */
static void pause_accepting(struct server_tcp *tcp, int error)
{
	uint64_t now_ms = tcp->worker->turn.now_ms;

	set_accepting(tcp->worker, PAUSED);
	ev_timer_stop(tcp->worker->loop, &tcp->resume);
	ev_timer_set(&tcp->resume, PAUSE_MS / 1000., 0);
	ev_timer_start(tcp->worker->loop, &tcp->resume);
	if (tcp->logged_ms == 0 || now_ms - tcp->logged_ms >= LOG_MS) {
		tcp->logged_ms = now_ms;
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
	struct server_tcp *tcp = s->worker->tcp;

	switch (error) {
	case EAGAIN:
		return false;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		if (!has_pending(s))
			return false;
		if (server_tcp_pool_evict(tcp))
			return true;
		pause_accepting(tcp, error);
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
	struct server_tcp *tcp = s->worker->tcp;

	(void)loop;
	(void)events;
	server_worker_turn(s->worker);
	server_tcp_turn_begin(tcp);
	for (unsigned i = 0; i < ACCEPT_BATCH && accept_one(s); i++)
		if (!server_tcp_turn_may_go_on(tcp))
			break;
	base_rcu_quiescent();
	server_tcp_turn_end(tcp);
}

/* ---- answers to updates ---- */

static void answer_update(struct server_update *u)
{
	struct server_tcp_connection *c = u->connection;
	struct server_tcp *tcp = c->worker->tcp;
	uint8_t answer[2 + SHORT];
	size_t length;

	c->nupdates--;
	c->update_nbytes -= u->query.request.nbytes;
	if (!c->is_closed && u->request.is_unknown) {
		/* No answer will come: the client learns it from the closed connection. */
		c->has_failed = true;
	} else if (!c->is_closed) {
		length = server_query_short(&u->query, &u->worker->turn, u->request.result.rcode, 0,
					    answer + 2, SHORT);
		base_store16(answer, (uint16_t)length);
		server_tcp_send_later(c, answer, 2 + length);
		server_count(&u->worker->stats.responses[c->peer.transport], 1);
	}
	if (!c->is_closed) {
		if (!c->is_unsent)
			TAILQ_INSERT_TAIL(&tcp->unsent, c, by_unsent);
		c->is_unsent = true;
	} else if (c->nupdates == 0) {
		free(c);
	}
	server_update_free(u);
}

static void flush_updates(struct server_worker *w)
{
	struct server_tcp_connection *c;

	while ((c = TAILQ_FIRST(&w->tcp->unsent)) != NULL) {
		TAILQ_REMOVE(&w->tcp->unsent, c, by_unsent);
		server_tcp_turn_begin(w->tcp);
		c->is_unsent = false;
		c->is_moving = true;
		server_tcp_send_flush(c);
		server_tcp_pool_rearm(c);
		server_tcp_turn_end(w->tcp);
	}
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

static int tcp_init(struct server_worker *w)
{
	struct server_tcp *tcp = calloc(1, sizeof(*tcp));

	if (tcp == NULL)
		return -ENOMEM;
	tcp->worker = w;
	tcp->out = base_out_over(tcp->out_bytes, sizeof(tcp->out_bytes));
	server_tcp_pool_init(tcp);
	server_tcp_slice_init(tcp);
	ev_timer_init(&tcp->resume, on_resume, 0, 0);
	tcp->resume.data = tcp;
	w->tcp = tcp;
	return 0;
}

static void tcp_fini(struct server_worker *w)
{
	if (w->tcp != NULL) {
		server_tcp_pool_close(w->tcp);
		server_tcp_slice_fini(w->tcp);
	}
	free(w->tcp);
	w->tcp = NULL;
}

static unsigned tcp_nopen(const struct server_worker *w)
{
	return w->tcp->nconnections;
}

const struct server_channel server_tcp_channel = {
	.transport = SERVER_TCP,
	.socket_type = SOCK_STREAM,
	.listen = tcp_listen,
	.on_readable = on_acceptable,
	.init = tcp_init,
	.fini = tcp_fini,
	.answer = answer_update,
	.flush = flush_updates,
	.rules_changed = server_tcp_pool_set_rules,
	.drain = server_tcp_pool_drain,
	.nopen = tcp_nopen,
};
