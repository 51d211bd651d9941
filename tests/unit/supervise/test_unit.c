/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "bench_host.h"
#include "child/command.h"
#include "supervise/host.h"
#include "supervise/service.h"

/* A unit whose process is a shell, in a bench. */
struct subject {
	struct bench *bench;
	struct supervise_runner *runner;
	struct supervise_unit *unit;
	char script[512];
	const char *argv[4];
	struct child_command command;
	struct supervise_service_settings service;
	struct supervise_unit_settings settings;
	char output[128];
	enum supervise_unit_state wanted;
	char history[1024]; /* the states it went through: "starting up draining " */
	unsigned nhealth;
};

static const char *const environment[] = {"PATH=/usr/bin:/bin:/usr/sbin:/sbin", NULL};

static void on_state(void *arg, struct supervise_unit *unit, enum supervise_unit_state old)
{
	struct subject *s = arg;
	struct supervise_unit_view view;
	size_t n = strlen(s->history);

	(void)old;
	supervise_unit_get(unit, &view);
	snprintf(s->history + n, sizeof(s->history) - n, "%s ",
		 supervise_unit_state_to_text(view.state));
}

static void on_health(void *arg, struct supervise_unit *unit)
{
	struct subject *s = arg;

	(void)unit;
	s->nhealth++;
}

static const struct supervise_unit_events events = {.on_state = on_state, .on_health = on_health};

static void init(struct subject *s, struct bench *bench, const char *script)
{
	memset(s, 0, sizeof(*s));
	s->bench = bench;
	snprintf(s->script, sizeof(s->script), "%s", script);
	s->argv[0] = "/bin/sh";
	s->argv[1] = "-c";
	s->argv[2] = s->script;
	snprintf(s->output, sizeof(s->output), "%s", bench_path(bench, "output"));
	s->command = (struct child_command){
		.argv = s->argv, .environment = environment, .folder = bench->folder};
	s->service = (struct supervise_service_settings){
		.name = "subject",
		.command = &s->command,
		.stop = {SIGTERM, 20000},
		.output = {.path = s->output},
	};
	s->settings = (struct supervise_unit_settings){
		.name = "subject",
		.restart = {.times = 3,
			    .within_ms = 60000,
			    .backoff_min_ms = 1,
			    .backoff_max_ms = 10,
			    .quiet_ms = 600000},
	};
}

static void open_it(struct subject *s)
{
	struct base_error error;

	assert_int_equal(supervise_service_new(&s->runner, s->bench->host, &s->service), 0);
	if (supervise_unit_open(&s->unit, s->bench->host, &s->settings, s->runner, &events, s,
				&error) < 0)
		fail_msg("%s", error.text);
}

static struct supervise_unit_view view_of(struct subject *s)
{
	struct supervise_unit_view view;

	supervise_unit_get(s->unit, &view);
	return view;
}

static bool is_reached(void *arg)
{
	struct subject *s = arg;
	struct supervise_unit_view view = view_of(s);

	if (view.state == SUPERVISE_UNIT_FAILED && s->wanted != SUPERVISE_UNIT_FAILED &&
	    s->wanted != SUPERVISE_UNIT_STOPPED)
		fail_msg("failed: %s", view.reason);
	return view.state == s->wanted;
}

static void reach(struct subject *s, enum supervise_unit_state wanted)
{
	s->wanted = wanted;
	bench_wait_for(s->bench, is_reached, s);
}

static void end(struct subject *s)
{
	supervise_unit_stop(s->unit);
	reach(s, SUPERVISE_UNIT_STOPPED);
	supervise_unit_close(s->unit);
	bench_host_close(s->bench);
}

/* Each test is run with and without control groups. */
static bool has_groups;

static void it_starts_and_stops(void **state)
{
	struct subject s;

	bench_host(*state, has_groups);
	init(&s, *state, "echo hello; exec sleep 1000");
	open_it(&s);
	assert_int_equal(view_of(&s).state, SUPERVISE_UNIT_STOPPED);
	supervise_unit_start(s.unit);
	reach(&s, SUPERVISE_UNIT_UP);
	assert_true(view_of(&s).pid > 0);
	end(&s);
	assert_string_equal(s.history, "starting up draining stopped ");
}

