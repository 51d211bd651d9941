/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "schema/schema.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../json.h"
#include "../memory.h"
#include "kit.h"

static struct schema *schema_of(const char *text)
{
	json_t *document = json_of(text);
	struct kit_reports reports = {0};
	struct schema *schema;

	if (schema_read(&schema, document, kit_report, &reports) != 0)
		fail_msg("%s: %s", text, reports.text);
	json_decref(document);
	return schema;
}

static const struct {
	const char *schema, *value, *reports;
} cases[] = {
	{"{'properties': {'port': {'maximum': 65535}}}", "{'port': 70000}",
	 "/port: 70000 is more than 65535\n"},
	{"{'type': 'integer'}", "'x'", ": \"x\" is a string, not an integer\n"},
	{"{'type': ['integer', 'null']}", "[1]", ": this is an array, not an integer or null\n"},
	{"{'type': 'integer'}", "1.0", ""},
	{"{'type': 'integer'}", "1.5", ": 1.5 is a number, not an integer\n"},
	{"{'enum': ['a', 1]}", "'b'", ": \"b\" is not one of \"a\", 1\n"},
	{"{'const': {'a': 1}}", "{'a': 2}", ": {\"a\":2} is not {\"a\":1}\n"},
	{"{'minimum': 1, 'multipleOf': 2}", "-1",
	 ": -1 is less than 1\n: -1 is not a multiple of 2\n"},
	{"{'exclusiveMinimum': 1}", "1", ": 1 is not more than 1\n"},
	{"{'exclusiveMaximum': 1}", "1.0", ": 1.0 is not less than 1\n"},
	{"{'minLength': 3}", "'ab'", ": has 2 characters, fewer than 3\n"},
	{"{'maxLength': 1}", "'ab'", ": has 2 characters, more than 1\n"},
	{"{'pattern': '^a'}", "'b'", ": \"b\" does not match ^a\n"},
	{"{'pattern': '^(a+)+$'}", "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'",
	 ": the pattern for this takes too long\n"},
	{"{'minItems': 2, 'items': {'type': 'string'}}", "[1]",
	 ": has 1 items, fewer than 2\n/0: 1 is an integer, not a string\n"},
	{"{'maxItems': 0}", "[1]", ": has 1 items, more than 0\n"},
	{"{'uniqueItems': true}", "[1, 2, 1.0]", ": the items 0 and 2 are equal\n"},
	{"{'required': ['a', 'b']}", "{}", ": a is missing\n: b is missing\n"},
	{"{'properties': {'a': false}, 'additionalProperties': false}", "{'a': 1, 'b/c': 2}",
	 "/a: is not allowed here\n/b~1c: is not known here\n"},
	{"{'additionalProperties': {'type': 'string'}}", "{'a': 1}",
	 "/a: 1 is an integer, not a string\n"},
	{"{'anyOf': [{'type': 'string'}, {'type': 'null'}]}", "1",
	 ": matches none of the alternatives that anyOf has\n"},
	{"{'oneOf': [{}, {'type': 'string'}]}", "'a'",
	 ": matches 2 of the alternatives that oneOf has, not 1\n"},
	{"{'not': {'const': 1}}", "1", ": matches what is excluded by not\n"},
	{"{'allOf': [{'minimum': 2}, {'minimum': 3}]}", "1",
	 ": 1 is less than 2\n: 1 is less than 3\n"},
	{"{'$ref': '#/$defs/a', '$defs': {'a': {'minimum': 2}}}", "1", ": 1 is less than 2\n"},
	{"{'$ref': '#'}", "1", ": the schema refers to itself too often\n"},
	{"{'anyOf': [{'$ref': '#'}, {'$ref': '#'}]}", "1",
	 ": the schema refers to itself too often\n"},
	{"{'allOf': [{'items': {'$ref': '#'}}, {'items': {'$ref': '#'}}, {'items': {'$ref': "
	 "'#'}}]}",
	 "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]",
	 "/0/0/0/0/0/0/0/0/0/0/0/0/0: checking this by its schema takes too long\n"},
};

static void each_error_has_its_place_and_a_sentence(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct schema *schema = schema_of(cases[i].schema);
		json_t *value = json_of(cases[i].value);
		struct kit_reports reports = {0};
		int ret = schema_check(schema, value, true, kit_report, &reports);
		const char *tail = strrchr(cases[i].reports, ' ');

		/* Where the budget ends is not the point. */
		if (tail != NULL && strcmp(tail, " long\n") == 0 && cases[i].reports[0] == '/')
			assert_non_null(strstr(reports.text, strchr(cases[i].reports, ':')));
		else
			assert_string_equal(reports.text, cases[i].reports);
		assert_int_equal(ret, cases[i].reports[0] != '\0' ? -EBADMSG : 0);
		json_decref(value);
		schema_free(schema);
	}
}

