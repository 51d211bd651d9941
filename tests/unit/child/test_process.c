/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "child/process.h"

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
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "bench.h"
#include "child/command.h"
#include "child/identity.h"
#include "child/reaper.h"

struct seen {
	bool was_run, has_failed, has_ended;
	struct base_error error;
	struct child_exit exit;
};

static void on_exec(void *arg, const struct base_error *error)
{
	struct seen *seen = arg;

	assert_false(seen->was_run || seen->has_failed);
	seen->was_run = error == NULL;
	seen->has_failed = error != NULL;
	if (error != NULL)
		seen->error = *error;
}

static void on_end(void *arg, struct child_exit exit)
{
	struct seen *seen = arg;

	assert_true(seen->was_run || seen->error.code == 1);
	seen->has_ended = true;
	seen->exit = exit;
}

static const struct child_process_events events = {.on_exec = on_exec, .on_end = on_end};

static struct child_reaper *reaper_of(struct bench *bench)
{
	struct child_reaper *reaper;

	assert_int_equal(child_reaper_open(&reaper, bench->loop), 0);
	return reaper;
}

/* Runs a command to its end, with its output in the file `out`. */
static struct seen run(struct bench *bench, struct child_launch *launch)
{
	struct child_reaper *reaper = reaper_of(bench);
	struct child_process *process;
	struct base_error error;
	struct seen seen = {0};

	launch->output =
		open(bench_path(bench, "out"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (child_process_start(&process, reaper, launch, &events, &seen, &error) < 0)
		fail_msg("%s", error.text);
	close(launch->output);
	while (!seen.has_ended && !seen.has_failed)
		ev_run(bench->loop, EVRUN_ONCE);
	child_process_close(process);
	child_reaper_close(reaper);
	return seen;
}

static void a_program_gets_what_its_command_has(void **state)
{
	static const char *const argv[] = {
		"sh", "-c",
		"pwd; umask; nice; ulimit -n; ulimit -c; echo $A $B; id -u; id -G; cat; exit 7",
		NULL};
	static const char *const environment[] = {"A=one", "PATH=/usr/bin:/bin", "B=two", NULL};
	static const struct child_limit limits[] = {
		{RLIMIT_NOFILE, {100, 100}},
		{RLIMIT_CORE, {0, 0}},
	};
	static const struct child_user user = {65534, 65534, 2, {65534, 1}};
	struct child_command command = {.argv = argv,
					.environment = environment,
					.folder = "/usr",
					.umask = 027,
					.nice = 3,
					.limits = limits,
					.nlimits = 2,
					.user = geteuid() == 0 ? &user : NULL};
	struct child_launch launch = {.command = &command};
	struct seen seen = run(*state, &launch);

	assert_int_equal(seen.exit.how, CHILD_EXIT_STATUS);
	assert_int_equal(seen.exit.value, 7);
	if (geteuid() == 0)
		assert_string_equal(bench_read(*state, "out"),
				    "/usr\n0027\n3\n100\n0\none two\n65534\n65534 1\n");
}

static void a_program_has_the_usual_limit_of_open_files(void **state)
{
	static const char *const argv[] = {"sh", "-c", "ulimit -Sn; ulimit -Hn", NULL};
	const struct child_command command = {.argv = argv};
	struct child_launch launch = {.command = &command};
	struct rlimit before, more;
	char want[64];

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	more = before;
	more.rlim_cur = more.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &more), 0);
	run(*state, &launch);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	snprintf(want, sizeof(want), "%d\n%llu\n", CHILD_FILES,
		 (unsigned long long)before.rlim_max);
	assert_string_equal(bench_read(*state, "out"), want);
}

static void a_failure_names_step_path_and_reason(void **state)
{
	static const char *const none[] = {"/no/such/program", NULL};
	static const char *const name[] = {"no-such-program", NULL};
	static const char *const folder[] = {"/etc", NULL};
	static const char *const ok[] = {"true", NULL};
	static const struct {
		const char *const *argv;
		const char *folder, *text;
		int code;
	} cases[] = {
		{none, NULL, "cannot run /no/such/program: No such file or directory", -ENOENT},
		{name, NULL, "cannot run no-such-program: No such file or directory", -ENOENT},
		{folder, NULL, "cannot run /etc: Permission denied", -EACCES},
		{ok, "/no/such", "cannot enter the folder /no/such: No such file or directory",
		 -ENOENT},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct child_command command = {.argv = cases[i].argv, .folder = cases[i].folder};
		struct child_launch launch = {.command = &command};
		struct seen seen = run(*state, &launch);

		assert_true(seen.has_failed);
		assert_false(seen.has_ended);
		assert_string_equal(seen.error.text, cases[i].text);
		assert_int_equal(seen.error.code, cases[i].code);
	}
}