static void one_that_dies_is_back_until_it_has_died_too_often(void **state)
{
	struct subject s;

	bench_host(*state, has_groups);
	init(&s, *state, "echo x >>runs; exit 3");
	open_it(&s);
	supervise_unit_start(s.unit);
	reach(&s, SUPERVISE_UNIT_FAILED);
	assert_string_equal(bench_read(*state, "runs"), "x\nx\nx\nx\n");
	assert_string_equal(view_of(&s).reason, "exit status 3; restarted 3 times within 60000 ms");
	assert_int_equal(view_of(&s).cause, SUPERVISE_CAUSE_DIED);
	assert_int_equal(view_of(&s).nrestarts, 3);
	assert_false(view_of(&s).is_wanted);
	end(&s);
}

static void status_0_is_done_and_65_is_lost(void **state)
{
	struct subject s;

	bench_host(*state, has_groups);
	init(&s, *state, "exit $(cat status)");
	open_it(&s);
	assert_int_equal(system("true"), 0);
	for (int i = 0; i < 2; i++) {
		int fd = open(bench_path(*state, "status"), O_WRONLY | O_CREAT | O_TRUNC, 0600);

		assert_int_equal(write(fd, i == 0 ? "0\n" : "65", 2), 2);
		close(fd);
		supervise_unit_start(s.unit);
		reach(&s, i == 0 ? SUPERVISE_UNIT_STOPPED : SUPERVISE_UNIT_FAILED);
		assert_int_equal(view_of(&s).cause,
				 i == 0 ? SUPERVISE_CAUSE_DONE : SUPERVISE_CAUSE_LOST);
		assert_int_equal(view_of(&s).nrestarts, 0);
	}
	end(&s);
}

static void what_cannot_be_run_has_a_reason(void **state)
{
	struct subject s;

	bench_host(*state, has_groups);
	init(&s, *state, "");
	s.argv[0] = "/no/such/program";
	s.settings.restart.times = 0;
	open_it(&s);
	supervise_unit_start(s.unit);
	reach(&s, SUPERVISE_UNIT_FAILED);
	assert_int_equal(view_of(&s).cause, SUPERVISE_CAUSE_START);
	assert_string_equal(view_of(&s).reason,
			    "cannot run /no/such/program: No such file or directory");
	end(&s);
}

static bool has_ready_file(void *arg)
{
	return bench_read(arg, "ready")[0] != '\0';
}

static bool is_alone(void *arg)
{
	return bench_count(arg) == 0;
}

/* A shell that ignores its signal, and one child each in the background, by a double fork, and in a
 * session of its own. */
static const char stubborn[] = "trap '' TERM; (sleep 1001 &) ; setsid sleep 1002 & "
			       "(setsid sh -c 'trap \"\" TERM; sleep 1003' &) ; "
			       "echo x >ready; while :; do sleep 1004; done";

static void nothing_survives_a_stop(void **state)
{
	struct subject s;

	bench_host(*state, has_groups);
	init(&s, *state, stubborn);
	s.service.stop.timeout_ms = 50;
	open_it(&s);
	supervise_unit_start(s.unit);
	bench_wait_for(*state, has_ready_file, *state);
	assert_true(bench_count(*state) >= 4);
	end(&s);
	bench_wait_for(*state, is_alone, *state);
}

static void nor_a_death(void **state)
{
	struct subject s;

	bench_host(*state, has_groups);
	init(&s, *state, stubborn);
	s.settings.restart.times = 0;
	open_it(&s);
	supervise_unit_start(s.unit);
	bench_wait_for(*state, has_ready_file, *state);
	supervise_unit_signal(s.unit, SIGKILL);
	reach(&s, SUPERVISE_UNIT_FAILED);
	assert_string_equal(view_of(&s).reason, "killed by SIGKILL");
	bench_wait_for(*state, is_alone, *state);
	end(&s);
}

