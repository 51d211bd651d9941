/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "child/exit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void a_status_becomes_a_sentence(void **state)
{
	static const struct {
		struct child_exit exit;
		const char *text;
	} cases[] = {
		{{CHILD_EXIT_STATUS, 0, false}, "exit status 0"},
		{{CHILD_EXIT_STATUS, 65, false}, "exit status 65"},
		{{CHILD_EXIT_SIGNAL, SIGKILL, false}, "killed by SIGKILL"},
		{{CHILD_EXIT_SIGNAL, SIGSEGV, true}, "killed by SIGSEGV (core dumped)"},
		{{CHILD_EXIT_SIGNAL, 40, false}, "killed by signal 40"},
		{{CHILD_EXIT_UNKNOWN, 0, false}, "ended, exit status unknown"},
	};
	char text[CHILD_EXIT_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(child_exit_to_text(text, cases[i].exit), cases[i].text);
}

/* Has a child end, and returns what both calls of the kernel give of it. */
static struct child_exit ended(int signal, int status)
{
	struct child_exit a, b;
	siginfo_t info;
	int wstatus;
	pid_t pid = fork();

	if (pid == 0) {
		if (signal != 0)
			kill(getpid(), signal);
		_exit(status);
	}
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(waitpid(pid, &wstatus, 0), pid);
	a = child_exit_from_status(wstatus);
	b = child_exit_from_siginfo(&info);
	assert_int_equal(a.how, b.how);
	assert_int_equal(a.value, b.value);
	assert_int_equal(a.has_core, b.has_core);
	return a;
}

static void both_calls_of_the_kernel_give_the_same(void **state)
{
	struct child_exit exit;

	(void)state;
	exit = ended(0, 7);
	assert_int_equal(exit.how, CHILD_EXIT_STATUS);
	assert_int_equal(exit.value, 7);
	exit = ended(SIGKILL, 0);
	assert_int_equal(exit.how, CHILD_EXIT_SIGNAL);
	assert_int_equal(exit.value, SIGKILL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_status_becomes_a_sentence),
		cmocka_unit_test(both_calls_of_the_kernel_give_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
