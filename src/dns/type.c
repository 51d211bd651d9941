/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "dns/type.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Numbers below the size of the table are their own index. */
static const struct dns_type_info types[] = {
	[DNS_TYPE_A] = {DNS_TYPE_A, "A", "4", "a", false},
	[DNS_TYPE_NS] = {DNS_TYPE_NS, "NS", "c", "n", true},
	[DNS_TYPE_MD] = {DNS_TYPE_MD, "MD", "c", "n", true},
	[DNS_TYPE_MF] = {DNS_TYPE_MF, "MF", "c", "n", true},
	[DNS_TYPE_CNAME] = {DNS_TYPE_CNAME, "CNAME", "c", "n", true},
	[DNS_TYPE_SOA] = {DNS_TYPE_SOA, "SOA", "cc44444", "nn4pppp", true},
	[DNS_TYPE_MB] = {DNS_TYPE_MB, "MB", "c", "n", true},
	[DNS_TYPE_MG] = {DNS_TYPE_MG, "MG", "c", "n", true},
	[DNS_TYPE_MR] = {DNS_TYPE_MR, "MR", "c", "n", true},
	[DNS_TYPE_NULL] = {DNS_TYPE_NULL, "NULL", "r", NULL, false},
	[DNS_TYPE_WKS] = {DNS_TYPE_WKS, "WKS", "41r", NULL, false},
	[DNS_TYPE_PTR] = {DNS_TYPE_PTR, "PTR", "c", "n", true},
	[DNS_TYPE_HINFO] = {DNS_TYPE_HINFO, "HINFO", "ss", "ss", false},
	[DNS_TYPE_MINFO] = {DNS_TYPE_MINFO, "MINFO", "cc", "nn", true},
	[DNS_TYPE_MX] = {DNS_TYPE_MX, "MX", "2c", "2n", true},
	[DNS_TYPE_TXT] = {DNS_TYPE_TXT, "TXT", "t", "t", false},
	[DNS_TYPE_RP] = {DNS_TYPE_RP, "RP", "dd", "nn", true},
	[DNS_TYPE_AFSDB] = {DNS_TYPE_AFSDB, "AFSDB", "2d", "2n", true},
	[DNS_TYPE_X25] = {DNS_TYPE_X25, "X25", "s", "s", false},
	[DNS_TYPE_ISDN] = {DNS_TYPE_ISDN, "ISDN", "t", "t", false},
	[DNS_TYPE_RT] = {DNS_TYPE_RT, "RT", "2d", "2n", true},
	[DNS_TYPE_NSAP] = {DNS_TYPE_NSAP, "NSAP", "r", NULL, false},
	[DNS_TYPE_NSAP_PTR] = {DNS_TYPE_NSAP_PTR, "NSAP-PTR", "n", "n", true},
	[DNS_TYPE_SIG] = {DNS_TYPE_SIG, "SIG", "2114442dr", "Ty1pii2ne", true},
	[DNS_TYPE_KEY] = {DNS_TYPE_KEY, "KEY", "211r", "Fjye", false},
	[DNS_TYPE_PX] = {DNS_TYPE_PX, "PX", "2dd", "2nn", true},
	[DNS_TYPE_GPOS] = {DNS_TYPE_GPOS, "GPOS", "sss", "sss", false},
	[DNS_TYPE_AAAA] = {DNS_TYPE_AAAA, "AAAA", "88", "A", false},
	[DNS_TYPE_LOC] = {DNS_TYPE_LOC, "LOC", "r", "L", false},
	[DNS_TYPE_NXT] = {DNS_TYPE_NXT, "NXT", "dr", NULL, true},
	[DNS_TYPE_EID] = {DNS_TYPE_EID, "EID", "r", "x", false},
	[DNS_TYPE_NIMLOC] = {DNS_TYPE_NIMLOC, "NIMLOC", "r", "x", false},
	[DNS_TYPE_SRV] = {DNS_TYPE_SRV, "SRV", "222d", "222n", true},
	[DNS_TYPE_ATMA] = {DNS_TYPE_ATMA, "ATMA", "r", NULL, false},
	[DNS_TYPE_NAPTR] = {DNS_TYPE_NAPTR, "NAPTR", "22sssd", "22sssn", true},
	[DNS_TYPE_KX] = {DNS_TYPE_KX, "KX", "2d", "2n", true},
	[DNS_TYPE_CERT] = {DNS_TYPE_CERT, "CERT", "221r", "C2ye", false},
	[DNS_TYPE_A6] = {DNS_TYPE_A6, "A6", "r", NULL, false},
	[DNS_TYPE_DNAME] = {DNS_TYPE_DNAME, "DNAME", "n", "n", true},
	[DNS_TYPE_SINK] = {DNS_TYPE_SINK, "SINK", "r", NULL, false},
	[DNS_TYPE_OPT] = {DNS_TYPE_OPT, "OPT", "r", NULL, false},
	[DNS_TYPE_APL] = {DNS_TYPE_APL, "APL", "r", "P", false},
	[DNS_TYPE_DS] = {DNS_TYPE_DS, "DS", "211r", "2yDx", false},
	[DNS_TYPE_SSHFP] = {DNS_TYPE_SSHFP, "SSHFP", "11r", "11x", false},
	[DNS_TYPE_IPSECKEY] = {DNS_TYPE_IPSECKEY, "IPSECKEY", "r", "111ge", false},
	[DNS_TYPE_RRSIG] = {DNS_TYPE_RRSIG, "RRSIG", "2114442nr", "Ty1pii2ne", true},
	[DNS_TYPE_NSEC] = {DNS_TYPE_NSEC, "NSEC", "nb", "nb", true},
	[DNS_TYPE_DNSKEY] = {DNS_TYPE_DNSKEY, "DNSKEY", "211r", "Fjye", false},
	[DNS_TYPE_DHCID] = {DNS_TYPE_DHCID, "DHCID", "r", "e", false},
	[DNS_TYPE_NSEC3] = {DNS_TYPE_NSEC3, "NSEC3", "112ssb", "112SBb", false},
	[DNS_TYPE_NSEC3PARAM] = {DNS_TYPE_NSEC3PARAM, "NSEC3PARAM", "112s", "112S", false},
	[DNS_TYPE_TLSA] = {DNS_TYPE_TLSA, "TLSA", "111r", "111x", false},
	[DNS_TYPE_SMIMEA] = {DNS_TYPE_SMIMEA, "SMIMEA", "111r", "111x", false},
	[DNS_TYPE_HIP] = {DNS_TYPE_HIP, "HIP", "r", NULL, false},
	[DNS_TYPE_NINFO] = {DNS_TYPE_NINFO, "NINFO", "t", "t", false},
	[DNS_TYPE_RKEY] = {DNS_TYPE_RKEY, "RKEY", "211r", "Fjye", false},
	[DNS_TYPE_TALINK] = {DNS_TYPE_TALINK, "TALINK", "nn", "nn", true},
	[DNS_TYPE_CDS] = {DNS_TYPE_CDS, "CDS", "211r", "2yDx", false},
	[DNS_TYPE_CDNSKEY] = {DNS_TYPE_CDNSKEY, "CDNSKEY", "211r", "Fjye", false},
	[DNS_TYPE_OPENPGPKEY] = {DNS_TYPE_OPENPGPKEY, "OPENPGPKEY", "r", "e", false},
	[DNS_TYPE_CSYNC] = {DNS_TYPE_CSYNC, "CSYNC", "42b", "42b", false},
	[DNS_TYPE_ZONEMD] = {DNS_TYPE_ZONEMD, "ZONEMD", "411r", "411x", false},
	[DNS_TYPE_SVCB] = {DNS_TYPE_SVCB, "SVCB", "2nv", "2nv", true},
	[DNS_TYPE_HTTPS] = {DNS_TYPE_HTTPS, "HTTPS", "2nv", "2nv", true},
	[DNS_TYPE_DSYNC] = {DNS_TYPE_DSYNC, "DSYNC", "212n", "TN2n", true},
	[DNS_TYPE_SPF] = {DNS_TYPE_SPF, "SPF", "t", "t", false},
	[DNS_TYPE_UINFO] = {DNS_TYPE_UINFO, "UINFO", "r", NULL, false},
	[DNS_TYPE_UID] = {DNS_TYPE_UID, "UID", "r", NULL, false},
	[DNS_TYPE_GID] = {DNS_TYPE_GID, "GID", "r", NULL, false},
	[DNS_TYPE_UNSPEC] = {DNS_TYPE_UNSPEC, "UNSPEC", "r", NULL, false},
	[DNS_TYPE_NID] = {DNS_TYPE_NID, "NID", "28", "2w", false},
	[DNS_TYPE_L32] = {DNS_TYPE_L32, "L32", "24", "2a", false},
	[DNS_TYPE_L64] = {DNS_TYPE_L64, "L64", "28", "2w", false},
	[DNS_TYPE_LP] = {DNS_TYPE_LP, "LP", "2n", "2n", true},
	[DNS_TYPE_EUI48] = {DNS_TYPE_EUI48, "EUI48", "42", "m", false},
	[DNS_TYPE_EUI64] = {DNS_TYPE_EUI64, "EUI64", "8", "M", false},
	[DNS_TYPE_TKEY] = {DNS_TYPE_TKEY, "TKEY", "r", NULL, false},
	[DNS_TYPE_TSIG] = {DNS_TYPE_TSIG, "TSIG", "r", NULL, false},
	[DNS_TYPE_IXFR] = {DNS_TYPE_IXFR, "IXFR", "r", NULL, false},
	[DNS_TYPE_AXFR] = {DNS_TYPE_AXFR, "AXFR", "r", NULL, false},
	[DNS_TYPE_MAILB] = {DNS_TYPE_MAILB, "MAILB", "r", NULL, false},
	[DNS_TYPE_MAILA] = {DNS_TYPE_MAILA, "MAILA", "r", NULL, false},
	[DNS_TYPE_ANY] = {DNS_TYPE_ANY, "ANY", "r", NULL, false},
	[DNS_TYPE_URI] = {DNS_TYPE_URI, "URI", "22r", "22q", false},
	[DNS_TYPE_CAA] = {DNS_TYPE_CAA, "CAA", "1sr", "1kq", false},
	[DNS_TYPE_AVC] = {DNS_TYPE_AVC, "AVC", "t", "t", false},
	[DNS_TYPE_DOA] = {DNS_TYPE_DOA, "DOA", "r", NULL, false},
	[DNS_TYPE_AMTRELAY] = {DNS_TYPE_AMTRELAY, "AMTRELAY", "r", "1R", false},
	[DNS_TYPE_RESINFO] = {DNS_TYPE_RESINFO, "RESINFO", "t", "t", false},
};

