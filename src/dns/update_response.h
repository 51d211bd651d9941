/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/update_response.h - the response to an UPDATE, as its sender reads it (RFC 2136 section 3.8).
 *
 * It knows neither what was asked for nor whether the response is signed correctly
 * (dns/tsig_client.h). No state; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DNS_UPDATE_RESPONSE_TEXT_MAX = 256 }; /* bytes of a text with its NUL */

struct dns_update_response {
	uint16_t id;
	uint16_t rcode; /* all 12 bits */
	bool is_truncated;
	bool has_lease;	    /* RFC 9664; a server without leases sends none */
	uint32_t lease_s;   /* what was granted */
	size_t tsig_offset; /* of the TSIG record in the message; 0: it is not signed */
	int ede;	    /* the first extended error (RFC 8914), or DNS_EDE_NONE */
	char text[DNS_UPDATE_RESPONSE_TEXT_MAX]; /* of the error, printable; "": none */
};

/* Parses a message into `r`. Returns false if it is not a response to an UPDATE, or malformed. */
bool dns_update_response_parse(struct dns_update_response *r, const uint8_t *msg, size_t nbytes);
