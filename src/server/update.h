/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/update.h - updates on their way through the registrar.
 *
 * An update is a copy of a request with all that answering it needs: the packet is gone when the
 * registrar has done the update. It does not know how answers are sent; its channel does
 * (server/channel.h). Updates belong to one worker, except while the registrar has them. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/address.h"
#include "base/queue.h"
#include "dns/tsig.h"
#include "registry/registrar.h"
#include "server/query.h"

struct guard_replay;
struct server_channel;
struct server_rules;
struct server_socket;
struct server_turn;
struct server_worker;
struct stream_connection;

enum { SERVER_UPDATE_CONTROL = 64 }; /* bytes that hold a local address as control data */

struct server_update {
	struct registry_request request;      /* first: registry_reply_fn gets a pointer to it */
	struct server_updates *updates;	      /* of the worker */
	struct registry_registrar *registrar; /* which counts its memory */
	struct server_update *next_free;
	struct guard_replay *replay; /* knows the update; NULL: it is unsigned */
	struct server_rules *rules;  /* in use until server_update_free: they contain the policy */
	struct server_query query;   /* with pointers to `msg` and `key` */
	struct dns_tsig_key key;     /* a copy: a derived key may be evicted from the cache */
	struct sockaddr_storage peer;
	char client[BASE_ADDRESS_TEXT_MAX]; /* `peer` as text, for the audit log */

	/* set by the channel, for its answer */
	const struct server_channel *channel;
	struct server_worker *worker;
	struct server_socket *socket;		/* datagrams: from which the answer is sent */
	struct stream_connection *connection;	/* streams: not freed before the answer */
	uint8_t control[SERVER_UPDATE_CONTROL]; /* datagrams: the local address, for sendmsg(2) */
	size_t ncontrol;			/* bytes of it; 0: the socket has one address */

	size_t size; /* capacity of `msg` */
	uint8_t msg[];
};

/* The updates of one worker. */
struct server_updates {
	/* the worker only */
	struct server_update *free; /* to be used again, since most updates have one size */
	unsigned nfree;
	unsigned nwaiting; /* put and not answered yet */

	/* any thread, atomic */
	struct base_queue replies;
	_Atomic bool is_replied; /* there are replies of which the worker has not been woken yet */
};

/* Prepares a worker's updates: there are none. */
void server_updates_init(struct server_updates *us);

/* Frees the memory of updates that are not in use; there must be no others. */
void server_updates_fini(struct server_updates *us);

/* Makes an update of a query that got SERVER_UPDATE. Query, message and peer are copied. The caller
 * sets the channel's fields, and then owns the update until server_update_put. Returns NULL when
 * memory is short, or too many updates wait for the registrar already: the request must then be
 * answered SERVFAIL, and has the extended error for that (RFC 8914). */
struct server_update *server_update_new(struct server_updates *us, const struct server_turn *turn,
					struct server_query *q, const struct server_peer *peer);

/* Hands the update to the registrar. Its channel's `answer` gets it back, with the result. */
void server_update_put(struct server_update *u, const struct server_turn *turn);

/* Has the channels answer all updates that the registrar has replied to since the last call. */
void server_updates_answer(struct server_updates *us, const struct server_turn *turn);

/* Frees an update that has been answered, or was not put. */
void server_update_free(struct server_update *u);

/* Returns whether the registrar has replied since the last call, so that the worker must be woken.
 * Any thread. */
bool server_updates_take_replied(struct server_updates *us);
