/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/tsig_client.h - transaction signatures (RFC 8945), the client's side: sign a request, verify
 * its response.
 *
 * A zone transfer is a response of many messages, whose signatures are a chain. It knows neither
 * where the key comes from nor what time it is. Nothing is allocated. A `struct dns_tsig_request`
 * belongs to one request: a request that is sent again is signed anew. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/hmac.h"
#include "dns/tsig.h"

/* What the response to a signed request is compared with; the key is borrowed. */
struct dns_tsig_request {
	const struct dns_tsig_key *key;
	uint64_t time_signed_s;
	uint16_t id;
	uint8_t mac_nbytes;
	uint8_t mac[DNS_HMAC_MAX];
};

/* What a response is. Only the first three are certainly from the holder of the key; the next three
 * are not signed, because the server cannot sign them, and so may be from anybody. */
enum dns_tsig_response {
	DNS_TSIG_RESPONSE_VALID,
	DNS_TSIG_RESPONSE_BADTIME,  /* the server's clock differs from the time signed */
	DNS_TSIG_RESPONSE_BADTRUNC, /* the server wants a longer MAC */
	DNS_TSIG_RESPONSE_UNSIGNED, /* it has no TSIG */
	DNS_TSIG_RESPONSE_BADKEY,   /* the server does not know the key */
	DNS_TSIG_RESPONSE_BADSIG,   /* the server has another secret */
	DNS_TSIG_RESPONSE_EXPIRED,  /* the MAC is valid, but the response is too old or too new */
	DNS_TSIG_RESPONSE_INVALID,  /* malformed, by another key, or forged */
};

/* Returns the number of octets that dns_tsig_request_sign appends. */
size_t dns_tsig_request_nbytes(const struct dns_tsig_key *key);

/* Signs a request of `nbytes` in a buffer of `size` at the time `now_s`, in seconds since 1970:
 * appends a TSIG with a whole MAC, and counts it in ARCOUNT. Returns the new length, or 0 if the
 * TSIG does not fit. */
size_t dns_tsig_request_sign(struct dns_tsig_request *r, const struct dns_tsig_key *key,
			     uint8_t *msg, size_t nbytes, size_t size, uint64_t now_s);

/* Verifies the TSIG that starts at `offset` of the response; 0: it has none. With BADTIME the
 * server's time goes to `server_s`. */
enum dns_tsig_response dns_tsig_request_verify(const struct dns_tsig_request *r, const uint8_t *msg,
					       size_t nbytes, size_t offset, uint64_t now_s,
					       uint64_t *server_s);

enum { DNS_TSIG_UNSIGNED_MAX = 99 }; /* messages in a row of a response (RFC 8945 section 5.3.1) */

/* The signatures of the messages of one response, in order. */
struct dns_tsig_chain {
	struct dns_tsig_request last; /* the request, later the message signed last */
	struct dns_hmac hmac;	      /* over what has come since */
	unsigned nmessages, nunsigned;
	bool is_broken;
};

/* Begins the chain of a request, whose key is borrowed until the end. */
void dns_tsig_chain_begin(struct dns_tsig_chain *c, const struct dns_tsig_request *r);

/* Verifies the next message, whose TSIG starts at `offset`; 0: it has none. Messages that follow
 * the first may be UNSIGNED: they are not to be believed before a later one is VALID. One that is
 * unsigned after DNS_TSIG_UNSIGNED_MAX others, and any after a failure, is INVALID. */
enum dns_tsig_response dns_tsig_chain_verify(struct dns_tsig_chain *c, const uint8_t *msg,
					     size_t nbytes, size_t offset, uint64_t now_s,
					     uint64_t *server_s);

/* Returns whether every message so far is covered by a signature; the last of a response must be.
 */
bool dns_tsig_chain_is_whole(const struct dns_tsig_chain *c);
