/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/request.h - what was asked: a request message, parsed and verified.
 *
 * It knows the message, its cookie and its signature. It does not know zones, and decides about the
 * answer only if the message as such is faulty. A request belongs to one worker, inside its RCU
 * read section.
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
	const struct sockaddr *address; /* borrowed as long as the peer is used */
	enum server_transport transport;
	const struct dns_tsig_key *key; /* of the certificate that the client has proved to have;
					   NULL: none. Only its name is set. Borrowed likewise */
	uint64_t key_until_s;		/* when that certificate ends, seconds since 1970 */
};

/* Returns the key that the peer's certificate is of, if it is good in this turn: the certificate
 * has not ended, and the key is not revoked. Else NULL. */
const struct dns_tsig_key *server_peer_key(const struct server_peer *peer,
					   const struct server_turn *turn);

/* Returns whether nobody else can read what is sent to the peer. */
static inline bool server_peer_is_encrypted(const struct server_peer *peer)
{
	return peer->transport != SERVER_UDP && peer->transport != SERVER_TCP;
}

struct server_request {
	/* set by the caller */
	const uint8_t *msg; /* borrowed until the answer is written */
	size_t nbytes;

	/* set by server_request_parse */
	struct dns_header header;
	struct dns_question question; /* of an UPDATE: the zone section (RFC 2136 section 2.3) */
	struct dns_edns edns;
	size_t tsig_offset; /* where in `msg` the TSIG record starts; 0: the request is not signed
			     */
	bool has_question;  /* `question` is set */
	bool is_dropped;    /* the message deserves no answer; no other field is set then */

	/* set by server_request_parse, and once more by server_request_check */
	uint16_t rcode;		      /* the error to answer with, or NOERROR */
	const struct dns_tsig_key *peer_key; /* of the peer, if it stands for a signature */
	uint32_t old_epoch; /* if a key has signed: its epoch, unless that is the newest; else 0 */
	bool is_cookie_valid;	      /* so the address of the peer is not forged */
	struct dns_response response; /* the frame of the answer */
};

/* Parses `r->msg`. A fault of the message is a result: `is_dropped` or `rcode`. */
void server_request_parse(struct server_request *r);

/* Checks first the cookie, then the signature, unless the request already has an error. A wrong
 * cookie is not an error (RFC 7873 section 5.2.3). A wrong signature is one: `rcode` is set, and
 * `response` contains the TSIG and the explanation to answer with. Valid ones are counted as well
 * as invalid ones. The key that signed stays valid until the end of the turn.
 *
 * A request without signature counts as signed by the key of the peer's certificate, unless that
 * has ended or the key is revoked. */
void server_request_check(struct server_request *r, const struct server_turn *turn,
			  const struct server_peer *peer);

/* Returns the opcode of the request. */
static inline unsigned server_request_opcode(const struct server_request *r)
{
	return dns_flags_opcode(r->header.flags);
}

/* Returns the key that signed the request, or that of the peer's certificate, of which only the
 * name is set; NULL if the request was not signed, or its signature is not valid. For use after
 * server_request_check. */
const struct dns_tsig_key *server_request_key(const struct server_request *r);

/* Returns whether the request was signed, and the signature is valid. For use after
 * server_request_check. */
static inline bool server_request_is_signed(const struct server_request *r)
{
	return r->response.tsig.status == DNS_TSIG_VERIFIED;
}

/* Returns the bytes of the message without its signature. */
static inline size_t server_request_unsigned_nbytes(const struct server_request *r)
{
	return r->tsig_offset > 0 ? r->tsig_offset : r->nbytes;
}