static void a_restart_that_was_asked_for_does_not_count(void **state)
{
	struct subject s;
	pid_t before;

	bench_host(*state, has_groups);
	init(&s, *state, "exec sleep 1000");
	open_it(&s);
	supervise_unit_start(s.unit);
	for (int i = 0; i < 10; i++) {
		reach(&s, SUPERVISE_UNIT_UP);
		before = view_of(&s).pid;
		supervise_unit_restart(s.unit);
		assert_int_equal(view_of(&s).state, SUPERVISE_UNIT_DRAINING);
		reach(&s, SUPERVISE_UNIT_UP);
		assert_true(view_of(&s).pid != before);
	}
	assert_int_equal(view_of(&s).nrestarts, 0);
	end(&s);
}

static bool is_up_again(void *arg)
{
	return strcmp(((struct subject *)arg)->history, "starting up ") == 0;
}

/* Forgets the unit and its host as kill -9 would, and opens them anew. */
static void take_over(struct subject *s)
{
	supervise_unit_close(s->unit);
	bench_host_close(s->bench);
	bench_host(s->bench, has_groups);
	open_it(s);
	assert_int_equal(supervise_host_sweep(s->bench->host), 0);
}

static void what_runs_is_adopted(void **state)
{
	struct subject s;
	pid_t pid;

	bench_host(*state, has_groups);
	init(&s, *state, "echo x >>runs; exec sleep 1000");
	open_it(&s);
	supervise_unit_start(s.unit);
	reach(&s, SUPERVISE_UNIT_UP);
	pid = view_of(&s).pid;
	for (int i = 0; i < 3; i++) {
		take_over(&s);
		assert_int_equal(view_of(&s).state, SUPERVISE_UNIT_UP);
		assert_int_equal(view_of(&s).cause, SUPERVISE_CAUSE_ADOPTED);
		assert_int_equal(view_of(&s).pid, pid);
		supervise_unit_start(s.unit); /* does nothing */
	}
	s.history[0] = '\0';
	kill(pid, SIGKILL);
	bench_wait_for(*state, is_up_again, &s);
	assert_int_equal(view_of(&s).cause, SUPERVISE_CAUSE_DIED);
	assert_int_equal(view_of(&s).last_exit.value, SIGKILL);
	end(&s);
}

static void a_damaged_state_is_none_and_what_ran_is_ended(void **state)
{
	struct subject s;
	pid_t pid;
	int fd;

	bench_host(*state, has_groups);
	init(&s, *state, "exec sleep 1000");
	open_it(&s);
	supervise_unit_start(s.unit);
	reach(&s, SUPERVISE_UNIT_UP);
	pid = view_of(&s).pid;
	supervise_unit_close(s.unit);
	bench_host_close(*state);
	fd = open(bench_path(*state, "subject.unit"), O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, "x", 1, 20), 1);
	close(fd);
	bench_host(*state, has_groups);
	open_it(&s);
	assert_int_equal(view_of(&s).state, SUPERVISE_UNIT_DRAINING);
	supervise_unit_start(s.unit);
	reach(&s, SUPERVISE_UNIT_UP);
	assert_true(view_of(&s).pid != pid);
	assert_int_equal(kill(pid, 0), -1);
	end(&s);
}

static void a_unit_that_nobody_opens_is_swept(void **state)
{
	struct subject s;

	bench_host(*state, has_groups);
	init(&s, *state, stubborn);
	open_it(&s);
	supervise_unit_start(s.unit);
	bench_wait_for(*state, has_ready_file, *state);
	supervise_unit_close(s.unit);
	bench_host_close(*state);
	bench_host(*state, has_groups);
	assert_true(supervise_host_sweep(s.bench->host) >= 4);
	bench_wait_for(*state, is_alone, *state);
	assert_int_not_equal(access(bench_path(*state, "subject.unit"), F_OK), 0);
	bench_host_close(*state);
}

