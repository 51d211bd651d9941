/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "declare/remove.h"
#include "kit.h"

static int setup(void **state)
{
	kit_set_up(state);
	kit_spec("web-1._http._tcp",
		 "{'name':'web','run':['/bin/web'],'schema':'http','type':'_http._tcp',"
		 "'uses':[{'name':'db','type':'_db._tcp'}]}");
	kit_spec("shop-1._http._tcp", "{'name':'shop','run':['/bin/shop'],'type':'_http._tcp'}");
	kit_spec("db-1._db._tcp", "{'name':'db','run':['/bin/db'],'type':'_db._tcp'}");
	kit_spec("bad-1._http._tcp", "{");
	kit_schema("http", "{}");
	kit_run("n1", "web-1._http._tcp");
	return 0;
}

static void services_are_found_by_name_and_type(void **state)
{
	static const struct {
		char *name;
		bool is_forced;
		int status;
		const char *items, *reports;
	} rows[] = {
		{"web", false, 0, "service web deleted\n", ""},
		{"WEB", false, 0, "service web deleted\n", ""},
		{"bad", false, 0, "service bad deleted\n", ""},
		{"_http._tcp", false, 0,
		 "service bad deleted\nservice shop deleted\nservice web deleted\n", ""},
		{"_http._tcp.lab.cloud", false, 0,
		 "service bad deleted\nservice shop deleted\nservice web deleted\n", ""},
		{"_http._tcp.lab.cloud.", false, 0,
		 "service bad deleted\nservice shop deleted\nservice web deleted\n", ""},
		{"_http._tcp.", false, 0,
		 "service bad deleted\nservice shop deleted\nservice web deleted\n", ""},
		{"_http._tcp.lab", false, -EBADMSG, "",
		 "0: no service is declared with the name or type _http._tcp.lab; weft service "
		 "list shows what is\n"},
		{"db", false, -EBADMSG, "",
		 "0: service db is used by service web: delete that first, or use --force\n"},
		{"db", true, 0, "service db deleted\n", ""},
		{"schema/http", false, -EBADMSG, "",
		 "0: schema http is used by service web: delete that first, or use --force\n"},
		{"schema/http", true, 0, "schema http deleted\n", ""},
		{"schema/none", false, -EBADMSG, "", "0: the zone has no schema none\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *names[] = {rows[i].name};
		bool was_found = false;
		struct declare_remove asked = {names, 1, &was_found, rows[i].is_forced};

		kit.reports[0] = '\0';
		assert_int_equal(kit_plan(declare_remove_plan, &asked), rows[i].status);
		assert_string_equal(kit.reports, rows[i].reports);
		if (rows[i].status == 0) {
			assert_string_equal(kit_items(), rows[i].items);
			assert_true(kit.plan.is_exclusive);
		}
	}
}

static void a_user_that_goes_too_is_none(void **state)
{
	char *names[] = {"db", "web", "schema/http"};
	bool was_found[3] = {false, false, false};
	struct declare_remove asked = {names, 3, was_found, false};

	(void)state;
	assert_int_equal(kit_plan(declare_remove_plan, &asked), 0);
	assert_string_equal(kit_changes(),
			    "- _runs.n1.nodes web-1._http._tcp\n- _spec.db-1._db._tcp\n"
			    "- _spec.web-1._http._tcp\n- http._schemas\n");
}

static void what_is_gone_after_it_was_found_is_not_missed(void **state)
{
	char *names[] = {"gone"};
	bool was_found = true;
	struct declare_remove asked = {names, 1, &was_found, false};

	(void)state;
	assert_int_equal(kit_plan(declare_remove_plan, &asked), 0);
	assert_int_equal(kit.plan.nchanges, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, kit_tear_down)
		TEST(services_are_found_by_name_and_type),
		TEST(a_user_that_goes_too_is_none),
		TEST(what_is_gone_after_it_was_found_is_not_missed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
