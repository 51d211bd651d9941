/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "resolve/lookup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"
#include "base/secret.h"
#include "dns/type.h"

/* How a look-up goes:
 *
 * 1. The timer takes the next server, and asks it over UDP, or begins to connect to it.
 * 2. The answer comes (3), the server cannot be reached (1), or the time is over (1).
 * 3. A truncated answer is asked for again over TCP, from the same server. With another RCODE than
 *    NOERROR and NXDOMAIN the next server is tried (1), but the RCODE is what is reported if all of
 *    them do so.
 * 4. The function is called, once. */
struct resolve_lookup {
	struct resolve_events *events;
	struct resolve_lookup_servers servers;
	resolve_lookup_fn done;
	void *arg;
	struct resolve_descriptor udp;
	struct resolve_stream stream;
	unsigned tries;		    /* servers tried so far */
	struct resolve_timer timer; /* the end of this try; due at once: the next step */
	bool is_waiting;	    /* for an answer */
	bool is_truncated; /* the answer was: the next step asks the same server over TCP */
	int error;	   /* of the last try without an answer */
	unsigned rcode;	   /* of the last answer that was passed over; 0: none was */
	uint16_t id, type;
	bool is_stream;
	uint8_t name[DNS_NAME_MAX];
	uint8_t query[RESOLVE_MESSAGE_QUERY_MAX];
	size_t nquery;
};

static const struct resolve_endpoint *server_of(const struct resolve_lookup *l)
{
	return &l->servers.servers[(l->tries - 1) % l->servers.nservers];
}

/* Ends a try; the timer does the next step. */
static void try_end(struct resolve_lookup *l, int error)
{
	resolve_events_close(l->events, &l->udp);
	resolve_stream_close(&l->stream);
	l->is_waiting = false;
	l->error = error;
	resolve_timer_set(&l->events->timers, &l->timer, 0);
}

static void try_time(struct resolve_lookup *l, uint64_t deadline_ms)
{
	resolve_timer_set(&l->events->timers, &l->timer, deadline_ms);
}

static void timer_clear(struct resolve_lookup *l)
{
	resolve_timer_clear(&l->events->timers, &l->timer);
}

/* ---- answers ---- */

/* Takes a message. Returns false if that ends the try: the stream is closed, or the look-up over
 * and perhaps freed. */
static bool answer_take(struct resolve_lookup *l, const uint8_t *msg, size_t nbytes,
			uint64_t now_ms)
{
	struct resolve_answer answer;

	if (!resolve_message_parse(&answer, msg, nbytes, l->id, l->name, l->type))
		return true; /* not ours: what answers it may still come */
	if (answer.rcode != DNS_RCODE_NOERROR && answer.rcode != DNS_RCODE_NXDOMAIN) {
		l->rcode = answer.rcode;
		try_end(l, -EPROTO);
		return false;
	}
	if (answer.is_truncated && l->stream.state == RESOLVE_STREAM_CLOSED) {
		l->is_truncated = true;
		try_end(l, 0);
		return false;
	}
	timer_clear(l);
	l->done(l->arg, &answer, 0, now_ms);
	return false;
}

/* ---- UDP ---- */

static void udp_ready(void *arg, uint32_t events, uint64_t now_ms)
{
	struct resolve_lookup *l = arg;
	uint8_t msg[DNS_MSG_MAX];
	ssize_t n = recv(l->udp.fd, msg, sizeof(msg), 0);

	(void)events;
	if (n >= 0)
		answer_take(l, msg, (size_t)n, now_ms);
	else if (errno != EAGAIN && errno != EINTR)
		try_end(l, -errno); /* as when the port is closed */
}