static void sockets_begin_at_three_and_nothing_else_is_open(void **state)
{
	static const char *const argv[] = {
		"/bin/sh", "-c",
		"test $LISTEN_PID = $$ && echo $LISTEN_FDS $LISTEN_FDNAMES; ls /proc/$$/fd", NULL};
	static const char *const names[] = {"web", "admin"};
	static const char *const path[] = {"PATH=/usr/bin:/bin", NULL};
	struct child_command command = {.argv = argv, .environment = path};
	struct child_launch launch = {.command = &command, .socket_names = names, .nsockets = 2};
	int leak = open("/dev/null", O_RDONLY); /* on purpose without O_CLOEXEC */
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	/* Each is where the other one is to be, and the pipe of the exec is among them. */
	assert_true(dup3(ends[0], 64, O_CLOEXEC) == 64);
	launch.sockets = (int[]){64, ends[1]};
	run(*state, &launch);
	close(ends[0]);
	close(ends[1]);
	close(64);
	close(leak);
	assert_string_equal(bench_read(*state, "out"), "2 web:admin\n0\n1\n2\n3\n4\n");
}

static void signals_are_as_for_a_new_program(void **state)
{
	static const char *const argv[] = {"/bin/sh", "-c",
					   "grep -E 'Sig(Blk|Ign)' /proc/$$/status | "
					   "tr -d '\\n\\t '; kill -TERM $$; sleep 100",
					   NULL};
	struct child_command command = {.argv = argv};
	struct child_launch launch = {.command = &command, .is_ended_whole = true};
	unsigned long blocked, ignored;
	struct seen seen;
	sigset_t set, old;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, &old);
	signal(SIGPIPE, SIG_IGN);
	seen = run(*state, &launch);
	sigprocmask(SIG_SETMASK, &old, NULL);
	signal(SIGPIPE, SIG_DFL);
	assert_int_equal(seen.exit.how, CHILD_EXIT_SIGNAL);
	assert_int_equal(seen.exit.value, SIGTERM);
	/* Signals 32 and 33 are the C library's own: it ignores them in programs that it starts. */
	assert_int_equal(
		sscanf(bench_read(*state, "out"), "SigBlk:%lxSigIgn:%lx", &blocked, &ignored), 2);
	assert_int_equal(blocked, 0);
	assert_int_equal(ignored & ~(3ul << 31), 0);
}

static void another_processs_child_is_adopted(void **state)
{
	static const char *const argv[] = {"/bin/sleep", "1000", NULL};
	struct child_command command = {.argv = argv};
	struct child_launch launch = {.command = &command, .output = -1};
	struct child_reaper *reaper = reaper_of(*state);
	struct child_process *process, *adopted;
	struct seen seen = {0}, other = {.error.code = 1};
	struct child_identity id;
	struct bench *bench = *state;

	assert_int_equal(child_process_start(&process, reaper, &launch, &events, &seen, NULL), 0);
	bench_wait(bench, &seen.was_run);
	assert_int_equal(
		child_identity_get(&id, child_process_pid(process), child_process_pidfd(process)),
		0);
	child_process_close(process);
	assert_int_equal(child_process_adopt(&adopted, reaper, &id, &events, &other), 0);
	assert_int_equal(child_process_signal(adopted, SIGTERM), 0);
	bench_wait(bench, &other.has_ended);
	assert_int_equal(other.exit.value, SIGTERM);
	assert_int_equal(child_process_signal(adopted, SIGTERM), -ESRCH);
	child_process_close(adopted);
	assert_int_equal(child_process_adopt(&adopted, reaper, &id, &events, &other), -ESRCH);
	child_reaper_close(reaper);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_program_gets_what_its_command_has),
		TEST(a_program_has_the_usual_limit_of_open_files),
		TEST(a_failure_names_step_path_and_reason),
		TEST(sockets_begin_at_three_and_nothing_else_is_open),
		TEST(signals_are_as_for_a_new_program),
		TEST(another_processs_child_is_adopted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
