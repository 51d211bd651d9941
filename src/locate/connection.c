/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "locate/connection.h"

#include <errno.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/secret.h"
#include "dns/msg.h"

struct locate_connection {
	struct locate_connections *all;
	struct locate_connection *next, **link; /* in `all` */
	struct resolve_endpoint endpoint;
	struct resolve_stream stream;
	struct resolve_timer idle;
	struct locate_call *calls;
	unsigned ncalls, nunwanted;
	bool is_idle;	/* its last call has ended, and the time runs */
	bool is_unwell; /* not for later calls */
};

static void connection_free(struct locate_connection *c)
{
	resolve_timer_clear(&c->all->events->timers, &c->idle);
	resolve_stream_close(&c->stream);
	*c->link = c->next;
	if (c->next != NULL)
		c->next->link = c->link;
	free(c);
}

static void call_unlink(struct locate_call *c)
{
	*c->link = c->next;
	if (c->next != NULL)
		c->next->link = c->link;
	c->connection->ncalls--;
	c->connection = NULL;
}

/* ---- when nobody uses it ---- */

/* What is due at once begins the time for which an open connection is kept. */
static void on_idle(void *arg, uint64_t now_ms)
{
	struct locate_connection *c = arg;

	if (c->is_idle || c->is_unwell || c->stream.state != RESOLVE_STREAM_OPEN) {
		connection_free(c);
		return;
	}
	c->is_idle = true;
	resolve_timer_set(&c->all->events->timers, &c->idle, now_ms + LOCATE_IDLE_MS);
}

/* ---- what the stream calls ---- */

/* A call may begin or end any other: those that can send are found anew each time. */
static bool on_open(void *arg, uint64_t now_ms)
{
	struct locate_connection *c = arg;
	struct locate_call *calls = c->calls;

	/* The list is taken, and calls are put back one by one: each is called once. */
	c->calls = NULL;
	if (calls != NULL)
		calls->link = &calls;
	while (calls != NULL) {
		struct locate_call *call = calls;

		calls = call->next;
		if (calls != NULL)
			calls->link = &calls;
		call->next = c->calls;
		if (call->next != NULL)
			call->next->link = &call->next;
		call->link = &c->calls;
		c->calls = call;
		call->fns->on_open(call->arg, now_ms);
	}
	return true;
}

/* Ends the connection, and all calls on it. */
static void connection_end(struct locate_connection *c, int error, const char *why, uint64_t now_ms)
{
	c->is_unwell = true;
	resolve_stream_abort(&c->stream);
	while (c->calls != NULL) {
		struct locate_call *call = c->calls;

		call_unlink(call);
		call->fns->on_end(call->arg, error, why, now_ms);
	}
	connection_free(c);
}

static struct locate_call *call_find(const struct locate_connection *c, uint16_t id)
{
	struct locate_call *call = c->calls;

	while (call != NULL && call->id != id)
		call = call->next;
	return call;
}

static bool on_message(void *arg, const uint8_t *msg, size_t nbytes, uint64_t now_ms)
{
	struct locate_connection *c = arg;
	struct locate_call *call =
		nbytes >= DNS_HEADER_SIZE ? call_find(c, base_load16(msg)) : NULL;

	if (call != NULL) {
		c->nunwanted = 0;
		call->fns->on_message(call->arg, msg, nbytes, now_ms);
		return true;
	}
	if (++c->nunwanted <= LOCATE_UNWANTED_MAX)
		return true;
	connection_end(c, -EBADMSG, "messages that nobody has asked for", now_ms);
	return false;
}

static void on_end(void *arg, int error, const char *why, uint64_t now_ms)
{
	connection_end(arg, error < 0 ? error : -ECONNRESET, why, now_ms);
}

static const struct resolve_stream_calls stream_calls = {on_open, on_message, on_end};

/* ---- calls ---- */

void locate_connections_init(struct locate_connections *all, struct resolve_events *events,
			     struct fabric_tls_context *tls)
{
	*all = (struct locate_connections){.events = events, .tls = tls};
}

void locate_connections_fini(struct locate_connections *all)
{
	while (all->first != NULL)
		connection_free(all->first);
}

static struct locate_connection *connection_find(const struct locate_connections *all,
						 const struct resolve_endpoint *to)
{
	struct locate_connection *c = all->first;

	while (c != NULL && (c->is_unwell || c->ncalls >= LOCATE_PIPELINE_MAX ||
			     !resolve_endpoint_equal(&c->endpoint, to)))
		c = c->next;
	return c;
}

static int connection_new(struct locate_connection **out, struct locate_connections *all,
			  const struct resolve_endpoint *to)
{
	struct locate_connection *c = calloc(1, sizeof(*c));
	int ret;

	if (c == NULL)
		return -ENOMEM;
	c->all = all;
	c->endpoint = *to;
	c->idle.on_due = on_idle;
	c->idle.arg = c;
	resolve_stream_init(&c->stream, all->events, &stream_calls, c);
	ret = resolve_stream_connect(&c->stream, to, all->tls);
	if (ret < 0) {
		free(c);
		return ret;
	}
	c->next = all->first;
	if (c->next != NULL)
		c->next->link = &c->next;
	c->link = &all->first;
	all->first = c;
	*out = c;
	return 0;
}

void locate_call_renew(struct locate_call *c)
{
	uint16_t id;

	do {
		base_secret_random(&id, sizeof(id));
	} while (call_find(c->connection, id) != NULL);
	c->id = id;
}

int locate_call_begin(struct locate_connections *all, struct locate_call *c,
		      const struct resolve_endpoint *to)
{
	struct locate_connection *connection = connection_find(all, to);
	int ret = 0;

	if (connection == NULL)
		ret = connection_new(&connection, all, to);
	if (ret < 0)
		return ret;
	resolve_timer_clear(&all->events->timers, &connection->idle);
	connection->is_idle = false;
	c->connection = connection;
	c->next = connection->calls;
	if (c->next != NULL)
		c->next->link = &c->next;
	c->link = &connection->calls;
	connection->calls = c;
	connection->ncalls++;
	locate_call_renew(c);
	c->is_reused = connection->stream.state == RESOLVE_STREAM_OPEN;
	return c->is_reused;
}

int locate_call_send(struct locate_call *c, const uint8_t *msg, size_t nbytes)
{
	return resolve_stream_send(&c->connection->stream, msg, nbytes);
}

void locate_call_end(struct locate_call *c, bool is_silent)
{
	struct locate_connection *connection = c->connection;

	if (connection == NULL)
		return;
	call_unlink(c);
	connection->is_unwell |= is_silent;
	if (connection->ncalls == 0)
		resolve_timer_set(&connection->all->events->timers, &connection->idle, 0);
}
