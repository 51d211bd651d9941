/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/worker.h - a worker: a thread with a loop, sockets of its own, and the turn that it is in.
 *
 * It does not know the transports that it serves, only their channels. Room-private. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/socket.h>

#include <ev.h>

#include "server/channel.h"
#include "server/stats.h"
#include "server/turn.h"
#include "server/update.h"

struct server_tcp;
struct server_tcp_clients;
struct server_udp;

/* One bound UDP or listening TCP socket of one worker. */
struct server_socket {
	struct ev_io io;
	struct server_worker *worker;
	struct server_socket *next;
	const struct server_channel *channel;
	struct sockaddr_storage address;
	int fd;
	bool is_wildcard;   /* answers must name the address that the query came to */
	bool is_segmenting; /* UDP: the kernel splits answers for us */
};

/* What all workers of a server share. */
struct server_shared {
	/* set before the threads start */
	struct registry_registrar *registrar; /* NULL: there are no updates */
	struct server_tcp_clients *tcp_clients;

	/* any thread, atomic */
	_Atomic(struct server_rules *) rules;
	_Atomic(const struct fabric_revoked *) revoked;
	_Atomic bool is_stopping;
};

struct server_worker {
	/* set before the thread starts */
	struct server_shared *shared;
	const struct server_channel *const *channels; /* ends with NULL */
	unsigned number;			      /* among the server's workers, from 0 */
	pthread_t thread;
	struct ev_loop *loop;
	struct server_socket *sockets;

	/* this worker only */
	struct server_turn turn;
	struct server_udp *udp; /* what the channels keep for this worker */
	struct server_tcp *tcp;
	bool is_stopping;
	struct ev_prepare prepare;
	struct ev_check check;
	struct ev_async wake;
	struct ev_timer stop_timer;

	struct server_updates updates;
	struct server_stats stats; /* written by this worker, read by any thread */
};

/* Makes a worker, its thread not yet running. `channels` ends with NULL; it and `shared` are
 * borrowed until server_worker_free. Returns NULL when memory is short. */
struct server_worker *server_worker_new(struct server_shared *shared,
					const struct server_channel *const *channels,
					unsigned number);

/* Starts the thread. Returns 0 or a negative errno. */
int server_worker_start(struct server_worker *w);

/* Frees a worker whose thread has ended or was not started; its sockets have been closed. NULL is
 * fine. */
void server_worker_free(struct server_worker *w);

/* Begins a turn: reads time, rules and revoked keys. The worker's thread. */
void server_worker_turn(struct server_worker *w);

/* Has all channels receive what waits in the kernel's queues. The worker's thread, within a turn;
 * begins another. */
void server_worker_receive(struct server_worker *w);

/* Wakes the worker, so that it takes new rules, replies, or the order to stop. Any thread. */
void server_worker_wake(struct server_worker *w);
