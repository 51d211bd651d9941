/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/machine.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench_host.h"
#include "child/command.h"
#include "supervise/host.h"
#include "supervise/unit.h"

/* A machine that is a file: `state` has "runs", or "hangs" when it does not respond. */
struct subject {
	struct bench *bench;
	struct supervise_unit *unit;
	const char *argv[4][4];
	struct child_command commands[4];
	struct supervise_machine_settings machine;
	struct supervise_check_settings check;
	struct supervise_unit_settings settings;
	enum supervise_unit_state wanted;
};

static const char *const environment[] = {"PATH=/usr/bin:/bin", NULL};

static void on_state(void *arg, struct supervise_unit *unit, enum supervise_unit_state old)
{
	(void)arg;
	(void)unit;
	(void)old;
}

static void on_health(void *arg, struct supervise_unit *unit)
{
	(void)arg;
	(void)unit;
}

static const struct supervise_unit_events events = {.on_state = on_state, .on_health = on_health};

static struct supervise_machine_action action(struct subject *s, int i, const char *script)
{
	s->argv[i][0] = "/bin/sh";
	s->argv[i][1] = "-c";
	s->argv[i][2] = script;
	s->commands[i] = (struct child_command){
		.argv = s->argv[i], .environment = environment, .folder = s->bench->folder};
	return (struct supervise_machine_action){&s->commands[i], 20000};
}

static void open_it(struct subject *s)
{
	struct supervise_runner *runner;

	assert_int_equal(supervise_machine_new(&runner, s->bench->host, &s->machine), 0);
	assert_int_equal(supervise_unit_open(&s->unit, s->bench->host, &s->settings, runner,
					     &events, s, NULL),
			 0);
}

static void init(struct subject *s, struct bench *bench)
{
	memset(s, 0, sizeof(*s));
	bench_host(bench, false);
	s->bench = bench;
	s->machine.name = s->settings.name = "vm";
	s->machine.start = action(s, 0, "echo start >>log; echo runs >state");
	s->machine.stop = action(s, 1, "echo stop >>log; rm -f state; test ! -e stuck");
	s->machine.check = action(s, 2, "test \"$(cat state)\" = runs || exit 7");
	s->machine.recycle = action(s, 3, "echo recycle >>log; echo runs >state");
	s->check = (struct supervise_check_settings){.kind = SUPERVISE_CHECK_EXEC,
						     .command = &s->commands[2],
						     .interval_ms = 20,
						     .timeout_ms = 20000,
						     .rise = 1,
						     .fall = 2};
	s->settings.check = &s->check;
	s->settings.restart = (struct supervise_restart_settings){.times = 5, .within_ms = 60000};
	open_it(s);
}

static void put(struct bench *bench, const char *name, const char *text)
{
	int fd = open(bench_path(bench, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static struct supervise_unit_view view_of(struct subject *s)
{
	struct supervise_unit_view view;

	supervise_unit_get(s->unit, &view);
	return view;
}

static bool is_reached(void *arg)
{
	return view_of(arg).state == ((struct subject *)arg)->wanted;
}

static void reach(struct subject *s, enum supervise_unit_state wanted)
{
	s->wanted = wanted;
	bench_wait_for(s->bench, is_reached, s);
}

static bool has_recycled(void *arg)
{
	return view_of(arg).nrestarts == 1 && view_of(arg).state == SUPERVISE_UNIT_UP;
}

static void one_that_does_not_respond_is_recycled(void **state)
{
	struct subject s;

	init(&s, *state);
	supervise_unit_start(s.unit);
	reach(&s, SUPERVISE_UNIT_UP);
	put(*state, "state", "hangs\n");
	bench_wait_for(*state, has_recycled, &s);
	supervise_unit_stop(s.unit);
	reach(&s, SUPERVISE_UNIT_STOPPED);
	assert_string_equal(bench_read(*state, "log"), "start\nrecycle\nstop\n");
	supervise_unit_close(s.unit);
	bench_host_close(*state);
}

static void what_runs_already_is_not_started(void **state)
{
	struct subject s;

	init(&s, *state);
	put(*state, "state", "runs\n");
	supervise_unit_start(s.unit);
	reach(&s, SUPERVISE_UNIT_UP);
	supervise_unit_close(s.unit);
	bench_host_close(*state);
	bench_host(*state, false);
	open_it(&s);
	assert_int_equal(view_of(&s).state, SUPERVISE_UNIT_UP);
	assert_int_equal(view_of(&s).cause, SUPERVISE_CAUSE_ADOPTED);
	assert_string_equal(bench_read(*state, "log"), "");
	supervise_unit_stop(s.unit);
	reach(&s, SUPERVISE_UNIT_STOPPED);
	supervise_unit_close(s.unit);
	bench_host_close(*state);
}

static void a_stop_that_fails_is_a_failure(void **state)
{
	struct subject s;

	init(&s, *state);
	put(*state, "stuck", "x");
	supervise_unit_start(s.unit);
	reach(&s, SUPERVISE_UNIT_UP);
	supervise_unit_stop(s.unit);
	reach(&s, SUPERVISE_UNIT_FAILED);
	assert_int_equal(view_of(&s).cause, SUPERVISE_CAUSE_STOP);
	assert_string_equal(view_of(&s).reason, "stop: exit status 1");
	supervise_unit_close(s.unit);
	bench_host_close(*state);
}

static bool hangs(void *arg)
{
	return strstr(bench_read(((struct subject *)arg)->bench, "log"), "start") != NULL;
}

static void a_stop_does_not_wait_for_a_start_that_hangs(void **state)
{
	struct subject s;

	init(&s, *state);
	s.machine.start = action(&s, 0, "echo start >>log; sleep 1000");
	s.machine.start.timeout_ms = 1000000;
	s.machine.cut_ms = 20;
	supervise_unit_start(s.unit);
	bench_wait_for(*state, hangs, &s);
	assert_int_equal(view_of(&s).state, SUPERVISE_UNIT_STARTING);
	supervise_unit_stop(s.unit);
	reach(&s, SUPERVISE_UNIT_STOPPED);
	assert_string_equal(view_of(&s).reason, "start: cut off");
	assert_string_equal(bench_read(*state, "log"), "start\nstop\n");
	supervise_unit_close(s.unit);
	bench_host_close(*state);
}

static void a_stop_lets_a_start_end_that_does_not_hang(void **state)
{
	struct subject s;

	init(&s, *state);
	s.machine.start = action(&s, 0, "echo start >>log; sleep 0.1; echo started >>log");
	s.machine.cut_ms = 1000000;
	supervise_unit_start(s.unit);
	bench_wait_for(*state, hangs, &s);
	supervise_unit_stop(s.unit);
	reach(&s, SUPERVISE_UNIT_STOPPED);
	assert_string_equal(bench_read(*state, "log"), "start\nstarted\nstop\n");
	supervise_unit_close(s.unit);
	bench_host_close(*state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_that_does_not_respond_is_recycled),
		TEST(what_runs_already_is_not_started),
		TEST(a_stop_that_fails_is_a_failure),
		TEST(a_stop_does_not_wait_for_a_start_that_hangs),
		TEST(a_stop_lets_a_start_end_that_does_not_hang),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
