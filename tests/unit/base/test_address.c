/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/address.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void addresses_go_to_struct_and_back(void **state)
{
	static const struct {
		const char *text, *back;
	} cases[] = {
		{"127.0.0.1", "127.0.0.1@53"},
		{"127.0.0.1@5300", "127.0.0.1@5300"},
		{"::1", "::1@53"},
		{"::1@5300", "::1@5300"},
		{"2001:DB8:0::1@1", "2001:db8::1@1"},
		{"fe80::1%lo@53", "fe80::1%lo@53"},
		{"::", "::@53"},
		{"0.0.0.0@0", "0.0.0.0@0"},
	};
	struct sockaddr_storage address, again;
	char text[BASE_ADDRESS_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct sockaddr *sa = (const struct sockaddr *)&address;

		assert_int_equal(base_address_from_text(&address, cases[i].text, 53), 0);
		assert_string_equal(base_address_to_text(text, sa), cases[i].back);
		assert_int_equal(base_address_from_text(&again, text, 1), 0);
		assert_true(base_address_equal(sa, (const struct sockaddr *)&again));
	}
}

static void an_address_is_made_from_its_bytes(void **state)
{
	static const uint8_t v4[] = {192, 0, 2, 1}, v6[16] = {0x20, 1, 0xd, 0xb8, [15] = 7};
	struct sockaddr_storage address;
	char text[BASE_ADDRESS_TEXT_MAX];

	(void)state;
	base_address_from_bytes(&address, AF_INET, v4, 5300);
	assert_string_equal(base_address_to_text(text, (const struct sockaddr *)&address),
			    "192.0.2.1@5300");
	base_address_from_bytes(&address, AF_INET6, v6, 53);
	assert_string_equal(base_address_to_text(text, (const struct sockaddr *)&address),
			    "2001:db8::7@53");
}

static void an_invalid_address_is_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"@53",
		"localhost",
		"127.0.0.1@",
		"127.0.0.1@65536",
		"127.0.0.1@dns",
		"10.1",
		"127.0.0.1@-1",
		"127.0.0.1 @53",
		"[::1]",
		"::1@53@53",
		"127.0.0.1:53",
		"1::2::3",
		"fe80::1%no-such-interface",
	};
	struct sockaddr_storage address;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(base_address_from_text(&address, cases[i], 53), -EINVAL);
}

static void a_prefix_contains_the_addresses_in_it(void **state)
{
	static const struct {
		const char *prefix, *address;
		bool has;
	} cases[] = {
		{"10.0.0.0/8", "10.255.0.1", true},
		{"10.0.0.0/8", "11.0.0.1", false},
		{"10.0.0.1", "10.0.0.1", true},
		{"10.0.0.1", "10.0.0.2", false},
		{"10.16.0.0/12", "10.31.255.255", true},
		{"10.16.0.0/12", "10.32.0.0", false},
		{"0.0.0.0/0", "192.0.2.1", true},
		{"0.0.0.0/0", "2001:db8::1", false},
		{"::/0", "2001:db8::1", true},
		{"2001:db8::/33", "2001:db8:7fff::", true},
		{"2001:db8::/33", "2001:db8:8000::", false},
		{"::1", "::1", true},
		{"10.0.0.0/8", "::ffff:10.0.0.1", true},
	};
	struct sockaddr_storage address;
	struct base_prefix prefix;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(base_prefix_from_text(&prefix, cases[i].prefix), 0);
		assert_int_equal(base_address_from_text(&address, cases[i].address, 53), 0);
		assert_int_equal(base_prefix_has(&prefix, (const struct sockaddr *)&address),
				 cases[i].has);
	}
}

static void an_invalid_prefix_is_refused(void **state)
{
	static const struct {
		const char *text;
		int ret;
	} cases[] = {
		{"", -EINVAL},	       {"10.0.0.0/33", -EINVAL},  {"10.0.0.0/", -EINVAL},
		{"10.0.0/8", -EINVAL}, {"10.0.0.1/8", -EDOM},	  {"::/129", -EINVAL},
		{"any", -EINVAL},      {"2001:db8::1/64", -EDOM}, {"10.0.0.0/8/8", -EINVAL},
		{"10.0.0.0/7", 0},     {"10.128.0.0/8", -EDOM},
	};
	struct base_prefix prefix;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(base_prefix_from_text(&prefix, cases[i].text), cases[i].ret);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_go_to_struct_and_back),
		cmocka_unit_test(an_address_is_made_from_its_bytes),
		cmocka_unit_test(an_invalid_address_is_refused),
		cmocka_unit_test(a_prefix_contains_the_addresses_in_it),
		cmocka_unit_test(an_invalid_prefix_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
