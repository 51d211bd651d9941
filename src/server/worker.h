/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/worker.h - a worker thread: its loop, its sockets, and the turn that it is in.
 * Room-private. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <ev.h>

#include "base/queue.h"
#include "registry/registrar.h"
#include "server/query.h"
#include "server/rules.h"
#include "server/server.h"

struct server_tcp;
struct server_tcp_clients;
struct server_tcp_connection;
struct server_udp_batch;
struct server_worker;

enum { SERVER_UDP_ADDRESS = 40 }; /* room for a local address as control data */

/* One bound UDP or listening TCP socket of one worker. */
struct server_socket {
	struct ev_io io;
	struct server_worker *worker;
	struct server_socket *next;
	struct sockaddr_storage address;
	int fd;
	enum server_transport transport;
	bool is_segmenting; /* UDP: the kernel splits answers for us */
	bool is_wildcard;   /* answers must name the address that the query came to */
};

/* An update on its way through the registrar: the request, and what answering it needs. */
struct server_update {
	struct registry_request request; /* first: the registrar gives it back */
	struct server_worker *worker;
	struct server_update *next_free;
	struct server_rules *rules; /* in use until the answer: they contain the policy */
	struct server_query query;
	struct dns_tsig_key key; /* that signed: a derived one may give way to others meanwhile */
	enum server_transport transport;
	struct server_socket *socket;		  /* UDP */
	struct server_tcp_connection *connection; /* TCP: held until the answer */
	struct sockaddr_storage peer;
	uint8_t control[64]; /* UDP: the local address, as the kernel wants it */
	size_t ncontrol;
	char client[BASE_ADDRESS_TEXT_MAX];
	size_t room;
	uint8_t msg[];
};

struct server_worker {
	/* set before the thread starts */
	struct server *server;
	unsigned number;
	pthread_t thread;
	struct ev_loop *loop;
	struct server_socket *sockets;

	/* this worker only */
	struct server_turn turn;
	struct server_udp_batch *udp;
	uint8_t udp_address[64][SERVER_UDP_ADDRESS]; /* control data with the local address of each
							received piece */
	uint8_t udp_address_nbytes[64];
	struct server_tcp *tcp;
	struct server_update *free_updates;
	unsigned nfree_updates;
	unsigned nwaiting; /* updates with the registrar */
	bool is_stopping;
	struct ev_prepare prepare;
	struct ev_check check;
	struct ev_async wake;
	struct ev_timer stop_timer;
	struct server_stats stats; /* written here, read by any thread */

	/* any thread, atomic */
	struct base_queue replies;
	_Atomic bool is_replied; /* the registrar has put replies in since it woke us */
};

/* What all workers share. */
struct server {
	struct server_worker **workers;
	unsigned nworkers;
	bool is_started;
	struct registry_registrar *registrar;
	struct server_tcp_clients *tcp_clients;
	_Atomic(struct server_rules *) rules;
	_Atomic(const struct fabric_revoked *) revoked;
	_Atomic bool is_stopping;
};

/* Makes an update of a query; NULL when memory is short or too many wait already. */
struct server_update *server_update_new(struct server_worker *w, const struct server_query *q,
					const struct server_peer *peer);

/* Hands it to the registrar. The peer's part (socket or connection) has been filled in. */
void server_update_put(struct server_update *u);

/* When it has been answered. */
void server_update_free(struct server_update *u);

struct server_worker *server_worker_new(struct server *server, unsigned number);
int server_worker_start(struct server_worker *w);
void server_worker_free(struct server_worker *w);

/* Takes note of the time and the view at the beginning of a turn. */
void server_turn_begin(struct server_worker *w);

/* server/udp.c */
int server_udp_init(struct server_worker *w);
void server_udp_fini(struct server_worker *w);
void server_udp_readable(struct ev_loop *loop, struct ev_io *io, int events);
/* Has the kernel gather and split datagrams, where it can. */
void server_udp_offload(struct server_socket *s);
void server_udp_answer_update(struct server_update *u);
void server_udp_flush_updates(struct server_worker *w);

/* server/tcp.c */
int server_tcp_init(struct server_worker *w);
void server_tcp_fini(struct server_worker *w);
void server_tcp_acceptable(struct ev_loop *loop, struct ev_io *io, int events);
void server_tcp_answer_update(struct server_update *u);
void server_tcp_flush_updates(struct server_worker *w);
/* Transfers let go of the view before that of this turn; those of zones that are gone end. */
void server_tcp_rules_changed(struct server_worker *w);
/* Closes what is idle, and everything else as soon as its answers are out. */
void server_tcp_drain(struct server_worker *w);
unsigned server_tcp_busy(const struct server_worker *w);
