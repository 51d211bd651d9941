/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* transfer/out.h - an outgoing zone transfer: AXFR (RFC 5936), and IXFR (RFC 1995), which is
 * answered with the whole zone, or with the SOA alone if the client has it all.
 *
 * It writes one message after the other from one version of the zone, whatever is published
 * meanwhile, and knows no connection. A worker's own; inside its RCU read section. Room-private. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "server/query.h"
#include "dns/record.h"

struct transfer_out {
	STAILQ_ENTRY(transfer_out) link; /* the holder's */
	const struct server_rules *view; /* counted there: its zone is in use */
	struct server_query query;
	struct dns_tsig_key key; /* a view's keys do not live as long */
	uint8_t question[DNS_NAME_MAX + 4];
	struct zone *zone;
	const struct zone_snapshot *snapshot; /* from transfer_out_begin on */
	struct zone_cursor *cursor;
	struct dns_record record; /* the next to be written */
	struct dns_record soa;	  /* the first, which is the last as well */
	uint32_t client_serial;	  /* IXFR */
	uint16_t rcode;		  /* SERVFAIL: it could not be completed */
	bool is_last;		  /* `record` is the SOA at the end */
	bool is_done;
	uint64_t begun_ms;
	uint64_t nrecords, nmessages, noctets;
};

/* Makes a transfer of a query that got SERVER_TRANSFER; the query and its message are copied as far
 * as they are needed. It counts in its view, which stays until the transfer is freed or moved to
 * another. Returns 0, -ENOMEM, or -EBADMSG for an IXFR without the client's SOA. */
int transfer_out_new(struct transfer_out **out, const struct server_query *q,
		     const struct server_turn *turn);

/* Lets go of the version and the view. NULL is fine. */
void transfer_out_free(struct transfer_out *t);

/* Lets go of its view for a newer one. Returns false if its zone is not served any more: then the
 * transfer is to be freed. */
bool transfer_out_move(struct transfer_out *t, const struct server_rules *view);

/* Takes the zone's current version, of which it then is. */
void transfer_out_begin(struct transfer_out *t, const struct server_turn *turn);

/* Writes the next message, signed if the query was, to `out` with room for `size` octets, at least
 * DNS_MSG_MAX. Returns its length; `is_done` says whether it was the last. */
size_t transfer_out_next(struct transfer_out *t, const struct server_turn *turn, uint8_t *out,
			 size_t size);

/* Writes to the log how it went. */
void transfer_out_log(const struct transfer_out *t, const struct server_turn *turn,
		      const struct sockaddr *client);