static const struct dns_type_info far_types[] = {
	{DNS_TYPE_TA, "TA", "211r", "2yDx", false},
	{DNS_TYPE_DLV, "DLV", "211r", "2yDx", false},
};

enum { NTYPES = sizeof(types) / sizeof(*types), NFAR = sizeof(far_types) / sizeof(*far_types) };

const struct dns_type_info *dns_type_info(uint16_t type)
{
	if (type < NTYPES)
		return types[type].mnemonic == NULL ? NULL : &types[type];
	for (unsigned i = 0; i < NFAR; i++)
		if (far_types[i].type == type)
			return &far_types[i];
	return NULL;
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
	for (unsigned i = 0; i < NTYPES + NFAR; i++) {
		const struct dns_type_info *info = i < NTYPES ? &types[i] : &far_types[i - NTYPES];

		if (info->mnemonic != NULL && strlen(info->mnemonic) == nchars &&
		    strncasecmp(info->mnemonic, text, nchars) == 0) {
			*type = info->type;
			return true;
		}
	}
	return number_from_text(type, text, nchars);
}

const char *dns_type_to_text(char out[static DNS_TYPE_TEXT_MAX], uint16_t type)
{
	const struct dns_type_info *info = dns_type_info(type);

	if (info != NULL)
		snprintf(out, DNS_TYPE_TEXT_MAX, "%s", info->mnemonic);
	else
		snprintf(out, DNS_TYPE_TEXT_MAX, "TYPE%u", type);
	return out;
}

