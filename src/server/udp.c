/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* UDP by the batch: one recvmmsg, all look-ups together (server/query.h), all answers written, one
 * sendmmsg.
 *
 * The kernel hands over several queries of one peer in one piece (UDP_GRO), if the peer sends many
 * from one port, as forwarders and load balancers do. Answers of one length to one peer are given
 * to the kernel in one piece (UDP_SEGMENT). The network carries single datagrams in both
 * directions, but the way through the kernel is taken once. Where the kernel or the device cannot
 * do that, each datagram is a piece. */
#include "server/udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/rcu.h"
#include "dns/type.h"
#include "server/worker.h"

enum {
	BATCH = 64,    /* pieces received at once, and queries answered at once */
	ROUNDS = 16,   /* batches of pieces before the loop serves other sockets */
	PIECE = 65536, /* bytes of the longest piece */
	STRIDE = PIECE +
		 448,	   /* not a multiple of the page, so that pieces do not share cache sets */
	OUT = 4096 + 64,   /* bytes of the longest answer; likewise */
	CONTROL = 96,	   /* bytes of control data: a local address and a segment size */
	GROUPS = 128,	   /* slots of the table that finds answers of one length to one peer */
	SEGMENTS_MAX = 32, /* answers in a piece */
	SEGMENTED_MAX = 60000, /* bytes of a piece */
	BUFFER = 4 << 20,      /* bytes of the kernel's buffer for each socket and direction */
	LOCAL_MAX = 40,	       /* bytes that hold a local address as control data */
};

/* An answer to be sent. */
struct udp_answer {
	struct sockaddr_storage *peer;
	const uint8_t *local; /* control data with the address to send it from */
	size_t nlocal, nbytes;
	unsigned next; /* answer of the same group; BATCH: this is the last */
};

/* How answers are sent: those of one length to one peer in one piece, or each by itself. */
enum udp_sending { GROUPED, SINGLY };

/* Answers that are sent in one piece: a list by udp_answer.next. */
struct udp_group {
	unsigned first, last;
	unsigned count;
};

struct server_udp {
	struct mmsghdr in[BATCH];
	struct iovec in_iov[BATCH];
	struct sockaddr_storage peer[BATCH];
	uint8_t control[BATCH][CONTROL] __attribute__((aligned(8)));
	uint8_t *pieces; /* BATCH times STRIDE bytes; only those that are received into become
			    resident */
	uint8_t local[BATCH]
		     [LOCAL_MAX]; /* of each piece: the address that it came to, as control data */
	uint8_t nlocal[BATCH];

	struct server_query query[BATCH];
	uint8_t piece[BATCH]; /* in which each query came */
	unsigned nqueries;
	uint8_t bytes[BATCH][OUT];
	struct udp_answer answer[BATCH];
	struct server_update
		*update[BATCH]; /* that each answer is to; used for answers to updates only */
	unsigned nanswers;

	struct udp_group group[BATCH];
	unsigned ngroups;
	uint8_t group_of[GROUPS]; /* by hash of peer and length: group + 1; 0: none */
	struct mmsghdr out[BATCH];
	struct iovec out_iov[BATCH];
	uint8_t out_control[BATCH][CONTROL] __attribute__((aligned(8)));
};

/* ---- sending ---- */

/* Sends the answers of a piece as single datagrams. */
static void send_singly(struct server_worker *w, int fd, const struct mmsghdr *m)
{
	struct msghdr one = m->msg_hdr;

	one.msg_iovlen = 1;
	one.msg_controllen = 0;
	one.msg_control = NULL;
	for (size_t i = 0; i < m->msg_hdr.msg_iovlen; i++) {
		one.msg_iov = &m->msg_hdr.msg_iov[i];
		if (sendmsg(fd, &one, MSG_DONTWAIT) < 0)
			server_count(&w->stats.unsent, 1);
	}
}

static void send_all(struct server_socket *s, struct mmsghdr *out, unsigned n)
{
	struct server_worker *w = s->worker;
	unsigned sent = 0;

	while (sent < n) {
		int ret = sendmmsg(s->fd, out + sent, n - sent, MSG_DONTWAIT);

		if (ret > 0) {
			sent += (unsigned)ret;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno == EAGAIN ||
		    errno == ENOBUFS) { /* full: the rest is lost, as it may be with UDP */
			server_count(&w->stats.unsent, n - sent);
			return;
		}
		if (out[sent].msg_hdr.msg_iovlen >
		    1) { /* the device cannot split the piece (EIO), or will not */
			s->is_segmenting = false;
			send_singly(w, s->fd, &out[sent]);
		} else {
			server_count(&w->stats.unsent, 1); /* the peer is unreachable */
		}
		sent++;
	}
}

