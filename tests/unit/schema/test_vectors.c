/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The vectors of JSON Schema's own test suite (Debian's json-schema-test-suite, draft 7), of what
 * schema/schema.h supports: schemas that it refuses are left out, and counted. */

#include "schema/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "kit.h"

#define FOLDER "/usr/share/json-schema-test-suite/tests/draft7/"

/* Draft 7 ignores what is beside $ref; 2020-12 does not. */
static const char *const differ[] = {"ref overrides any sibling keywords"};

struct counts {
	unsigned groups, refused, tests, failed;
};

static void test_run(struct counts *counts, const struct schema *schema, const char *group,
		     const json_t *test)
{
	struct kit_reports reports = {0};
	int ret = schema_check(schema, json_object_get(test, "data"), false, kit_report, &reports);

	counts->tests++;
	if ((ret == 0) == json_is_true(json_object_get(test, "valid")))
		return;
	counts->failed++;
	print_error("%s: %s: %s\n", group, json_string_value(json_object_get(test, "description")),
		    reports.text);
}

static void group_run(struct counts *counts, const json_t *group)
{
	const char *name = json_string_value(json_object_get(group, "description"));
	struct kit_reports reports = {0};
	struct schema *schema;
	const json_t *test;
	size_t i;

	if (strcmp(name, differ[0]) == 0)
		return;
	counts->groups++;
	if (schema_read(&schema, json_object_get(group, "schema"), kit_report, &reports) != 0) {
		counts->refused++;
		return;
	}
	json_array_foreach(json_object_get(group, "tests"), i, test)
	{
		test_run(counts, schema, name, test);
	}
	schema_free(schema);
}

static void the_vectors_of_the_subset_are_as_they_should(void **state)
{
	/* And how many of a file's groups may be refused. */
	static const struct {
		const char *name;
		unsigned refused;
	} files[] = {
		{"additionalProperties.json", 2},
		{"allOf.json", 0},
		{"anyOf.json", 0},
		{"boolean_schema.json", 0},
		{"const.json", 0},
		{"default.json", 0},
		{"enum.json", 1},
		{"items.json", 4},
		{"exclusiveMaximum.json", 0},
		{"exclusiveMinimum.json", 0},
		{"maxItems.json", 0},
		{"maxLength.json", 0},
		{"maximum.json", 0},
		{"minItems.json", 0},
		{"minLength.json", 0},
		{"minimum.json", 0},
		{"multipleOf.json", 0},
		{"not.json", 0},
		{"oneOf.json", 0},
		{"pattern.json", 0},
		{"properties.json", 1},
		{"ref.json", 20},
		{"required.json", 0},
		{"type.json", 0},
		{"uniqueItems.json", 4},
	};
	struct counts all = {0};

	(void)state;
	if (access(FOLDER, R_OK) != 0)
		skip();
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct counts counts = {0};
		json_error_t error;
		char path[200];
		const json_t *group;
		json_t *groups;
		size_t j;

		snprintf(path, sizeof(path), FOLDER "%s", files[i].name);
		groups = json_load_file(path, JSON_ALLOW_NUL, &error);
		if (groups == NULL)
			fail_msg("%s: %s", path, error.text);
		json_array_foreach(groups, j, group) group_run(&counts, group);
		json_decref(groups);
		if (counts.refused > files[i].refused)
			fail_msg("%s: %u of %u schemas are refused", path, counts.refused,
				 counts.groups);
		all.tests += counts.tests;
		all.failed += counts.failed;
	}
	print_message("%u vectors\n", all.tests);
	assert_int_equal(all.failed, 0);
	assert_true(all.tests > 250);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_the_subset_are_as_they_should),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
