/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns/type.h"
#include "kit.h"

/* RFC 9460 appendix D.1 and D.2. */
static void vectors_of_rfc_9460_are_read(void **state)
{
	static const struct {
		uint16_t type;
		const char *text, *hex, *again;
	} cases[] = {
		{DNS_TYPE_HTTPS, "0 foo.example.com.", "000003666f6f076578616d706c6503636f6d00",
		 NULL},
		{DNS_TYPE_SVCB, "1 .", "000100", NULL},
		{DNS_TYPE_SVCB, "16 foo.example.com. port=53",
		 "001003666f6f076578616d706c6503636f6d00000300020035", NULL},
		{DNS_TYPE_SVCB, "1 foo.example.com. key667=hello",
		 "000103666f6f076578616d706c6503636f6d00029b000568656c6c6f", NULL},
		{DNS_TYPE_SVCB, "1 foo.example.com. key667=\"hello\\210qoo\"",
		 "000103666f6f076578616d706c6503636f6d00029b000968656c6c6fd2716f6f", NULL},
		{DNS_TYPE_SVCB, "1 foo.example.com. ipv6hint=\"2001:db8::1,2001:db8::53:1\"",
		 "000103666f6f076578616d706c6503636f6d000006002020010db8000000000000"
		 "00000000000120010db8000000000000000000530001",
		 "1 foo.example.com. ipv6hint=2001:db8::1,2001:db8::53:1"},
		{DNS_TYPE_SVCB, "1 example.com. ipv6hint=\"2001:db8:122:344::192.0.2.33\"",
		 "0001076578616d706c6503636f6d000006001020010db80122034400000000c0000221",
		 "1 example.com. ipv6hint=2001:db8:122:344::c000:221"},
		{DNS_TYPE_SVCB,
		 "16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint"
		 "=192.0.2.1",
		 "001003666f6f076578616d706c65036f7267000000000400010004000100090268"
		 "320568332d313900040004c0000201",
		 "16 foo.example.org. mandatory=alpn,ipv4hint alpn=h2,h3-19 ipv4hint"
		 "=192.0.2.1"},
		{DNS_TYPE_SVCB, "16 foo.example.org. alpn=\"f\\\\\\\\oo\\\\,bar,h2\"",
		 "001003666f6f076578616d706c65036f7267000001000c08665c6f6f2c626172026832", NULL},
		{DNS_TYPE_SVCB, "16 foo.example.org. alpn=f\\\\\\092oo\\092,bar,h2",
		 "001003666f6f076578616d706c65036f7267000001000c08665c6f6f2c626172026832",
		 "16 foo.example.org. alpn=\"f\\\\\\\\oo\\\\,bar,h2\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		kit_reads(cases[i].type, cases[i].text, cases[i].hex, cases[i].again);
}

/* RFC 9460 appendix D.3. */
static void failure_cases_of_rfc_9460_are_refused(void **state)
{
	static const struct {
		uint16_t type;
		const char *text, *error;
	} cases[] = {
		{DNS_TYPE_SVCB, "1 foo.example.com. key123=abc key123=def",
		 "\"key123=def\" is a second parameter with this key"},
		{DNS_TYPE_SVCB, "1 foo.example.com. mandatory",
		 "\"mandatory\" does not have a valid value"},
		{DNS_TYPE_SVCB, "1 foo.example.com. alpn", "\"alpn\" does not have a valid value"},
		{DNS_TYPE_SVCB, "1 foo.example.com. port", "\"port\" does not have a valid value"},
		{DNS_TYPE_SVCB, "1 foo.example.com. ipv4hint",
		 "\"ipv4hint\" does not have a valid value"},
		{DNS_TYPE_SVCB, "1 foo.example.com. ipv6hint",
		 "\"ipv6hint\" does not have a valid value"},
		{DNS_TYPE_SVCB, "1 foo.example.com. no-default-alpn=abc",
		 "\"no-default-alpn=abc\" does not have a valid value"},
		{DNS_TYPE_SVCB, "1 foo.example.com. mandatory=key123",
		 "a mandatory key is missing"},
		{DNS_TYPE_SVCB, "1 foo.example.com. mandatory=mandatory", "mandatory lists itself"},
		{DNS_TYPE_SVCB, "1 foo.example.com. mandatory=key123,key123 key123=abc",
		 "mandatory lists a key twice or out of order"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		kit_fails(cases[i].type, cases[i].text, cases[i].error);
}

static void a_key_by_number_is_the_one_by_name(void **state)
{
	static const struct {
		uint16_t type;
		const char *text, *hex, *again;
	} cases[] = {
		{DNS_TYPE_SVCB, "1 . key1=\"\\002h2\"", "00010000010003026832", "1 . alpn=h2"},
		{DNS_TYPE_SVCB, "1 . key3=\"\\000\\053\"", "000100000300020035", "1 . port=53"},
		{DNS_TYPE_SVCB, "1 . key4=\"\\001\\002\\003\\004\"", "0001000004000401020304",
		 "1 . ipv4hint=1.2.3.4"},
		{DNS_TYPE_SVCB, "1 . key0=\"\\000\\003\" port=1", "000100000000020003000300020001",
		 "1 . mandatory=port port=1"},
		{DNS_TYPE_SVCB, "1 . key5=AA==", "0001000005000441413d3d", "1 . ech=QUE9PQ=="},
		{DNS_TYPE_SVCB, "1 . key7=/a{?dns}", "000100000700082f617b3f646e737d",
		 "1 . key7=\"/a{?dns}\""},
		{DNS_TYPE_SVCB, "1 . key8", "00010000080000", NULL},
		{DNS_TYPE_SVCB, "1 . key667", "000100029b0000", NULL},
		{DNS_TYPE_SVCB, "1 . key667=\"\"", "000100029b0000", "1 . key667"},
		{DNS_TYPE_SVCB, "1 . key65535=a", "000100ffff000161", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		kit_reads(cases[i].type, cases[i].text, cases[i].hex, cases[i].again);
}

static void values_have_the_form_of_their_keys(void **state)
{
	static const struct {
		uint16_t type;
		const char *text, *hex, *again;
	} cases[] = {
		{DNS_TYPE_SVCB, "1 . port=0", "000100000300020000", NULL},
		{DNS_TYPE_SVCB, "1 . port=00080", "000100000300020050", "1 . port=80"},
		{DNS_TYPE_SVCB, "1 . mandatory=key3 port=1", "000100000000020003000300020001",
		 "1 . mandatory=port port=1"},
		{DNS_TYPE_SVCB, "1 . mandatory=port,alpn port=1 alpn=h2",
		 "000100000000040001000300010003026832000300020001",
		 "1 . mandatory=alpn,port alpn=h2 port=1"},
		{DNS_TYPE_SVCB, "1 . ech=AA==", "0001000005000100", NULL},
		{DNS_TYPE_SVCB, "1 . ech=\"AA==\"", "0001000005000100", "1 . ech=AA=="},
		{DNS_TYPE_SVCB, "1 . ech", "00010000050000", "1 . key5"},
		{DNS_TYPE_SVCB, "1 . dohpath=/a{?dns}", "000100000700082f617b3f646e737d",
		 "1 . key7=\"/a{?dns}\""},
		{DNS_TYPE_SVCB, "1 . ohttp", "00010000080000", "1 . key8"},
		{DNS_TYPE_SVCB, "1 . no-default-alpn alpn=h2", "0001000001000302683200020000",
		 "1 . alpn=h2 no-default-alpn"},
		{DNS_TYPE_SVCB, "1 . no-default-alpn=\"\" alpn=h2", "0001000001000302683200020000",
		 "1 . alpn=h2 no-default-alpn"},
		{DNS_TYPE_SVCB, "1 . alpn=\"a b,\\\"c\\\"\"", "000100000100080361206203226322",
		 NULL},
		{DNS_TYPE_SVCB, "1 . alpn=\"h2, h3\"", "0001000001000702683203206833", NULL},
		{DNS_TYPE_SVCB, "1 . key667=\"a\\\"b\"", "000100029b0003612262", NULL},
		{DNS_TYPE_SVCB, "1 . key667=\"a;b(c)\"", "000100029b0006613b62286329", NULL},
		{DNS_TYPE_SVCB, "0 a. port=1", "0000016100000300020001", NULL},
		{DNS_TYPE_HTTPS, "65535 .", "ffff00", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		kit_reads(cases[i].type, cases[i].text, cases[i].hex, cases[i].again);
}

static void what_is_not_a_parameter_is_refused(void **state)
{
	static const struct {
		uint16_t type;
		const char *text, *error;
	} cases[] = {
		{DNS_TYPE_SVCB, "1 . port=65536", "\"port=65536\" does not have a valid value"},
		{DNS_TYPE_SVCB, "1 . port=-1", "\"port=-1\" does not have a valid value"},
		{DNS_TYPE_SVCB, "1 . port=", "\"port=\" does not have a valid value"},
		{DNS_TYPE_SVCB, "1 . alpn=h2,,h3", "\"alpn=h2,,h3\" does not have a valid value"},
		{DNS_TYPE_SVCB, "1 . alpn=h2,", "\"alpn=h2,\" does not have a valid value"},
		{DNS_TYPE_SVCB, "1 . alpn=\"f\\\\oo\"", "\"alpn=\" does not have a valid value"},
		{DNS_TYPE_SVCB, "1 . mandatory=port,port port=1",
		 "mandatory lists a key twice or out of order"},
		{DNS_TYPE_SVCB, "1 . mandatory=key3,port port=1",
		 "mandatory lists a key twice or out of order"},
		{DNS_TYPE_SVCB, "1 . mandatory=foo port=1",
		 "\"mandatory=foo\" does not have a valid value"},
		{DNS_TYPE_SVCB, "1 . ech=AA", "\"ech=AA\" does not have a valid value"},
		{DNS_TYPE_SVCB, "1 . key1=\"\\003h2\"",
		 "alpn has an ALPN ID that is empty or cut short"},
		{DNS_TYPE_SVCB, "1 . key3=\"\\000\"", "port is not a number of 16 bits"},
		{DNS_TYPE_SVCB, "1 . key2", "no-default-alpn without alpn"},
		{DNS_TYPE_SVCB, "1 . key00003=\"\\000\\053\"",
		 "\"key00003=\" is not a parameter as in key=value"},
		{DNS_TYPE_SVCB, "1 . key65536=a",
		 "\"key65536=a\" is not a parameter as in key=value"},
		{DNS_TYPE_SVCB, "1 . dohpath=/a", "dohpath does not have the variable dns"},
		{DNS_TYPE_SVCB, "1 . dohpath=a{?dns}", "dohpath does not begin with a slash"},
		{DNS_TYPE_SVCB, "1 . ohttp=a", "\"ohttp=a\" does not have a valid value"},
		{DNS_TYPE_SVCB, "1 . no-default-alpn", "no-default-alpn without alpn"},
		{DNS_TYPE_SVCB, "1 . port=1 key3=\"\\000\\053\"",
		 "\"key3=\" is a second parameter with this key"},
		{DNS_TYPE_SVCB, "1 . foo=bar", "\"foo=bar\" is not a parameter as in key=value"},
		{DNS_TYPE_SVCB, "1 . PORT=1", "\"PORT=1\" is not a parameter as in key=value"},
		{DNS_TYPE_SVCB, "1 . \"key667=a b\"",
		 "\"key667=a b\" is not a parameter as in key=value"},
		{DNS_TYPE_SVCB, "1 . key667=a\"b\"",
		 "\"key667=a\" is not a parameter as in key=value"},
		{DNS_TYPE_SVCB, "1 . key667=\"a\"b",
		 "\"key667=\" is not a parameter as in key=value"},
		{DNS_TYPE_SVCB, "1 . key667 =\"a\"", "\"=\" is not a parameter as in key=value"},
		{DNS_TYPE_SVCB, "1 . key667=\"\\256\"",
		 "\"key667=\" has an escape that is not \\DDD"},
		{DNS_TYPE_SVCB, "1 . ipv4hint=1.2.3",
		 "\"ipv4hint=1.2.3\" does not have a valid value"},
		{DNS_TYPE_SVCB, "1 . ipv4hint=1.2.3.4,",
		 "\"ipv4hint=1.2.3.4,\" does not have a valid value"},
		{DNS_TYPE_SVCB, "1 . ipv6hint=0000000000000000000000000000000000000000000000",
		 "\"ipv6hint=0000000000000000000000000000000000000000000000\" does not"
		 " have a valid value"},
		{DNS_TYPE_HTTPS, "65536 .", "\"65536\" is not a number from 0 to 65535"},
		{DNS_TYPE_HTTPS, "65537 .", "\"65537\" is not a number from 0 to 65535"},
		{DNS_TYPE_HTTPS, "-1 .", "\"-1\" is not a number from 0 to 65535"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		kit_fails(cases[i].type, cases[i].text, cases[i].error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_of_rfc_9460_are_read),
		cmocka_unit_test(failure_cases_of_rfc_9460_are_refused),
		cmocka_unit_test(a_key_by_number_is_the_one_by_name),
		cmocka_unit_test(values_have_the_form_of_their_keys),
		cmocka_unit_test(what_is_not_a_parameter_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
