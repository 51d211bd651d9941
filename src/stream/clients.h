/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* stream/clients.h - how many stream connections each client has, and all clients together.
 *
 * A client is an IPv4 address, or an IPv6 network of 56 bits: a household or site is assigned one,
 * and any machine in it may choose any address of it. The table does not know sockets and closes
 * nothing. All workers share it; any thread may use it. */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/socket.h>

struct stream_clients;
struct stream_connection;

TAILQ_HEAD(stream_list, stream_connection);

/* What one worker has of a client; that worker only. stream/turn.c, stream/transfer.c and
 * stream/pool.c say what they do with it. */
struct stream_share {
	TAILQ_ENTRY(stream_share) by_ready, by_waiting, by_count;
	struct stream_list quiet;   /* that may be closed in favour of others, idlest first */
	struct stream_list ready;   /* that wait for the worker's time */
	struct stream_list waiting; /* that may not begin their first transfer yet */
	int64_t credit_us;	    /* of the worker's time; less than 0: a debt */
	unsigned nconnections;	    /* to this worker */
	unsigned ntransferring;	    /* of them, with a transfer that runs */
	uint32_t delivery, npushed; /* a delivery, and sessions that it sent to at once */
};

TAILQ_HEAD(stream_shares, stream_share);

/* A client that has connections. */
struct stream_client {
	/* under the table's lock */
	struct stream_client *next; /* in its bucket */
	unsigned count;		    /* of its connections, to all workers */
	unsigned nsessions;	    /* of them, those that are DSO sessions */

	/* the thread of the handshakes only */
	unsigned nhandshakes; /* under way */
	/* any thread, atomic */
	_Atomic unsigned nsubscriptions; /* of its sessions (stream/push.c) */

	/* never changes */
	uint8_t key[16]; /* the address as IPv6, or the network, zero where it has no bits */

	struct stream_share share[]; /* one for each worker */
};

/* Makes a table for the connections of `nworkers` workers. Returns NULL when memory is short. */
struct stream_clients *stream_clients_new(unsigned nworkers);

/* Frees the table, from which all connections have been removed. NULL is fine. */
void stream_clients_free(struct stream_clients *cs);

/* Counts a connection from `address`; the port does not matter. Writes how many connections the
 * client has with it to `of_client`, and how many there are in all to `in_all`, DSO sessions not
 * counted. Returns the client, which stays valid until stream_clients_remove; NULL when memory is
 * short, with nothing counted. */
struct stream_client *stream_clients_add(struct stream_clients *cs, const struct sockaddr *address,
					 unsigned *of_client, unsigned *in_all);

/* Undoes one stream_clients_add of `client`. */
void stream_clients_remove(struct stream_clients *cs, struct stream_client *client);

/* Which limit forbids another session. */
enum stream_limit { STREAM_LIMIT_NONE, STREAM_LIMIT_CLIENT, STREAM_LIMIT_ALL };

/* Counts a connection of the client as a session from now on, unless the client would have more
 * than `of_client` of them, or all clients together more than `in_all`. */
enum stream_limit stream_clients_begin_session(struct stream_clients *cs,
					       struct stream_client *client, unsigned of_client,
					       unsigned in_all);

/* Counts a session as an ordinary connection again; before stream_clients_remove. */
void stream_clients_end_session(struct stream_clients *cs, struct stream_client *client);

/* Returns how many sessions there are. */
unsigned stream_clients_nsessions(struct stream_clients *cs);