static bool same_peer(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	return memcmp(a, b, base_address_nbytes((const struct sockaddr *)a)) == 0;
}

/* Returns whether two answers are sent from the same address: a peer may send from one port to
 * several addresses of a wildcard socket. */
static bool same_local(const struct udp_answer *a, const struct udp_answer *b)
{
	return a->nlocal == b->nlocal &&
	       (a->nlocal == 0 || memcmp(a->local, b->local, a->nlocal) == 0);
}

/* Adds answer `i` to the group of its peer, local address and length, or to a new group. */
static void group_answer(struct server_socket *s, unsigned i, enum udp_sending sending)
{
	struct server_udp *b = s->worker->udp;
	struct udp_answer *a = &b->answer[i];
	/* sin_port and sin6_port have the same offset. */
	unsigned slot = (((const struct sockaddr_in *)(const void *)a->peer)->sin_port * 31u +
			 (unsigned)a->nbytes) %
			GROUPS;
	unsigned g = b->group_of[slot];

	a->next = BATCH;
	if (sending == GROUPED && g > 0) {
		struct udp_group *old = &b->group[g - 1];
		const struct udp_answer *first = &b->answer[old->first];

		if (first->nbytes == a->nbytes && old->count < SEGMENTS_MAX &&
		    (old->count + 1) * a->nbytes < SEGMENTED_MAX &&
		    same_peer(a->peer, first->peer) && same_local(a, first)) {
			b->answer[old->last].next = i;
			old->last = i;
			old->count++;
			return;
		}
	}
	b->group[b->ngroups] = (struct udp_group){i, i, 1};
	b->group_of[slot] = (uint8_t)++b->ngroups;
}

/* Writes the control data of a group to `out`: the local address, if the socket has more than one,
 * and the segment size, if the group has several answers. Returns its size. */
static size_t group_control(const struct udp_group *g, const struct udp_answer *a, uint8_t *out)
{
	struct msghdr m = {.msg_control = out + a->nlocal, .msg_controllen = CONTROL - a->nlocal};
	uint16_t size = (uint16_t)a->nbytes;
	struct cmsghdr *c;

	if (a->nlocal > 0)
		memcpy(out, a->local, a->nlocal);
	if (g->count == 1)
		return a->nlocal;
	c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_UDP;
	c->cmsg_type = UDP_SEGMENT;
	c->cmsg_len = CMSG_LEN(sizeof(size));
	memcpy(CMSG_DATA(c), &size, sizeof(size));
	return a->nlocal + CMSG_SPACE(sizeof(size));
}

static void send_answers(struct server_socket *s, enum udp_sending sending)
{
	struct server_udp *b = s->worker->udp;
	struct iovec *iov = b->out_iov;

	if (b->nanswers == 0)
		return;
	b->ngroups = 0;
	memset(b->group_of, 0, sizeof(b->group_of));
	for (unsigned i = 0; i < b->nanswers; i++)
		group_answer(s, i, s->is_segmenting ? sending : SINGLY);
	for (unsigned g = 0; g < b->ngroups; g++) {
		const struct udp_answer *first = &b->answer[b->group[g].first];
		struct msghdr *m = &b->out[g].msg_hdr;

		m->msg_name = first->peer;
		m->msg_namelen = base_address_nbytes((const struct sockaddr *)first->peer);
		m->msg_iov = iov;
		m->msg_iovlen = b->group[g].count;
		for (unsigned i = b->group[g].first; i < BATCH; i = b->answer[i].next)
			*iov++ = (struct iovec){b->bytes[i], b->answer[i].nbytes};
		m->msg_controllen = group_control(&b->group[g], first, b->out_control[g]);
		m->msg_control = m->msg_controllen > 0 ? b->out_control[g] : NULL;
	}
	server_count(&s->worker->stats.responses[SERVER_UDP], b->nanswers);
	send_all(s, b->out, b->ngroups);
	b->nanswers = 0;
}

/* ---- answering ---- */

