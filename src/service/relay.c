/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "service/relay.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHUNK = 65536 };

/* Octets on their way. */
struct way {
	uint8_t bytes[CHUNK];
	size_t from, to;
	bool is_ended; /* nothing more comes */
};

struct service_relay {
	int fd;		    /* of the socket */
	int silence_ms;	    /* of datagrams; less than 0: a stream */
	struct way out, in; /* to the peer, and from it */
	bool is_half;	    /* the sending half has ended */
	bool has_begun;	    /* octets were sent or received */
	bool is_unread;
	bool has_output_failed;
};

static bool is_empty(const struct way *w)
{
	return w->from == w->to;
}

static bool is_later(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/* Reads the input. */
static int input_read(struct service_relay *r)
{
	ssize_t n = read(STDIN_FILENO, r->out.bytes, sizeof(r->out.bytes));

	if (n < 0)
		return is_later(errno) ? 0 : -errno;
	r->out.from = 0;
	r->out.to = (size_t)n;
	r->out.is_ended = n == 0;
	return 0;
}

static int socket_write(struct service_relay *r)
{
	ssize_t n = send(r->fd, r->out.bytes + r->out.from, r->out.to - r->out.from, MSG_NOSIGNAL);

	if (n < 0)
		return is_later(errno) ? 0 : -errno;
	r->has_begun |= n > 0;
	r->out.from += (size_t)n;
	return 0;
}

static int socket_read(struct service_relay *r)
{
	ssize_t n = recv(r->fd, r->in.bytes, sizeof(r->in.bytes), 0);

	if (n < 0)
		return is_later(errno) ? 0 : -errno;
	r->has_begun |= n > 0;
	r->in.from = 0;
	r->in.to = (size_t)n;
	r->in.is_ended = n == 0 && r->silence_ms < 0;
	return 0;
}

/* Writes what a pipe that is ready takes without blocking. */
static int output_write(struct service_relay *r)
{
	size_t left = r->in.to - r->in.from;
	ssize_t n =
		write(STDOUT_FILENO, r->in.bytes + r->in.from, left < PIPE_BUF ? left : PIPE_BUF);

	if (n < 0 && is_later(errno))
		return 0;
	if (n < 0) {
		r->is_unread = errno == EPIPE;
		r->has_output_failed = true;
		return -errno;
	}
	r->in.from += (size_t)n;
	return 0;
}

/* Ends the sending half once all of the input is sent. */
static void half_end(struct service_relay *r)
{
	if (!r->out.is_ended || !is_empty(&r->out) || r->is_half)
		return;
	r->is_half = true;
	if (r->silence_ms < 0)
		shutdown(r->fd, SHUT_WR);
}

/* Returns the error of the socket that poll has reported, or 0. */
static int socket_error(const struct service_relay *r)
{
	int error = 0;
	socklen_t nbytes = sizeof(error);

	return getsockopt(r->fd, SOL_SOCKET, SO_ERROR, &error, &nbytes) == 0 ? -error : 0;
}

/* One turn. Returns 1 at the end, 0 to go on, or a negative errno. */
static int turn(struct service_relay *r)
{
	enum { INPUT, OUTPUT, SOCKET, COUNT };
	struct pollfd fds[COUNT] = {
		[INPUT] = {is_empty(&r->out) && !r->out.is_ended ? STDIN_FILENO : -1, POLLIN, 0},
		[OUTPUT] = {STDOUT_FILENO, is_empty(&r->in) ? 0 : POLLOUT, 0},
		[SOCKET] = {r->fd, 0, 0},
	};
	bool is_waiting_last = r->silence_ms >= 0 && r->is_half && is_empty(&r->in);
	int ret = 0, n;

	fds[SOCKET].events =
		(short)((is_empty(&r->in) ? POLLIN : 0) | (is_empty(&r->out) ? 0 : POLLOUT));
	if (fds[SOCKET].events == 0) /* its end would be reported without pause */
		fds[SOCKET].fd = -1;
	n = poll(fds, COUNT, is_waiting_last ? r->silence_ms : -1);
	if (n == 0)
		return 1;
	if (n < 0)
		return is_later(errno) ? 0 : -errno;
	if (fds[OUTPUT].revents & (POLLERR | POLLNVAL)) {
		r->is_unread = true;
		return -EPIPE;
	}
	if (fds[OUTPUT].revents & POLLOUT)
		ret = output_write(r);
	if (ret == 0 && (fds[SOCKET].revents & (POLLIN | POLLHUP)) && is_empty(&r->in))
		ret = socket_read(r);
	else if (ret == 0 && (fds[SOCKET].revents & POLLERR))
		ret = socket_error(r);
	if (ret == 0 && (fds[SOCKET].revents & POLLOUT))
		ret = socket_write(r);
	if (ret == 0 && (fds[INPUT].revents != 0))
		ret = input_read(r);
	if (ret < 0)
		return ret;
	half_end(r);
	return r->in.is_ended && is_empty(&r->in);
}

struct service_relay *service_relay_new(int silence_ms)
{
	struct service_relay *r = calloc(1, sizeof(*r));

	if (r != NULL)
		r->silence_ms = silence_ms;
	return r;
}

void service_relay_free(struct service_relay *r)
{
	free(r);
}

bool service_relay_has_begun(const struct service_relay *r)
{
	return r->has_begun;
}

bool service_relay_is_unread(const struct service_relay *r)
{
	return r->is_unread;
}

bool service_relay_has_output_failed(const struct service_relay *r)
{
	return r->has_output_failed;
}

int service_relay_run(struct service_relay *r, int fd)
{
	int ret = 0;

	r->fd = fd;
	r->is_half = false;
	half_end(r);
	while (ret == 0)
		ret = turn(r);
	return ret < 0 ? ret : 0;
}