static void defaults_fill_what_is_missing(void **state)
{
	static const struct {
		const char *schema, *value, *filled;
	} fills[] = {
		{"{'properties': {'a': {'default': 1}, 'b': {'default': 2}}}", "{'b': 3}",
		 "{'a': 1, 'b': 3}"},
		{"{'properties': {'a': {'default': {}, 'properties': {'b': {'default': []}}}}}",
		 "{}", "{'a': {'b': []}}"},
		{"{'items': {'properties': {'a': {'default': 1}}}}", "[{}, 1]", "[{'a': 1}, 1]"},
		{"{'allOf': [{'properties': {'a': {'default': 1}}}]}", "{}", "{'a': 1}"},
		{"{'anyOf': [{'properties': {'a': {'default': 1}}}]}", "{}", "{}"},
		{"{'properties': {'a': {'default': 1}}, 'required': ['a']}", "{}", "{'a': 1}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(fills) / sizeof(fills[0]); i++) {
		struct schema *schema = schema_of(fills[i].schema);
		json_t *value = json_of(fills[i].value), *want = json_of(fills[i].filled);
		json_t *before = json_deep_copy(value);
		struct kit_reports reports = {0};

		schema_check(schema, value, false, kit_report, &reports);
		assert_true(json_equal(value, before));
		assert_int_equal(schema_check(schema, value, true, kit_report, &reports), 0);
		assert_true(json_equal(value, want));
		json_decref(before);
		json_decref(want);
		json_decref(value);
		schema_free(schema);
	}
}

static void a_wrong_default_is_an_error(void **state)
{
	struct schema *schema = schema_of("{'properties': {'a': {'default': 1, 'minimum': 2}}}");
	json_t *value = json_object();
	struct kit_reports reports = {0};

	(void)state;
	assert_int_equal(schema_check(schema, value, true, kit_report, &reports), -EBADMSG);
	assert_string_equal(reports.text, "/a: 1 is less than 2\n");
	json_decref(value);
	schema_free(schema);
}

static void errors_are_limited_in_number(void **state)
{
	struct schema *schema = schema_of("{'items': {'type': 'string'}}");
	json_t *value = json_array();
	struct kit_reports reports = {0};

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		json_array_append_new(value, json_integer(i));
	assert_int_equal(schema_check(schema, value, false, kit_report, &reports), -EBADMSG);
	assert_int_equal(reports.count, SCHEMA_ERRORS_MAX);
	json_decref(value);
	schema_free(schema);
}

static void a_value_that_is_too_deep_is_refused(void **state)
{
	struct schema *schema = schema_of("true");
	struct kit_reports reports = {0};
	json_t *value = json_array();

	(void)state;
	for (unsigned i = 0; i < SCHEMA_DEPTH_MAX; i++) {
		json_t *outer = json_array();

		json_array_append_new(outer, value);
		value = outer;
	}
	assert_int_equal(schema_check(schema, value, false, kit_report, &reports), -EBADMSG);
	assert_string_equal(reports.text, ": has too many objects and arrays in each other\n");
	json_decref(value);
	schema_free(schema);
}

static void short_memory_is_only_that(void **state)
{
	struct schema *schema = schema_of("{'properties': {'a': {'default': [1]},"
					  " 'b': {'pattern': 'x'}, 'c': {'uniqueItems': true}}}");

	(void)state;
	for (int n = 0; n < 1000; n++) {
		json_t *value = json_of("{'b': 'x', 'c': [1, 2]}");
		struct kit_reports reports = {0};
		int ret;

		memory_fail_after(n);
		ret = schema_check(schema, value, true, kit_report, &reports);
		memory_pause();
		assert_int_equal(reports.count, 0);
		assert_int_equal(ret, memory_has_failed() ? -ENOMEM : 0);
		json_decref(value);
		if (ret == 0)
			break;
	}
	schema_free(schema);
}

static void *plain_malloc(size_t nbytes)
{
	return malloc(nbytes);
}

static void plain_free(void *p)
{
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_error_has_its_place_and_a_sentence),
		cmocka_unit_test(defaults_fill_what_is_missing),
		cmocka_unit_test(a_wrong_default_is_an_error),
		cmocka_unit_test(errors_are_limited_in_number),
		cmocka_unit_test(a_value_that_is_too_deep_is_refused),
		cmocka_unit_test(short_memory_is_only_that),
	};

	json_set_alloc_funcs(plain_malloc, plain_free);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