/* Hands an update to the registrar. Returns false if it must be answered SERVFAIL instead. */
static bool put_update(struct server_socket *s, struct server_query *q, unsigned piece,
		       const struct server_peer *peer)
{
	struct server_worker *w = s->worker;
	struct server_udp *b = w->udp;
	struct server_update *u = server_update_new(&w->updates, &w->turn, q, peer);

	if (u == NULL)
		return false;
	u->channel = &server_udp_channel;
	u->worker = w;
	u->socket = s;
	u->ncontrol = b->nlocal[piece];
	memcpy(u->control, b->local[piece], u->ncontrol);
	server_update_put(u, &w->turn);
	return true;
}

static void answer_one(struct server_socket *s, unsigned i)
{
	struct server_worker *w = s->worker;
	struct server_udp *b = w->udp;
	unsigned piece = b->piece[i], n = b->nanswers;
	struct server_peer peer = {.address = (struct sockaddr *)&b->peer[piece],
				   .transport = SERVER_UDP};
	size_t length = 0;

	switch (server_query_end(&b->query[i], &w->turn, &peer, b->bytes[n], OUT, &length)) {
	case SERVER_ANSWER:
		break;
	case SERVER_UPDATE:
		if (!put_update(s, &b->query[i], piece, &peer))
			length = server_query_short(&b->query[i], &w->turn, DNS_RCODE_SERVFAIL, 0,
						    b->bytes[n], b->query[i].limit);
		break;
	default:
		return;
	}
	if (length == 0)
		return;
	b->answer[n] = (struct udp_answer){.peer = &b->peer[piece],
					   .local = b->local[piece],
					   .nlocal = b->nlocal[piece],
					   .nbytes = length};
	b->nanswers = n + 1;
}

/* Answers the queries that have been taken from pieces. */
static void answer_all(struct server_socket *s)
{
	struct server_udp *b = s->worker->udp;
	unsigned n = b->nqueries;

	b->nqueries = 0;
	server_query_begin_batch(b->query, n, &s->worker->turn);
	for (unsigned i = 0; i < n; i++)
		answer_one(s, i);
	send_answers(s, GROUPED);
}

/* ---- receiving ---- */

/* Reads the control data of a piece, and stores the local address. Returns the length of the
 * datagrams in the piece; only the last one may be shorter. */
static size_t read_control(struct server_socket *s, unsigned piece)
{
	struct server_udp *b = s->worker->udp;
	struct mmsghdr *in = &b->in[piece];
	size_t segment = in->msg_len;

	b->nlocal[piece] = 0;
	if (in->msg_hdr.msg_controllen == 0)
		return segment;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&in->msg_hdr); c != NULL;
	     c = CMSG_NXTHDR(&in->msg_hdr, c)) {
		size_t n = CMSG_ALIGN(c->cmsg_len);
		int size;

		if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
			memcpy(&size, CMSG_DATA(c), sizeof(size));
			if (size > 0)
				segment = (size_t)size;
		} else if (s->is_wildcard && n <= LOCAL_MAX) {
			memcpy(b->local[piece], c, n);
			b->nlocal[piece] = (uint8_t)n;
		}
	}
	return segment;
}

static void take_piece(struct server_socket *s, unsigned piece)
{
	struct server_udp *b = s->worker->udp;
	const uint8_t *bytes = b->in_iov[piece].iov_base;
	size_t left = b->in[piece].msg_len, segment = read_control(s, piece);

	/* An empty datagram is not a query, and is not answered. */
	while (left > 0) {
		size_t n = left < segment ? left : segment;

		b->query[b->nqueries].request.msg = bytes;
		b->query[b->nqueries].request.nbytes = n;
		b->piece[b->nqueries++] = (uint8_t)piece;
		bytes += n;
		left -= n;
		if (b->nqueries == BATCH)
			answer_all(s);
	}
}

static int receive(struct server_socket *s)
{
	struct server_udp *b = s->worker->udp;

	for (unsigned i = 0; i < BATCH; i++) {
		b->in[i].msg_hdr.msg_namelen = sizeof(b->peer[i]);
		b->in[i].msg_hdr.msg_controllen = CONTROL;
	}
	return recvmmsg(s->fd, b->in, BATCH, MSG_DONTWAIT, NULL);
}

