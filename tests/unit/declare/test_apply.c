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

static int plan_with(bool is_pruned, bool is_forced)
{
	struct declare_apply asked = {
		.set = &kit.set, .is_pruned = is_pruned, .is_forced = is_forced};

	return kit_plan(declare_apply_plan, &asked);
}

static int plan(void)
{
	return plan_with(false, false);
}

#define WEB "{'name':'web','run':['/bin/web'],'type':'_http._tcp'}"
#define WEB2 "{'count':2,'name':'web','run':['/bin/web'],'type':'_http._tcp'}"
#define DB "{'name':'db','run':['/bin/db'],'type':'_db._tcp'}"

static void each_instance_has_a_record(void **state)
{
	(void)state;
	kit_want(WEB2);
	assert_int_equal(plan(), 0);
	assert_string_equal(kit_changes(), "+ _spec.web-1._http._tcp\n+ _spec.web-2._http._tcp\n");
	assert_string_equal(kit_items(), "service web created\n");
	assert_false(kit.plan.is_exclusive);
}

static void what_is_there_is_not_written_again(void **state)
{
	(void)state;
	kit_spec("web-1._http._tcp", WEB);
	kit_want(WEB);
	assert_int_equal(plan(), 0);
	assert_string_equal(kit_changes(), "");
	assert_string_equal(kit_items(), "service web unchanged\n");
}

