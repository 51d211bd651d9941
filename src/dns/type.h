/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/type.h - the numbers of the protocol and their names: RR types, classes, opcodes, RCODEs,
 * extended errors.
 *
 * It does not know how rdata is read or written, only which fields a type has. Constant tables; any
 * thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* RR types, as the IANA has registered them. */
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
	DNS_TYPE_X25 = 19,
	DNS_TYPE_ISDN = 20,
	DNS_TYPE_RT = 21,
	DNS_TYPE_NSAP = 22,
	DNS_TYPE_NSAP_PTR = 23,
	DNS_TYPE_SIG = 24,
	DNS_TYPE_KEY = 25,
	DNS_TYPE_PX = 26,
	DNS_TYPE_GPOS = 27,
	DNS_TYPE_AAAA = 28,
	DNS_TYPE_LOC = 29,
	DNS_TYPE_NXT = 30,
	DNS_TYPE_EID = 31,
	DNS_TYPE_NIMLOC = 32,
	DNS_TYPE_SRV = 33,
	DNS_TYPE_ATMA = 34,
	DNS_TYPE_NAPTR = 35,
	DNS_TYPE_KX = 36,
	DNS_TYPE_CERT = 37,
	DNS_TYPE_A6 = 38,
	DNS_TYPE_DNAME = 39,
	DNS_TYPE_SINK = 40,
	DNS_TYPE_OPT = 41,
	DNS_TYPE_APL = 42,
	DNS_TYPE_DS = 43,
	DNS_TYPE_SSHFP = 44,
	DNS_TYPE_IPSECKEY = 45,
	DNS_TYPE_RRSIG = 46,
	DNS_TYPE_NSEC = 47,
	DNS_TYPE_DNSKEY = 48,
	DNS_TYPE_DHCID = 49,
	DNS_TYPE_NSEC3 = 50,
	DNS_TYPE_NSEC3PARAM = 51,
	DNS_TYPE_TLSA = 52,
	DNS_TYPE_SMIMEA = 53,
	DNS_TYPE_HIP = 55,
	DNS_TYPE_NINFO = 56,
	DNS_TYPE_RKEY = 57,
	DNS_TYPE_TALINK = 58,
	DNS_TYPE_CDS = 59,
	DNS_TYPE_CDNSKEY = 60,
	DNS_TYPE_OPENPGPKEY = 61,
	DNS_TYPE_CSYNC = 62,
	DNS_TYPE_ZONEMD = 63,
	DNS_TYPE_SVCB = 64,
	DNS_TYPE_HTTPS = 65,
	DNS_TYPE_DSYNC = 66,
	DNS_TYPE_SPF = 99,
	DNS_TYPE_UINFO = 100,
	DNS_TYPE_UID = 101,
	DNS_TYPE_GID = 102,
	DNS_TYPE_UNSPEC = 103,
	DNS_TYPE_NID = 104,
	DNS_TYPE_L32 = 105,
	DNS_TYPE_L64 = 106,
	DNS_TYPE_LP = 107,
	DNS_TYPE_EUI48 = 108,
	DNS_TYPE_EUI64 = 109,
	DNS_TYPE_TKEY = 249,
	DNS_TYPE_TSIG = 250,
	DNS_TYPE_IXFR = 251,
	DNS_TYPE_AXFR = 252,
	DNS_TYPE_MAILB = 253,
	DNS_TYPE_MAILA = 254,
	DNS_TYPE_ANY = 255,
	DNS_TYPE_URI = 256,
	DNS_TYPE_CAA = 257,
	DNS_TYPE_AVC = 258,
	DNS_TYPE_DOA = 259,
	DNS_TYPE_AMTRELAY = 260,
	DNS_TYPE_RESINFO = 261,
	DNS_TYPE_TA = 32768,
	DNS_TYPE_DLV = 32769,
};

/* Classes; NONE and ANY have a meaning in updates only (RFC 2136). */
enum { DNS_CLASS_IN = 1, DNS_CLASS_CH = 3, DNS_CLASS_NONE = 254, DNS_CLASS_ANY = 255 };

/* Opcodes (RFC 1035, RFC 1996, RFC 2136, RFC 8490). */
enum { DNS_OPCODE_QUERY = 0, DNS_OPCODE_NOTIFY = 4, DNS_OPCODE_UPDATE = 5, DNS_OPCODE_DSO = 6 };

