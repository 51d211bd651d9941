/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "dns/type.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* In order of number, for the binary search. */
static const struct dns_type_info types[] = {
	{ 1, "A", "4" }, { 2, "NS", "c" }, { 3, "MD", "c" }, { 4, "MF", "c" }, { 5, "CNAME", "c" },
	{ 6, "SOA", "cc44444" }, { 7, "MB", "c" }, { 8, "MG", "c" }, { 9, "MR", "c" }, { 10, "NULL", "r" },
	{ 11, "WKS", "41r" }, { 12, "PTR", "c" }, { 13, "HINFO", "ss" }, { 14, "MINFO", "cc" }, { 15, "MX", "2c" },
	{ 16, "TXT", "t" }, { 17, "RP", "dd" }, { 18, "AFSDB", "2d" }, { 19, "X25", "s" }, { 20, "ISDN", "t" },
	{ 21, "RT", "2d" }, { 22, "NSAP", "r" }, { 23, "NSAP-PTR", "n" }, { 24, "SIG", "2114442dr" }, { 25, "KEY", "211r" },
	{ 26, "PX", "2dd" }, { 27, "GPOS", "sss" }, { 28, "AAAA", "88" }, { 29, "LOC", "1111444" }, { 30, "NXT", "dr" },
	{ 31, "EID", "r" }, { 32, "NIMLOC", "r" }, { 33, "SRV", "222d" }, { 34, "ATMA", "r" }, { 35, "NAPTR", "22sssd" },
	{ 36, "KX", "2d" }, { 37, "CERT", "221r" }, { 38, "A6", "r" }, { 39, "DNAME", "n" }, { 40, "SINK", "r" },
	{ 41, "OPT", "r" }, { 42, "APL", "r" }, { 43, "DS", "211r" }, { 44, "SSHFP", "11r" }, { 45, "IPSECKEY", "r" },
	{ 46, "RRSIG", "2114442nr" }, { 47, "NSEC", "nb" }, { 48, "DNSKEY", "211r" }, { 49, "DHCID", "r" },
	{ 50, "NSEC3", "112ssb" }, { 51, "NSEC3PARAM", "112s" }, { 52, "TLSA", "111r" }, { 53, "SMIMEA", "111r" },
	{ 55, "HIP", "r" }, { 56, "NINFO", "t" }, { 57, "RKEY", "211r" }, { 58, "TALINK", "nn" }, { 59, "CDS", "211r" },
	{ 60, "CDNSKEY", "211r" }, { 61, "OPENPGPKEY", "r" }, { 62, "CSYNC", "42b" }, { 63, "ZONEMD", "411r" },
	{ 64, "SVCB", "2nv" }, { 65, "HTTPS", "2nv" }, { 66, "DSYNC", "212n" }, { 99, "SPF", "t" }, { 100, "UINFO", "r" },
	{ 101, "UID", "r" }, { 102, "GID", "r" }, { 103, "UNSPEC", "r" }, { 104, "NID", "28" }, { 105, "L32", "24" },
	{ 106, "L64", "28" }, { 107, "LP", "2n" }, { 108, "EUI48", "42" }, { 109, "EUI64", "8" }, { 249, "TKEY", "r" },
	{ 250, "TSIG", "r" }, { 251, "IXFR", "r" }, { 252, "AXFR", "r" }, { 253, "MAILB", "r" }, { 254, "MAILA", "r" },
	{ 255, "ANY", "r" }, { 256, "URI", "22r" }, { 257, "CAA", "1sr" }, { 258, "AVC", "t" }, { 259, "DOA", "r" },
	{ 260, "AMTRELAY", "r" }, { 261, "RESINFO", "t" }, { 32768, "TA", "211r" }, { 32769, "DLV", "211r" },
};

static int by_number(const void *key, const void *entry)
{
	return (int)*(const uint16_t *)key - (int)((const struct dns_type_info *)entry)->type;
}

const struct dns_type_info *dns_type_info(uint16_t type)
{
	return bsearch(&type, types, sizeof types / sizeof *types, sizeof *types, by_number);
}

bool dns_type_is_meta(uint16_t type)
{
	return type == 0 || type == DNS_TYPE_OPT || (type >= 128 && type <= 255);
}

static bool number_from_text(uint16_t *type, const char *text, size_t nchars)
{
	uint32_t v = 0;

	if (nchars < 5 || nchars > 9 || strncasecmp(text, "TYPE", 4) != 0)
		return false;
	for (size_t i = 4; i < nchars; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		v = v * 10 + (uint32_t)(text[i] - '0');
	}
	*type = (uint16_t)v;
	return v <= UINT16_MAX;
}

bool dns_type_from_text(uint16_t *type, const char *text, size_t nchars)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strlen(types[i].text) == nchars && strncasecmp(types[i].text, text, nchars) == 0) {
			*type = types[i].type;
			return true;
		}
	return number_from_text(type, text, nchars);
}

const char *dns_type_to_text(char out[static DNS_TYPE_TEXT_MAX], uint16_t type)
{
	const struct dns_type_info *info = dns_type_info(type);

	if (info != NULL)
		snprintf(out, DNS_TYPE_TEXT_MAX, "%s", info->text);
	else
		snprintf(out, DNS_TYPE_TEXT_MAX, "TYPE%u", type);
	return out;
}

const char *dns_rcode_text(unsigned rcode)
{
	static const char *const names[] = {
		"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET",
		"NXRRSET", "NOTAUTH", "NOTZONE", "DSOTYPENI", "RCODE12", "RCODE13", "RCODE14", "RCODE15",
		"BADVERS", "BADKEY", "BADTIME", "BADMODE", "BADNAME", "BADALG", "BADTRUNC", "BADCOOKIE",
	};

	return rcode < sizeof names / sizeof *names ? names[rcode] : "RCODE";
}

const char *dns_opcode_text(unsigned opcode)
{
	static const char *const names[] = {
		"QUERY", "IQUERY", "STATUS", "OPCODE3", "NOTIFY", "UPDATE", "DSO", "OPCODE7",
		"OPCODE8", "OPCODE9", "OPCODE10", "OPCODE11", "OPCODE12", "OPCODE13", "OPCODE14", "OPCODE15",
	};

	return opcode < sizeof names / sizeof *names ? names[opcode] : "OPCODE";
}
