/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "schema/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "../json.h"

static void equal_values_are_found_and_have_one_hash(void **state)
{
	static const struct {
		const char *a, *b;
		bool are_equal;
	} cases[] = {
		{"[1]", "[1.0]", true},
		{"[0]", "[-0.0]", true},
		{"[1]", "[true]", false},
		{"[0]", "[false]", false},
		{"[1, 2]", "[2, 1]", false},
		{"[1]", "[1, 1]", false},
		{"{'a': 1, 'b': [2]}", "{'b': [2], 'a': 1}", true},
		{"{'a': 1}", "{'b': 1}", false},
		{"['a']", "['b']", false},
		{"[null]", "[null]", true},
		{"[9007199254740993]", "[9007199254740992]", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *a = json_of(cases[i].a), *b = json_of(cases[i].b);
		size_t steps = 100;

		if (schema_value_equal(a, b, &steps) != cases[i].are_equal)
			fail_msg("%s and %s", cases[i].a, cases[i].b);
		if (cases[i].are_equal)
			assert_true(schema_value_hash(a) == schema_value_hash(b));
		assert_true(steps < 100);
		json_decref(a);
		json_decref(b);
	}
}

static void a_comparison_ends_with_its_steps(void **state)
{
	json_t *a = json_of("[1, 2, 3, 4]"), *b = json_deep_copy(a);
	size_t steps = 3;

	(void)state;
	assert_false(schema_value_equal(a, b, &steps));
	assert_int_equal(steps, 0);
	assert_int_equal(schema_value_weight(a), 5);
	json_decref(a);
	json_decref(b);
}

static void depth_is_counted(void **state)
{
	json_t *value = json_of("[{'a': [1]}]");

	(void)state;
	assert_true(schema_value_is_flat(value, 3));
	assert_false(schema_value_is_flat(value, 2));
	json_decref(value);
}

static void long_values_are_cut_between_characters(void **state)
{
	char out[SCHEMA_VALUE_TEXT_MAX], text[200] = "";
	json_t *value = json_of("{'b': 1, 'a': 0.1}");

	(void)state;
	assert_string_equal(schema_value_show(out, value), "{\"a\":0.1,\"b\":1}");
	json_decref(value);
	for (size_t i = 0; i < 60; i++)
		strcat(text, "\xc3\xa4");
	for (size_t shift = 0; shift < 2; shift++) {
		json_t *again;

		value = json_string(text);
		schema_value_show(out, value);
		assert_string_equal(out + strlen(out) - 3, "...");
		out[strlen(out) - 3] = '\0';
		again = json_string(out + 1);
		assert_non_null(again);
		json_decref(again);
		json_decref(value);
		memmove(text + 1, text, strlen(text) + 1);
		text[0] = 'x';
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_values_are_found_and_have_one_hash),
		cmocka_unit_test(a_comparison_ends_with_its_steps),
		cmocka_unit_test(depth_is_counted),
		cmocka_unit_test(long_values_are_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
