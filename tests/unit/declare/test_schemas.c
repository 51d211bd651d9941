/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "declare/apply.h"
#include "kit.h"

static int setup(void **state)
{
	kit_set_up(state);
	kit_spec("web-1._http._tcp",
		 "{'name':'web','parameters':{'port':4},'run':['/bin/web'],'schema':'http',"
		 "'type':'_http._tcp'}");
	return 0;
}

static int plan(void)
{
	struct declare_apply asked = {.set = &kit.set};

	return kit_plan(declare_apply_plan, &asked);
}

#define SCHEMA(type) "{'properties':{'parameters':{'properties':{'port':{'type':'" type "'}}}}}"

static void a_schema_is_written_if_it_is_another(void **state)
{
	(void)state;
	kit_want_schema("http", SCHEMA("integer"));
	assert_int_equal(plan(), 0);
	assert_string_equal(kit_items(), "schema http created\n");
	assert_false(kit.plan.is_exclusive);
	kit_schema("http", SCHEMA("integer"));
	assert_int_equal(plan(), 0);
	assert_string_equal(kit_items(), "schema http unchanged\n");
	assert_string_equal(kit_changes(), "");
}

static void a_schema_that_changes_must_fit_what_remains(void **state)
{
	(void)state;
	kit_schema("http", SCHEMA("integer"));
	kit_want_schema("http", SCHEMA("string"));
	assert_int_equal(plan(), -EBADMSG);
	assert_string_equal(kit.reports,
			    "100: schema http: service web, which is declared in the zone, would "
			    "be invalid: /parameters/port: 4 is an integer, not a string; change "
			    "it, too\n");
	kit_want("{'name':'web','parameters':{'port':'x'},'run':['/bin/web'],"
		 "'schema':'http','type':'_http._tcp'}");
	assert_int_equal(plan(), 0);
	assert_true(kit.plan.is_exclusive);
	assert_string_equal(kit_changes(),
			    "- http._schemas\n+ http._schemas\n- _spec.web-1._http._tcp\n"
			    "+ _spec.web-1._http._tcp\n");
}

static void a_damaged_schema_of_the_zone_checks_nothing(void **state)
{
	(void)state;
	kit_schema("bad", "{'type':'what'}");
	kit_want("{'name':'a','run':['/bin/a'],'schema':'bad','type':'_a._tcp'}");
	assert_int_equal(plan(), -EBADMSG);
	assert_int_equal(kit.nreports, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, kit_tear_down)
		TEST(a_schema_is_written_if_it_is_another),
		TEST(a_schema_that_changes_must_fit_what_remains),
		TEST(a_damaged_schema_of_the_zone_checks_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
