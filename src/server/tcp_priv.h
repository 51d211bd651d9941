/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/tcp_priv.h - the stream connections of a worker, shared by the files about them.
 *
 * Each file uses only those below it: tcp.c accepts connections and is called by the loop;
 * tcp_pool.c has all connections of the worker and decides how long each may stay;
 * tcp_connection.c answers the messages of one connection; tcp_send.c sends. None of them knows
 * zones. All of it belongs to one worker. */
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

/* What a connection waits for, and so which timeout it has. */
enum server_tcp_state {
	SERVER_TCP_NEW,	       /* not in any list yet */
	SERVER_TCP_IDLE,       /* for the next request: idle timeout */
	SERVER_TCP_STUCK,      /* for the peer to send the rest of a request or take an answer: I/O
				  timeout */
	SERVER_TCP_BUSY,       /* for us: updates or transfers are under way, no timeout */
	SERVER_TCP_STUCK_BUSY, /* for the peer, as STUCK, with updates or transfers under way: I/O
				  timeout, but never evicted */
	SERVER_TCP_STATES,
};

/* Bytes that the socket has not taken yet. */
struct server_tcp_chunk {
	struct server_tcp_chunk *next;
	struct base_out out; /* over `bytes` */
	size_t nsent;	     /* of the bytes written */
	uint8_t bytes[];
};

struct server_tcp_connection {
	struct ev_io io;
	struct server_worker *worker;
	struct server_tcp_client *client;
	const struct server_channel *channel; /* of the listening socket */
	struct server_peer peer;	      /* with a pointer to `address` */
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address;

	TAILQ_ENTRY(server_tcp_connection) by_state, by_client, by_unsent, by_waiting;
	uint64_t since_ms; /* when bytes last got through, or the state changed; steady clock */
	enum server_tcp_state state;
	bool is_moving;	      /* bytes got through in this turn */
	bool is_ended;	      /* no more requests will be read */
	bool has_failed;      /* to be closed: the socket failed, or memory was short */
	bool is_closed;	      /* freed with the answer to its last update */
	bool is_unsent;	      /* in server_tcp.unsent */
	bool is_waiting;      /* in server_tcp.waiting */
	bool is_transferring; /* its first transfer has begun */

	/* requests: whole ones that cannot be answered yet, and one that is incomplete */
	uint8_t *rest;
	size_t nrest, rest_size; /* bytes in `rest`, and its capacity */

	/* answers that the socket has not taken yet */
	struct server_tcp_chunk *first, *last;
	size_t nunsent; /* bytes in all chunks */

	/* under way */
	unsigned nupdates;    /* in the hands of the registrar */
	size_t update_nbytes; /* of their messages */
	unsigned ntransfers;
	STAILQ_HEAD(, server_transfer) transfers; /* only the first one runs */
};

enum {
	SERVER_TCP_IN = 16384,	    /* bytes read at once: some hundred queries */
	SERVER_TCP_OUT = 256 << 10, /* bytes written at once */
	SERVER_TCP_BATCH = 32,	    /* queries whose look-ups overlap */
	SERVER_TCP_TRANSFERS = 16,  /* that run at a time in a worker */
};

/* The state of the channel in a worker. */
struct server_tcp {
	struct server_worker *worker;
	struct server_tcp_list lists[SERVER_TCP_STATES]; /* the idlest connection first */
	struct server_tcp_list unsent; /* connections with answers to updates to be flushed */
	struct server_tcp_list
		waiting; /* connections that may not begin their first transfer yet */
	unsigned nconnections;
	unsigned ntransferring;
	unsigned nanswered;		  /* requests since other transports had their turn */
	const struct server_rules *rules; /* of the last server_tcp_pool_set_rules */
	struct ev_timer timer;		  /* for the earliest timeout */
	uint64_t due_ms;		  /* when `timer` goes off, if it is active */
	struct ev_timer resume;		  /* accepts again after descriptors were short */
	uint64_t logged_ms;		  /* when the shortage was last logged; 0: never */
	bool is_draining;
	uint64_t drained_ms; /* when connections that are still open are closed */

