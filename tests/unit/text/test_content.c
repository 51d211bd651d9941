/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns/type.h"
#include "kit.h"

static void rdata_with_what_its_type_demands_is_taken(void **state)
{
	static const struct {
		uint16_t type;
		const char *text, *hex, *again;
	} cases[] = {
		{DNS_TYPE_LP, "10 l64.example.", "000a036c3634076578616d706c6500", NULL},
		{DNS_TYPE_HIP,
		 "2 200100107B1A74DF365639CC39F1D578 AwEAAbdxyhNuSutc5EMzxTs9LBPCIkO"
		 "FH8cIvM4p9+LrV4e19WzK00+CI6zBCQTdtWsuxKbWIy87UOoJTwkUs7lBu+Upr1gsN"
		 "rut79ryra+bSRGQb1slImA8YVJyuIDsj7kwzG7jnERNqnWxZ48AWkskmdHaVDP4Bce"
		 "lrTI3rMXdXF5D rvs.example.com.",
		 "10020084200100107b1a74df365639cc39f1d57803010001b771ca136e4aeb5ce4"
		 "4333c53b3d2c13c22243851fc708bcce29f7e2eb5787b5f56ccad34f8223acc109"
		 "04ddb56b2ec4a6d6232f3b50ea094f0914b3b941bbe529af582c36bbadefdaf2ad"
		 "af9b4911906f5b2522603c615272b880ec8fb930cc6ee39c444daa75b1678f005a"
		 "4b2499d1da5433f805c7a5ad3237acc5dd5c5e4303727673076578616d706c6503"
		 "636f6d00",
		 "2 200100107b1a74df365639cc39f1d578 AwEAAbdxyhNuSutc5EMzxTs9LBPCIkO"
		 "FH8cIvM4p9+LrV4e19WzK00+CI6zBCQTdtWsuxKbWIy87UOoJTwkUs7lBu+Upr1gsN"
		 "rut79ryra+bSRGQb1slImA8YVJyuIDsj7kwzG7jnERNqnWxZ48AWkskmdHaVDP4Bce"
		 "lrTI3rMXdXF5D rvs.example.com."},
		{DNS_TYPE_HIP, "2 200100107B1A74DF365639CC39F1D578 AQID a b. c",
		 "10020003200100107b1a74df365639cc39f1d5780102030161017a000162000163017a00",
		 "2 200100107b1a74df365639cc39f1d578 AQID a.z. b. c.z."},
		{DNS_TYPE_IPSECKEY,
		 "10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==",
		 "0a0102c0000226010351537986ed35533b6064478eeeb27b5bd74dae149b6e81ba"
		 "3a0521af82ab7801",
		 NULL},
		{DNS_TYPE_IPSECKEY, "10 0 2 . AQID", "0a0002010203", NULL},
		{DNS_TYPE_SSHFP, "1 1 0123456789abcdef0123456789abcdef01234567",
		 "01010123456789abcdef0123456789abcdef01234567", NULL},
		{DNS_TYPE_TLSA,
		 "3 1 1 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		 "030101aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL},
		{DNS_TYPE_TLSA, "3 1 1 aaaa", "030101aaaa", NULL},
		{DNS_TYPE_CAA, "0 issue \"ca.example\"", "0005697373756563612e6578616d706c65",
		 NULL},
		{DNS_TYPE_CAA, "0 \"issue\" ca.example", "0005697373756563612e6578616d706c65",
		 "0 issue \"ca.example\""},
		{DNS_TYPE_CAA, "0 issue \"\"", "00056973737565", NULL},
		{DNS_TYPE_URI, "10 1 \"ftp://a/\"", "000a00016674703a2f2f612f", NULL},
		{DNS_TYPE_URI, "10 1 ftp://a/", "000a00016674703a2f2f612f", "10 1 \"ftp://a/\""},
		{DNS_TYPE_OPENPGPKEY, "AQID", "010203", NULL},
		{DNS_TYPE_DHCID, "AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=",
		 "000201636fc0b8271c82825bb1ac5c41cf5351aa69b4febd94e8f17cdb95000da48c40", NULL},
		{DNS_TYPE_X25, "311061700956", "0c333131303631373030393536", "\"311061700956\""},
		{DNS_TYPE_ISDN, "150862028003217 004", "0f31353038363230323830303332313703303034",
		 "\"150862028003217\" \"004\""},
		{DNS_TYPE_GPOS, "-32.6882 116.8652 10.0",
		 "082d33322e36383832083131362e383635320431302e30",
		 "\"-32.6882\" \"116.8652\" \"10.0\""},
		{DNS_TYPE_GPOS, "91 0 0", "02393101300130", "\"91\" \"0\" \"0\""},
		{DNS_TYPE_RP, "a. b.", "016100016200", NULL},
		{DNS_TYPE_AFSDB, "1 a.", "0001016100", NULL},
		{DNS_TYPE_NSAP_PTR, "a.", "016100", NULL},
		{DNS_TYPE_PX, "10 a. b.", "000a016100016200", NULL},
		{DNS_TYPE_KX, "10 a.", "000a016100", NULL},
		{DNS_TYPE_TALINK, "a. b.", "016100016200", NULL},
		{DNS_TYPE_SPF, "\"v=spf1\"", "06763d73706631", NULL},
		{DNS_TYPE_TXT, "ef\"gh\"", "026566026768", "\"ef\" \"gh\""},
		{DNS_TYPE_TXT, "\"ef\"gh", "026566026768", "\"ef\" \"gh\""},
		{DNS_TYPE_TXT, "\"ef\"\"gh\"", "026566026768", "\"ef\" \"gh\""},
		{DNS_TYPE_TXT, "ef\"gh\"ij", "02656602676802696a", "\"ef\" \"gh\" \"ij\""},
		{DNS_TYPE_AMTRELAY, "10 0 1 203.0.113.15", "0a01cb00710f", NULL},
		{DNS_TYPE_AMTRELAY, "10 0 0 .", "0a00", NULL},
		{DNS_TYPE_HINFO, "\"a\" \"b\"", "01610162", NULL},
		{DNS_TYPE_MINFO, "a. b.", "016100016200", NULL},
		{DNS_TYPE_MB, "a.", "016100", NULL},
		{DNS_TYPE_NINFO, "\"a\"", "0161", NULL},
		{DNS_TYPE_AVC, "\"a\"", "0161", NULL},
		{DNS_TYPE_RESINFO, "\"a\"", "0161", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		kit_reads(cases[i].type, cases[i].text, cases[i].hex, cases[i].again);
}

static void rdata_without_what_its_type_demands_is_refused(void **state)
{
	static const struct {
		uint16_t type;
		const char *text, *error;
	} cases[] = {
		{DNS_TYPE_HIP, "258 200100107B1A74DF365639CC39F1D578 AQID",
		 "\"258\" is not a number from 0 to 255"},
		{DNS_TYPE_HIP, "2 200100107B1A74DF365639CC39F1D57 AQID",
		 "\"200100107B1A74DF365639CC39F1D57\" is not the hex of at most 255 octets"},
		{DNS_TYPE_HIP, "2 200100107B1A74DF365639CC39F1D578 AQI",
		 "Syntax error, could not parse the RR's rdata"},
		{DNS_TYPE_IPSECKEY, "10 4 2 192.0.2.38 AQID",
		 "the type of the address is not known"},
		{DNS_TYPE_IPSECKEY, "10 0 0 .", "the public key is missing"},
		{DNS_TYPE_SSHFP, "1 1 abcd",
		 "the fingerprint does not have the length of its type"},
		{DNS_TYPE_SSHFP, "256 1 0123456789abcdef0123456789abcdef01234567",
		 "\"256\" is not a number from 0 to 255"},
		{DNS_TYPE_TLSA, "259 1 1 aaaa", "\"259\" is not a number from 0 to 255"},
		{DNS_TYPE_TLSA, "3 1 1", "the certificate association data is missing"},
		{DNS_TYPE_CAA, "256 issue \"ca.example\"", "\"256\" is not a number from 0 to 255"},
		{DNS_TYPE_CAA, "0 iss-ue \"ca.example\"",
		 "\"iss-ue\" is not a tag of letters and digits"},
		{DNS_TYPE_CAA, "0 issue", "a string is missing"},
		{DNS_TYPE_URI, "10 1 \"\"", "the target is empty"},
		{DNS_TYPE_OPENPGPKEY, "", "the data is empty"},
		{DNS_TYPE_DHCID, "", "the data is empty"},
		{DNS_TYPE_X25, "311", "the PSDN address has fewer than 4 digits"},
		{DNS_TYPE_X25, "3110617a", "the PSDN address is not all digits"},
		{DNS_TYPE_ISDN, "150862028003217 004 5", "more than an address and a subaddress"},
		{DNS_TYPE_AFSDB, "65536 a.", "\"65536\" is not a number from 0 to 65535"},
		{DNS_TYPE_AMTRELAY, "10 2 0 .",
		 "discovery is not 0 or 1, or the type is above 127"},
		{DNS_TYPE_HINFO, "a", "a string is missing"},
		{DNS_TYPE_MD, "a.", "the type is obsolete, MX replaces it"},
		{DNS_TYPE_NAPTR, "1 1 \"!\" \"\" \"\" .", "the flags are not letters and digits"},
		{DNS_TYPE_NAPTR, "1 1 \"\" \"\" \"!(a!b!\" .",
		 "the regexp is not a valid substitution expression"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		kit_fails(cases[i].type, cases[i].text, cases[i].error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rdata_with_what_its_type_demands_is_taken),
		cmocka_unit_test(rdata_without_what_its_type_demands_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