static void readiness_is_reported_by_its_own_processes(void **state)
{
	struct subject s;

	bench_host(*state, has_groups);
	init(&s, *state,
	     "python3 -c 'import os,socket,time\n"
	     "s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)\n"
	     "s.connect(os.environ[\"NOTIFY_SOCKET\"])\n"
	     "s.send(b\"STATUS=here\\nREADY=1\")\n"
	     "time.sleep(1000)'");
	s.settings.must_report_ready = true;
	open_it(&s);
	supervise_unit_start(s.unit);
	reach(&s, SUPERVISE_UNIT_UP);
	end(&s);
}

static void one_that_is_not_ready_in_time_is_started_again(void **state)
{
	struct subject s;

	bench_host(*state, has_groups);
	init(&s, *state, "exec sleep 1000");
	s.settings.must_report_ready = true;
	s.settings.start_timeout_ms = 20;
	s.settings.restart.times = 1;
	open_it(&s);
	supervise_unit_start(s.unit);
	reach(&s, SUPERVISE_UNIT_FAILED);
	assert_int_equal(view_of(&s).cause, SUPERVISE_CAUSE_START);
	assert_string_equal(view_of(&s).reason,
			    "not up within 20 ms; restarted 1 times within 60000 ms");
	end(&s);
}

static const char *const failing_argv[] = {"/bin/sh", "-c", "echo database down; exit 2", NULL};

static bool has_reason(void *arg)
{
	return view_of(arg).reason[0] != '\0';
}

static void one_that_is_not_up_shows_what_its_check_finds(void **state)
{
	struct child_command command = {.argv = failing_argv, .environment = environment};
	struct supervise_check_settings check = {.kind = SUPERVISE_CHECK_EXEC,
						 .command = &command,
						 .interval_ms = 10,
						 .timeout_ms = 20000,
						 .rise = 1,
						 .fall = 3};
	struct subject s;

	bench_host(*state, has_groups);
	init(&s, *state, "exec sleep 1000");
	s.settings.check = &check;
	open_it(&s);
	supervise_unit_start(s.unit);
	bench_wait_for(*state, has_reason, &s);
	assert_string_equal(view_of(&s).reason, "check: exit status 2: database down");
	assert_int_equal(view_of(&s).state, SUPERVISE_UNIT_STARTING);
	assert_int_equal(view_of(&s).health, SUPERVISE_UNKNOWN);
	assert_int_equal(s.nhealth, 1); /* not again for the same reason */
	end(&s);
}

static const char *const check_argv[] = {"/bin/sh", "-c", "echo seen; exit $(cat health)", NULL};

