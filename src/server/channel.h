/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/channel.h - what a transport provides to the workers: UDP and TCP today.
 *
 * A channel is a table of functions, one table for each transport, the same for all workers; what a
 * transport keeps for a worker is in the worker. server/server.c lists the channels; nothing below
 * it names one. All functions are called in the thread of the worker that they are about, but for
 * `listen` and `fini`, which main calls while the worker does not run.
 *
 * A new transport adds a value to enum server_transport, a channel, and its name to the list. One
 * that runs over streams (TLS, DSO over TLS) shares the code of server/tcp_priv.h: a connection has
 * the peer, with the transport, from its listening socket, and its octets pass through two
 * functions only, `receive` in server/tcp_connection.c and `send_some` in server/tcp_send.c.
 * Framing, limits, timeouts, updates and transfers do not depend on what is below these two. */
#pragma once

#include <ev.h>

#include "server/stats.h"

struct server_socket;
struct server_update;
struct server_worker;

struct server_channel {
	enum server_transport transport; /* as it is counted, and as rules refer to it */
	int socket_type;		 /* SOCK_DGRAM or SOCK_STREAM */

	/* Makes a bound socket ready: its options, and listen(2) if there are connections. Returns
	 * 0 or a negative errno. */
	int (*listen)(struct server_socket *s);

	/* Called by the loop when such a socket has something to read or to accept. A turn of its
	 * own: it must call server_worker_turn first, and base_rcu_quiescent last. */
	void (*on_readable)(struct ev_loop *loop, struct ev_io *io, int events);

	/* Makes and frees what the transport keeps for a worker. `init` returns 0 or -ENOMEM;
	 * `fini` is also called if `init` was not, or failed. */
	int (*init)(struct server_worker *w);
	void (*fini)(struct server_worker *w);

	/* Writes the answer to an update that the registrar has done, and frees the update. The
	 * answer may be gathered with others until `flush`. */
	void (*answer)(struct server_update *u);

	/* Sends the answers gathered by `answer`. */
	void (*flush)(struct server_worker *w);

	/* Serves what waits in the queues of the worker's sockets. For transports of which the
	 * kernel drops what does not fit into a queue: another transport that keeps the worker busy
	 * for long lets it be called in between. NULL: the peer waits by itself. */
	void (*receive)(struct server_worker *w);

	/* Stops using the rules before those of this turn. NULL: it never uses rules for longer
	 * than a turn. */
	void (*rules_changed)(struct server_worker *w);

	/* The server stops: ends what is idle now, and the rest when its answers are out. NULL:
	 * there is nothing to end. */
	void (*drain)(struct server_worker *w);

	/* Returns how many connections are still open. NULL: there are none. */
	unsigned (*nopen)(const struct server_worker *w);
};
