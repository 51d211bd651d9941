/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "text/generate.h"
#include "text/token.h"

static void a_range_has_start_stop_and_step(void **state)
{
	static const struct {
		const char *text;
		bool is_valid;
		uint32_t start, stop, step;
	} cases[] = {
		{"1-3", true, 1, 3, 1},
		{"0-0", true, 0, 0, 1},
		{"10-20/5", true, 10, 20, 5},
		{"0-2147483647/1000", true, 0, 2147483647, 1000},
		{"0-16777215", true, 0, 16777215, 1},
		{"0-16777216", false, 0, 0, 0}, /* too many */
		{"3-1", false, 0, 0, 0},
		{"1-3/0", false, 0, 0, 0},
		{"1-3/", false, 0, 0, 0},
		{"1-", false, 0, 0, 0},
		{"-3", false, 0, 0, 0},
		{"1", false, 0, 0, 0},
		{"", false, 0, 0, 0},
		{"1-3x", false, 0, 0, 0},
		{"1-2147483648", false, 0, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct text_generate g = {0};

		assert_int_equal(text_generate_parse(&g, cases[i].text, strlen(cases[i].text)),
				 cases[i].is_valid);
		if (!cases[i].is_valid)
			continue;
		assert_int_equal(g.start, cases[i].start);
		assert_int_equal(g.stop, cases[i].stop);
		assert_int_equal(g.step, cases[i].step);
	}
}

static struct text_token token(const char *text, bool is_quoted)
{
	return (struct text_token){
		.text = text, .nchars = (uint32_t)strlen(text), .is_quoted = is_quoted};
}

/* Returns the owner that a template makes; NULL if the template is malformed. */
static const char *owner(const char *template, uint32_t value)
{
	static char out[1024];
	struct text_token t = token(template, false);
	struct text_generate g = {.owner = &t, .more = &t, .end = &t};
	struct base_out o = base_out_over(out, sizeof(out));

	if (!text_generate_write(&o, &g, value))
		return NULL;
	assert_int_equal(o.at[-1], '\n');
	o.at[-1] = '\0';
	return out;
}

static void a_dollar_is_replaced_by_the_number(void **state)
{
	static const struct {
		const char *template;
		uint32_t value;
		const char *text;
	} cases[] = {
		{"a$", 7, "a7"},
		{"$.$", 7, "7.7"},
		{"a$$", 7, "a$"},
		{"a\\$", 7, "a$"},
		{"a\\.$", 7, "a\\.7"},
		{"${0}", 7, "7"},
		{"${-7}", 7, "0"},
		{"${3}", 7, "10"},
		{"${0,3}", 7, "007"},
		{"${0,0,x}", 255, "ff"},
		{"${0,4,X}", 255, "00FF"},
		{"${0,3,o}", 8, "010"},
		{"${0,7,n}", 0x12, "2.1.0.0"},
		{"${0,1,N}", 0xab, "B.A"},
		{"${-8}", 7, NULL},
		{"${4294967295}", 0, NULL},
		{"${", 7, NULL},
		{"${0", 7, NULL},
		{"${0,}", 7, NULL},
		{"${0,256}", 7, NULL},
		{"${0,1,z}", 7, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *text = owner(cases[i].template, cases[i].value);

		if (cases[i].text == NULL)
			assert_null(text);
		else
			assert_string_equal(text, cases[i].text);
	}
}

static void a_line_has_all_tokens_and_a_single_one_of_data_unquoted(void **state)
{
	struct text_token t[] = {token("a$", false), token("TXT", false), token("rack $", true),
				 token("row 7", true)};
	struct text_token one[] = {token("a$", false), token("5", false), token("TXT", false),
				   token("x$ \\\"$ y\\\"", true)};
	struct text_generate g = {.owner = t, .more = t + 1, .end = t + 4};
	struct text_generate unquoted = {.owner = one, .more = one + 1, .end = one + 4};
	char out[64], small[10];
	struct base_out o = base_out_over(out, sizeof(out));

	(void)state;
	assert_true(text_generate_write(&o, &g, 5));
	assert_int_equal(base_out_nbytes(&o), strlen("a5 TXT \"rack 5\" \"row 7\"\n"));
	assert_memory_equal(out, "a5 TXT \"rack 5\" \"row 7\"\n", base_out_nbytes(&o));
	o = base_out_over(out, sizeof(out));
	assert_true(text_generate_write(&o, &unquoted, 5));
	assert_memory_equal(out, "a5 5 TXT x5 \"5 y\"\n", base_out_nbytes(&o));
	o = base_out_over(small, sizeof(small));
	text_generate_write(&o, &g, 5);
	assert_true(o.is_full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_range_has_start_stop_and_step),
		cmocka_unit_test(a_dollar_is_replaced_by_the_number),
		cmocka_unit_test(a_line_has_all_tokens_and_a_single_one_of_data_unquoted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
