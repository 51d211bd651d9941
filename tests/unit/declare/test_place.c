/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "declare/place.h"
#include "kit.h"

#define WEB "{'name':'web','on':['n1','n2'],'run':['/bin/web'],'type':'_http._tcp'}"

/* Two nodes, one of which runs web-1; a service of the same name of another type. */
static int setup(void **state)
{
	kit_set_up(state);
	kit_node("n1");
	kit_node("n2");
	kit_spec("web-1._http._tcp", WEB);
	kit_spec("db-1._a._tcp", "{'name':'db','run':['/bin/db'],'type':'_a._tcp'}");
	kit_spec("db-1._b._tcp", "{'name':'db','run':['/bin/db'],'type':'_b._tcp'}");
	kit_run("n1", "web-1._http._tcp");
	kit_run("n1", "gone-1._http._tcp");
	return 0;
}

struct row {
	const char *instance, *node;
	bool is_forced;
	int status;
	const char *changes, *reports;
};

static void an_instance_is_on_one_node(void **state)
{
	static const struct row rows[] = {
		{"web-1", "n2", false, 0,
		 "- _runs.n1.nodes web-1._http._tcp\n+ _runs.n2.nodes web-1._http._tcp\n", ""},
		{"WEB-1", "N2", false, 0,
		 "- _runs.n1.nodes web-1._http._tcp\n+ _runs.N2.nodes web-1._http._tcp\n", ""},
		{"web-1._http._tcp", "n1", false, 0, "", ""},
		{"web-1._http._tcp.lab.cloud.", NULL, false, 0,
		 "- _runs.n1.nodes web-1._http._tcp\n", ""},
		{"web-1._http._tcp.lab.cloud", NULL, false, 0,
		 "- _runs.n1.nodes web-1._http._tcp\n", ""},
		{"gone-1", NULL, false, 0, "- _runs.n1.nodes gone-1._http._tcp\n", ""},
		{"gone-1", "n2", false, -EBADMSG, "",
		 "0: no instance gone-1 is declared: weft apply declares services, weft service "
		 "list shows those that are\n"},
		{"web-1", "n3", false, -EBADMSG, "",
		 "0: service web may not run on n3, which is not in its `on`: add it there, or use "
		 "--force\n"},
		{"web-1", "n3", true, 0,
		 "- _runs.n1.nodes web-1._http._tcp\n+ _runs.n3.nodes web-1._http._tcp\n",
		 "w 0: node n3 is not registered: web-1 starts when its agent comes\n"},
		{"db-1", "n1", false, -EBADMSG, "",
		 "0: several instances are called db-1: add the type, as in db-1._http._tcp\n"},
		{"db-1._b._tcp", "n2", false, 0, "+ _runs.n2.nodes db-1._b._tcp\n", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct declare_place asked = {rows[i].instance, rows[i].node, rows[i].is_forced};

		kit.reports[0] = '\0';
		assert_int_equal(kit_plan(declare_place_plan, &asked), rows[i].status);
		assert_string_equal(kit.reports, rows[i].reports);
		if (rows[i].status == 0)
			assert_string_equal(kit_changes(), rows[i].changes);
	}
}

static void a_neighbour_with_the_same_name_resource_is_warned_about(void **state)
{
	struct declare_place asked = {"db-1._a._tcp", "n2", false};

	(void)state;
	kit_run("n2", "db-1._b._tcp");
	assert_int_equal(kit_plan(declare_place_plan, &asked), 0);
	assert_string_equal(kit.reports, "w 0: db-1 is on n2, too, and holds the name db: db-1 "
					 "waits until that is free\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_instance_is_on_one_node, setup, kit_tear_down),
		cmocka_unit_test_setup_teardown(
			a_neighbour_with_the_same_name_resource_is_warned_about, setup,
			kit_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
