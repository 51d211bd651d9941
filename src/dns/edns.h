/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/edns.h - the OPT record (RFC 6891) and the options that weft knows.
 *
 * Parsing yields views of the packet; unknown options are ignored. It does not know what the server
 * makes of an option. No I/O, no state; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
	DNS_OPTION_UPDATE_LEASE = 2,   /* RFC 9664 */
	DNS_OPTION_NSID = 3,	       /* RFC 5001 */
	DNS_OPTION_COOKIE = 10,	       /* RFC 7873 */
	DNS_OPTION_TCP_KEEPALIVE = 11, /* RFC 7828 */
	DNS_OPTION_PADDING = 12,       /* RFC 7830 */
	DNS_OPTION_EDE = 15,	       /* RFC 8914 */

	DNS_EDNS_OPT_SIZE = 11,	     /* octets of an OPT record without options */
	DNS_EDNS_PAYLOAD_MIN = 512,  /* smaller payload sizes count as this one (RFC 6891) */
	DNS_EDNS_PAD_RESPONSE = 468, /* responses are padded to a multiple (RFC 8467) */
};

/* The OPT record of a request, or of a response. */
struct dns_edns {
	bool is_present; /* the message has an OPT */
	bool is_do;	 /* the DO bit (RFC 3225) */
	bool wants_nsid;
	bool has_keepalive;
	bool has_padding;
	bool has_cookie; /* the option is present; it may be empty */
	bool has_lease;
	bool has_key_lease;    /* the 8-byte form (RFC 9664 section 4) */
	bool has_ede;	       /* with the first extended error (RFC 8914) */
	uint8_t rcode_high;    /* upper 8 bits of the RCODE; without meaning in a request */
	uint8_t version;       /* other than 0: the options are not parsed (BADVERS) */
	uint16_t payload;      /* octets of a UDP message that the client takes, as sent */
	uint16_t ncookie;      /* octets of `cookie` */
	const uint8_t *cookie; /* the first COOKIE option, a view of the packet */
	uint32_t lease_s, key_lease_s;
	uint16_t ede, nede_text; /* the error, and the octets of its text */
	const uint8_t *ede_text; /* a view of the packet */
};

/* Parses an OPT record into `e` and moves `b` from the first octet after the record's type to the
 * first after the record. Malformed options fail `b` (FORMERR). */
void dns_edns_parse(struct base_buf *b, struct dns_edns *e);

/* The OPT record of a response. */
struct dns_edns_reply {
	uint16_t payload;      /* octets of a UDP message that the server takes */
	uint16_t rcode;	       /* all 12 bits */
	bool is_do;	       /* the DO bit, repeated from the request */
	const uint8_t *cookie; /* DNS_COOKIE_SIZE octets; NULL: no such option */
	const char *nsid;      /* text that is sent as octets; NULL: no such option */
	int keepalive;	       /* TCP idle timeout in 100 ms; -1: no such option */
	uint16_t padding;      /* octets of a Padding option, 4 or more; 0: no such option */
	bool has_lease, has_key_lease; /* as in the request */
	uint32_t lease_s, key_lease_s;
	int ede;	      /* extended error; DNS_EDE_NONE: no such option */
	const char *ede_text; /* NULL or "": the error has no text */
};

/* Returns the number of octets that dns_edns_write writes. */
size_t dns_edns_nbytes(const struct dns_edns_reply *r);

/* Writes the OPT record, with the upper 8 bits of the RCODE; the lower 4 are in the header. */
void dns_edns_write(struct base_out *o, const struct dns_edns_reply *r);
