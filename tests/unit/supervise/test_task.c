/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "child/task.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "bench_host.h"
#include "child/command.h"
#include "supervise/host_priv.h"

struct seen {
	bool is_there;
	enum supervise_task_how how;
	char reason[512], output[CHILD_TASK_OUTPUT_MAX + 1];
};

static struct seen seen;

static void on_done(void *arg, const struct child_task_result *result)
{
	struct seen *s = arg;

	s->is_there = true;
	s->how = result->how;
	snprintf(s->reason, sizeof(s->reason), "%s", result->reason);
	snprintf(s->output, sizeof(s->output), "%s", result->output);
}

static struct child_task *begin(struct bench *bench, const char *script, uint32_t timeout_ms,
				bool is_kept)
{
	const char *argv[] = {"/bin/sh", "-c", script, NULL};
	static const char *const environment[] = {"PATH=/usr/bin:/bin", NULL};
	struct child_command command = {.argv = argv, .environment = environment};
	struct child_task_settings settings = {
		.command = &command, .output = -1, .timeout_ms = timeout_ms, .is_kept = is_kept};
	char mark[SUPERVISE_MARK_MAX];
	struct child_task *task;

	supervise_host_mark(bench->host, "task", mark);
	settings.mark = mark;
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(child_task_start(&task, supervise_host_reaper(bench->host), &settings,
					  on_done, &seen, NULL),
			 0);
	return task;
}

static bool is_alone(void *arg)
{
	return bench_count(arg) == 0;
}

static void the_last_line_is_the_reason(void **state)
{
	struct bench *bench = *state;

	bench_host(bench, false);
	begin(bench, "echo one; echo two >&2; echo; exit 3", 20000, false);
	bench_wait(bench, &seen.is_there);
	assert_int_equal(seen.how, CHILD_TASK_ENDED);
	assert_string_equal(seen.reason, "exit status 3: two");
	assert_string_equal(seen.output, "one\ntwo\n\n");
	begin(bench, "seq 1 100000", 20000, false); /* more than is kept */
	bench_wait(bench, &seen.is_there);
	assert_string_equal(seen.reason, "exit status 0: 100000");
	assert_int_equal(strlen(seen.output), CHILD_TASK_OUTPUT_MAX);
	bench_host_close(bench);
}

static void one_that_takes_too_long_is_killed_with_its_children(void **state)
{
	struct bench *bench = *state;

	bench_host(bench, false);
	begin(bench, "trap '' TERM; sleep 1001 & echo begun; sleep 1002; sleep 1003", 50, false);
	bench_wait(bench, &seen.is_there);
	assert_int_equal(seen.how, CHILD_TASK_TIMEOUT);
	assert_string_equal(seen.reason, "timed out: begun");
	bench_wait_for(bench, is_alone, bench);
	child_task_close(begin(bench, "sleep 1001 & sleep 1002", 20000, false));
	bench_wait_for(bench, is_alone, bench);
	assert_false(seen.is_there);
	bench_host_close(bench);
}

static void what_it_leaves_is_ended_or_kept(void **state)
{
	struct bench *bench = *state;

	bench_host(bench, false);
	begin(bench, "sleep 1001 & exit 0", 20000, false);
	bench_wait(bench, &seen.is_there);
	bench_wait_for(bench, is_alone, bench);
	begin(bench, "sleep 1001 & exit 0", 20000, true);
	bench_wait(bench, &seen.is_there);
	assert_int_equal(bench_count(bench), 1);
	assert_int_equal(supervise_host_sweep(bench->host), 1);
	bench_wait_for(bench, is_alone, bench);
	bench_host_close(bench);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_last_line_is_the_reason),
		TEST(one_that_takes_too_long_is_killed_with_its_children),
		TEST(what_it_leaves_is_ended_or_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
