/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <unistd.h>

#include <sys/socket.h>

#include "base/address.h"
#include "base/secret.h"
#include "locate/exchange_priv.h"
#include "locate/locate_priv.h"

void locate_exchange_attempt_end(struct locate_exchange_attempt *a, bool is_silent)
{
	resolve_events_close(a->exchange->locate->events, &a->udp);
	locate_call_end(&a->call, is_silent);
	a->candidate = NULL;
}

void locate_exchange_attempts_end(struct locate_exchange *x,
				  const struct locate_exchange_candidate *c, uint64_t now_ms)
{
	for (size_t i = 0; i < LOCATE_ATTEMPTS_MAX; i++) {
		struct locate_exchange_attempt *a = &x->attempts[i];

		if (a->candidate != NULL && (c == NULL || a->candidate == c))
			locate_exchange_attempt_end(a, now_ms != 0 &&
							       now_ms >= a->candidate->retry_ms);
	}
}

/* Returns an attempt that is not used; without one the oldest ends. */
static struct locate_exchange_attempt *attempt_get(struct locate_exchange *x)
{
	struct locate_exchange_attempt *oldest = &x->attempts[0];

	for (size_t i = 0; i < LOCATE_ATTEMPTS_MAX; i++) {
		struct locate_exchange_attempt *a = &x->attempts[i];

		if (a->candidate == NULL)
			return a;
		if (a->sent_ms < oldest->sent_ms)
			oldest = a;
	}
	locate_exchange_attempt_end(oldest, false);
	return oldest;
}

/* Has the owner write a message. Returns its length, or a negative errno with x->error set. */
static ssize_t message_write(struct locate_exchange_attempt *a)
{
	struct locate_exchange *x = a->exchange;
	ssize_t n = x->calls->write(x->arg, (unsigned)(a - x->attempts), a->id, x->message,
				    x->options.size);

	if (n < 0)
		x->error = (int)n;
	return n;
}

void locate_exchange_attempt_send(struct locate_exchange_attempt *a, uint64_t now_ms)
{
	struct locate_exchange *x = a->exchange;
	ssize_t n;
	int ret;

	a->id = a->call.id;
	a->sent_ms = now_ms;
	n = message_write(a);
	if (n < 0 || x->is_freed)
		return;
	ret = locate_call_send(&a->call, x->message, (size_t)n);
	if (ret < 0)
		x->error = ret;
}

static int udp_send(struct locate_exchange_attempt *a, uint64_t now_ms)
{
	struct locate_exchange *x = a->exchange;
	ssize_t n;

	base_secret_random(&a->id, sizeof(a->id));
	a->sent_ms = now_ms;
	n = message_write(a);
	if (n < 0 || x->is_freed)
		return 0;
	return send(a->udp.fd, x->message, (size_t)n, MSG_NOSIGNAL) < 0 && errno != EAGAIN ? -errno
											   : 0;
}

static int udp_begin(struct locate_exchange_attempt *a, uint64_t now_ms)
{
	const struct sockaddr *to = (const struct sockaddr *)&a->candidate->endpoint.address;
	int ret;

	a->udp.fd = socket(to->sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (a->udp.fd < 0)
		return -errno;
	if (connect(a->udp.fd, to, base_address_nbytes(to)) < 0) {
		ret = -errno;
		close(a->udp.fd);
		a->udp.fd = -1;
		return ret;
	}
	ret = resolve_events_add(a->exchange->locate->events, &a->udp);
	return ret < 0 ? ret : udp_send(a, now_ms);
}

static int stream_begin(struct locate_exchange_attempt *a, uint64_t now_ms)
{
	int ret = locate_call_begin(&a->exchange->locate->connections, &a->call,
				    &a->candidate->endpoint);

	a->sent_ms = now_ms;
	if (ret == 1)
		locate_exchange_attempt_send(a, now_ms);
	return ret < 0 ? ret : 0;
}

int locate_exchange_attempt_begin(struct locate_exchange *x, struct locate_exchange_candidate *c,
				  uint64_t now_ms)
{
	struct locate_exchange_attempt *a = attempt_get(x);

	a->candidate = c;
	return c->is_stream ? stream_begin(a, now_ms) : udp_begin(a, now_ms);
}

int locate_exchange_attempt_renew(struct locate_exchange_attempt *a, uint64_t now_ms)
{
	if (!a->candidate->is_stream)
		return udp_send(a, now_ms);
	locate_call_renew(&a->call);
	locate_exchange_attempt_send(a, now_ms);
	return 0;
}
