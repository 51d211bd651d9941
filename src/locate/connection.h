/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* locate/connection.h - connections to registries over TCP and TLS, which requests share.
 *
 * A request uses an open connection if there is one, at the same time as others (RFC 7766 section
 * 6.2.1). A connection that nobody uses is closed after a few seconds, whatever the peer sends.
 * It knows ids of messages, not what they are about. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resolve/stream.h"

struct locate_connection;

enum {
	LOCATE_IDLE_MS = 5000,
	LOCATE_PIPELINE_MAX = 128, /* requests on a connection; others get one of their own */
	LOCATE_UNWANTED_MAX = 64,  /* messages that nobody waits for, then a connection is ended */
};

/* All connections of a context. */
struct locate_connections {
	struct resolve_events *events;
	struct fabric_tls_context *tls; /* NULL: no TLS */
	struct locate_connection *first;
};

/* What a call calls. Each may end the call and free its memory. */
struct locate_call_fns {
	/* A message can be sent. */
	void (*on_open)(void *arg, uint64_t now_ms);
	/* A message with the id of the call has come. */
	void (*on_message)(void *arg, const uint8_t *msg, size_t nbytes, uint64_t now_ms);
	/* The connection is gone, and the call has ended. */
	void (*on_end)(void *arg, int error, const char *why, uint64_t now_ms);
};

/* A request on a connection; memory of its owner, all zero but for `fns` and `arg`. */
struct locate_call {
	const struct locate_call_fns *fns;
	void *arg;
	uint16_t id;	/* of its messages */
	bool is_reused; /* the connection was open already */
	/* private */
	struct locate_connection *connection; /* NULL: not begun */
	struct locate_call *next, **link;
};

/* Makes an empty set; both arguments are borrowed until the end. */
void locate_connections_init(struct locate_connections *all, struct resolve_events *events,
			     struct fabric_tls_context *tls);

/* Closes all connections; there are no calls on them any more. */
void locate_connections_fini(struct locate_connections *all);

/* Begins a call. Returns 1 if it can send now, 0 if on_open is called later, or a negative
 * errno. */
int locate_call_begin(struct locate_connections *all, struct locate_call *c,
		      const struct resolve_endpoint *to);

/* Gives the call a new id. */
void locate_call_renew(struct locate_call *c);

/* Sends a message with the call's id. Returns 0, -EMSGSIZE or -ENOMEM. */
int locate_call_send(struct locate_call *c, const uint8_t *msg, size_t nbytes);

/* Ends the call, if it was begun. `is_silent`: the connection is not used for later calls, since
 * there was no answer on it for too long. */
void locate_call_end(struct locate_call *c, bool is_silent);
