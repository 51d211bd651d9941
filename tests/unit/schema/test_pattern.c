/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "schema/pattern.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int match(const char *pattern, const char *text)
{
	struct schema_pattern *p;
	int ret;

	assert_int_equal(schema_pattern_new(&p, pattern, NULL), 0);
	assert_string_equal(schema_pattern_text(p), pattern);
	ret = schema_pattern_match(p, text, strlen(text));
	schema_pattern_free(p);
	return ret;
}

static void patterns_match_as_those_of_ecmascript(void **state)
{
	static const struct {
		const char *pattern, *text;
		int matches;
	} cases[] = {
		{"b", "abc", 1},
		{"^b", "abc", 0},
		{"^\\d+$", "123", 1},
		{"^a$", "a\n", 0},
		{"^.$", "\xc3\xa4", 1},
		{"^\\u0061$", "a", 1},
		{"^[a-z]+(-[a-z]+)*$", "a-b", 1},
		{"", "", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (match(cases[i].pattern, cases[i].text) != cases[i].matches)
			fail_msg("%s, %s", cases[i].pattern, cases[i].text);
}

static void a_match_that_explodes_is_given_up(void **state)
{
	char text[60];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 2] = '!';
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(match("^(a+)+$", text), -E2BIG);
	assert_int_equal(match("(a|aa)+$", text), -E2BIG);
}

static void long_texts_match_simple_patterns(void **state)
{
	char *text = malloc(60001);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < 60000; i++)
		text[i] = "ab"[i % 2];
	text[60000] = '\0';
	assert_int_equal(match("^[ab]*$", text), 1);
	text[5000] = '\0';
	assert_int_equal(match("^(ab)*$", text), 1);
	free(text);
}

static void invalid_and_too_large_ones_are_refused(void **state)
{
	static const char *const texts[] = {"(", "[b-a]", "a{2,1}", "(?<n>a)(?<n>b)",
					    "(((a{1,200}){1,200}){1,200}){1,200}"};
	char text[SCHEMA_PATTERN_MAX + 2];
	struct schema_pattern *p;
	struct base_error error;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(schema_pattern_new(&p, texts[i], &error), -EINVAL);
		assert_null(p);
		assert_non_null(strstr(error.text, " is not a regular expression: "));
	}
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(schema_pattern_new(&p, text, &error), -EINVAL);
	schema_pattern_free(NULL);
}

static void an_anchored_pattern_costs_less(void **state)
{
	struct schema_pattern *begins, *anywhere;

	(void)state;
	assert_int_equal(schema_pattern_new(&begins, "^a", NULL), 0);
	assert_int_equal(schema_pattern_new(&anywhere, "a", NULL), 0);
	assert_true(schema_pattern_cost(begins, 1000) < schema_pattern_cost(anywhere, 1000));
	assert_int_equal(schema_pattern_cost(begins, 0), 20);
	schema_pattern_free(begins);
	schema_pattern_free(anywhere);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_match_as_those_of_ecmascript),
		cmocka_unit_test(a_match_that_explodes_is_given_up),
		cmocka_unit_test(long_texts_match_simple_patterns),
		cmocka_unit_test(invalid_and_too_large_ones_are_refused),
		cmocka_unit_test(an_anchored_pattern_costs_less),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
