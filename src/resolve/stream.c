/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "resolve/stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/address.h"
#include "base/buf.h"
#include "base/grow.h"
#include "dns/msg.h"
#include "fabric/tls.h"

enum {
	LENGTH_SIZE = 2,
	READ_LEAST = 4096,  /* bytes that a read has room for, at least */
	READS_MAX = 32,	    /* reads of one call; more wait for the next */
	DRAIN_SIZE = 16384, /* bytes read at once before a connection is closed */
	DRAINS_MAX = 64,

	/* A peer whose host or network is gone is found after some 10 seconds. Probes are between
	 * kernels: no program is woken by them. */
	PROBE_AFTER_S = 5,
	PROBE_EVERY_S = 2,
	PROBES = 3,
	UNACKNOWLEDGED_MS = 10000,
};

/* What I/O returns instead of a number of bytes. */
enum { AGAIN = -1, END = -2, FAILED = -3 };

bool resolve_endpoint_equal(const struct resolve_endpoint *a, const struct resolve_endpoint *b)
{
	return base_address_equal((const struct sockaddr *)&a->address,
				  (const struct sockaddr *)&b->address) &&
	       a->is_tls == b->is_tls && strcasecmp(a->name, b->name) == 0;
}

void resolve_stream_init(struct resolve_stream *s, struct resolve_events *events,
			 const struct resolve_stream_calls *calls, void *arg)
{
	*s = (struct resolve_stream){
		.events = events, .calls = calls, .arg = arg, .descriptor.fd = -1};
}

/* ---- the end ---- */

static void stream_reset(struct resolve_stream *s)
{
	resolve_events_close(s->events, &s->descriptor);
	free(s->in);
	free(s->out);
	resolve_stream_init(s, s->events, s->calls, s->arg);
}

/* Reads what has come already: closing a socket with unread bytes would reset the connection, and
 * what was sent last might be lost. */
static void drain(int fd)
{
	char bytes[DRAIN_SIZE];

	for (unsigned i = 0; i < DRAINS_MAX && recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0;
	     i++)
		;
}

void resolve_stream_close(struct resolve_stream *s)
{
	if (s->state == RESOLVE_STREAM_CLOSED)
		return;
	fabric_tls_free(s->tls);
	shutdown(s->descriptor.fd, SHUT_WR);
	drain(s->descriptor.fd);
	stream_reset(s);
}