/* Response codes; those above 15 need an OPT record (RFC 6891 section 6.1.3). */
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

/* Extended DNS Errors that weftd sends (RFC 8914 section 4). */
enum {
	DNS_EDE_NONE = -1, /* ours: no extended error */
	DNS_EDE_OTHER = 0,
	DNS_EDE_NOT_READY = 14,
	DNS_EDE_BLOCKED = 15,
	DNS_EDE_FILTERED = 17,
	DNS_EDE_PROHIBITED = 18,
	DNS_EDE_NOT_AUTHORITATIVE = 20,
	DNS_EDE_NOT_SUPPORTED = 21,
	DNS_EDE_INVALID_DATA = 24,
};

enum { DNS_TYPE_TEXT_MAX = 16 }; /* room for the text of any type, with its NUL */

/* The description of one RR type. `wire` and `text` list the fields of its rdata in order, one
 * letter each, in one language; what follows "(" is how a field of `text` is spelled:
 *
 *	1 2 4 8	an integer of that many octets (in decimal)
 *	a A	an IPv4 address of 4 octets, an IPv6 address of 16
 *	p	a period of 4 octets, in seconds (or with units, as in 1h30m)
 *	c	a name that may be compressed (RFC 1035 types)
 *	d	a name that may arrive compressed but is sent whole (RFC 3597 section 4)
 *	n	a name that is never compressed
 *	s	a character-string
 *	t	one or more character-strings, up to the end
 *	k	a character-string that is a tag of letters and digits (RFC 8659; without quotes)
 *	g	the gateway of an IPSECKEY (RFC 4025 section 2.5)
 *	b	type bitmaps (RFC 4034 section 4.1.2)
 *	v	SvcParams (RFC 9460 section 2.2)
 *	r	the rest, any octets
 *	q x e	the rest (as one string, in hex, in base64)
 *	F j	flags, 2 octets, and protocol, 1 octet, of a key (a number or a mnemonic)
 *	y D	an algorithm or a digest type of DNSSEC, 1 octet (a number or a mnemonic)
 *	C T	a certificate type, a type of records, 2 octets (a number or a mnemonic)
 *	i	a time of 4 octets (YYYYMMDDHHmmSS)
 *	S B	octets after their length (in hex or "-", in base32)
 *	w	a locator of 8 octets (four groups of hex)
 *	m M	an EUI-48 of 6 octets, an EUI-64 of 8
 *	P	address prefixes (RFC 3123 section 4)
 *	L	a location (RFC 1876 section 2)
 *	N	a scheme of DSYNC, 1 octet (a number or a mnemonic)
 *	R	discovery, type and address of a relay (RFC 8777 section 4.2)
 *
 * `wire` uses the letters 1 2 4 8 c d n s t b v r, by which rdata is checked, expanded and
 *compared; `text` does not tell c, d and n apart and uses n. */
struct dns_type_info {
	uint16_t type;
	const char *mnemonic; /* "AAAA" */
	const char *wire;     /* layout of the rdata in messages */
	const char *text; /* presentation form; NULL: left to ldns (text/foreign.h) or RFC 3597 */
	bool has_name;	  /* `wire` has a c, d or n */
};

/* Returns the description of `type`, a constant, or NULL if the type is unknown: its rdata is
 * opaque. */
const struct dns_type_info *dns_type_info(uint16_t type);

/* Returns whether a zone cannot contain records of the type: 0, OPT, and the meta and query types
 * 128 to 255, among them TKEY and TSIG (RFC 6895 section 3.1). */
bool dns_type_is_meta(uint16_t type);

/* Parses a mnemonic or TYPE123 (RFC 3597 section 5), ignoring case. Returns false if the text is
 * neither.
 */
bool dns_type_from_text(uint16_t *type, const char *text, size_t nchars);

/* Writes the mnemonic, or TYPE123 for an unknown type, with NUL to `out`. Returns `out`. */
const char *dns_type_to_text(char out[static DNS_TYPE_TEXT_MAX], uint16_t type);

/* Returns the name of a response code, a constant; unassigned ones below 32 are called "RCODE24",
 * all others "RCODE". */
const char *dns_rcode_text(unsigned rcode);

/* Returns the name of an opcode, a constant; unassigned ones below 16 are called "OPCODE3". */
const char *dns_opcode_text(unsigned opcode);