	/* used within a turn only */
	struct base_out out; /* over `out_bytes`: answers gathered for one connection */
	struct server_query query[SERVER_TCP_BATCH];
	size_t start[SERVER_TCP_BATCH]; /* where the frame of each query starts in what is read */
	uint8_t in_bytes[SERVER_TCP_IN];
	uint8_t out_bytes[SERVER_TCP_OUT];
};

/* ---- tcp_pool.c ---- */

/* Prepares the lists and the timer of a worker's connections. */
void server_tcp_pool_init(struct server_tcp *tcp);

/* Enforces the limits for a new connection, evicting an idle one if needed. `of_client` and
 * `in_all` are the numbers of connections with the new one. Returns false if it must be refused. */
bool server_tcp_pool_admit(struct server_tcp *tcp, const struct server_tcp_client *client,
			   unsigned of_client, unsigned in_all);

/* Closes the connection that has been idle for the longest time. Returns false if no connection may
 * be closed. */
bool server_tcp_pool_evict(struct server_tcp *tcp);

/* Adds a connection, which the pool owns from now on. `client` has counted it. */
void server_tcp_pool_add(struct server_tcp_connection *c, struct server_tcp_client *client);

/* Closes the connection if it is done or has failed; otherwise sets what it waits for, and until
 * when. To be called at the end of whatever was done with a connection, which may then be gone. */
void server_tcp_pool_rearm(struct server_tcp_connection *c);

/* Closes all connections. */
void server_tcp_pool_close(struct server_tcp *tcp);

/* Implements server_channel.rules_changed: transfers go on by the new rules; connections with a
 * transfer of a zone that is not served any more are closed. */
void server_tcp_pool_set_rules(struct server_worker *w);

/* Implements server_channel.drain. */
void server_tcp_pool_drain(struct server_worker *w);

/* ---- tcp_connection.c ---- */

/* Answers requests that have come and sends answers that wait, as far as `events`, EV_READ and
 * EV_WRITE, permit. */
void server_tcp_connection_serve(struct server_tcp_connection *c, int events);

/* Returns the events that the connection waits for: EV_READ, EV_WRITE, both or 0. */
int server_tcp_connection_events(const struct server_tcp_connection *c);

/* Returns whether the connection waits for the peer to complete a request or to take an answer. */
bool server_tcp_connection_is_stuck(const struct server_tcp_connection *c);

/* Returns whether something is left to be answered or sent, even if no more requests come. */
bool server_tcp_connection_is_pending(const struct server_tcp_connection *c);

/* Frees requests, answers and transfers. */
void server_tcp_connection_clear(struct server_tcp_connection *c);

/* ---- tcp_send.c ---- */

/* Returns whether the worker's buffer has space for a message of any length. */
bool server_tcp_send_has_space(const struct server_tcp *tcp);

/* Frames a message of `length` bytes, which has been written to the worker's buffer two bytes after
 * its end, and counts it as a response (RFC 1035 section 4.2.2). */
void server_tcp_send_frame(struct server_tcp_connection *c, size_t length);

/* Sends the contents of the worker's buffer, and empties it. What the socket does not take is
 * copied to the connection; if memory is short for that, the connection has failed. */
void server_tcp_send_gathered(struct server_tcp_connection *c);

/* Copies bytes to the connection, to be sent by the next flush. If memory is short the connection
 * has failed. */
void server_tcp_send_later(struct server_tcp_connection *c, const uint8_t *bytes, size_t nbytes);

/* Sends what has been copied to the connection, as far as the socket takes it. */
void server_tcp_send_flush(struct server_tcp_connection *c);

/* Frees what has been copied to the connection. */
void server_tcp_send_clear(struct server_tcp_connection *c);
