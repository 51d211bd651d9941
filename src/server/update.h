/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/update.h - updates on their way through the registrar.
 *
 * An update is the copy of a request with all that answering it needs, since the packet that it
 * came in is gone when the registrar has done it. It does not know how answers are sent: its
 * channel does (server/channel.h). Updates are the worker's, but for the time that the registrar
 * has them. */
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

struct server_channel;
struct server_rules;
struct server_socket;
struct server_tcp_connection;
struct server_turn;
struct server_worker;

enum { SERVER_UPDATE_CONTROL = 64 }; /* room for a local address as control data */

struct server_update {
	struct registry_request request; /* first: the registrar gives it back */
	struct server_updates *updates;	 /* to which the update belongs */
	struct server_update *next_free;
	struct server_rules *rules; /* in use until the answer: they contain the policy */
	struct server_query query;
	struct dns_tsig_key key; /* a copy of the key that signed: a derived key may be evicted */
	struct sockaddr_storage peer;
	char client[BASE_ADDRESS_TEXT_MAX];

	/* set by the channel, for its answer */
	const struct server_channel *channel;
	struct server_worker *worker;
	struct server_socket *socket;		  /* datagrams: where the answer leaves */
	struct server_tcp_connection *connection; /* streams: not freed before the answer */
	uint8_t control[SERVER_UPDATE_CONTROL];	  /* datagrams: the local address, for sendmsg(2) */
	size_t ncontrol;

	size_t size; /* of `msg` */
	uint8_t msg[];
};

/* The updates of one worker. */
struct server_updates {
	/* the worker only */
	struct server_update *free;
	unsigned nfree;
	unsigned nwaiting; /* in the hands of the registrar */

	/* any thread, atomic */
	struct base_queue replies;
	_Atomic bool
		is_replied; /* the registrar has put in replies since server_updates_take_replied
			     */
};

void server_updates_init(struct server_updates *us);

/* Frees the updates that are not in use. The others must have been answered. */
void server_updates_fini(struct server_updates *us);

/* Makes an update of a query that got SERVER_UPDATE; `q`, its message and `peer` are copied.
 * Returns NULL if memory is short, or if too many updates wait already: the request is then dropped
 * or refused. The caller sets the channel's fields. */
struct server_update *server_update_new(struct server_updates *us, const struct server_turn *turn,
					const struct server_query *q,
					const struct server_peer *peer);

/* Hands the update to the registrar. */
void server_update_put(struct server_update *u, const struct server_turn *turn);

/* Has the channels answer the updates that the registrar has done; they free them. */
void server_updates_answer(struct server_updates *us);

/* Frees an update that has been answered, or was not put. */
void server_update_free(struct server_update *u);

/* Returns whether there are new replies, once for each time that there are. Any thread. */
bool server_updates_take_replied(struct server_updates *us);
