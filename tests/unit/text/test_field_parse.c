/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns/type.h"
#include "kit.h"

static void numbers_digits_and_lists_have_one_wire_form(void **state)
{
	static const struct {
		uint16_t type;
		const char *text, *hex, *again;
	} cases[] = {
		{DNS_TYPE_DS,
		 "12345 13 2 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa aaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaa",
		 "30390d02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		 "12345 13 2 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaa"},
		{DNS_TYPE_DS,
		 "12345 ECDSAP256SHA256 2 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaaaaaaaaaaaaaa",
		 "30390d02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		 "12345 13 2 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaa"},
		{DNS_TYPE_DS,
		 "12345 RSASHA256 SHA-256 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaaaaaaaaaaaaaa",
		 "30390802aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		 "12345 8 2 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaa"},
		{DNS_TYPE_APL, "1:10.0.0.0/8", "000108010a", NULL},
		{DNS_TYPE_APL, "!1:10.0.0.0/8 2:2001:db8::/32 1:0.0.0.0/0",
		 "000108810a0002200420010db800010000", NULL},
		{DNS_TYPE_APL, "", "", "\\# 0"},
		{DNS_TYPE_APL, "1:10.0.0.1/8", "000108040a000001", NULL},
		{DNS_TYPE_CERT, "PKIX 1 RSASHA256 AQID", "0001000108010203", "1 1 8 AQID"},
		{DNS_TYPE_CERT, "65535 65535 255 AQID", "ffffffffff010203", NULL},
		{DNS_TYPE_DNSKEY, "256 3 13 AQIDBAUG", "0100030d010203040506", NULL},
		{DNS_TYPE_DNSKEY, "256 3 ED25519 AQIDBAUG", "0100030f010203040506",
		 "256 3 15 AQIDBAUG"},
		{DNS_TYPE_DNSKEY, "256 3 13 AQID BAUG", "0100030d010203040506",
		 "256 3 13 AQIDBAUG"},
		{DNS_TYPE_CDNSKEY, "0 3 0 AA==", "0000030000", NULL},
		{DNS_TYPE_CDS, "0 0 0 00", "0000000000", NULL},
		{DNS_TYPE_KEY, "512 3 13 AQIDBAUG", "0200030d010203040506", NULL},
		{DNS_TYPE_KEY, "49152 3 13", "c000030d", "\\# 4 c000030d"},
		{DNS_TYPE_NID, "10 0014:4fff:ff20:ee64", "000a00144fffff20ee64", NULL},
		{DNS_TYPE_NID, "10 14:4fff:ff20:ee64", "000a00144fffff20ee64",
		 "10 0014:4fff:ff20:ee64"},
		{DNS_TYPE_L32, "10 10.1.2.0", "000a0a010200", NULL},
		{DNS_TYPE_L64, "10 2001:0DB8:1140:1000", "000a20010db811401000",
		 "10 2001:0db8:1140:1000"},
		{DNS_TYPE_EUI48, "00-00-5e-00-53-2a", "00005e00532a", NULL},
		{DNS_TYPE_EUI64, "00-00-5e-ef-10-00-00-2a", "00005eef1000002a", NULL},
		{DNS_TYPE_RRSIG, "A 8 3 86400 20300101000000 20200101000000 12345 example. AQID",
		 "000108030001518070dbd8805e0be1003039076578616d706c6500010203", NULL},
		{DNS_TYPE_RRSIG, "A 8 3 86400 4294967295 1 12345 example. AQID",
		 "0001080300015180ffffffff000000013039076578616d706c6500010203",
		 "A 8 3 86400 21060207062815 19700101000001 12345 example. AQID"},
		{DNS_TYPE_RRSIG,
		 "TYPE65534 RSASHA256 3 1d 20300101000000 20200101000000 12345 examp"
		 "le. AQID",
		 "fffe08030001518070dbd8805e0be1003039076578616d706c6500010203",
		 "TYPE65534 8 3 86400 20300101000000 20200101000000 12345 example. AQID"},
		{DNS_TYPE_RRSIG, "1 8 3 86400 20300101000000 20200101000000 12345 example. AQID",
		 "000108030001518070dbd8805e0be1003039076578616d706c6500010203",
		 "A 8 3 86400 20300101000000 20200101000000 12345 example. AQID"},
		{DNS_TYPE_SIG, "KEY 8 3 86400 20300101000000 20200101000000 12345 example. AQID",
		 "001908030001518070dbd8805e0be1003039076578616d706c6500010203", NULL},
		{DNS_TYPE_NSEC, "a. A TYPE65534 NSEC",
		 "0161000006400000000001ff200000000000000000000000000000000000000000"
		 "000000000000000000000002",
		 "a. A NSEC TYPE65534"},
		{DNS_TYPE_NSEC3, "1 0 1 - 2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG",
		 "01000001001417f3df17b2b2adaef615257de4d2020b80ac6c7c0006400000000002", NULL},
		{DNS_TYPE_NSEC3, "1 0 1 aabb 2vptu5timamqttgl4luu9kg21e0aor3s",
		 "0100000102aabb1417f3df17b2b2adaef615257de4d2020b80ac6c7c", NULL},
		{DNS_TYPE_NSEC3, "1 0 1 - 2VPTU5TIMAMQTTGL4LUU9KG21E0AOR3S A",
		 "01000001001417f3df17b2b2adaef615257de4d2020b80ac6c7c000140",
		 "1 0 1 - 2vptu5timamqttgl4luu9kg21e0aor3s A"},
		{DNS_TYPE_NSEC3PARAM, "1 0 10 aabbccdd", "0100000a04aabbccdd", NULL},
		{DNS_TYPE_NSEC3PARAM, "1 0 0 -", "0100000000", NULL},
		{DNS_TYPE_CSYNC, "66 3 A NS AAAA", "000000420003000460000008", NULL},
		{DNS_TYPE_CSYNC, "66 3", "000000420003", NULL},
		{DNS_TYPE_ZONEMD,
		 "1 1 1 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		 "000000010101aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		 NULL},
		{DNS_TYPE_DSYNC, "CDS NOTIFY 5359 a.", "003b0114ef016100", "CDS 1 5359 a."},
		{DNS_TYPE_DSYNC, "CDS 1 5359 a.", "003b0114ef016100", NULL},
		{DNS_TYPE_DSYNC, "59 1 5359 a.", "003b0114ef016100", "CDS 1 5359 a."},
		{DNS_TYPE_RKEY, "0 1 5 AQID", "00000105010203", NULL},
		{DNS_TYPE_DLV,
		 "12345 13 2 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaa",
		 "30390d02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL},
		{DNS_TYPE_TA,
		 "12345 13 2 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaa",
		 "30390d02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL},
		{DNS_TYPE_KEY, "HOST 3 13 AQID", "0200030d010203", "512 3 13 AQID"},
		{DNS_TYPE_DNSKEY, "256 DNSSEC 13 AQID", "0100030d010203", "256 3 13 AQID"},
		{DNS_TYPE_KEY, "512 DNSSEC 13 AQID", "0200030d010203", "512 3 13 AQID"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		kit_reads(cases[i].type, cases[i].text, cases[i].hex, cases[i].again);
}

static void nothing_wraps_and_no_digit_is_made_up(void **state)
{
	static const struct {
		uint16_t type;
		const char *text, *error;
	} cases[] = {
		{DNS_TYPE_DS,
		 "70000 13 2 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaa",
		 "\"70000\" is not a number from 0 to 65535"},
		{DNS_TYPE_DS,
		 "12345 269 2 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaa",
		 "\"269\" is neither the name of a known algorithm nor a number from 0"
		 " to 255"},
		{DNS_TYPE_DS,
		 "12345 13 258 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaaa",
		 "\"258\" is neither the name of a known digest type nor a number from"
		 " 0 to 255"},
		{DNS_TYPE_DS,
		 "12345 13 2 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaa",
		 "an odd number of hex digits"},
		{DNS_TYPE_DS, "12345 13 2", "the digest is missing"},
		{DNS_TYPE_APL, "65537:10.0.0.0/264",
		 "\"65537:10.0.0.0/264\" is not a prefix as in 1:192.0.2.0/24 or 2:200"
		 "1:db8::/32"},
		{DNS_TYPE_APL, "1:10.0.0.0/33",
		 "\"1:10.0.0.0/33\" is not a prefix as in 1:192.0.2.0/24 or 2:2001:db8"
		 "::/32"},
		{DNS_TYPE_APL, "1:10.0.0.0",
		 "\"1:10.0.0.0\" is not a prefix as in 1:192.0.2.0/24 or 2:2001:db8::/32"},
		{DNS_TYPE_APL, "3:00/1",
		 "\"3:00/1\" is not a prefix as in 1:192.0.2.0/24 or 2:2001:db8::/32"},
		{DNS_TYPE_CERT, "65537 65536 256 AQID",
		 "\"65537\" is neither the name of a known certificate type nor a numb"
		 "er from 0 to 65535"},
		{DNS_TYPE_CERT, "1 1 8", "the certificate is missing"},
		{DNS_TYPE_DNSKEY, "65536 3 13 AQIDBAUG",
		 "\"65536\" is neither the name of a known flag nor a number from 0 to"
		 " 65535"},
		{DNS_TYPE_DNSKEY, "256 4 13 AQIDBAUG", "the protocol is not 3"},
		{DNS_TYPE_DNSKEY, "256 3 269 AQIDBAUG",
		 "\"269\" is neither the name of a known algorithm nor a number from 0"
		 " to 255"},
		{DNS_TYPE_DNSKEY, "256 3 13 AQIDBA", "the base64 is cut short"},
		{DNS_TYPE_DNSKEY, "256 3 13", "the public key is missing"},
		{DNS_TYPE_KEY, "512 259 13 AQID",
		 "\"259\" is neither the name of a known protocol nor a number from 0 "
		 "to 255"},
		{DNS_TYPE_NID, "65546 0014:4fff:ff20:ee64",
		 "\"65546\" is not a number from 0 to 65535"},
		{DNS_TYPE_NID, "10 00014:4fff:ff20:ee64",
		 "\"00014:4fff:ff20:ee64\" is not four groups of hex digits"},
		{DNS_TYPE_NID, "10 14:4fff:ff20",
		 "\"14:4fff:ff20\" is not four groups of hex digits"},
		{DNS_TYPE_NID, "10 ::1", "\"::1\" is not four groups of hex digits"},
		{DNS_TYPE_L32, "10 256.1.2.0", "\"256.1.2.0\" is not an IPv4 address"},
		{DNS_TYPE_EUI48, "0-00-5e-00-53-2a", "\"0-00-5e-00-53-2a\" is not an EUI-48"},
		{DNS_TYPE_EUI48, "00:00:5e:00:53:2a", "\"00:00:5e:00:53:2a\" is not an EUI-48"},
		{DNS_TYPE_RRSIG, "A 8 3 86400 20301301000000 20200101000000 12345 example. AQID",
		 "\"20301301000000\" is not a time as YYYYMMDDHHmmSS or in seconds of "
		 "32 bits"},
		{DNS_TYPE_RRSIG, "A 8 3 86400 4294967296 1 12345 example. AQID",
		 "\"4294967296\" is not a time as YYYYMMDDHHmmSS or in seconds of 32 bits"},
		{DNS_TYPE_RRSIG, "A 8 3 86400 20300229000000 20200101000000 12345 example. AQID",
		 "\"20300229000000\" is not a time as YYYYMMDDHHmmSS or in seconds of "
		 "32 bits"},
		{DNS_TYPE_RRSIG, "A 8 259 86400 20300101000000 20200101000000 12345 example. AQID",
		 "\"259\" is not a number from 0 to 255"},
		{DNS_TYPE_RRSIG, "A 8 3 86400 20300101000000 20200101000000 77777 example. AQID",
		 "\"77777\" is not a number from 0 to 65535"},
		{DNS_TYPE_NSEC, "a. A FOO", "\"FOO\" is not a type of records"},
		{DNS_TYPE_NSEC, "a.", "the list of types is empty"},
		{DNS_TYPE_NSEC3, "1 0 1 aab 2vptu5timamqttgl4luu9kg21e0aor3s A",
		 "\"aab\" is not \"-\" or the hex of at most 255 octets"},
		{DNS_TYPE_NSEC3, "257 0 1 - 2vptu5timamqttgl4luu9kg21e0aor3s A",
		 "\"257\" is not a number from 0 to 255"},
		{DNS_TYPE_NSEC3, "1 0 65536 - 2vptu5timamqttgl4luu9kg21e0aor3s A",
		 "\"65536\" is not a number from 0 to 65535"},
		{DNS_TYPE_NSEC3, "1 0 1 - 2vptu5timamqttgl4luu9kg21e0aor3 A",
		 "\"2vptu5timamqttgl4luu9kg21e0aor3\" is not the base32 of at most 255"
		 " octets"},
		{DNS_TYPE_CSYNC, "66 65539 A", "\"65539\" is not a number from 0 to 65535"},
		{DNS_TYPE_ZONEMD, "1 1 1 aaaa",
		 "the digest does not have the length of its algorithm"},
		{DNS_TYPE_DS, "1 2 5 \"\" aabb", "\"\" is not hex"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		kit_fails(cases[i].type, cases[i].text, cases[i].error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_digits_and_lists_have_one_wire_form),
		cmocka_unit_test(nothing_wraps_and_no_digit_is_made_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
