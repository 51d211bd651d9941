/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/response.h - the frame of a response: header, question, OPT and TSIG.
 *
 * A `struct dns_response` contains what of a request its response must repeat or obey. It does not
 * know zones, transports or configuration: the caller writes the sections between the start and the
 * finish of the frame, and names in a `struct dns_responder` what the server adds to every
 * response. Nothing is allocated. One request's response belongs to one thread at a time.
 *
 * In order: dns_response_init and filling in the fields; then either dns_response_short, or
 * dns_response_start, the caller's sections, and dns_response_finish. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/cookie.h"
#include "dns/msg.h"
#include "dns/tsig.h"

struct dns_edns;

enum {
	DNS_RESPONSE_EXPLAIN_MAX = 256, /* bytes of an EDE text, its NUL included */
};

/* What the server adds to every response, whatever the request was. */
struct dns_responder {
	uint16_t payload; /* bytes of a UDP message that the server takes (RFC 6891) */
	const char *nsid; /* sent to clients that ask for it (RFC 5001); NULL: none */
	uint64_t now_s;	  /* seconds since 1970, for the TSIG */
};

/* The frame of one response. */
struct dns_response {
	/* header and question of the request */
	uint16_t id, flags;
	uint16_t question_nbytes; /* name, type and class; 0: the response has no question */
	const uint8_t *question;  /* borrowed: inside the request, uncompressed */

	/* OPT (RFC 6891); has_opt false: the response has none, and the rest does not matter */
	bool has_opt;
	bool is_do;	    /* the DO bit, repeated (RFC 3225) */
	bool wants_nsid;    /* the request asked for the server's NSID */
	bool has_cookie;    /* send `cookie` (RFC 7873) */
	bool has_lease;	    /* a lease was granted (RFC 9664) */
	bool has_key_lease; /* with a lease of its own for the KEY record */
	int keepalive;	    /* TCP idle timeout in units of 100 ms (RFC 7828); -1: not sent */
	uint16_t pad_block; /* the length is to be a multiple of it (RFC 7830); 0: not padded */
	int ede;	    /* extended error (RFC 8914), or DNS_EDE_NONE */
	uint32_t lease_s, key_lease_s;
	uint8_t cookie[DNS_COOKIE_SIZE];
	char ede_text[DNS_RESPONSE_EXPLAIN_MAX]; /* "": no text */

	/* the request's TSIG as dns_tsig_verify left it; DNS_TSIG_NONE: sign nothing */
	struct dns_tsig tsig;
};

/* Prepares the response to a request. The response repeats `question`, which is borrowed with the
 * message that it is in until the response is finished; NULL: the request has none, or not a valid
 * one. It contains an OPT if the request has one, and takes over from `edns` what an OPT repeats;
 * cookie, keepalive, padding and lease are for the caller to decide. */
void dns_response_init(struct dns_response *r, const struct dns_header *request,
		       const struct dns_question *question, const struct dns_edns *edns);

/* Explains the response: `ede` is sent as extended error with a copy of `text`, cut if it is
 * longer than DNS_RESPONSE_EXPLAIN_MAX. */
void dns_response_explain(struct dns_response *r, int ede, const char *text);

/* Starts a message in `out`, which has room for `size` bytes: skips the header, writes the
 * question, and reserves the room of the TSIG. Returns the header to be, without RCODE; the caller
 * counts the records of its sections in it and passes it to dns_response_finish. */
struct dns_header dns_response_start(const struct dns_response *r, struct dns_writer *w,
				     uint8_t *out, size_t size);

/* Reserves the room of the OPT at the end of `w`, so that the sections leave it free. Returns the
 * number of bytes reserved, to be given back by adding it to `w->out.end` before
 * dns_response_finish; 0 without OPT. */
size_t dns_response_reserve_opt(const struct dns_response *r, const struct dns_responder *by,
				struct dns_writer *w);

/* Finishes a message: adds the OPT, writes the header `h` with `rcode` (all 12 bits), and signs.
 * `size` is that of dns_response_start. Where room is short the OPT has less padding, then does
 * without extended error, then without NSID, then without keepalive. Returns the length of the
 * message, 0 if it does not fit all the same. */
size_t dns_response_finish(struct dns_response *r, const struct dns_responder *by,
			   struct dns_writer *w, struct dns_header *h, uint16_t rcode, size_t size);

/* Writes a whole message with empty sections: an RCODE, or the answer to an update. `flags` are set
 * in addition to those that the request's flags imply. Returns the length of the message, 0 if it
 * does not fit in `size` bytes. */
size_t dns_response_short(struct dns_response *r, const struct dns_responder *by, uint16_t rcode,
			  uint16_t flags, uint8_t *out, size_t size);
