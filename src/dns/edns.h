/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/edns.h - the OPT record (RFC 6891) and the options that weft knows.
 *
 * Reading gives views of the packet; unknown options are passed over. No I/O, any thread. */
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

	DNS_EDNS_OPT_SIZE = 11, /* the record without options */
	DNS_EDNS_PAYLOAD_MIN = 512,
};

struct dns_edns {
	bool is_present;
	bool is_do;
	bool wants_nsid;
	bool has_keepalive;
	bool has_cookie; /* the option was there; its octets may be none */
	bool has_lease;
	bool has_key_lease; /* the 8-byte form (RFC 9664 section 4) */
	uint8_t version;
	uint16_t payload;
	uint16_t ncookie;
	const uint8_t *cookie;
	uint32_t lease_s, key_lease_s;
};

/* Reads an OPT record, `b` behind its type, and steps behind it. Malformed options fail `b`
 * (FORMERR). */
void dns_edns_parse(struct base_buf *b, struct dns_edns *e);

/* What the OPT of a response says. */
struct dns_edns_reply {
	uint16_t payload;
	uint16_t rcode; /* all 12 bits */
	bool is_do;
	const uint8_t *cookie;	       /* 24 octets, or NULL */
	const char *nsid;	       /* text to send as octets, or NULL */
	int keepalive;		       /* in 100 ms; -1: none */
	bool has_lease, has_key_lease; /* as in the request */
	uint32_t lease_s, key_lease_s;
	int ede;	      /* DNS_EDE_NONE: none */
	const char *ede_text; /* NULL or "": no text */
};

/* Octets that dns_edns_write needs. */
size_t dns_edns_nbytes(const struct dns_edns_reply *r);

/* Writes the OPT record. The lower 4 bits of the RCODE are the header's business. */
void dns_edns_write(struct base_out *o, const struct dns_edns_reply *r);
