/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The Unicode standard's own table of what is well-formed, by its limits. */
static void a_character_is_found_and_what_is_none_is_not(void **state)
{
	static const struct {
		const char *octets;
		size_t n;
		bool is_control;
	} cases[] = {
		{"", 1, true},
		{"\x1f", 1, true},
		{" ", 1, false},
		{"~", 1, false},
		{"\x7f", 1, true},
		{"\x80", 0, false},
		{"\xc1\xbf", 0, false}, /* overlong */
		{"\xc2\x80", 2, true},
		{"\xc2\x9f", 2, true},
		{"\xc2\xa0", 2, false},
		{"\xdf\xbf", 2, false},
		{"\xdf", 0, false},
		{"\xdf\x7f", 0, false},
		{"\xdf\xc0", 0, false},
		{"\xe0\x9f\xbf", 0, false}, /* overlong */
		{"\xe0\xa0\x80", 3, false},
		{"\xe6\x9d", 0, false},
		{"\xe6\x9d\x7f", 0, false},
		{"\xed\x9f\xbf", 3, false},
		{"\xed\xa0\x80", 0, false}, /* a surrogate */
		{"\xee\x80\x80", 3, false},
		{"\xef\xbf\xbf", 3, false},
		{"\xf0\x8f\xbf\xbf", 0, false}, /* overlong */
		{"\xf0\x90\x80\x80", 4, false},
		{"\xf4\x8f\xbf\xbf", 4, false},
		{"\xf4\x90\x80\x80", 0, false}, /* above U+10FFFF */
		{"\xf5\x80\x80\x80", 0, false},
		{"\xff", 0, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const uint8_t *at = (const uint8_t *)cases[i].octets;
		size_t nbytes = cases[i].octets[0] == '\0' ? 1 : strlen(cases[i].octets);

		assert_int_equal(base_utf8_character(at, nbytes), cases[i].n);
		if (cases[i].n > 0)
			assert_int_equal(base_utf8_is_control(at), cases[i].is_control);
	}
}

static void a_character_ends_where_there_is_no_more(void **state)
{
	static const uint8_t octets[] = "\xf0\x9f\x96\xa8";

	(void)state;
	for (size_t left = 1; left <= 4; left++)
		assert_int_equal(base_utf8_character(octets, left), left == 4 ? 4 : 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_character_is_found_and_what_is_none_is_not),
		cmocka_unit_test(a_character_ends_where_there_is_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
