/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* UDP by the batch: one recvmmsg, all look-ups begun before the first is needed (each step waits for memory that the step before has
 * asked for), all answers written, one sendmmsg. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <urcu-qsbr.h>

#include "server/worker.h"

enum {
	BATCH = 64,
	ROUNDS = 16,            /* batches before the loop looks at other things */
	HEAD = 1472,            /* most requests are no longer; the rest of a longer one goes to its tail */
	TAIL = 65536 - HEAD,
	OUT = 4096 + 64,        /* the largest answer; not a multiple of the page, so that batches use all of the cache */
	CONTROL = 64,
};

struct server_udp_batch {
	struct mmsghdr in[BATCH], out[BATCH];
	struct iovec in_iov[BATCH][2], out_iov[BATCH];
	struct sockaddr_storage peer[BATCH];
	uint8_t control[BATCH][CONTROL];
	uint8_t head[BATCH][HEAD + 64];
	uint8_t *tail;                  /* BATCH times TAIL: touched only by long requests */
	uint8_t answer[BATCH][OUT];
	struct server_query query[BATCH];
	uint8_t whole[65536];           /* a long request in one piece */
	/* answers to updates, waiting to be sent together */
	struct mmsghdr late[BATCH];
	struct iovec late_iov[BATCH];
	struct server_update *late_update[BATCH];
	uint8_t late_answer[BATCH][OUT];
	unsigned nlate;
};

int server_udp_init(struct server_worker *w)
{
	struct server_udp_batch *b = calloc(1, sizeof *b);

	if (b == NULL || (b->tail = malloc((size_t)BATCH * TAIL)) == NULL) {
		free(b);
		return -ENOMEM;
	}
	for (unsigned i = 0; i < BATCH; i++) {
		b->in_iov[i][0] = (struct iovec){ b->head[i], HEAD };
		b->in_iov[i][1] = (struct iovec){ b->tail + (size_t)i * TAIL, TAIL };
		b->in[i].msg_hdr.msg_name = &b->peer[i];
		b->in[i].msg_hdr.msg_iov = b->in_iov[i];
		b->in[i].msg_hdr.msg_iovlen = 2;
		b->out[i].msg_hdr.msg_iov = &b->out_iov[i];
		b->out[i].msg_hdr.msg_iovlen = 1;
		b->late[i].msg_hdr.msg_iov = &b->late_iov[i];
		b->late[i].msg_hdr.msg_iovlen = 1;
	}
	w->udp = b;
	return 0;
}

void server_udp_fini(struct server_worker *w)
{
	if (w->udp != NULL)
		free(w->udp->tail);
	free(w->udp);
}

static void send_all(struct server_worker *w, int fd, struct mmsghdr *out, unsigned n)
{
	unsigned sent = 0;

	while (sent < n) {
		int r = sendmmsg(fd, out + sent, n - sent, MSG_DONTWAIT);

		if (r > 0) {
			sent += (unsigned)r;
			continue;
		}
		if (errno == EINTR)
			continue;
		/* Full, or the peer is not to be reached: this one is lost, as UDP may lose it. */
		server_count(&w->stats.unsent, 1);
		sent++;
		if (errno == EAGAIN || errno == ENOBUFS) {
			server_count(&w->stats.unsent, n - sent);
			break;
		}
	}
	server_count(&w->stats.responses[SERVER_UDP], sent);
}

/* The request in one piece. */
static const uint8_t *request_bytes(struct server_udp_batch *b, unsigned i, size_t nbytes)
{
	if (nbytes <= HEAD)
		return b->head[i];
	memcpy(b->whole, b->head[i], HEAD);
	memcpy(b->whole + HEAD, b->in_iov[i][1].iov_base, nbytes - HEAD);
	return b->whole;
}

static void put_update(struct server_socket *s, unsigned i, const struct server_peer *peer)
{
	struct server_worker *w = s->worker;
	struct server_udp_batch *b = w->udp;
	const struct msghdr *m = &b->in[i].msg_hdr;
	struct server_update *u = server_update_new(w, &b->query[i], peer);

	if (u == NULL)          /* no memory: the client will ask again */
		return;
	u->socket = s;
	u->ncontrol = s->is_wildcard ? m->msg_controllen : 0;
	memcpy(u->control, b->control[i], u->ncontrol);
	server_update_put(u);
}

/* Whether the answer goes out as it is; a slip makes it an empty one with TC, which invites the client to come by TCP. */
static bool pass_limit(struct server_worker *w, struct server_query *q, const struct server_peer *peer, uint8_t *out, size_t *length)
{
	struct server_limit *l = w->turn.view->limit;

	if (l == NULL || q->is_cookie_good)
		return true;
	switch (server_limit_check(l, peer->address, w->turn.now_ms)) {
	case SERVER_LIMIT_SEND:
		return true;
	case SERVER_LIMIT_SLIP:
		server_count(&w->stats.slipped, 1);
		*length = server_query_short(q, &w->turn, 0, DNS_FLAG_TC, out, OUT);
		return true;
	default:
		server_count(&w->stats.limited, 1);
		return false;
	}
}

