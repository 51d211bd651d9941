/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* stream/handshake.h - the TLS handshakes of accepted connections, in a thread of their own.
 *
 * A handshake takes as long as hundreds of answers, and its peer may be anybody. So the worker that
 * has accepted a connection hands it to this thread, which has a lower priority, and gets the
 * session back when the handshake is done. How many are under way is bounded, of each client too; a
 * peer that is too slow is given up. The thread knows no zones, and reads no rules: what it needs
 * comes with the connection. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include <ev.h>

#include "base/queue.h"
#include "server/rules.h"

struct fabric_tls;
struct fabric_tls_context;
struct server_channel;
struct server_shared;
struct server_worker;
struct stream_client;
struct stream_handshakes;

/* An accepted connection, until the worker has it back. */
struct stream_handshake {
	struct base_queue_link link; /* first */

	/* set by the worker */
	struct server_worker *worker;
	const struct server_channel *channel; /* of the listening socket */
	struct stream_client *client;	      /* has counted it */
	struct server_tls_options limits;     /* of the rules when it was accepted */
	struct fabric_tls_context *context;   /* of the rules then; acquired */
	int fd;
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address;

	/* the thread only, until it is done; then the worker's */
	struct fabric_tls *tls;
	TAILQ_ENTRY(stream_handshake) by_age;
	struct stream_handshakes *all;
	struct ev_io io;
	uint64_t since_ms; /* steady clock: when it began */
};

/* Makes the state of the thread, which does not run yet, in `shared`. Returns 0 or -ENOMEM. Main,
 * before the workers start. */
int stream_handshakes_share(struct server_shared *shared, unsigned nworkers);

/* Starts the thread unless it runs. Returns 0 or a negative errno. Main. */
int stream_handshakes_start(struct server_shared *shared);

/* Ends the thread if it runs, and closes the connections that it has. Main, when the workers'
 * threads have ended and no worker is freed yet. */
void stream_handshakes_stop(struct server_shared *shared);

/* Frees the state of the thread, which does not run. Main. */
void stream_handshakes_unshare(struct server_shared *shared);

/* Has the thread shake hands with the peer of an accepted connection, counted by `client`. The
 * descriptor and the count belong to the thread if the result is true. Returns false if too many
 * handshakes are under way, or memory is short, or the rules have no TLS. The worker's thread, in a
 * turn. */
bool stream_handshakes_put(struct server_worker *w, const struct server_channel *channel, int fd,
			   const struct sockaddr *address, struct stream_client *client);

/* Takes the handshakes of the worker that are done, linked; each is the caller's, to be freed with
 * free(). Returns NULL if there are none. The worker's thread. */
struct base_queue_link *stream_handshakes_take(struct server_worker *w);
