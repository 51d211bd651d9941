/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "dns/type.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Numbers below the table's size are their own index. */
static const struct dns_type_info types[] = {
	[1] = {1, "A", "4", false},
	[2] = {2, "NS", "c", true},
	[3] = {3, "MD", "c", true},
	[4] = {4, "MF", "c", true},
	[5] = {5, "CNAME", "c", true},
	[6] = {6, "SOA", "cc44444", true},
	[7] = {7, "MB", "c", true},
	[8] = {8, "MG", "c", true},
	[9] = {9, "MR", "c", true},
	[10] = {10, "NULL", "r", false},
	[11] = {11, "WKS", "41r", false},
	[12] = {12, "PTR", "c", true},
	[13] = {13, "HINFO", "ss", false},
	[14] = {14, "MINFO", "cc", true},
	[15] = {15, "MX", "2c", true},
	[16] = {16, "TXT", "t", false},
	[17] = {17, "RP", "dd", true},
	[18] = {18, "AFSDB", "2d", true},
	[19] = {19, "X25", "s", false},
	[20] = {20, "ISDN", "t", false},
	[21] = {21, "RT", "2d", true},
	[22] = {22, "NSAP", "r", false},
	[23] = {23, "NSAP-PTR", "n", true},
	[24] = {24, "SIG", "2114442dr", true},
	[25] = {25, "KEY", "211r", false},
	[26] = {26, "PX", "2dd", true},
	[27] = {27, "GPOS", "sss", false},
	[28] = {28, "AAAA", "88", false},
	[29] = {29, "LOC", "1111444", false},
	[30] = {30, "NXT", "dr", true},
	[31] = {31, "EID", "r", false},
	[32] = {32, "NIMLOC", "r", false},
	[33] = {33, "SRV", "222d", true},
	[34] = {34, "ATMA", "r", false},
	[35] = {35, "NAPTR", "22sssd", true},
	[36] = {36, "KX", "2d", true},
	[37] = {37, "CERT", "221r", false},
	[38] = {38, "A6", "r", false},
	[39] = {39, "DNAME", "n", true},
	[40] = {40, "SINK", "r", false},
	[41] = {41, "OPT", "r", false},
	[42] = {42, "APL", "r", false},
	[43] = {43, "DS", "211r", false},
	[44] = {44, "SSHFP", "11r", false},
	[45] = {45, "IPSECKEY", "r", false},
	[46] = {46, "RRSIG", "2114442nr", true},
	[47] = {47, "NSEC", "nb", true},
	[48] = {48, "DNSKEY", "211r", false},
	[49] = {49, "DHCID", "r", false},
	[50] = {50, "NSEC3", "112ssb", false},
	[51] = {51, "NSEC3PARAM", "112s", false},
	[52] = {52, "TLSA", "111r", false},
	[53] = {53, "SMIMEA", "111r", false},
	[55] = {55, "HIP", "r", false},
	[56] = {56, "NINFO", "t", false},
	[57] = {57, "RKEY", "211r", false},
	[58] = {58, "TALINK", "nn", true},
	[59] = {59, "CDS", "211r", false},
	[60] = {60, "CDNSKEY", "211r", false},
	[61] = {61, "OPENPGPKEY", "r", false},
	[62] = {62, "CSYNC", "42b", false},
	[63] = {63, "ZONEMD", "411r", false},
	[64] = {64, "SVCB", "2nv", true},
	[65] = {65, "HTTPS", "2nv", true},
	[66] = {66, "DSYNC", "212n", true},
	[99] = {99, "SPF", "t", false},
	[100] = {100, "UINFO", "r", false},
	[101] = {101, "UID", "r", false},
	[102] = {102, "GID", "r", false},
	[103] = {103, "UNSPEC", "r", false},
	[104] = {104, "NID", "28", false},
	[105] = {105, "L32", "24", false},
	[106] = {106, "L64", "28", false},
	[107] = {107, "LP", "2n", true},
	[108] = {108, "EUI48", "42", false},
	[109] = {109, "EUI64", "8", false},
	[249] = {249, "TKEY", "r", false},
	[250] = {250, "TSIG", "r", false},
	[251] = {251, "IXFR", "r", false},
	[252] = {252, "AXFR", "r", false},
	[253] = {253, "MAILB", "r", false},
	[254] = {254, "MAILA", "r", false},
	[255] = {255, "ANY", "r", false},
	[256] = {256, "URI", "22r", false},
	[257] = {257, "CAA", "1sr", false},
	[258] = {258, "AVC", "t", false},
	[259] = {259, "DOA", "r", false},
	[260] = {260, "AMTRELAY", "r", false},
	[261] = {261, "RESINFO", "t", false},
};

static const struct dns_type_info far_types[] = {
	{32768, "TA", "211r", false},
	{32769, "DLV", "211r", false},
};

enum { NTYPES = sizeof(types) / sizeof(*types), NFAR = sizeof(far_types) / sizeof(*far_types) };

const struct dns_type_info *dns_type_info(uint16_t type)
{
	if (type < NTYPES)
		return types[type].text == NULL ? NULL : &types[type];
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

		if (info->text != NULL && strlen(info->text) == nchars &&
		    strncasecmp(info->text, text, nchars) == 0) {
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
		snprintf(out, DNS_TYPE_TEXT_MAX, "%s", info->text);
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