void resolve_stream_abort(struct resolve_stream *s)
{
	const struct linger reset = {.l_onoff = 1};

	if (s->state == RESOLVE_STREAM_CLOSED)
		return;
	fabric_tls_free(s->tls);
	setsockopt(s->descriptor.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	stream_reset(s);
}

/* Closes the stream for an errno, or 0, and reports it. Returns false: it is closed. */
static bool stream_end(struct resolve_stream *s, int error, uint64_t now_ms)
{
	char why[FABRIC_TLS_EXPLAIN_MAX];

	if (error < 0 && s->tls != NULL && error == -EPROTO)
		fabric_tls_explain(s->tls, why);
	else
		strcpy(why, error < 0 ? strerror(-error) : "closed by the server");
	fabric_tls_free(s->tls);
	stream_reset(s);
	s->calls->on_end(s->arg, error, why, now_ms);
	return false;
}

/* ---- bytes ---- */

static ssize_t bytes_of_errno(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? AGAIN : FAILED;
}

static ssize_t bytes_of_tls(ssize_t n)
{
	if (n >= 0)
		return n;
	if (n == FABRIC_TLS_WANTS_READ || n == FABRIC_TLS_WANTS_WRITE)
		return AGAIN;
	errno = EPROTO;
	return n == FABRIC_TLS_END ? END : FAILED;
}

static ssize_t bytes_read(struct resolve_stream *s, void *bytes, size_t size)
{
	ssize_t n;

	if (s->tls != NULL)
		return bytes_of_tls(fabric_tls_read(s->tls, bytes, size));
	n = recv(s->descriptor.fd, bytes, size, 0);
	return n > 0 ? n : n == 0 ? END : bytes_of_errno();
}

static ssize_t bytes_write(struct resolve_stream *s, const void *bytes, size_t nbytes)
{
	ssize_t n;

	if (s->tls != NULL)
		return bytes_of_tls(fabric_tls_write(s->tls, bytes, nbytes));
	n = send(s->descriptor.fd, bytes, nbytes, MSG_NOSIGNAL);
	return n >= 0 ? n : bytes_of_errno();
}

/* ---- sending ---- */

static void wanted_set(struct resolve_stream *s)
{
	bool has_unsent = s->nsent < s->nout || (s->tls != NULL && fabric_tls_nunsent(s->tls) > 0);

	resolve_events_want(s->events, &s->descriptor, EPOLLIN | (has_unsent ? EPOLLOUT : 0));
}

/* Sends what the socket takes. Returns 0 or a negative errno. */
static int out_flush(struct resolve_stream *s)
{
	ssize_t n = 0;

	if (s->tls != NULL && fabric_tls_flush(s->tls) == FABRIC_TLS_FAILED)
		return -EPROTO;
	while (s->nsent < s->nout &&
	       (n = bytes_write(s, s->out + s->nsent, s->nout - s->nsent)) > 0)
		s->nsent += (size_t)n;
	if (n == FAILED || n == END)
		return -errno;
	if (s->nsent == s->nout)
		s->nsent = s->nout = 0;
	wanted_set(s);
	return 0;
}

int resolve_stream_send(struct resolve_stream *s, const uint8_t *msg, size_t nbytes)
{
	uint8_t *out;

	if (nbytes > DNS_MSG_MAX)
		return -EMSGSIZE;
	out = base_grow_bytes(s->out, s->nout, &s->out_size, LENGTH_SIZE + nbytes);
	if (out == NULL)
		return -ENOMEM;
	s->out = out;
	base_store16(out + s->nout, (uint16_t)nbytes);
	memcpy(out + s->nout + LENGTH_SIZE, msg, nbytes);
	s->nout += LENGTH_SIZE + nbytes;
	out_flush(s); /* a failure is found again when the descriptor is ready */
	return 0;
}

/* ---- receiving ---- */

/* Hands over the whole messages that have come. Returns false if the stream is closed. */
static bool messages_take(struct resolve_stream *s, uint64_t now_ms)
{
	size_t at = 0;

	while (s->nin - at >= LENGTH_SIZE) {
		size_t nbytes = base_load16(s->in + at);

		if (s->nin - at - LENGTH_SIZE < nbytes)
			break;
		if (!s->calls->on_message(s->arg, s->in + at + LENGTH_SIZE, nbytes, now_ms))
			return false;
		at += LENGTH_SIZE + nbytes;
	}
	s->nin -= at;
	memmove(s->in, s->in + at, s->nin);
	return true;
}

/* Makes room for the rest of the message that is coming, and no more than its length asks for. */
static bool in_grow(struct resolve_stream *s)
{
	size_t wanted = READ_LEAST, left = s->in_size - s->nin;
	uint8_t *in;

	if (s->nin >= LENGTH_SIZE)
		wanted = LENGTH_SIZE + base_load16(s->in) - s->nin;
	if (left >= wanted || left >= READ_LEAST)
		return true;
	in = realloc(s->in, s->nin + (wanted > READ_LEAST ? wanted : READ_LEAST));
	if (in == NULL)
		return left > 0;
	s->in = in;
	s->in_size = s->nin + (wanted > READ_LEAST ? wanted : READ_LEAST);
	return true;
}

/* Reads what has come. Returns false if the stream is closed. */
static bool in_read(struct resolve_stream *s, uint64_t now_ms)
{
	for (unsigned i = 0; i < READS_MAX || (s->tls != NULL && fabric_tls_has_pending(s->tls));
	     i++) {
		ssize_t n;

		if (!in_grow(s))
			return stream_end(s, -ENOMEM, now_ms);
		n = bytes_read(s, s->in + s->nin, s->in_size - s->nin);
		if (n == AGAIN)
			break;
		if (n < 0)
			return stream_end(s, n == END ? 0 : -errno, now_ms);
		s->nin += (size_t)n;
		if (!messages_take(s, now_ms))
			return false;
	}
	wanted_set(s);
	return true;
}

/* ---- the beginning ---- */

static bool stream_open(struct resolve_stream *s, uint64_t now_ms)
{
	s->state = RESOLVE_STREAM_OPEN;
	wanted_set(s);
	return s->calls->on_open(s->arg, now_ms);
}

/* Goes on with the handshake. Returns false if the stream is closed. */
static bool handshake(struct resolve_stream *s, uint64_t now_ms)
{
	switch (fabric_tls_handshake(s->tls)) {
	case 0:
		return stream_open(s, now_ms);
	case FABRIC_TLS_WANTS_READ:
		wanted_set(s);
		return true;
	case FABRIC_TLS_WANTS_WRITE:
		resolve_events_want(s->events, &s->descriptor, EPOLLIN | EPOLLOUT);
		return true;
	default:
		return stream_end(s, -EPROTO, now_ms);
	}
}

/* The connection is established, or has failed. Returns false if the stream is closed. */
static bool connected(struct resolve_stream *s, uint64_t now_ms)
{
	int error = 0;
	socklen_t nbytes = sizeof(error);

	getsockopt(s->descriptor.fd, SOL_SOCKET, SO_ERROR, &error, &nbytes);
	if (error != 0)
		return stream_end(s, -error, now_ms);
	if (s->tls_context == NULL)
		return stream_open(s, now_ms);
	error = fabric_tls_connect(&s->tls, s->tls_context, s->descriptor.fd, s->tls_name);
	if (error < 0)
		return stream_end(s, error, now_ms);
	s->state = RESOLVE_STREAM_HANDSHAKE;
	return handshake(s, now_ms);
}

static void on_ready(void *arg, uint32_t events, uint64_t now_ms)
{
	struct resolve_stream *s = arg;
	int ret;

	if (s->state == RESOLVE_STREAM_CONNECTING && !connected(s, now_ms))
		return;
	if (s->state == RESOLVE_STREAM_HANDSHAKE && !handshake(s, now_ms))
		return;
	if (s->state != RESOLVE_STREAM_OPEN)
		return;
	/* What has come is read first, so that a server's last message is not lost. */
	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR) || s->tls != NULL) && !in_read(s, now_ms))
		return;
	ret = out_flush(s);
	if (ret < 0)
		stream_end(s, ret, now_ms);
}

