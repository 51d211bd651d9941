/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/request.h - what was asked: a request message, parsed and verified.
 *
 * It knows the message, its cookie and its signature; it does not know zones, and does not decide
 * what the answer is, except for errors that concern the message as such. A worker's own; inside
 * its RCU read section.
 *
 * In order: server_request_parse, which needs the message alone, then server_request_check, which
 * needs keys, secrets and the peer. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "dns/edns.h"
#include "dns/msg.h"
#include "dns/response.h"
#include "server/stats.h"

struct server_turn;

/* Where a request came from. */
struct server_peer {
	const struct sockaddr *address;
	enum server_transport transport;
};

struct server_request {
	/* set by the caller */
	const uint8_t *msg; /* borrowed until the answer is written */
	size_t nbytes;

	/* set by server_request_parse */
	struct dns_header header;
	struct dns_question question; /* of an UPDATE: the zone section */
	struct dns_edns edns;
	size_t tsig_offset; /* where the TSIG record starts; 0: not signed */
	bool has_question;
	bool is_dropped; /* deserves no answer; nothing else is set */

	/* set by server_request_parse and server_request_check */
	uint16_t rcode; /* the error to answer with, or NOERROR */
	bool is_cookie_valid;
	struct dns_response response; /* the frame of the answer */
};

/* Parses `r->msg`, `r->nbytes` long. A fault of the message is a result: `is_dropped` or `rcode`.
 */
void server_request_parse(struct server_request *r);

/* Checks cookie and signature, in this order, unless the message is already known to be faulty. A
 * wrong cookie is no error (RFC 7873 section 5.2.3), a wrong signature is: then `rcode` is set, and
 * `response` contains the TSIG and the explanation to answer with. */
void server_request_check(struct server_request *r, const struct server_turn *turn,
			  const struct server_peer *peer);

/* Returns the opcode of the request. */
static inline unsigned server_request_opcode(const struct server_request *r)
{
	return dns_flags_opcode(r->header.flags);
}

/* Returns the key that signed the request; NULL if it was not signed, or not by a valid key. */
const struct dns_tsig_key *server_request_key(const struct server_request *r);
