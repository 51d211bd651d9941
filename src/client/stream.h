/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* client/stream.h - a connection to a server: DNS messages over TCP (RFC 7766) or TLS (RFC 7858).
 *
 * Nothing here waits: connecting, the handshake, reading and writing go on when the descriptor is
 * ready. It knows where a message begins and ends, not what it contains. It has no timeouts: the
 * owner has, and closes the stream. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "client/events.h"

struct fabric_tls;
struct fabric_tls_context;

/* A server that can be connected to. */
struct client_endpoint {
	struct sockaddr_storage address; /* with the port */
	bool is_tls;
	char name[256]; /* that a certificate must have, without final dot; "": its address */
};

/* Returns whether both are the same server, to be trusted by the same name. */
bool client_endpoint_equal(const struct client_endpoint *a, const struct client_endpoint *b);

/* What a stream calls. */
struct client_stream_calls {
	/* Messages can be sent: the connection, and TLS on it, are established. Returns false if
	 * the stream was closed by the call, and may not be touched any more. */
	bool (*on_open)(void *arg, uint64_t now_ms);
	/* A message has come; it is valid during the call. Returns what on_open returns. */
	bool (*on_message)(void *arg, const uint8_t *msg, size_t nbytes, uint64_t now_ms);
	/* The connection is gone, and the stream closed: by the peer if `error` is 0, else for that
	 * negative errno. `why` is for people. */
	void (*on_end)(void *arg, int error, const char *why, uint64_t now_ms);
};

enum client_stream_state {
	CLIENT_STREAM_CLOSED,
	CLIENT_STREAM_CONNECTING,
	CLIENT_STREAM_HANDSHAKE,
	CLIENT_STREAM_OPEN,
};

/* The owner reads `state` at most. */
struct client_stream {
	enum client_stream_state state;
	struct client_events *events;
	struct client_descriptor descriptor;
	struct fabric_tls *tls; /* NULL: TCP alone */
	struct fabric_tls_context *tls_context;
	char tls_name[256];
	const struct client_stream_calls *calls;
	void *arg;
	uint8_t *in, *out; /* bytes that have come, and that are to be sent */
	size_t nin, in_size, nout, out_size;
	size_t nsent; /* bytes at `out` that are sent */
};

/* Makes a closed stream. `events` and `calls` are borrowed until the end. */
void client_stream_init(struct client_stream *s, struct client_events *events,
			const struct client_stream_calls *calls, void *arg);

/* Begins to connect a closed stream. `tls` is the context for an endpoint with TLS, borrowed until
 * the stream is closed. Returns 0, or a negative errno with the stream closed; no function is
 * called before client_events_run. */
int client_stream_connect(struct client_stream *s, const struct client_endpoint *to,
			  struct fabric_tls_context *tls);

/* Sends a message, which is copied, on an open stream: as much as the socket takes now, the rest
 * when it takes more. Returns 0, -EMSGSIZE or -ENOMEM; if the connection is gone, on_end is called
 * later. */
int client_stream_send(struct client_stream *s, const uint8_t *msg, size_t nbytes);

/* Closes the stream, if it is not closed, as RFC 8490 section 5.3 wants it: gracefully (with the
 * closing alert of TLS and a FIN of TCP), or by force (RST). No function is called any more. */
void client_stream_close(struct client_stream *s);
void client_stream_abort(struct client_stream *s);
