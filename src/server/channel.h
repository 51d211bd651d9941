/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/channel.h - what a transport provides to the workers: datagrams, or streams (stream/).
 *
 * A channel is a table of functions, one table for each transport, the same for all workers; the
 * state of a transport is in the worker. Which channel listens on which addresses comes with
 * server_open (struct server_listener); nothing in this room but udp.c names a channel. The
 * functions are called in the thread of the worker that they are about, but for `share`, `unshare`,
 * `listen`, `init` and `fini`, which main calls while no worker runs.
 *
 * A new transport adds a value to enum server_transport and a channel. */
#pragma once

#include <ev.h>

#include "server/stats.h"

struct server_shared;
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

	/* Makes what all workers share, `nworkers` of them, in `shared`. Returns 0 or -ENOMEM.
	 * NULL: they share nothing, or what another channel has made. */
	int (*share)(struct server_shared *shared, unsigned nworkers);

	/* Frees what all workers share; called also if `share` failed or was not called. NULL
	 * where `share` is. */
	void (*unshare)(struct server_shared *shared);

	/* Makes the state of the transport in a worker, whose sockets are open. Returns 0 or
	 * -ENOMEM. NULL: the transport uses the state of another channel. */
	int (*init)(struct server_worker *w);

	/* Frees the state of the transport in a worker; called also if `init` failed or was not
	 * called. NULL where `init` is. */
	void (*fini)(struct server_worker *w);

	/* Answers an update that the registrar has done, and frees it (server_update_free). May
	 * gather answers until `flush`. */
	void (*answer)(struct server_update *u);

	/* Sends the answers that `answer` has gathered, if any. NULL: another channel does it. */
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
