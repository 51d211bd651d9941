/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/tcp_priv.h - the TCP connections of a worker, shared by the files about them.
 *
 * Each file uses only those below it: tcp.c accepts connections and is called by the loop;
 * tcp_pool.c has all connections of the worker, and decides which stay for how long;
 * tcp_connection.c answers the messages of one connection; tcp_send.c sends. The worker's own. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <ev.h>

#include "base/buf.h"
#include "server/query.h"
#include "server/tcp_clients.h"
#include "server/worker.h"

struct server_transfer;
struct server_worker;

/* What a connection waits for. */
enum server_tcp_state {
	SERVER_TCP_NEW,	       /* in no list yet */
	SERVER_TCP_IDLE,       /* the next request: the idle timeout runs */
	SERVER_TCP_STUCK,      /* the rest of a request, or the taking of an answer: I/O timeout */
	SERVER_TCP_BUSY,       /* us: updates or transfers are under way */
	SERVER_TCP_STUCK_BUSY, /* as STUCK, with updates or transfers under way: never evicted */
	SERVER_TCP_STATES,
};

/* Octets that the socket has not taken yet. */
struct server_tcp_chunk {
	struct server_tcp_chunk *next;
	struct base_out out;
	size_t nsent;
	uint8_t bytes[];
};

struct server_tcp_connection {
	struct ev_io io;
	struct server_worker *worker;
	struct server_tcp_client *client;
	const struct server_channel *channel;
	struct server_peer peer; /* with `address` */
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address;

	TAILQ_ENTRY(server_tcp_connection) by_state, by_client, by_unsent, by_waiting;
	uint64_t since_ms; /* of the last thing that got through, or of the state */
	enum server_tcp_state state;
	bool is_moving;	      /* something got through in this turn */
	bool is_ended;	      /* no more requests will be read */
	bool has_failed;      /* to be closed: the socket failed, or memory */
	bool is_closed;	      /* only waits for its updates to come back */
	bool is_unsent;	      /* in the list of those with answers to updates */
	bool is_waiting;      /* in the list of those who wait to transfer */
	bool is_transferring; /* its first transfer has begun */

	/* requests: whole ones that cannot be answered yet, and one that is not whole */
	uint8_t *rest;
	size_t nrest, rest_size;

	/* answers */
	struct server_tcp_chunk *first, *last;
	size_t nunsent;

	/* under way */
	unsigned nupdates;
	size_t update_nbytes;
	unsigned ntransfers;
	STAILQ_HEAD(, server_transfer) transfers;
};

enum {
	SERVER_TCP_IN = 16384,	    /* read at once: some hundred queries */
	SERVER_TCP_OUT = 256 << 10, /* written at once */
	SERVER_TCP_BATCH = 32,	    /* queries whose look-ups overlap */
	SERVER_TCP_TRANSFERS = 16,  /* running in a worker; the others wait */
};

struct server_tcp {
	struct server_worker *worker;
	struct server_tcp_list lists[SERVER_TCP_STATES]; /* the idlest first */
	struct server_tcp_list unsent;
	struct server_tcp_list waiting;
	unsigned nconnections;
	unsigned ntransferring;
	unsigned nanswered;		  /* since UDP had its turn */
	const struct server_rules *rules; /* of the last server_tcp_rules_changed */
	struct ev_timer timer;		  /* for the first of all timeouts */
	uint64_t due_ms;		  /* when the timer goes off, if it is active */
	struct ev_timer resume;		  /* accepting, when descriptors ran out */
	uint64_t logged_ms;		  /* when the log was last told so */
	bool is_draining;
	uint64_t drained_ms; /* when a drain ends */

	/* one turn's */
	struct base_out out;
	struct server_query query[SERVER_TCP_BATCH];
	size_t start[SERVER_TCP_BATCH]; /* where the query's frame starts in what is being read */
	uint8_t in_bytes[SERVER_TCP_IN];
	uint8_t out_bytes[SERVER_TCP_OUT];
};

/* ---- tcp_pool.c ---- */

void server_tcp_pool_init(struct server_tcp *tcp);

/* Whether a connection more is not too many: enforces the limits, evicting an idle connection if
 * needed. `of_client` and `in_all` are the numbers of connections with the new one. Returns false
 * if the new one must be refused. */
bool server_tcp_pool_admit(struct server_tcp *tcp, const struct server_tcp_client *client,
			   unsigned of_client, unsigned in_all);

/* Closes the connection that has been idle for the longest time. Returns false if there is none
 * that may be closed. */
bool server_tcp_pool_evict(struct server_tcp *tcp);

/* Takes a new connection of a client that has been counted. */
void server_tcp_pool_add(struct server_tcp_connection *c, struct server_tcp_client *client);

/* To be called when a connection has been dealt with in this turn: closes it if it is done or has
 * failed, otherwise sets what it waits for, and until when. */
void server_tcp_pool_rearm(struct server_tcp_connection *c);

/* Closes all connections. */
void server_tcp_pool_close(struct server_tcp *tcp);

/* server_channel.rules_changed: transfers of zones that are no longer served end. */
void server_tcp_pool_rules_changed(struct server_worker *w);

/* server_channel.drain */
void server_tcp_pool_drain(struct server_worker *w);

/* ---- tcp_connection.c ---- */

/* The socket can be read or written, as `events` tells: answers what has come, sends what is
 * waiting. */
void server_tcp_connection_serve(struct server_tcp_connection *c, int events);

/* Which of EV_READ and EV_WRITE it wants to be called for. */
int server_tcp_connection_events(const struct server_tcp_connection *c);

/* Whether it waits for the peer to send or to take something. */
bool server_tcp_connection_is_stuck(const struct server_tcp_connection *c);

/* Whether something is left to be done, should no more requests come. */
bool server_tcp_connection_is_pending(const struct server_tcp_connection *c);

/* Frees requests, answers and transfers. */
void server_tcp_connection_clear(struct server_tcp_connection *c);

/* ---- tcp_send.c ---- */

/* Whether the worker's buffer has room for any message. */
bool server_tcp_send_has_space(const struct server_tcp *tcp);

/* Frames the message of `length` octets that has been written behind the next two octets of the
 * worker's buffer. */
void server_tcp_send_frame(struct server_tcp_connection *c, size_t length);

/* Sends what is in the worker's buffer, and empties it: what the socket does not take is kept with
 * the connection. Without the memory for that the connection is broken. */
void server_tcp_send_gathered(struct server_tcp_connection *c);

/* Keeps octets with the connection, to be sent by the next flush. */
void server_tcp_send_later(struct server_tcp_connection *c, const uint8_t *bytes, size_t nbytes);

/* Sends what is kept, as far as the socket takes it. */
void server_tcp_send_flush(struct server_tcp_connection *c);

/* Frees what is kept. */
void server_tcp_send_clear(struct server_tcp_connection *c);
