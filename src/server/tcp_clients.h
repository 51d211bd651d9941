/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/tcp_clients.h - how many TCP connections each client has, and all have together.
 *
 * A client is an IPv4 address, or an IPv6 network of 56 bits: that is what one household or site is
 * given, and who has one can take any address in it. All workers share the table; any thread may
 * use it. It knows no socket and closes nothing. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/socket.h>

struct server_tcp_clients;
struct server_tcp_connection;

TAILQ_HEAD(server_tcp_list, server_tcp_connection);

struct server_tcp_client {
	/* under the table's lock */
	struct server_tcp_client *next;
	unsigned count;

	/* never changes */
	uint8_t key[16];

	/* one for each worker, and only that worker's: the client's connections that may be closed
	 * for a new one, the idlest first */
	struct server_tcp_list quiet[];
};

/* A table for the connections of `nworkers` workers. NULL when memory is short. */
struct server_tcp_clients *server_tcp_clients_new(unsigned nworkers);

/* Frees it, when all connections have been removed. NULL is fine. */
void server_tcp_clients_free(struct server_tcp_clients *cs);

/* Counts one connection from `address`. The counts with it go to `of_client` and `in_all`. Returns
 * the client, good until server_tcp_clients_remove; NULL when memory is short, and nothing is
 * counted then. */
struct server_tcp_client *server_tcp_clients_add(struct server_tcp_clients *cs,
						 const struct sockaddr *address,
						 unsigned *of_client, unsigned *in_all);

/* Takes back what server_tcp_clients_add counted. */
void server_tcp_clients_remove(struct server_tcp_clients *cs, struct server_tcp_client *client);
