/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../atlas/zone_made.h"

#define WEB "{\"name\":\"web\",\"run\":[\"httpd\"],\"type\":\"_http._tcp\"}"
#include "kit.h"

static const struct fleet_row *row_of(const char *name)
{
	const struct fleet_row *r = fleet_join_get(&kit_join, zone_made_name(name));

	assert_non_null(r);
	return r;
}

static void an_instance_is_one_row(void **state)
{
	(void)state;
	zone_made_json("_spec.web-1._http._tcp", WEB);
	zone_made_json("_spec.web-2._http._tcp", WEB);
	zone_made_json("_spec.web-3._http._tcp", WEB);
	zone_made_ptr("_runs.n1.nodes", "WEB-1._http._tcp");
	zone_made_ptr("_runs.n1.nodes", "web-2._http._tcp");
	zone_made_srv("web-1._http._tcp", 80, "n1.nodes");
	zone_made_txt("web-1._http._tcp", "state=draining");
	kit_join_make();
	assert_int_equal(kit_join.n, 3);
	assert_string_equal(fleet_join_state(row_of("web-1._http._tcp")), "draining");
	assert_string_equal(fleet_join_state(row_of("web-2._http._tcp")), "assigned");
	assert_string_equal(fleet_join_state(row_of("web-3._http._tcp")), "declared");
	assert_non_null(fleet_join_node(&kit_join, row_of("web-2._http._tcp")));
	assert_null(fleet_join_node(&kit_join, row_of("web-3._http._tcp")));
}

static void what_is_wrong_is_found(void **state)
{
	static const struct {
		const char *name, *why;
	} cases[] = {
		{"a-1._x._tcp", "bad declaration: "},
		{"b-1._x._tcp", "is assigned to n1 and n2"},
		{"c-1._x._tcp", "is assigned, but not declared"},
		{"d-1._x._tcp", "is assigned to n1, but registered by n2"},
		{"e-1._x._tcp", "is registered, but not assigned"},
		{"f-1._x._tcp", "the node n3 is not registered"},
		{"g-1._x._tcp", "no port is free"},
	};
	static const char spec[] = "{\"name\":\"%c\",\"run\":[\"x\"],\"type\":\"_x._tcp\"}";
	char why[FLEET_JOIN_WHY_MAX], owner[64], text[128];

	(void)state;
	zone_made_json("_spec.a-1._x._tcp", "[]");
	for (char c = 'b'; c <= 'h'; c++) {
		snprintf(owner, sizeof(owner), "_spec.%c-1._x._tcp", c);
		snprintf(text, sizeof(text), spec, c);
		if (c != 'c')
			zone_made_json(owner, text);
	}
	zone_made_txt("n1.nodes", "state=up");
	zone_made_txt("n2.nodes", "state=up");
	for (const char *c = "bcdgh"; *c != '\0'; c++) {
		snprintf(owner, sizeof(owner), "%c-1._x._tcp", *c);
		zone_made_ptr("_runs.n1.nodes", owner);
	}
	zone_made_ptr("_runs.n2.nodes", "b-1._x._tcp");
	zone_made_ptr("_runs.n3.nodes", "f-1._x._tcp");
	zone_made_srv("d-1._x._tcp", 1, "n2.nodes");
	zone_made_srv("e-1._x._tcp", 1, "n2.nodes");
	zone_made_srv("g-1._x._tcp", 1, "n1.nodes");
	zone_made_txt("g-1._x._tcp", "state=failed why=no\\032port");
	zone_made_srv("h-1._x._tcp", 1, "n1.nodes");
	kit_join_make();
	for (size_t i = 0; i + 1 < sizeof(cases) / sizeof(*cases); i++) {
		fleet_join_why(why, &kit_join, row_of(cases[i].name));
		assert_memory_equal(why, cases[i].why, strlen(cases[i].why));
	}
	assert_string_equal(fleet_join_why(why, &kit_join, row_of("g-1._x._tcp")), "no\\032port");
	assert_string_equal(fleet_join_why(why, &kit_join, row_of("h-1._x._tcp")), "");
}

static void people_name_instances_in_three_ways(void **state)
{
	const struct fleet_row *r;

	(void)state;
	zone_made_srv("a._x._tcp", 1, "n1.nodes");
	zone_made_srv("a._y._tcp", 1, "n1.nodes");
	zone_made_srv("b._y._tcp", 1, "n1.nodes");
	kit_join_make();
	assert_int_equal(fleet_join_find(&kit_join, "a", &r), 2);
	assert_int_equal(fleet_join_find(&kit_join, "B", &r), 1);
	assert_ptr_equal(r, row_of("b._y._tcp"));
	assert_int_equal(fleet_join_find(&kit_join, "a._y._tcp", &r), 1);
	assert_ptr_equal(r, row_of("a._y._tcp"));
	assert_int_equal(fleet_join_find(&kit_join, "a._x._tcp.lab.cloud", &r), 1);
	assert_int_equal(fleet_join_find(&kit_join, "a._x._tcp.lab.cloud.", &r), 1);
	assert_int_equal(fleet_join_find(&kit_join, "c", &r), 0);
	assert_int_equal(fleet_join_find(&kit_join, "..", &r), 0);
	assert_null(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_instance_is_one_row, kit_set_up, kit_tear_down),
		cmocka_unit_test_setup_teardown(what_is_wrong_is_found, kit_set_up, kit_tear_down),
		cmocka_unit_test_setup_teardown(people_name_instances_in_three_ways, kit_set_up,
						kit_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
