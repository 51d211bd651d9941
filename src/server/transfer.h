/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/transfer.h - an outgoing transfer in the hands of a connection.
 *
 * It ties transfer/out.h to the server: the rules by which the zone is served stay in use as long
 * as the transfer needs them, and what is sent is counted. It does not know the connection. A
 * transfer belongs to one worker.
 *
 * In order: server_transfer_new, server_transfer_begin, server_transfer_next until out->is_done,
 * server_transfer_free; server_transfer_move at any time in between. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "transfer/out.h"

struct server_query;
struct server_rules;
struct server_turn;

struct server_transfer {
	STAILQ_ENTRY(server_transfer) link; /* for the owner's list */
	struct server_rules *rules;	    /* acquired */
	struct transfer_out *out;	    /* owned */
};

/* Makes a transfer of a query that got SERVER_TRANSFER. What the transfer needs of query and
 * message is copied. Returns 0, -ENOMEM, or -EBADMSG for an IXFR without the client's SOA. */
int server_transfer_new(struct server_transfer **out, const struct server_query *q,
			const struct server_turn *turn);

/* Frees the transfer, which stops using its rules. NULL is fine. */
void server_transfer_free(struct server_transfer *t);

/* Has the transfer use newer rules. Returns false with nothing changed if they do not serve its
 * zone any more: the caller must free the transfer then. */
bool server_transfer_move(struct server_transfer *t, struct server_rules *rules);

/* Begins the transfer, with the version of the zone that is current now. */
void server_transfer_begin(struct server_transfer *t, const struct server_turn *turn);

/* Writes an answer to `out`, as server_transfer_next does, that the transfer did not begin because
 * too many ran. The transfer is to be freed then. */
size_t server_transfer_refuse(struct server_transfer *t, const struct server_turn *turn,
			      uint8_t *out, size_t size);

/* Writes the next message to `out`, of `size` bytes and at least DNS_MSG_MAX. Returns its length.
 */
size_t server_transfer_next(struct server_transfer *t, const struct server_turn *turn, uint8_t *out,
			    size_t size);
