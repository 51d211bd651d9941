/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/worker.h - a worker: a thread with a loop, sockets of its own, and the turn that it is in.
 *
 * A worker knows its channels (server/channel.h), but does not know which transports they are. Each
 * answers any request by itself: workers share only what struct server_shared has. Its fields are
 * for its thread alone unless their group is marked otherwise. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/socket.h>

#include <ev.h>

#include "guard/refusals.h"
#include "server/changes.h"
#include "server/channel.h"
#include "server/stats.h"
#include "server/turn.h"
#include "server/update.h"

struct server_udp;
struct stream;
struct stream_clients;
struct stream_handshakes;

/* A bound datagram socket or a listening stream socket of one worker. */
struct server_socket {
	struct ev_io io;
	struct server_worker *worker;
	struct server_socket *next; /* of the worker */
	const struct server_channel *channel;
	struct sockaddr_storage address;
	int fd;
	bool is_wildcard;   /* datagrams: answers must name the address that the query came to */
	bool is_segmenting; /* datagrams: the kernel splits several answers that it gets in one */
};

/* Work in a worker's thread that another thread asks for, the first member of a struct that has
 * what `run` needs. */
struct server_call {
	struct base_queue_link link; /* first */
	/* In a turn of the worker; or, when its thread has ended, in the thread that stops it. The
	 * call is `run`'s from then on. */
	void (*run)(struct server_worker *w, struct server_call *call);
};

/* What all workers of a server share. */
struct server_shared {
	/* set before the threads start */
	struct registry_registrar *registrar;  /* NULL: no zone may be updated */
	struct stream_clients *stream_clients; /* of the stream channels */
	struct server_watchers watchers;
	struct stream_handshakes *stream_handshakes; /* NULL: no channel speaks TLS */
	struct guard_replay *replay;
	struct guard_refusals *refusals;
	struct fabric_uses *uses; /* of derived keys */

	/* any thread, atomic */
	_Atomic(struct server_rules *) rules;
	_Atomic(const struct fabric_revoked *) revoked; /* NULL: no key is revoked */
	/* how often one of these two was replaced; the address of a new one may be an old one's */
	_Atomic uint64_t edition;
	_Atomic bool is_stopping; /* workers end when they are woken and have answered all */

	/* written by the thread of the handshakes only */
	struct server_stats stats;
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
	struct server_udp *udp; /* state of the UDP channel */
	struct stream *stream;	/* state of the stream channels */
	struct guard_gate gate;
	bool is_stopping;
	struct ev_prepare prepare;  /* before the loop waits: leaves the RCU read section */
	struct ev_check check;	    /* after the loop has waited: enters it again */
	struct ev_async wake;	    /* server_worker_wake */
	struct ev_timer stop_timer; /* while stopping: looks whether all has been answered */

	/* any thread, atomic */
	struct base_queue calls; /* of struct server_call */

	/* marked in their own structs */
	struct server_changes changes;
	struct server_updates updates;
	struct server_stats stats;
};

/* Makes a worker, whose thread does not run yet. `channels` ends with NULL; it and `shared` are
 * borrowed until server_worker_free. Returns NULL when memory is short. */
struct server_worker *server_worker_new(struct server_shared *shared,
					const struct server_channel *const *channels,
					unsigned number);

/* Prepares the channels and starts the thread; the sockets have been opened. Returns 0 or a
 * negative errno. */
int server_worker_start(struct server_worker *w);

/* Frees a worker whose thread has ended or was not started, and whose sockets have been closed.
 * NULL is fine. */
void server_worker_free(struct server_worker *w);

/* Begins a turn: reads time, rules and revoked keys. The worker's thread. */
void server_worker_turn(struct server_worker *w);

/* Has all channels receive what waits in the kernel's queues, in turns of their own. The worker's
 * thread, when a turn has ended. */
void server_worker_receive(struct server_worker *w);

/* Has the worker run a call. Any thread. */
void server_worker_call(struct server_worker *w, struct server_call *call);

/* Runs the calls that have come. The worker's thread in a turn, or that which has stopped it. */
void server_worker_run_calls(struct server_worker *w);

/* Wakes the worker, so that it takes new rules, replies of the registrar, or the order to stop. Any
 * thread. */
void server_worker_wake(struct server_worker *w);