static void on_readable(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct server_socket *s = io->data;

	(void)loop;
	(void)events;
	for (unsigned round = 0; round < ROUNDS; round++) {
		int n = receive(s);

		if (n <= 0)
			return;
		server_worker_turn(s->worker);
		for (unsigned i = 0; i < (unsigned)n; i++)
			take_piece(s, i);
		answer_all(s);
		base_rcu_quiescent();
		if (n < BATCH)
			return;
	}
}

/* ---- answers to updates ---- */

static void flush_updates(struct server_worker *w)
{
	struct server_udp *b = w->udp;
	unsigned n = b->nanswers;

	if (n == 0)
		return;
	/* A commit releases hundreds of answers at once. Datagrams split from a piece take more of
	 * the peer's buffer, and might overflow it. */
	send_answers(b->update[0]->socket, SINGLY);
	for (unsigned i = 0; i < n; i++)
		server_update_free(b->update[i]);
}

static void answer_update(struct server_update *u)
{
	struct server_udp *b = u->worker->udp;
	unsigned n;

	if (u->request.is_unknown) { /* the client asks again, and finds out */
		server_update_free(u);
		return;
	}
	/* Answers sent by one call are from one socket. */
	if (b->nanswers == BATCH || (b->nanswers > 0 && b->update[0]->socket != u->socket))
		flush_updates(u->worker);
	n = b->nanswers++;
	b->answer[n] =
		(struct udp_answer){.peer = &u->peer, .local = u->control, .nlocal = u->ncontrol};
	b->answer[n].nbytes =
		server_query_short(&u->query, &u->worker->turn, u->request.result.rcode, 0,
				   b->bytes[n], u->query.limit);
	b->update[n] = u;
}

/* ---- the state in a worker ---- */

static void udp_receive(struct server_worker *w)
{
	for (struct server_socket *s = w->sockets; s != NULL; s = s->next)
		if (s->channel == &server_udp_channel && ev_is_active(&s->io))
			on_readable(w->loop, &s->io, EV_READ);
}

static int udp_init(struct server_worker *w)
{
	struct server_udp *b = calloc(1, sizeof(*b));

	if (b == NULL || (b->pieces = malloc((size_t)BATCH * STRIDE)) == NULL) {
		free(b);
		return -ENOMEM;
	}
	for (unsigned i = 0; i < BATCH; i++) {
		b->in_iov[i] = (struct iovec){b->pieces + (size_t)i * STRIDE, PIECE};
		b->in[i].msg_hdr.msg_name = &b->peer[i];
		b->in[i].msg_hdr.msg_iov = &b->in_iov[i];
		b->in[i].msg_hdr.msg_iovlen = 1;
		b->in[i].msg_hdr.msg_control = b->control[i];
	}
	w->udp = b;
	return 0;
}

static void udp_fini(struct server_worker *w)
{
	if (w->udp != NULL)
		free(w->udp->pieces);
	free(w->udp);
	w->udp = NULL;
}

/* ---- sockets ---- */

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

/* Has the kernel gather and split datagrams, if it can. */
static void set_offload(struct server_socket *s)
{
	/* Setting a size of 0 changes nothing, and fails where the kernel does not know the option.
	 */
	s->is_segmenting = set(s->fd, SOL_UDP, UDP_SEGMENT, 0) == 0;
	set(s->fd, SOL_UDP, UDP_GRO, 1);
}

/* Fragments get lost and can be forged: answers are short enough to do without, and are sent with
 * DF (RFC 9715 section 3.1). Reports of a smaller path MTU may be forged, and are ignored. */
static int udp_listen(struct server_socket *s)
{
	int fd = s->fd;

	if (set(fd, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER) < 0)
		set(fd, SOL_SOCKET, SO_RCVBUF, BUFFER);
	if (set(fd, SOL_SOCKET, SO_SNDBUFFORCE, BUFFER) < 0)
		set(fd, SOL_SOCKET, SO_SNDBUF, BUFFER);
	if (s->address.ss_family == AF_INET) {
		set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
		if (s->is_wildcard)
			set(fd, IPPROTO_IP, IP_PKTINFO, 1);
	} else {
		set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
		if (s->is_wildcard)
			set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
	}
	set_offload(s);
	return 0;
}

const struct server_channel server_udp_channel = {
	.transport = SERVER_UDP,
	.socket_type = SOCK_DGRAM,
	.listen = udp_listen,
	.on_readable = on_readable,
	.init = udp_init,
	.fini = udp_fini,
	.answer = answer_update,
	.flush = flush_updates,
	.receive = udp_receive,
};
