/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../child/bench.h"
#include "base/error.h"
#include "child/identity.h"

static void a_socket_is_taken_from_the_process_that_has_it(void **state)
{
	struct supervise_socket_settings settings = {.name = "web", .type = SOCK_STREAM};
	struct base_error error;
	int fd, pidfd, taken;
	uint64_t inode;
	pid_t pid;

	(void)state;
	settings.address.ss_family = AF_INET;
	((struct sockaddr_in *)&settings.address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = supervise_socket_open(&settings, &error);
	assert_true(fd >= 0);
	inode = supervise_socket_inode(fd);
	assert_true(inode != 0);
	pid = fork();
	if (pid == 0) {
		pause();
		_exit(0);
	}
	close(fd);
	assert_int_equal(supervise_socket_inode(fd), 0);
	pidfd = child_identity_pidfd(pid);
	taken = supervise_socket_take(inode, pid, pidfd);
	assert_true(taken >= 0);
	assert_int_equal(supervise_socket_inode(taken), inode);
	assert_int_equal(supervise_socket_take(inode + 1, pid, pidfd), -ENOENT);
	close(taken);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(pidfd);
}

static void a_stale_file_is_replaced_and_a_used_one_is_not(void **state)
{
	struct supervise_socket_settings settings = {.name = "unix", .type = SOCK_STREAM};
	struct sockaddr_un *address = (struct sockaddr_un *)&settings.address;
	struct base_error error;
	char expected[200];
	int fd;

	address->sun_family = AF_UNIX;
	snprintf(address->sun_path, sizeof(address->sun_path), "%s", bench_path(*state, "s"));
	for (int i = 0; i < 2; i++) {
		fd = supervise_socket_open(&settings, &error);
		assert_true(fd >= 0);
		assert_int_equal(supervise_socket_open(&settings, &error), -EADDRINUSE);
		snprintf(expected, sizeof(expected),
			 "socket unix: cannot listen at %s: Address already in use",
			 address->sun_path);
		assert_string_equal(error.text, expected);
		close(fd);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_socket_is_taken_from_the_process_that_has_it),
		TEST(a_stale_file_is_replaced_and_a_used_one_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
