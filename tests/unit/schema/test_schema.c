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

static const struct {
	const char *schema, *reports;
} cases[] = {
	{"{}", ""},
	{"true", ""},
	{"1", ": a schema is an object, true or false\n"},
	{"{'format': 'uri'}", "/format: the keyword format is not supported\n"},
	{"{'properties': {'a/b': {'if': true}}}",
	 "/properties/a~1b/if: the keyword if is not supported\n"},
	{"{'type': 'text'}", "/type: type is array, boolean, integer, null, number, object or "
			     "string, or a list of these\n"},
	{"{'type': ['string', 1]}", "/type: type is array, boolean, integer, null, number, object "
				    "or string, or a list of these\n"},
	{"{'enum': []}", "/enum: enum is a list of values\n"},
	{"{'minimum': '1', 'multipleOf': 0}",
	 "/minimum: this is a number\n/multipleOf: multipleOf is more than 0\n"},
	{"{'minLength': -1}", "/minLength: this is a whole number from 0 on\n"},
	{"{'maxItems': 1.5}", "/maxItems: this is a whole number from 0 on\n"},
	{"{'maxItems': 2.0}", ""},
	{"{'uniqueItems': 1}", "/uniqueItems: uniqueItems is true or false\n"},
	{"{'pattern': '('}", "/pattern: ( is not a regular expression: missing closing "
			     "parenthesis (at 1)\n"},
	{"{'pattern': 1}", "/pattern: pattern is a string\n"},
	{"{'required': 'a'}", "/required: required is a list of names\n"},
	{"{'required': [1]}", "/required: required is a list of names\n"},
	{"{'properties': []}", "/properties: this is an object of names and schemas\n"},
	{"{'properties': {'a': 1}, 'items': 2}",
	 "/properties/a: a schema is an object, true or false\n"
	 "/items: a schema is an object, true or false\n"},
	{"{'allOf': []}", "/allOf: this is a list of schemas\n"},
	{"{'anyOf': [{}, 1]}", "/anyOf/1: a schema is an object, true or false\n"},
	{"{'$ref': 'http://example.com/'}", "/$ref: $ref is # or #/$defs/NAME\n"},
	{"{'$ref': '#/$defs/a/b'}", "/$ref: $ref is # or #/$defs/NAME\n"},
	{"{'$ref': '#/$defs/a~2'}", "/$ref: $ref is # or #/$defs/NAME\n"},
	{"{'$ref': '#/$defs/a'}", ": $ref: there is no a in $defs\n"},
	{"{'$ref': '#/$defs/a~1b', '$defs': {'a/b': {}}}", ""},
	{"{'items': {'$defs': {}}}", "/items/$defs: definitions are at the top of a schema only\n"},
};

static void what_is_not_supported_is_refused_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *document = json_of(cases[i].schema);
		struct kit_reports reports = {0};
		struct schema *schema;
		int ret = schema_read(&schema, document, kit_report, &reports);

		json_decref(document);
		assert_string_equal(reports.text, cases[i].reports);
		assert_int_equal(ret, cases[i].reports[0] != '\0' ? -EBADMSG : 0);
		assert_int_equal(schema != NULL, ret == 0);
		schema_free(schema);
	}
}

/* Returns {"not": {"not": ... true}}. */
static json_t *nested(unsigned depth)
{
	json_t *value = json_true();

	while (depth-- > 0) {
		json_t *outer = json_object();

		json_object_set_new(outer, "not", value);
		value = outer;
	}
	return value;
}

static void depth_and_number_are_limited(void **state)
{
	static const unsigned depths[] = {SCHEMA_DEPTH_MAX - 1, SCHEMA_DEPTH_MAX, 1000};
	json_t *many = json_object(), *all = json_array();

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		json_t *document = nested(depths[i]);
		struct kit_reports reports = {0};
		struct schema *schema;
		int ret = schema_read(&schema, document, kit_report, &reports);

		assert_int_equal(ret, i == 0 ? 0 : -EBADMSG);
		assert_int_equal(reports.count, i != 0);
		schema_free(schema);
		json_decref(document);
	}
	json_object_set_new(many, "allOf", all);
	for (unsigned i = 0; i < SCHEMA_NODES_MAX + 200; i++)
		json_array_append_new(all, json_true());
	struct kit_reports reports = {0};
	struct schema *schema;

	assert_int_equal(schema_read(&schema, many, kit_report, &reports), -EBADMSG);
	assert_int_equal(reports.count, SCHEMA_ERRORS_MAX);
	json_decref(many);
}

static void short_memory_is_only_that(void **state)
{
	json_t *document = json_of("{'properties': {'a': {'$ref': '#/$defs/x'}}, 'pattern': 'a',"
				   " 'allOf': [{}], 'default': 1, '$defs': {'x': {}}}");
	struct schema *schema;

	(void)state;
	for (int n = 0; n < 1000; n++) {
		struct kit_reports reports = {0};
		int ret;

		memory_fail_after(n);
		ret = schema_read(&schema, document, kit_report, &reports);
		memory_pause();
		assert_int_equal(reports.count, 0);
		assert_int_equal(ret, memory_has_failed() ? -ENOMEM : 0);
		schema_free(schema);
		if (ret == 0)
			break;
	}
	json_decref(document);
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
		cmocka_unit_test(what_is_not_supported_is_refused_with_its_place),
		cmocka_unit_test(depth_and_number_are_limited),
		cmocka_unit_test(short_memory_is_only_that),
	};

	json_set_alloc_funcs(plain_malloc, plain_free);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
