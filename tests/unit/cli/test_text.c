/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "cli/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void octets_that_a_terminal_must_not_get_are_escaped(void **state)
{
	static const struct {
		const char *octets, *text;
	} cases[] = {
		{"My web", "My web"},
		{"b\xc3\xbcro", "b\xc3\xbcro"},
		{"\xe6\x9d\xb1\xe4\xba\xac", "\xe6\x9d\xb1\xe4\xba\xac"},
		{"\xf0\x9f\x96\xa8", "\xf0\x9f\x96\xa8"},
		{"a\\b", "a\\092b"},
		{"\x1b[31m", "\\027[31m"},
		{"a\nb\tc\x7f", "a\\010b\\009c\\127"},
		{"\xc2\x9b", "\\194\\155"},		      /* C1 */
		{"a\xe2\x80\xae", "a\\226\\128\\174"}, /* direction */
		{"\xc0\xaf", "\\192\\175"},		      /* overlong */
		{"\xed\xa0\x80", "\\237\\160\\128"},	      /* a surrogate */
		{"\xf4\x90\x80\x80", "\\244\\144\\128\\128"}, /* above U+10FFFF */
		{"\xe6\x9d", "\\230\\157"},		      /* cut */
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *text = cli_text_escape(cases[i].octets, strlen(cases[i].octets));
		bool is_shown = strchr(cases[i].octets, '\\') != NULL ||
				strcmp(cases[i].octets, cases[i].text) == 0;

		assert_string_equal(text, cases[i].text);
		assert_int_equal(cli_text_is_shown(cases[i].octets, strlen(cases[i].octets)),
				 is_shown);
		free(text);
	}
}

static void an_octet_of_zero_is_escaped_too(void **state)
{
	json_t *value = cli_text_to_json("a\0b", 3);

	(void)state;
	assert_string_equal(json_string_value(value), "a\\000b");
	json_decref(value);
}

static void a_width_counts_columns_of_a_terminal(void **state)
{
	static const struct {
		const char *text;
		size_t width;
	} cases[] = {
		{"", 0},
		{"abc", 3},
		{"b\xc3\xbcro", 4},
		{"\xe6\x9d\xb1\xe4\xba\xac", 4}, /* two wide ones */
		{"e\xcc\x81", 1},		 /* a combining one */
		{"\xff", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(cli_text_width(cases[i].text), cases[i].width);
	assert_int_equal(cli_text_fit("\xe6\x9d\xb1\xe4\xba\xac", 3), 3);
	assert_int_equal(cli_text_fit("abc", 2), 2);
	assert_int_equal(cli_text_fit("abc", 9), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(octets_that_a_terminal_must_not_get_are_escaped),
		cmocka_unit_test(an_octet_of_zero_is_escaped_too),
		cmocka_unit_test(a_width_counts_columns_of_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
