/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* resolve/stream.h - a connection to a server: DNS messages over TCP (RFC 7766) or TLS (RFC 7858).
 *
 * Nothing here waits: connecting, the handshake, reading and writing go on when the descriptor is
 * ready. It knows where a message begins and ends, not what it contains. It has no timeouts: the
 * owner has, and closes the stream. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "resolve/events.h"

struct fabric_tls;
struct fabric_tls_context;

/* A server that can be connected to. */
struct resolve_endpoint {
	struct sockaddr_storage address; /* with the port */
	bool is_tls;
	bool is_stream; /* questions are not sent over UDP; with TLS they never are */
	char name[256]; /* that a certificate must have, without final dot; "": its address */
};

/* Returns whether both are the same server, to be trusted by the same name; `is_stream` is of no
 * matter. */
bool resolve_endpoint_equal(const struct resolve_endpoint *a, const struct resolve_endpoint *b);

/* What a stream calls. */
struct resolve_stream_calls {
	/* Messages can be sent: the connection, and TLS on it, are established. Returns false if
	 * the stream was closed by the call, and may not be touched any more. */
	bool (*on_open)(void *arg, uint64_t now_ms);
	/* A message has come; it is valid during the call. Returns what on_open returns. */
	bool (*on_message)(void *arg, const uint8_t *msg, size_t nbytes, uint64_t now_ms);
	/* The connection is gone, and the stream closed: by the peer if `error` is 0, else for that
	 * negative errno. `why` is for people. */
	void (*on_end)(void *arg, int error, const char *why, uint64_t now_ms);
};

enum resolve_stream_state {
	RESOLVE_STREAM_CLOSED,
	RESOLVE_STREAM_CONNECTING,
	RESOLVE_STREAM_HANDSHAKE,
	RESOLVE_STREAM_OPEN,
};

/* The owner reads `state` at most. */
struct resolve_stream {
	enum resolve_stream_state state;
	struct resolve_events *events;
	struct resolve_descriptor descriptor;
	struct fabric_tls *tls; /* NULL: TCP alone */
	struct fabric_tls_context *tls_context;
	char tls_name[256];
	const struct resolve_stream_calls *calls;
	void *arg;
	uint8_t *in, *out; /* bytes that have come, and that are to be sent */
	size_t nin, in_size, nout, out_size;
	size_t nsent; /* bytes at `out` that are sent */
};

/* Makes a closed stream. `events` and `calls` are borrowed until the end. */
void resolve_stream_init(struct resolve_stream *s, struct resolve_events *events,
			 const struct resolve_stream_calls *calls, void *arg);

/* Begins to connect a closed stream. `tls` is the context for an endpoint with TLS, borrowed until
 * the stream is closed. Returns 0, or a negative errno with the stream closed: -EPROTONOSUPPORT for
 * an endpoint with TLS without a context. No function is called before resolve_events_run. */
int resolve_stream_connect(struct resolve_stream *s, const struct resolve_endpoint *to,
			   struct fabric_tls_context *tls);

/* Sends a message, which is copied, on an open stream: as much as the socket takes now, the rest
 * when it takes more. Returns 0, -EMSGSIZE or -ENOMEM; if the connection is gone, on_end is called
 * later. */
int resolve_stream_send(struct resolve_stream *s, const uint8_t *msg, size_t nbytes);

/* Closes the stream, if it is not closed, as RFC 8490 section 5.3 wants it: gracefully (with the
 * closing alert of TLS and a FIN of TCP), or by force (RST). No function is called any more. */
void resolve_stream_close(struct resolve_stream *s);
void resolve_stream_abort(struct resolve_stream *s);
