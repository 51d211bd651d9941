/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "outfit/plan.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/address.h"
#include "base/error.h"
#include "home.h"

#define WEB "'name':'web','type':'_http._tcp',"

static struct outfit_plan *plan_make(struct home *home, const char *json)
{
	struct outfit_plan *plan;
	struct base_error error;

	if (outfit_plan_new(&plan, &home->node, "web-1", home_service(home, json), &error) < 0)
		fail_msg("%s", error.text);
	outfit_plan_port(plan, 8080, &home->facts);
	assert_int_equal(outfit_plan_refresh(plan, &home->facts, false, &error), 0);
	return plan;
}

static void a_declaration_becomes_settings(void **state)
{
	char text[BASE_ADDRESS_TEXT_MAX];
	struct outfit_plan *plan;
	struct home home;

	home_make(&home, *state, false);
	plan = plan_make(&home, "{" WEB "'run':['app','$WEFT_PORT'],'port':8080,'listen':'agent',"
				"'limits':{'memory':1048576,'processes':5,'files':77,'core':9},"
				"'output':{'to':'journal','size':8192,'keep':2},"
				"'stop':{'signal':'HUP','timeout':3},'folder':'sub',"
				"'restart':{'times':9,'within':10,'backoff':[1,2]},"
				"'check':{'http':'/$WEFT_NAME','interval':7,'timeout':2,'rise':3,"
				"'fall':4}}");
	assert_string_equal(plan->unit.name, "web-1._http._tcp");
	assert_string_equal(plan->service.command->argv[1], "8080");
	assert_null(plan->service.command->argv[2]);
	assert_int_equal(plan->service.limits.memory, 1048576);
	assert_int_equal(plan->service.limits.processes, 5);
	assert_int_equal(plan->service.command->nlimits, 2);
	assert_int_equal(plan->limits[0].value.rlim_max, 9);
	assert_int_equal(plan->limits[1].value.rlim_cur, 77);
	assert_true(plan->service.is_to_journal);
	assert_int_equal(plan->service.output.size, 8192);
	assert_int_equal(plan->service.nsockets, 1);
	assert_string_equal(base_address_to_text(text, (struct sockaddr *)&plan->socket.address),
			    "::@8080");
	assert_int_equal(plan->service.stop.timeout_ms, 3000);
	assert_int_equal(plan->unit.restart.times, 9);
	assert_int_equal(plan->unit.restart.backoff_max_ms, 2000);
	assert_int_equal(plan->check.kind, SUPERVISE_CHECK_PROBE);
	assert_string_equal(plan->check.probe.path, "/web-1");
	assert_string_equal(
		base_address_to_text(text, (struct sockaddr *)&plan->check.probe.address),
		"127.0.0.1@8080");
	assert_int_equal(plan->check.interval_ms, 7000);
	assert_int_equal(plan->check.fall, 4);
	assert_non_null(strstr(plan->service.command->folder, "/web-1._http._tcp/sub"));
	outfit_plan_free(plan);
	home_end(&home);
}

static void another_port_may_be_checked(void **state)
{
	char text[BASE_ADDRESS_TEXT_MAX];
	struct outfit_plan *plan;
	struct home home;

	home_make(&home, *state, false);
	plan = plan_make(&home, "{" WEB "'run':['app'],'port':8080,'check':{'tcp':9090}}");
	assert_string_equal(
		base_address_to_text(text, (struct sockaddr *)&plan->check.probe.address),
		"127.0.0.1@9090");
	outfit_plan_free(plan);
	home_end(&home);
}

static void a_machine_is_checked_by_what_looks_before_its_start(void **state)
{
	struct outfit_plan *plan;
	struct home home;

	home_make(&home, *state, false);
	plan = plan_make(&home, "{" WEB "'machine':{'start':['up','$WEFT_NAME'],'stop':['down'],"
				"'check':['look'],'recycle':['renew']}}");
	assert_string_equal(plan->machine.start.command->argv[1], "web-1");
	assert_string_equal(plan->machine.recycle.command->argv[0], "renew");
	assert_ptr_equal(plan->unit.check, &plan->check);
	assert_ptr_equal(plan->check.command, plan->machine.check.command);
	/* 1 is not "degraded" here: a machine that is off has that status. */
	assert_int_equal(plan->check.judge((struct child_exit){CHILD_EXIT_STATUS, 1, false}),
			 SUPERVISE_FAILED);
	outfit_plan_free(plan);
	plan = plan_make(&home, "{" WEB "'machine':{'start':['up'],'stop':['down']}}");
	assert_null(plan->unit.check);
	assert_null(plan->machine.check.command);
	outfit_plan_free(plan);
	home_end(&home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)
		TEST(a_declaration_becomes_settings),
		TEST(another_port_may_be_checked),
		TEST(a_machine_is_checked_by_what_looks_before_its_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