const char *dns_rcode_text(unsigned rcode)
{
	static const char *const names[] = {
		"NOERROR", "FORMERR",  "SERVFAIL",  "NXDOMAIN", "NOTIMP",    "REFUSED", "YXDOMAIN",
		"YXRRSET", "NXRRSET",  "NOTAUTH",   "NOTZONE",	"DSOTYPENI", "RCODE12", "RCODE13",
		"RCODE14", "RCODE15",  "BADVERS",   "BADKEY",	"BADTIME",   "BADMODE", "BADNAME",
		"BADALG",  "BADTRUNC", "BADCOOKIE", "RCODE24",	"RCODE25",   "RCODE26", "RCODE27",
		"RCODE28", "RCODE29",  "RCODE30",   "RCODE31",
	};

	return rcode < sizeof(names) / sizeof(*names) ? names[rcode] : "RCODE";
}

const char *dns_opcode_text(unsigned opcode)
{
	static const char *const names[] = {
		"QUERY",    "IQUERY",	"STATUS",   "OPCODE3",	"NOTIFY",   "UPDATE",
		"DSO",	    "OPCODE7",	"OPCODE8",  "OPCODE9",	"OPCODE10", "OPCODE11",
		"OPCODE12", "OPCODE13", "OPCODE14", "OPCODE15",
	};

	return opcode < sizeof(names) / sizeof(*names) ? names[opcode] : "OPCODE";
}
