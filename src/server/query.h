/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/query.h - from a request message to its response, whatever it came over.
 *
 * server_query_begin reads a message and begins its look-up, so that those of a batch overlap;
 * server_query_end writes the response, or says what else is to be done: nothing, or an update or a
 * transfer, which take longer than this turn. A worker's own; inside its RCU read section. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "dns/edns.h"
#include "dns/msg.h"
#include "dns/tsig.h"
#include "fabric/ring.h"
#include "server/rules.h"
#include "server/stats.h"
#include "zone/answer.h"

/* Where a request came from and what may go back. */
struct server_peer {
	const struct sockaddr *address;
	enum server_transport transport;
};

enum server_verdict {
	SERVER_ANSWER,	 /* the response is written */
	SERVER_DROP,	 /* no response */
	SERVER_UPDATE,	 /* hand it to the registrar; the answer comes later */
	SERVER_TRANSFER, /* AXFR (or IXFR, which gets the same), verified and permitted */
};

enum { SERVER_EDE_MAX = 256 };

struct registry_registrar;

struct server_query {
	/* the request; set by server_query_begin */
	const uint8_t *msg;
	size_t nbytes;
	struct dns_header header;
	struct dns_question question;
	bool has_question;
	struct dns_edns edns;
	size_t tsig_offset; /* 0: not signed */
	uint16_t rcode;	    /* what is wrong already, or NOERROR */
	bool is_dropped;
	struct zone_lookup lookup;
	bool has_lookup;

	/* the answer */
	size_t limit; /* octets that the client takes */
	struct dns_tsig tsig;
	int ede;
	char ede_text[SERVER_EDE_MAX];
	uint8_t cookie[DNS_COOKIE_SIZE];
	bool has_cookie, is_cookie_good;
	struct ledger_lease_terms granted; /* by an update that asked for a lease */
	struct ledger_fingerprint print;   /* of such an update */
};

/* What all queries of a turn share. */
struct server_turn {
	const struct server_rules *view;
	struct server_stats *stats;
	struct fabric_cache *keys;	      /* the worker's; derived keys of the view's ring */
	const struct fabric_revoked *revoked; /* NULL: none */
	struct registry_registrar *registrar; /* NULL: there is none */
	uint64_t now_s;			      /* wall clock, seconds since 1970 */
	uint64_t now_ms;		      /* steady clock */
};

/* Reads the request in `msg`, which stays where it is until the answer is written. */
void server_query_begin(struct server_query *q, const struct server_turn *turn, const uint8_t *msg,
			size_t nbytes);

/* Writes the response to `out` (room for `size` octets, at least 512) and its length to `length`.
 */
enum server_verdict server_query_end(struct server_query *q, const struct server_turn *turn,
				     const struct server_peer *peer, uint8_t *out, size_t size,
				     size_t *length);

/* Writes a response without answer: header, question, OPT, TSIG. For RCODEs, and the answer to an
 * update when it is done. */
size_t server_query_short(struct server_query *q, const struct server_turn *turn, uint16_t rcode,
			  uint16_t flags, uint8_t *out, size_t size);

/* Starts a response: leaves room for the header, writes the question, keeps the room of the TSIG
 * back. The caller writes the sections and counts them in what is returned. */
struct dns_header server_query_start(const struct server_query *q, struct dns_writer *w,
				     uint8_t *out, size_t size);

/* Ends it: adds OPT and TSIG and writes the header. `size` as it was at the start; `keepalive` is
 * for RFC 7828, -1 says nothing of it. What is not needed gives way where room is short. Returns
 * the length of the message, 0 if it does not fit all the same. */
size_t server_query_finish(struct server_query *q, const struct server_turn *turn,
			   struct dns_writer *w, struct dns_header *h, uint16_t rcode, size_t size,
			   int keepalive);
