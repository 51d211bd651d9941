/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "base/secret.h"

static int start(void **state)
{
	(void)state;
	return base_secret_start();
}

/* RFC 4648 section 10. */
static void base64_has_its_padding(void **state)
{
	static const struct {
		const char *bytes, *text;
	} cases[] = {
		{"", ""},
		{"f", "Zg=="},
		{"fo", "Zm8="},
		{"foo", "Zm9v"},
		{"foob", "Zm9vYg=="},
		{"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"},
	};
	char text[BASE_SECRET_BASE64_SIZE(6)];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		base_secret_to_base64(text, (const uint8_t *)cases[i].bytes,
				      strlen(cases[i].bytes));
		assert_string_equal(text, cases[i].text);
		assert_int_equal(BASE_SECRET_BASE64_SIZE(strlen(cases[i].bytes)), strlen(text) + 1);
	}
}

static void hex_must_have_exactly_the_octets_asked_for(void **state)
{
	static const struct {
		const char *text;
		int ret;
	} cases[] = {
		{"00fFa5", 0},	    {"00ff", -EINVAL},	 {"00ffa500", -EINVAL},
		{"00ffa", -EINVAL}, {"00ffxx", -EINVAL}, {"00ffa5 ", -EINVAL},
		{"", -EINVAL},
	};
	uint8_t bytes[3];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(base_secret_from_hex(bytes, sizeof(bytes), cases[i].text,
						      strlen(cases[i].text)),
				 cases[i].ret);
	assert_int_equal(base_secret_from_hex(bytes, sizeof(bytes), "00fFa5", 6), 0);
	assert_memory_equal(bytes, "\0\377\245", 3);
}

static void a_wiped_secret_is_zero_and_random_octets_are_not(void **state)
{
	uint8_t bytes[32] = {0}, zero[32] = {0};

	(void)state;
	base_secret_random(bytes, sizeof(bytes));
	assert_memory_not_equal(bytes, zero, sizeof(bytes));
	base_secret_wipe(bytes, sizeof(bytes));
	assert_memory_equal(bytes, zero, sizeof(bytes));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_has_its_padding),
		cmocka_unit_test(hex_must_have_exactly_the_octets_asked_for),
		cmocka_unit_test(a_wiped_secret_is_zero_and_random_octets_are_not),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