/* Answers message `i` into out[n]; returns whether there is an answer. */
static bool answer_one(struct server_socket *s, unsigned i, unsigned n)
{
	struct server_worker *w = s->worker;
	struct server_udp_batch *b = w->udp;
	struct server_peer peer = { (struct sockaddr *)&b->peer[i], SERVER_UDP };
	struct server_query *q = &b->query[i];
	struct msghdr *in = &b->in[i].msg_hdr, *out = &b->out[n].msg_hdr;
	size_t length = 0;

	if (b->in[i].msg_len > HEAD)
		server_query_begin(q, &w->turn, request_bytes(b, i, b->in[i].msg_len), b->in[i].msg_len);
	switch (server_query_end(q, &w->turn, &peer, b->answer[n], OUT, &length)) {
	case SERVER_ANSWER:
		break;
	case SERVER_UPDATE:
		put_update(s, i, &peer);
		return false;
	default:
		return false;
	}
	if (length == 0 || !pass_limit(w, q, &peer, b->answer[n], &length))
		return false;
	b->out_iov[n] = (struct iovec){ b->answer[n], length };
	out->msg_name = in->msg_name;
	out->msg_namelen = in->msg_namelen;
	out->msg_control = s->is_wildcard ? in->msg_control : NULL;
	out->msg_controllen = s->is_wildcard ? in->msg_controllen : 0;
	return true;
}

static void answer_batch(struct server_socket *s, unsigned n)
{
	struct server_udp_batch *b = s->worker->udp;
	unsigned nout = 0;

	for (unsigned i = 0; i < n; i++) {
		b->query[i].has_lookup = false;
		if (b->in[i].msg_len <= HEAD)
			server_query_begin(&b->query[i], &s->worker->turn, b->head[i], b->in[i].msg_len);
	}
	for (unsigned i = 0; i < n; i++)
		if (b->query[i].has_lookup)
			zone_lookup_node(&b->query[i].lookup);
	for (unsigned i = 0; i < n; i++)
		if (b->query[i].has_lookup)
			zone_lookup_prepared(&b->query[i].lookup);
	for (unsigned i = 0; i < n; i++)
		if (answer_one(s, i, nout))
			nout++;
	send_all(s->worker, s->fd, b->out, nout);
}

static int receive(struct server_socket *s)
{
	struct server_udp_batch *b = s->worker->udp;

	for (unsigned i = 0; i < BATCH; i++) {
		b->in[i].msg_hdr.msg_namelen = sizeof b->peer[i];
		b->in[i].msg_hdr.msg_control = s->is_wildcard ? b->control[i] : NULL;
		b->in[i].msg_hdr.msg_controllen = s->is_wildcard ? CONTROL : 0;
	}
	return recvmmsg(s->fd, b->in, BATCH, MSG_DONTWAIT, NULL);
}

void server_udp_readable(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct server_socket *s = io->data;

	(void)loop;
	(void)events;
	for (unsigned round = 0; round < ROUNDS; round++) {
		int n = receive(s);

		if (n <= 0)
			return;
		server_turn_begin(s->worker);
		answer_batch(s, (unsigned)n);
		rcu_quiescent_state();
		if (n < BATCH)
			return;
	}
}

/* ---- answers to updates ---- */

void server_udp_answer_update(struct server_update *u)
{
	struct server_udp_batch *b = u->worker->udp;
	unsigned n = b->nlate;
	struct msghdr *out = &b->late[n].msg_hdr;
	size_t length;

	/* One sendmmsg is for one socket. */
	if (n == BATCH || (n > 0 && b->late_update[0]->socket != u->socket)) {
		server_udp_flush_updates(u->worker);
		n = 0;
		out = &b->late[0].msg_hdr;
	}
	length = server_query_short(&u->query, &u->worker->turn, u->request.result.rcode, 0, b->late_answer[n], OUT);
	b->late_iov[n] = (struct iovec){ b->late_answer[n], length };
	out->msg_name = &u->peer;
	out->msg_namelen = base_address_length((struct sockaddr *)&u->peer);
	out->msg_control = u->ncontrol > 0 ? u->control : NULL;
	out->msg_controllen = u->ncontrol;
	b->late_update[n] = u;
	b->nlate = n + 1;
}

void server_udp_flush_updates(struct server_worker *w)
{
	struct server_udp_batch *b = w->udp;

	if (b->nlate == 0)
		return;
	send_all(w, b->late_update[0]->socket->fd, b->late, b->nlate);
	for (unsigned i = 0; i < b->nlate; i++)
		server_update_free(b->late_update[i]);
	b->nlate = 0;
}
