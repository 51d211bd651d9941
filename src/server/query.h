/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/query.h - what is answered: from a request to its response, whatever the transport.
 *
 * server_query_begin_batch parses requests and looks up what they ask for; server_query_end writes
 * the response to one, or returns what else is to be done with it. It does not know sockets. A
 * query belongs to one worker, inside its RCU read section. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "answer/answer.h"
#include "ledger/refresh.h"
#include "server/request.h"
#include "server/turn.h"

struct ledger_lease_terms;
struct zone;

/* What is to be done with a request. */
enum server_verdict {
	SERVER_ANSWER,	 /* send the response, which has been written */
	SERVER_DROP,	 /* send nothing */
	SERVER_UPDATE,	 /* hand the update to the registrar (server/update.h), answer later */
	SERVER_TRANSFER, /* begin a transfer (server/transfer.h): AXFR or IXFR, permitted */
};

struct server_query {
	struct server_request request; /* its message is set by the caller */

	/* set by server_query_begin_batch */
	struct answer_lookup lookup;
	bool has_lookup; /* false: the request does not ask for data of class IN */

	/* set by server_query_end */
	size_t limit;			 /* bytes of response that the client takes */
	struct zone *zone;		 /* of an update or a transfer */
	struct ledger_fingerprint print; /* of an update that asks for a lease */
};

/* Parses `n` requests, whose messages the caller has set, and looks up what they ask for. The
 * messages are borrowed until the answers are written.
 *
 * Looking up a name takes three reads of memory that is in no cache, each at an address that the
 * read before it has returned. The queries of a batch do not depend on each other. So each step is
 * done for all of them before the next step: what a step has prefetched for one query arrives while
 * the step is done for the others. A batch waits for memory three times, instead of three times for
 * each query. */
void server_query_begin_batch(struct server_query *q, unsigned n, const struct server_turn *turn);

/* Ends a query that has begun. With SERVER_ANSWER the response has been written to `out`, of `size`
 * bytes and at least 512, and its length to `length`: 0 if not even an error fits, so that nothing
 * can be sent. With any other verdict the contents of `out` and `length` are unspecified. */
enum server_verdict server_query_end(struct server_query *q, const struct server_turn *turn,
				     const struct server_peer *peer, uint8_t *out, size_t size,
				     size_t *length);

/* Writes a response with empty sections to `out`, and counts its RCODE: an error, or the answer to
 * an update that has been done. `flags` are set in addition to those of any response. Returns the
 * length, 0 if the response does not fit in `size` bytes. */
size_t server_query_short(struct server_query *q, const struct server_turn *turn, uint16_t rcode,
			  uint16_t flags, uint8_t *out, size_t size);

/* Returns the time at which the request was signed if that is ahead of our clock, in seconds since
 * 1970; else 0. */
uint64_t server_query_ahead_s(const struct server_query *q, const struct server_turn *turn);

/* Adds the granted lease (RFC 9664) to the response, or no lease option if `granted->is_present` is
 * false. */
void server_query_grant(struct server_query *q, const struct ledger_lease_terms *granted);
