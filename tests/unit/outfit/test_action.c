/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "outfit/action.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "home.h"
#include "outfit/plan.h"

struct result {
	unsigned count;
	char reason[512];
};

static void on_done(void *arg, const char *reason)
{
	struct result *result = arg;

	result->count++;
	strncpy(result->reason, reason != NULL ? reason : "", sizeof(result->reason) - 1);
}

static bool has_two(void *arg)
{
	return ((struct result *)arg)->count == 2;
}

static void several_run_and_what_runs_at_the_end_is_killed(void **state)
{
	const char *good[] = {"true"}, *bad[] = {"sh", "-c", "echo no $WEFT_NAME; exit 4"},
		   *slow[] = {"sleep", "1000"};
	const struct spec_words words[] = {{good, 1}, {bad, 3}, {slow, 2}};
	struct result result = {0};
	struct outfit_actions actions = {.on_done = on_done, .arg = &result};
	struct outfit_plan *plan;
	struct base_error error;
	struct home home;

	home_make(&home, *state, false);
	assert_int_equal(outfit_plan_new(&plan, &home.node, "web-1",
					 home_service(&home, "{'name':'web','type':'_http._tcp',"
							     "'run':['x']}"),
					 &error),
			 0);
	assert_int_equal(outfit_plan_furnish(plan, &error), 0);
	LIST_INIT(&actions.running);
	for (size_t i = 0; i < 3; i++)
		if (outfit_action_start(&actions, plan, &home.facts, &words[i], &error) < 0)
			fail_msg("%s", error.text);
	bench_wait_for(*state, has_two, &result);
	assert_false(LIST_EMPTY(&actions.running));
	outfit_action_end_all(&actions);
	assert_true(LIST_EMPTY(&actions.running));
	assert_int_equal(result.count, 2);
	outfit_plan_free(plan);
	home_end(&home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)
		TEST(several_run_and_what_runs_at_the_end_is_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
