/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/channel.h - what a transport provides to the workers: UDP and TCP today.
 *
 * A channel is a table of functions, one table for each transport, the same for all workers; the
 * state of a transport is in the worker. server/server.c lists the channels; nothing below it names
 * one. The functions are called in the thread of the worker that they are about, but for `listen`,
 * `init` and `fini`, which main calls while that thread does not run.
 *
 * A new transport adds a value to enum server_transport, a channel, and the channel's name to the
 * list. A transport over streams (TLS, DSO over TLS) shares the code of server/tcp_priv.h: a
 * connection gets its peer, with the transport, from the listening socket, and its bytes pass
 * through two functions only, `receive` in server/tcp_connection.c and `send_some` in
 * server/tcp_send.c. Framing, limits, timeouts, updates and transfers do not depend on what is
 * below these two. */
#pragma once

#include <ev.h>

#include "server/stats.h"

struct server_socket;
struct server_update;
struct server_worker;

struct server_channel {
	enum server_transport transport; /* under which messages are counted and limited */
	int socket_type;		 /* SOCK_DGRAM or SOCK_STREAM */

	/* Prepares a bound socket: sets its options, and calls listen(2) if the transport has
	 * connections. Returns 0 or a negative errno. */
	int (*listen)(struct server_socket *s);

	/* Called by the loop when such a socket has something to read or to accept. Must begin a
	 * turn (server_worker_turn) and end it with base_rcu_quiescent. */
	void (*on_readable)(struct ev_loop *loop, struct ev_io *io, int events);

	/* Makes the state of the transport in a worker, whose sockets are open. Returns 0 or
	 * -ENOMEM. */
	int (*init)(struct server_worker *w);

	/* Frees the state of the transport in a worker; called also if `init` failed or was not
	 * called. */
	void (*fini)(struct server_worker *w);

	/* Answers an update that the registrar has done, and frees it (server_update_free). May
	 * gather answers until `flush`. */
	void (*answer)(struct server_update *u);

	/* Sends the answers that `answer` has gathered, if any. */
	void (*flush)(struct server_worker *w);

	/* Serves what waits in the kernel's queues of the worker's sockets. For transports of which
	 * the kernel drops what does not fit into a queue: another transport that keeps the worker
	 * busy for long has this called in between. NULL: the peer waits until it is served. */
	void (*receive)(struct server_worker *w);

	/* Called in a turn with new rules: stops using the rules of earlier turns. NULL: the
	 * transport uses rules within a turn only. */
	void (*rules_changed)(struct server_worker *w);

	/* Called once when the server stops: ends idle connections now, and the others when their
	 * answers have been sent. NULL: the transport has no connections. */
	void (*drain)(struct server_worker *w);

	/* Returns how many connections the worker has. NULL: the transport has none. */
	unsigned (*nopen)(const struct server_worker *w);
};
