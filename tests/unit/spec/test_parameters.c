/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "spec/parameters.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../json.h"
#include "kit.h"
#include "schema/schema.h"

static int check(struct kit *kit, const char *schema_text, struct spec_service *s, bool fills_in)
{
	json_t *document = json_of(schema_text);
	struct schema *schema;
	int ret;

	assert_int_equal(schema_read(&schema, document, kit_report, kit), 0);
	json_decref(document);
	ret = spec_parameters_check(s, &kit->arena, schema, fills_in, kit_report, kit);
	schema_free(schema);
	return ret;
}

static void defaults_are_filled_in_when_asked_for(void **state)
{
	static const char schema[] =
		"{'properties':{'parameters':{'properties':{'n':{'default':4}},'required':['n']},"
		"'environment':{'properties':{'B':{'default':'x'}}},"
		"'text':{'properties':{'a':{'default':7}}}}}";
	struct spec_service *s;
	struct kit kit;

	(void)state;
	kit_setup(&kit);
	s = kit_service(&kit, "{'name':'web','type':'_http._tcp','run':['a'],"
			      "'environment':{'C':'1','A':'2'}}");
	assert_int_equal(check(&kit, schema, s, false), 0);
	assert_null(s->parameters);
	assert_int_equal(check(&kit, schema, s, true), 0);
	assert_string_equal(s->parameters, "{\"n\":4}");
	assert_int_equal(s->environment.count, 3);
	assert_string_equal(s->environment.items[1].name, "B");
	assert_string_equal(s->text.items[0].value, "7");
	kit_teardown(&kit);
}

static void errors_have_the_path_of_the_value(void **state)
{
	static const char schema[] =
		"{'properties':{'parameters':{'properties':{'port':{'maximum':65535}}},"
		"'resources':{'items':{'pattern':'^disk-'}}}}";
	struct spec_service *s;
	struct kit kit;

	(void)state;
	kit_setup(&kit);
	s = kit_service(&kit, "{'name':'web','type':'_http._tcp','run':['a'],"
			      "'parameters':{'port':70000},'resources':['cpu']}");
	assert_int_equal(check(&kit, schema, s, true), -EBADMSG);
	assert_string_equal(kit.reports, "/parameters/port: 70000 is more than 65535\n"
					 "/resources/0: \"cpu\" does not match ^disk-\n");
	kit_teardown(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_filled_in_when_asked_for),
		cmocka_unit_test(errors_have_the_path_of_the_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