static void a_change_has_its_consequence(void **state)
{
	static const struct {
		const char *wanted, *items;
	} cases[] = {
		{"{'name':'web','run':['/bin/web2'],'type':'_http._tcp'}",
		 "service web changed restart\n"},
		{"{'name':'web','run':['/bin/web'],'type':'_http._tcp','weight':7}",
		 "service web changed register again\n"},
		{"{'lost':'fail','name':'web','run':['/bin/web'],'type':'_http._tcp'}",
		 "service web changed\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		kit_tear_down(state);
		kit_set_up(state);
		kit_spec("web-1._http._tcp", WEB);
		kit_want(cases[i].wanted);
		assert_int_equal(plan(), 0);
		assert_string_equal(kit_items(), cases[i].items);
		assert_string_equal(kit_changes(),
				    "- _spec.web-1._http._tcp\n+ _spec.web-1._http._tcp\n");
	}
}

static void surplus_instances_are_removed_from_their_nodes_first(void **state)
{
	(void)state;
	kit_spec("web-1._http._tcp", WEB2);
	kit_spec("web-2._http._tcp", WEB2);
	kit_spec("web-3._http._tcp", "{");
	kit_run("n2", "web-2._http._tcp");
	kit_run("n2", "db-1._db._tcp");
	kit_want(WEB);
	assert_int_equal(plan(), 0);
	assert_string_equal(kit_changes(), "- _runs.n2.nodes web-2._http._tcp\n"
					   "- _spec.web-1._http._tcp\n"
					   "+ _spec.web-1._http._tcp\n"
					   "- _spec.web-2._http._tcp\n"
					   "- _spec.web-3._http._tcp\n");
}

static void a_damaged_record_is_replaced(void **state)
{
	(void)state;
	kit_spec("web-1._http._tcp", "{'name':");
	kit_want(WEB);
	assert_int_equal(plan(), 0);
	assert_string_equal(kit_items(), "service web changed\n");
	assert_string_equal(kit_changes(), "- _spec.web-1._http._tcp\n+ _spec.web-1._http._tcp\n");
}

static void another_type_is_another_service(void **state)
{
	(void)state;
	kit_spec("web-1._old._tcp", "{'name':'web','run':['/bin/web'],'type':'_old._tcp'}");
	kit_spec("db-1._db._tcp", "{'name':'db','run':['/bin/db'],'type':'_db._tcp',"
				  "'uses':[{'name':'web','type':'_old._tcp'}]}");
	kit_want(WEB);
	assert_int_equal(plan(), -EBADMSG);
	assert_string_equal(kit.reports, "0: service web is used by service db: delete that first, "
					 "or use --force\n");
	assert_int_equal(plan_with(false, true), 0);
	assert_string_equal(kit_items(), "service web deleted\nservice web created\n");
	assert_string_equal(kit_changes(), "- _spec.web-1._old._tcp\n+ _spec.web-1._http._tcp\n");
}

static void a_service_on_one_node_is_placed_there(void **state)
{
	(void)state;
	kit_run("n3", "web-1._http._tcp");
	kit_run("n3", "other._http._tcp");
	kit_want("{'count':2,'name':'web','name-resource':'none','on':['n1'],"
		 "'run':['/bin/web'],'type':'_http._tcp'}");
	assert_int_equal(plan(), 0);
	assert_string_equal(kit_changes(), "- _runs.n3.nodes web-1._http._tcp\n"
					   "+ _spec.web-1._http._tcp\n"
					   "+ _spec.web-2._http._tcp\n"
					   "+ _runs.n1.nodes web-1._http._tcp\n"
					   "+ _runs.n1.nodes web-2._http._tcp\n");
	assert_string_equal(kit_items(), "place web-1 changed n3>n1\n"
					 "place web-2 changed >n1\n"
					 "service web created\n");
	/* web-2 was on no node: the sets of all nodes must be as they were read. */
	assert_int_equal(kit.plan.nreads, 1);
}

static void an_instance_where_it_may_not_be_is_warned_about(void **state)
{
	(void)state;
	kit_run("n3", "web-1._http._tcp");
	kit_want("{'name':'web','on':['n1','n2'],'run':['/bin/web'],'type':'_http._tcp'}");
	assert_int_equal(plan(), 0);
	assert_string_equal(kit.reports, "w 1: web-1 is placed on n3, which is not in `on`; weft "
					 "place web-1 NODE moves it\n");
}

static void uses_without_a_type_get_that_of_the_declared_service(void **state)
{
	static const char user[] =
		"{'name':'web','run':['/bin/web'],'type':'_http._tcp','uses':[{'name':'db'}]}";

	(void)state;
	kit_want(user);
	assert_int_equal(plan(), -EBADMSG);
	assert_string_equal(kit.reports, "1: service web uses db, which is declared neither here "
					 "nor in the zone: declare it, or give its type\n");
	kit_spec("db-1._db._tcp", DB);
	assert_int_equal(plan(), 0);
	assert_int_equal(kit.plan.nreads, 1);
	assert_string_equal(kit.plan.items[0].after->uses.items[0].type, "_db._tcp");
	/* What is wanted stays as it was: the next plan may find another type. */
	assert_null(kit.services[0]->uses.items[0].type);
	kit_want("{'name':'db','run':['/bin/db'],'type':'_new._tcp'}");
	assert_int_equal(plan(), 0);
	assert_string_equal(kit.plan.items[0].after->uses.items[0].type, "_new._tcp");
}

static void circles_are_refused(void **state)
{
	(void)state;
	kit_spec("b-1._b._tcp", "{'name':'b','run':['/bin/b'],'type':'_b._tcp',"
				"'uses':[{'name':'c','type':'_b._tcp'}]}");
	kit_want("{'name':'a','run':['/bin/a'],'type':'_b._tcp','uses':[{'name':'b'}]}");
	kit_want("{'name':'c','run':['/bin/c'],'type':'_b._tcp','uses':[{'name':'a'}]}");
	assert_int_equal(plan(), -EBADMSG);
	assert_string_equal(kit.reports,
			    "1: a uses b uses c uses a: none of them could start first\n");
}

static void a_schema_of_the_zone_checks(void **state)
{
	(void)state;
	kit_want("{'name':'web','parameters':{'port':'x'},'run':['/bin/web'],"
		 "'schema':'http','type':'_http._tcp'}");
	assert_int_equal(plan(), -EBADMSG);
	kit_schema("http",
		   "{'properties':{'parameters':{'properties':{'port':{'type':'integer'}}}}}");
	assert_int_equal(plan(), -EBADMSG);
	assert_string_equal(
		kit.reports,
		"1: service web: schema http is neither in the files nor in the zone\n"
		"1: service web: /parameters/port: \"x\" is a string, not an integer\n");
}

static void prune_deletes_what_is_not_wanted(void **state)
{
	(void)state;
	kit_spec("web-1._http._tcp", WEB);
	kit_spec("db-1._db._tcp", DB);
	kit_schema("used", "{}");
	kit_schema("left", "{}");
	kit_run("n1", "db-1._db._tcp");
	kit_want("{'name':'web','run':['/bin/web'],'schema':'used','type':'_http._tcp'}");
	assert_int_equal(plan(), 0);
	assert_string_equal(kit_items(), "service web changed\n");
	assert_int_equal(plan_with(true, false), 0);
	assert_string_equal(kit_items(), "service web changed\nservice db deleted\n"
					 "schema left deleted\n");
	assert_int_equal(kit.plan.ndeleted, 2);
	assert_true(kit.plan.is_exclusive);
	assert_string_equal(kit_changes(), "- _runs.n1.nodes db-1._db._tcp\n"
					   "- _spec.web-1._http._tcp\n"
					   "+ _spec.web-1._http._tcp\n"
					   "- _spec.db-1._db._tcp\n"
					   "- left._schemas\n");
}

static void prune_keeps_what_is_used(void **state)
{
	(void)state;
	kit_spec("db-1._db._tcp", DB);
	kit_want("{'name':'web','run':['/bin/web'],'type':'_http._tcp',"
		 "'uses':[{'name':'db','type':'_db._tcp'}]}");
	assert_int_equal(plan_with(true, false), -EBADMSG);
	assert_string_equal(kit.reports, "1: service db is used by service web: delete that first, "
					 "or use --force\n");
	assert_int_equal(plan_with(true, true), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_set_up, kit_tear_down)
		TEST(each_instance_has_a_record),
		TEST(what_is_there_is_not_written_again),
		TEST(a_change_has_its_consequence),
		TEST(surplus_instances_are_removed_from_their_nodes_first),
		TEST(a_damaged_record_is_replaced),
		TEST(another_type_is_another_service),
		TEST(a_service_on_one_node_is_placed_there),
		TEST(an_instance_where_it_may_not_be_is_warned_about),
		TEST(uses_without_a_type_get_that_of_the_declared_service),
		TEST(circles_are_refused),
		TEST(a_schema_of_the_zone_checks),
		TEST(prune_deletes_what_is_not_wanted),
		TEST(prune_keeps_what_is_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
