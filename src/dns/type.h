/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/type.h - the numbers of the protocol and their names: RR types, classes, opcodes, RCODEs, EDE
 * codes.
 *
 * Constant tables and conversions; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DNS_TYPE_A = 1,
	DNS_TYPE_NS = 2,
	DNS_TYPE_MD = 3,
	DNS_TYPE_MF = 4,
	DNS_TYPE_CNAME = 5,
	DNS_TYPE_SOA = 6,
	DNS_TYPE_MB = 7,
	DNS_TYPE_MG = 8,
	DNS_TYPE_MR = 9,
	DNS_TYPE_NULL = 10,
	DNS_TYPE_WKS = 11,
	DNS_TYPE_PTR = 12,
	DNS_TYPE_HINFO = 13,
	DNS_TYPE_MINFO = 14,
	DNS_TYPE_MX = 15,
	DNS_TYPE_TXT = 16,
	DNS_TYPE_RP = 17,
	DNS_TYPE_AFSDB = 18,
	DNS_TYPE_SIG = 24,
	DNS_TYPE_KEY = 25,
	DNS_TYPE_PX = 26,
	DNS_TYPE_AAAA = 28,
	DNS_TYPE_LOC = 29,
	DNS_TYPE_SRV = 33,
	DNS_TYPE_NAPTR = 35,
	DNS_TYPE_KX = 36,
	DNS_TYPE_CERT = 37,
	DNS_TYPE_DNAME = 39,
	DNS_TYPE_OPT = 41,
	DNS_TYPE_DS = 43,
	DNS_TYPE_SSHFP = 44,
	DNS_TYPE_RRSIG = 46,
	DNS_TYPE_NSEC = 47,
	DNS_TYPE_DNSKEY = 48,
	DNS_TYPE_NSEC3 = 50,
	DNS_TYPE_NSEC3PARAM = 51,
	DNS_TYPE_SVCB = 64,
	DNS_TYPE_HTTPS = 65,
	DNS_TYPE_SPF = 99,
	DNS_TYPE_TKEY = 249,
	DNS_TYPE_TSIG = 250,
	DNS_TYPE_IXFR = 251,
	DNS_TYPE_AXFR = 252,
	DNS_TYPE_MAILB = 253,
	DNS_TYPE_MAILA = 254,
	DNS_TYPE_ANY = 255,
};

enum { DNS_CLASS_IN = 1, DNS_CLASS_CH = 3, DNS_CLASS_NONE = 254, DNS_CLASS_ANY = 255 };

enum { DNS_OPCODE_QUERY = 0, DNS_OPCODE_NOTIFY = 4, DNS_OPCODE_UPDATE = 5, DNS_OPCODE_DSO = 6 };

enum {
	DNS_RCODE_NOERROR = 0,
	DNS_RCODE_FORMERR = 1,
	DNS_RCODE_SERVFAIL = 2,
	DNS_RCODE_NXDOMAIN = 3,
	DNS_RCODE_NOTIMP = 4,
	DNS_RCODE_REFUSED = 5,
	DNS_RCODE_YXDOMAIN = 6,
	DNS_RCODE_YXRRSET = 7,
	DNS_RCODE_NXRRSET = 8,
	DNS_RCODE_NOTAUTH = 9,
	DNS_RCODE_NOTZONE = 10,
	DNS_RCODE_DSOTYPENI = 11,
	DNS_RCODE_BADVERS = 16,
	DNS_RCODE_BADCOOKIE = 23,
};

/* The TSIG error field (RFC 8945 section 3); the first three share numbers with extended RCODEs. */
enum { DNS_TSIG_BADSIG = 16, DNS_TSIG_BADKEY = 17, DNS_TSIG_BADTIME = 18, DNS_TSIG_BADTRUNC = 22 };

/* Extended DNS Errors that we send (RFC 8914 section 4). */
enum {
	DNS_EDE_NONE = -1,
	DNS_EDE_OTHER = 0,
	DNS_EDE_NOT_READY = 14,
	DNS_EDE_BLOCKED = 15,
	DNS_EDE_FILTERED = 17,
	DNS_EDE_PROHIBITED = 18,
	DNS_EDE_NOT_AUTHORITATIVE = 20,
	DNS_EDE_NOT_SUPPORTED = 21,
	DNS_EDE_INVALID_DATA = 24,
};

enum { DNS_TYPE_TEXT_MAX = 16 };

/* What is known of one RR type. `layout` describes its rdata, one letter a field: a digit is so
 * many octets; `c` a name that may be compressed (RFC 1035 types), `d` a name that may arrive
 * compressed but is sent whole (RFC 3597 section 4), `n` a name that is never compressed; `s` a
 * character-string; `t` one or more of them up to the end; `r` the rest, any octets; `b` type
 * bitmaps (RFC 4034 section 4.1.2); `v` SvcParams (RFC 9460 section 2.2). */
struct dns_type_info {
	uint16_t type;
	const char *text;
	const char *layout;
	bool has_name; /* the layout has a `c`, `d` or `n` */
};

/* The entry of `type`, or NULL if the type is unknown: its rdata is then opaque. */
const struct dns_type_info *dns_type_info(uint16_t type);

/* Whether a type cannot be a record of a zone: OPT and TSIG, TKEY, and the query types 128 to 255
 * (RFC 6895 section 3.1). */
bool dns_type_is_meta(uint16_t type);

/* Parses a mnemonic or TYPE123 (RFC 3597 section 5), ignoring case. Returns false if it is neither.
 */
bool dns_type_from_text(uint16_t *type, const char *text, size_t nchars);

/* Writes the mnemonic or TYPE123 with NUL, and returns `out`. */
const char *dns_type_to_text(char out[static DNS_TYPE_TEXT_MAX], uint16_t type);

/* The name of an RCODE or opcode, "RCODE23" or "OPCODE3" style names included for unassigned ones
 * below 32 and 16. */
const char *dns_rcode_text(unsigned rcode);
const char *dns_opcode_text(unsigned opcode);