static int udp_try(struct resolve_lookup *l, uint64_t now_ms)
{
	const struct sockaddr *to = (const struct sockaddr *)&server_of(l)->address;
	unsigned round = (l->tries - 1) / (unsigned)l->servers.nservers;

	l->udp = (struct resolve_descriptor){
		.fd = socket(to->sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
		.wanted = EPOLLIN,
		.on_ready = udp_ready,
		.arg = l,
	};
	if (l->udp.fd < 0)
		return -errno;
	if (connect(l->udp.fd, to, base_address_nbytes(to)) < 0 ||
	    send(l->udp.fd, l->query, l->nquery, 0) < 0) {
		int ret = -errno;

		close(l->udp.fd);
		l->udp.fd = -1;
		return ret;
	}
	try_time(l, now_ms + ((uint64_t)RESOLVE_LOOKUP_WAIT_MS << round));
	return resolve_events_add(l->events, &l->udp);
}

/* ---- TCP and TLS ---- */

static bool stream_opened(void *arg, uint64_t now_ms)
{
	struct resolve_lookup *l = arg;
	int ret = resolve_stream_send(&l->stream, l->query, l->nquery);

	(void)now_ms;
	if (ret < 0)
		try_end(l, ret);
	return ret == 0;
}

static bool stream_message(void *arg, const uint8_t *msg, size_t nbytes, uint64_t now_ms)
{
	return answer_take(arg, msg, nbytes, now_ms);
}

static void stream_ended(void *arg, int error, const char *why, uint64_t now_ms)
{
	(void)why;
	(void)now_ms;
	try_end(arg, error < 0 ? error : -ECONNRESET);
}

static const struct resolve_stream_calls stream_calls = {stream_opened, stream_message,
							 stream_ended};

static int stream_try(struct resolve_lookup *l, uint64_t now_ms)
{
	try_time(l, now_ms + RESOLVE_LOOKUP_STREAM_WAIT_MS);
	return resolve_stream_connect(&l->stream, server_of(l), l->servers.tls);
}

/* ---- one step after the other ---- */

static int step(struct resolve_lookup *l, uint64_t now_ms)
{
	bool is_stream = l->is_stream || l->is_truncated;

	if (!l->is_truncated)
		l->tries++;
	l->is_truncated = false;
	is_stream |= server_of(l)->is_tls || server_of(l)->is_stream;
	base_secret_random(&l->id, sizeof(l->id));
	l->nquery = resolve_message_query(l->query, l->id, l->name, l->type);
	return is_stream ? stream_try(l, now_ms) : udp_try(l, now_ms);
}

static void on_due(void *arg, uint64_t now_ms)
{
	struct resolve_lookup *l = arg;
	struct resolve_answer refusal = {.rcode = (uint8_t)l->rcode};

	if (l->is_waiting)
		try_end(l, -ETIMEDOUT);
	while (l->is_truncated || l->tries < RESOLVE_LOOKUP_ROUNDS * l->servers.nservers) {
		int ret = step(l, now_ms);

		if (ret == 0) {
			l->is_waiting = true;
			return;
		}
		try_end(l, ret);
	}
	timer_clear(l);
	if (l->rcode != 0)
		l->done(l->arg, &refusal, 0, now_ms);
	else
		l->done(l->arg, NULL, l->error, now_ms);
}

int resolve_lookup_new(struct resolve_lookup **out, struct resolve_events *events,
		       const struct resolve_lookup_servers *servers, const uint8_t *name,
		       uint16_t type, bool is_stream, resolve_lookup_fn done, void *arg)
{
	struct resolve_lookup *l = malloc(sizeof(*l));

	if (l == NULL)
		return -ENOMEM;
	*l = (struct resolve_lookup){
		.events = events,
		.servers = *servers,
		.done = done,
		.arg = arg,
		.udp.fd = -1,
		.error = -EDESTADDRREQ, /* if there is no server */
		.timer = {.on_due = on_due, .arg = l},
		.type = type,
		.is_stream = is_stream,
	};
	memcpy(l->name, name, dns_name_nbytes(name));
	resolve_stream_init(&l->stream, events, &stream_calls, l);
	resolve_timer_set(&events->timers, &l->timer, 0);
	*out = l;
	return 0;
}

void resolve_lookup_free(struct resolve_lookup *l)
{
	if (l == NULL)
		return;
	try_end(l, 0);
	timer_clear(l);
	free(l);
}