static void options_set(int fd)
{
	static const struct {
		int level, option, value;
	} options[] = {
		{IPPROTO_TCP, TCP_NODELAY, 1},
		{SOL_SOCKET, SO_KEEPALIVE, 1},
		{IPPROTO_TCP, TCP_KEEPIDLE, PROBE_AFTER_S},
		{IPPROTO_TCP, TCP_KEEPINTVL, PROBE_EVERY_S},
		{IPPROTO_TCP, TCP_KEEPCNT, PROBES},
		{IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS},
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		setsockopt(fd, options[i].level, options[i].option, &options[i].value,
			   sizeof(options[i].value));
}

int resolve_stream_connect(struct resolve_stream *s, const struct resolve_endpoint *to,
			   struct fabric_tls_context *tls)
{
	const struct sockaddr *address = (const struct sockaddr *)&to->address;
	char text[BASE_ADDRESS_TEXT_MAX];
	int fd, ret;

	if (to->is_tls && tls == NULL)
		return -EPROTONOSUPPORT; /* never in the clear instead */
	fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	options_set(fd);
	if (connect(fd, address, base_address_nbytes(address)) < 0 && errno != EINPROGRESS) {
		ret = -errno;
		close(fd);
		return ret;
	}
	s->descriptor = (struct resolve_descriptor){
		.fd = fd, .wanted = EPOLLOUT, .on_ready = on_ready, .arg = s};
	ret = resolve_events_add(s->events, &s->descriptor);
	if (ret < 0)
		return ret;
	s->state = RESOLVE_STREAM_CONNECTING;
	s->tls_context = to->is_tls ? tls : NULL;
	strcpy(s->tls_name, to->name);
	if (to->name[0] == '\0') {
		base_address_to_text(text, address);
		*strchrnul(text, '@') = '\0';
		strcpy(s->tls_name, text);
	}
	return 0;
}
