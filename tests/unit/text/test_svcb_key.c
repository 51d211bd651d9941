/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "text/svcb_key.h"

static void a_key_has_a_name_or_a_number_without_leading_zeros(void **state)
{
	static const struct {
		const char *text;
		bool is_key, is_named;
		uint16_t key;
		const char *again;
	} cases[] = {
		{"mandatory", true, true, 0, "mandatory"},
		{"alpn", true, true, 1, "alpn"},
		{"no-default-alpn", true, true, 2, "no-default-alpn"},
		{"port", true, true, 3, "port"},
		{"ipv6hint", true, true, 6, "ipv6hint"},
		{"dohpath", true, true, 7, "key7"}, /* not every server knows the name */
		{"ohttp", true, true, 8, "key8"},
		{"key0", true, false, 0, "mandatory"},
		{"key3", true, false, 3, "port"},
		{"key65535", true, false, 65535, "key65535"},
		{"key65536", false, false, 0, NULL},
		{"key00", false, false, 0, NULL},
		{"key03", false, false, 0, NULL},
		{"key", false, false, 0, NULL},
		{"Port", false, false, 0, NULL},
		{"ports", false, false, 0, NULL},
		{"", false, false, 0, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[32];
		struct base_out o = base_out_over(text, sizeof(text));
		uint16_t key;
		bool is_named;

		assert_int_equal(
			text_svcb_key_parse(&key, &is_named, cases[i].text, strlen(cases[i].text)),
			cases[i].is_key);
		if (!cases[i].is_key)
			continue;
		assert_int_equal(is_named, cases[i].is_named);
		assert_int_equal(key, cases[i].key);
		text_svcb_key_write(&o, key);
		base_out_u8(&o, '\0');
		assert_string_equal(text, cases[i].again);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_has_a_name_or_a_number_without_leading_zeros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