static void health_set(struct bench *bench, const char *text)
{
	int fd = open(bench_path(bench, "health"), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_equal(write(fd, text, 1), 1);
	close(fd);
}

static bool is_degraded(void *arg)
{
	return view_of(arg).health == SUPERVISE_DEGRADED;
}

static void checks_make_it_up_degraded_and_started_again(void **state)
{
	struct supervise_check_settings check = {.kind = SUPERVISE_CHECK_EXEC,
						 .interval_ms = 20,
						 .timeout_ms = 20000,
						 .rise = 1,
						 .fall = 2};
	struct child_command command = {.argv = check_argv, .environment = environment};
	struct subject s;

	bench_host(*state, has_groups);
	init(&s, *state, "exec sleep 1000");
	command.folder = s.bench->folder;
	check.command = &command;
	s.settings.check = &check;
	health_set(*state, "2");
	open_it(&s);
	supervise_unit_start(s.unit);
	reach(&s, SUPERVISE_UNIT_STARTING);
	health_set(*state, "0");
	reach(&s, SUPERVISE_UNIT_UP);
	assert_int_equal(view_of(&s).health, SUPERVISE_PASSED);
	health_set(*state, "1");
	bench_wait_for(*state, is_degraded, &s);
	assert_int_equal(view_of(&s).state, SUPERVISE_UNIT_UP);
	assert_string_equal(view_of(&s).reason, "check: exit status 1: seen");
	take_over(&s);
	assert_int_equal(view_of(&s).health, SUPERVISE_DEGRADED);
	health_set(*state, "2");
	reach(&s, SUPERVISE_UNIT_STARTING); /* and it stays so: the health does not change */
	assert_int_equal(view_of(&s).cause, SUPERVISE_CAUSE_UNHEALTHY);
	assert_string_equal(view_of(&s).reason, "check: exit status 2: seen");
	health_set(*state, "0");
	reach(&s, SUPERVISE_UNIT_UP);
	assert_int_equal(view_of(&s).nrestarts, 1);
	end(&s);
}

static void it_is_prepared_once_for_a_version(void **state)
{
	static const char *const one[] = {"/bin/sh", "-c", "echo one >>steps", NULL};
	static const char *const two[] = {"/bin/sh", "-c", "echo two >>steps; test ! -e bad", NULL};
	struct child_command steps[2] = {{.argv = one, .environment = environment},
					 {.argv = two, .environment = environment}};
	struct subject s;

	bench_host(*state, has_groups);
	init(&s, *state, "exec sleep 1000");
	steps[0].folder = steps[1].folder = s.bench->folder;
	s.settings.prepare = steps;
	s.settings.nprepare = 2;
	s.settings.prepare_timeout_ms = 20000;
	s.settings.version = "1";
	open_it(&s);
	for (int i = 0; i < 2; i++) {
		supervise_unit_start(s.unit);
		reach(&s, SUPERVISE_UNIT_UP);
		supervise_unit_stop(s.unit);
		reach(&s, SUPERVISE_UNIT_STOPPED);
	}
	assert_string_equal(bench_read(*state, "steps"), "one\ntwo\n");
	/* A second name of another file, which this must not change. */
	unlink(bench_path(*state, ".weft-prepared"));
	close(open(bench_path(*state, "other"), O_CREAT | O_WRONLY, 0600));
	assert_int_equal(link(bench_path(*state, "other"), bench_path(*state, ".weft-prepared")),
			 0);
	supervise_unit_start(s.unit);
	reach(&s, SUPERVISE_UNIT_UP);
	supervise_unit_stop(s.unit);
	reach(&s, SUPERVISE_UNIT_STOPPED);
	assert_string_equal(bench_read(*state, "other"), "");
	assert_string_equal(bench_read(*state, ".weft-prepared"), "1");
	s.settings.version = "2";
	close(open(bench_path(*state, "bad"), O_CREAT | O_WRONLY, 0600));
	supervise_unit_start(s.unit);
	reach(&s, SUPERVISE_UNIT_FAILED);
	assert_int_equal(view_of(&s).cause, SUPERVISE_CAUSE_PREPARE);
	assert_string_equal(view_of(&s).reason, "prepare: step 2 (/bin/sh): exit status 1");
	end(&s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

static unsigned nsteps[3];

static int on_starting(void *arg, struct supervise_unit *unit, enum supervise_unit_step step,
		       struct base_error *error)
{
	struct subject *s = arg;

	(void)unit;
	nsteps[step]++;
	if (step == SUPERVISE_STEP_START && nsteps[step] == 3)
		return base_error_set(error, -EACCES, "not again");
	snprintf(s->script, sizeof(s->script), "echo %u >>runs; exec sleep 1000", nsteps[step]);
	return 0;
}

static bool is_started_again(void *arg)
{
	struct subject *s = arg;

	return nsteps[SUPERVISE_STEP_START] == 2 && view_of(s).state == SUPERVISE_UNIT_UP &&
	       strcmp(bench_read(s->bench, "runs"), "1\n2\n") == 0;
}

static void each_start_is_announced_and_may_be_refused(void **state)
{
	static const struct supervise_unit_events hooked = {.on_state = on_state,
							    .on_starting = on_starting};
	struct supervise_runner *runner;
	struct subject s;

	memset(nsteps, 0, sizeof(nsteps));
	bench_host(*state, has_groups);
	init(&s, *state, "");
	assert_int_equal(supervise_service_new(&runner, s.bench->host, &s.service), 0);
	assert_int_equal(
		supervise_unit_open(&s.unit, s.bench->host, &s.settings, runner, &hooked, &s, NULL),
		0);
	supervise_unit_start(s.unit);
	reach(&s, SUPERVISE_UNIT_UP);
	while (bench_read(*state, "runs")[0] == '\0')
		ev_run(s.bench->loop, EVRUN_NOWAIT);
	kill(view_of(&s).pid, SIGKILL);
	bench_wait_for(*state, is_started_again, &s);
	supervise_unit_restart(s.unit);
	reach(&s, SUPERVISE_UNIT_FAILED);
	assert_string_equal(view_of(&s).reason, "not again");
	assert_int_equal(view_of(&s).cause, SUPERVISE_CAUSE_START);
	assert_false(view_of(&s).is_wanted);
	assert_int_equal(nsteps[SUPERVISE_STEP_PREPARE], 3);
	end(&s);
}

static void settings_change_while_it_runs(void **state)
{
	const char *argv[] = {"sh", "-c", "exit 1", NULL};
	struct child_command command = {.argv = argv, .environment = environment};
	struct supervise_check_settings check = {.kind = SUPERVISE_CHECK_EXEC,
						 .command = &command,
						 .interval_ms = 50,
						 .timeout_ms = 20000,
						 .rise = 1,
						 .fall = 1};
	struct supervise_unit_settings other;
	struct supervise_service_settings service;
	struct subject s;
	pid_t pid;

	bench_host(*state, has_groups);
	init(&s, *state,
	     "trap 'exit 0' USR1; trap '' TERM; echo x >ready; "
	     "while :; do sleep 0.01; done");
	open_it(&s);
	supervise_unit_start(s.unit);
	reach(&s, SUPERVISE_UNIT_UP);
	bench_wait_for(*state, has_ready_file, *state);
	pid = view_of(&s).pid;
	other = s.settings;
	other.check = &check;
	service = s.service;
	service.stop = (struct supervise_stop_settings){SIGUSR1, 20000};
	assert_int_equal(supervise_service_change(s.runner, &service), 0);
	supervise_unit_change(s.unit, &other);
	while (s.nhealth == 0)
		ev_run(s.bench->loop, EVRUN_ONCE);
	assert_int_equal(view_of(&s).health, SUPERVISE_DEGRADED);
	supervise_unit_change(s.unit, &s.settings);
	assert_int_equal(view_of(&s).health, SUPERVISE_UNKNOWN);
	assert_int_equal(view_of(&s).pid, pid);
	end(&s);
	assert_string_equal(s.history, "starting up draining stopped ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_start_is_announced_and_may_be_refused),
		TEST(settings_change_while_it_runs),
		TEST(it_starts_and_stops),
		TEST(one_that_dies_is_back_until_it_has_died_too_often),
		TEST(status_0_is_done_and_65_is_lost),
		TEST(what_cannot_be_run_has_a_reason),
		TEST(nothing_survives_a_stop),
		TEST(nor_a_death),
		TEST(a_restart_that_was_asked_for_does_not_count),
		TEST(what_runs_is_adopted),
		TEST(a_damaged_state_is_none_and_what_ran_is_ended),
		TEST(a_unit_that_nobody_opens_is_swept),
		TEST(readiness_is_reported_by_its_own_processes),
		TEST(one_that_is_not_ready_in_time_is_started_again),
		TEST(one_that_is_not_up_shows_what_its_check_finds),
		TEST(checks_make_it_up_degraded_and_started_again),
		TEST(it_is_prepared_once_for_a_version),
	};
	int nfailed = cmocka_run_group_tests_name("without groups", tests, NULL, NULL);

	has_groups = true;
	return nfailed + cmocka_run_group_tests_name("with groups", tests, NULL, NULL);
}
