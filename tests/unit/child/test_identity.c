/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "child/identity.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void a_name_may_have_any_byte(void **state)
{
	struct child_stat stat;
	char text[512];
	size_t n = 0;

	(void)state;
	n += (size_t)snprintf(text + n, sizeof(text) - n, "7 (a) S 9) (b) Z 3 4 5");
	for (int field = 7; field <= 52; field++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, " %d",
				      field == 22   ? 777
				      : field == 52 ? 1792
						    : -field);
	assert_int_equal(child_identity_parse_stat(&stat, text), 0);
	assert_int_equal(stat.state, 'Z');
	assert_int_equal(stat.parent, 3);
	assert_int_equal(stat.session, 5);
	assert_int_equal(stat.start, 777);
	assert_int_equal(stat.exit_status, 1792);
	assert_int_equal(
		child_identity_parse_stat(
			&stat, "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0"),
		0);
	assert_true(stat.is_kernel);
	assert_int_equal(child_identity_stat(&stat, getpid()), 0);
	assert_false(stat.is_kernel);
	assert_int_equal(child_identity_parse_stat(&stat, ""), -EINVAL);
	assert_int_equal(child_identity_parse_stat(&stat, "7 (a)"), -EINVAL);
	assert_int_equal(child_identity_parse_stat(&stat, "7 (a) S 1 2"), -EINVAL);
}

static void only_the_same_process_is_opened(void **state)
{
	struct child_identity id, other;
	pid_t pid = fork();
	int pidfd, fd;

	(void)state;
	if (pid == 0) {
		pause();
		_exit(0);
	}
	pidfd = child_identity_pidfd(pid);
	assert_int_equal(child_identity_get(&id, pid, pidfd), 0);
	for (int i = 0; i < 2; i++) { /* with the handle, and as on a kernel that has none */
		fd = child_identity_open(&id);
		assert_true(fd >= 0);
		close(fd);
		other = id;
		other.boot[0] ^= 1;
		assert_int_equal(child_identity_open(&other), -ESRCH);
		id.handle_nbytes = 0;
	}
	other = id;
	other.start++;
	assert_int_equal(child_identity_open(&other), -ESRCH);
	kill(pid, SIGTERM);
	assert_int_equal(waitid(P_PID, (id_t)pid, &(siginfo_t){0}, WEXITED | WNOWAIT), 0);
	/* A zombie's status can be read though nobody has waited for it. */
	assert_int_equal(child_identity_exit(pidfd, pid).value, SIGTERM);
	fd = child_identity_open(&id);
	assert_true(fd >= 0);
	close(fd);
	waitpid(pid, NULL, 0);
	assert_int_equal(child_identity_open(&id), -ESRCH);
	close(pidfd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_may_have_any_byte),
		cmocka_unit_test(only_the_same_process_is_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
