/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/tcp_clients.h - how many stream connections each client has, and all clients together.
 *
 * A client is an IPv4 address, or an IPv6 network of 56 bits: a household or site is assigned one,
 * and any machine in it may choose any address of it. The table does not know sockets and closes
 * nothing. All workers share it; any thread may use it. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/socket.h>

struct server_tcp_clients;
struct server_tcp_connection;

TAILQ_HEAD(server_tcp_list, server_tcp_connection);

/* What one worker has of a client; that worker only. server/tcp_turn.c, server/tcp_transfer.c and
 * server/tcp_pool.c say what they do with it. */
struct server_tcp_share {
	TAILQ_ENTRY(server_tcp_share) by_ready, by_waiting, by_count;
	struct server_tcp_list quiet;	/* that may be closed in favour of others, idlest first */
	struct server_tcp_list ready;	/* that wait for the worker's time */
	struct server_tcp_list waiting; /* that may not begin their first transfer yet */
	int64_t credit_us;		/* of the worker's time; less than 0: a debt */
	unsigned nconnections;		/* to this worker */
	unsigned ntransferring;		/* of them, with a transfer that runs */
};

TAILQ_HEAD(server_tcp_shares, server_tcp_share);

/* A client that has connections. */
struct server_tcp_client {
	/* under the table's lock */
	struct server_tcp_client *next; /* in its bucket */
	unsigned count;			/* of its connections, to all workers */

	/* never changes */
	uint8_t key[16]; /* the address as IPv6, or the network, zero where it has no bits */

	struct server_tcp_share share[]; /* one for each worker */
};

/* Makes a table for the connections of `nworkers` workers. Returns NULL when memory is short. */
struct server_tcp_clients *server_tcp_clients_new(unsigned nworkers);

/* Frees the table, from which all connections have been removed. NULL is fine. */
void server_tcp_clients_free(struct server_tcp_clients *cs);

/* Counts a connection from `address`; the port does not matter. Writes how many connections the
 * client has with it to `of_client`, and how many there are in all to `in_all`. Returns the client,
 * which stays valid until server_tcp_clients_remove; NULL when memory is short, with nothing
 * counted. */
struct server_tcp_client *server_tcp_clients_add(struct server_tcp_clients *cs,
						 const struct sockaddr *address,
						 unsigned *of_client, unsigned *in_all);

/* Undoes one server_tcp_clients_add of `client`. */
void server_tcp_clients_remove(struct server_tcp_clients *cs, struct server_tcp_client *client);
