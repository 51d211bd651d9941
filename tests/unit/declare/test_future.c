/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "declare/future.h"
#include "kit.h"

static struct declare_future future;

static int teardown(void **state)
{
	declare_future_fini(&future);
	return kit_tear_down(state);
}

/* Has the future be all that is wanted. */
static void future_make(void)
{
	for (size_t i = 0; i < kit.set.nservices; i++)
		assert_int_equal(declare_future_add(&future, kit.services[i]->name,
						    kit.services[i]->type, kit.services[i], true),
				 0);
	declare_future_sort(&future);
}

static void nothing(void *arg, struct declare_plan *p)
{
	(void)arg;
	(void)p;
}

static void a_service_is_found_by_name_and_type(void **state)
{
	size_t count;

	(void)state;
	kit_want("{'name':'b','run':['b'],'type':'_y._tcp'}");
	kit_want("{'name':'b','run':['b'],'type':'_x._tcp'}");
	kit_want("{'name':'a','run':['a'],'type':'_x._tcp'}");
	future_make();
	assert_string_equal(declare_future_find(&future, "b", NULL, &count)->type, "_x._tcp");
	assert_int_equal(count, 2);
	assert_string_equal(declare_future_find(&future, "b", "_y._tcp", &count)->type, "_y._tcp");
	assert_int_equal(count, 1);
	assert_null(declare_future_find(&future, "c", NULL, NULL));
	assert_null(declare_future_find(&future, "a", "_y._tcp", NULL));
}

static void a_name_of_two_types_needs_one(void **state)
{
	(void)state;
	kit_want("{'name':'b','run':['b'],'type':'_y._tcp'}");
	kit_want("{'name':'b','run':['b'],'type':'_x._tcp'}");
	kit_want("{'name':'a','run':['a'],'type':'_x._tcp','uses':[{'name':'b'}]}");
	future_make();
	assert_int_equal(kit_plan(nothing, NULL), 0);
	declare_future_resolve(&future, &kit.plan, kit.services[2]);
	assert_string_equal(kit.reports, "3: service a uses b, and several types have a service of "
					 "that name: give its type\n");
}

static void each_circle_is_reported_once(void **state)
{
	(void)state;
	kit_want("{'name':'a','run':['a'],'type':'_x._tcp',"
		 "'uses':[{'name':'b','type':'_x._tcp'},{'name':'d','type':'_x._tcp'}]}");
	kit_want("{'name':'b','run':['a'],'type':'_x._tcp',"
		 "'uses':[{'name':'a','type':'_x._tcp'},{'name':'c','type':'_x._tcp'}]}");
	kit_want("{'name':'c','run':['a'],'type':'_x._tcp',"
		 "'uses':[{'name':'none','type':'_x._tcp'}]}");
	kit_want("{'name':'d','run':['a'],'type':'_x._tcp',"
		 "'uses':[{'name':'e','type':'_x._tcp'}]}");
	kit_want("{'name':'e','run':['a'],'type':'_x._tcp',"
		 "'uses':[{'name':'d','type':'_x._tcp'}]}");
	future_make();
	assert_int_equal(kit_plan(nothing, NULL), 0);
	declare_future_check_circles(&future, &kit.plan);
	assert_string_equal(kit.reports, "1: a uses b uses a: none of them could start first\n"
					 "4: d uses e uses d: none of them could start first\n");
}

static void a_long_circle_is_cut(void **state)
{
	char json[400], name[64];

	(void)state;
	for (unsigned i = 0; i < KIT_WANTED; i++) {
		snprintf(name, sizeof(name), "%055u", (i + 1) % KIT_WANTED);
		snprintf(json, sizeof(json),
			 "{'name':'%055u','name-resource':'none','run':['a'],'type':'_x._tcp',"
			 "'uses':[{'name':'%s','type':'_x._tcp'}]}",
			 i, name);
		kit_want(json);
	}
	future_make();
	assert_int_equal(kit_plan(nothing, NULL), 0);
	declare_future_check_circles(&future, &kit.plan);
	assert_int_equal(kit.nreports, 1);
	assert_non_null(strstr(kit.reports, "... uses "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_set_up, teardown)
		TEST(a_service_is_found_by_name_and_type),
		TEST(a_name_of_two_types_needs_one),
		TEST(each_circle_is_reported_once),
		TEST(a_long_circle_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
