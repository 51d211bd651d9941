/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/query.h - what is answered: from a request to its response, whatever it came over.
 *
 * server_query_begin_batch parses requests and looks up what they ask for; server_query_end writes
 * the response to one, or returns what else is to be done: nothing, or an update or a transfer,
 * which take longer than this turn. It does not know sockets. A worker's own; inside its RCU read
 * section. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/refresh.h"
#include "server/request.h"
#include "server/turn.h"
#include "zone/answer.h"

struct ledger_lease_terms;
struct zone;

enum server_verdict {
	SERVER_ANSWER,	 /* the response is written */
	SERVER_DROP,	 /* no response */
	SERVER_UPDATE,	 /* hand the update to the registrar; the answer comes later */
	SERVER_TRANSFER, /* AXFR, or IXFR, verified and permitted */
};

struct server_query {
	struct server_request request; /* its message is set by the caller */

	/* set by server_query_begin_batch */
	struct zone_lookup lookup;
	bool has_lookup; /* false: the request is not about data of class IN */

	/* set by server_query_end */
	size_t limit;			 /* bytes that the client takes at most */
	struct zone *zone;		 /* of an update or a transfer */
	struct ledger_fingerprint print; /* of an update that asks for a lease */
};

/* Parses `n` requests, whose messages the caller has set, and looks up what they ask for. The
 * messages are borrowed until the answers are written.
 *
 * Looking up one name means three reads of memory that is in no cache, each at an address that the
 * read before has given. The queries of a batch do not depend on each other, so each step is done
 * for all of them before the next step: it finds what the step before has asked the memory for in
 * the meantime, and a batch waits for memory three times, not three times for each query. */
void server_query_begin_batch(struct server_query *q, unsigned n, const struct server_turn *turn);

/* Ends the query: with SERVER_ANSWER the response has been written to `out`, which has room for
 * `size` bytes, at least 512, and its length to `length`; 0 if not even an error fits. Any other
 * verdict leaves `out` and `length` unspecified. */
enum server_verdict server_query_end(struct server_query *q, const struct server_turn *turn,
				     const struct server_peer *peer, uint8_t *out, size_t size,
				     size_t *length);

/* Writes a response with empty sections, and counts its RCODE: an error, or the answer to an update
 * that has been done. Returns its length, 0 if it does not fit in `size` bytes. */
size_t server_query_short(struct server_query *q, const struct server_turn *turn, uint16_t rcode,
			  uint16_t flags, uint8_t *out, size_t size);

/* Has the response contain the lease that an update was granted (RFC 9664). */
void server_query_grant(struct server_query *q, const struct ledger_lease_terms *granted);
