/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "child/identity.h"
#include "supervise/state.h"

/* A socket at a free port of 127.0.0.1. */
static struct supervise_socket_settings socket_of(const char *name)
{
	struct supervise_socket_settings settings = {.name = name, .type = SOCK_STREAM};
	struct sockaddr_in *address = (struct sockaddr_in *)&settings.address;

	address->sin_family = AF_INET;
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return settings;
}

static void opened(struct supervise_sockets *out, const struct supervise_socket_settings *settings,
		   unsigned n)
{
	struct base_error error;

	assert_int_equal(supervise_sockets_init(out, settings, n), 0);
	assert_int_equal(supervise_sockets_open(out, &error), 0);
	for (unsigned i = 0; i < n; i++)
		assert_true(supervise_socket_inode(out->fds[i]) != 0);
}

static void more_than_there_may_be_are_refused(void **state)
{
	struct supervise_sockets sockets = {0};

	(void)state;
	assert_int_equal(supervise_sockets_init(&sockets, NULL, SUPERVISE_SOCKETS_MAX + 1), -E2BIG);
	assert_null(sockets.fds);
}

static void what_is_open_is_not_opened_again(void **state)
{
	struct supervise_socket_settings settings[] = {socket_of("a"), socket_of("b")};
	struct supervise_sockets sockets;
	struct base_error error;
	int first;

	(void)state;
	opened(&sockets, settings, 2);
	first = sockets.fds[0];
	assert_int_equal(supervise_sockets_open(&sockets, &error), 0);
	assert_int_equal(sockets.fds[0], first);
	supervise_sockets_fini(&sockets);
	assert_true(supervise_socket_inode(first) == 0);
}

static void a_change_keeps_what_both_have_and_closes_the_rest(void **state)
{
	struct supervise_socket_settings old[] = {socket_of("a"), socket_of("b"), socket_of("c")};
	struct supervise_socket_settings new[] = {socket_of("c"), socket_of("d"), socket_of("a")};
	struct supervise_sockets sockets;
	int a, b, c;

	(void)state;
	opened(&sockets, old, 3);
	a = sockets.fds[0];
	b = sockets.fds[1];
	c = sockets.fds[2];
	new[2].type = SOCK_DGRAM;
	assert_int_equal(supervise_sockets_change(&sockets, new, SUPERVISE_SOCKETS_MAX + 1),
			 -E2BIG);
	assert_int_equal(sockets.fds[1], b);
	assert_int_equal(supervise_sockets_change(&sockets, new, 3), 0);
	assert_int_equal(sockets.n, 3);
	assert_int_equal(sockets.fds[0], c);
	assert_int_equal(sockets.fds[1], -1);
	assert_int_equal(sockets.fds[2], -1);
	assert_true(supervise_socket_inode(a) == 0);
	assert_true(supervise_socket_inode(b) == 0);
	assert_true(supervise_socket_inode(c) != 0);
	supervise_sockets_fini(&sockets);
}

static void a_program_that_replaced_itself_finds_them_at_their_numbers(void **state)
{
	struct supervise_socket_settings settings[] = {socket_of("a"), socket_of("b")};
	struct supervise_socket_settings turned[] = {settings[1], settings[0]};
	struct supervise_sockets before, after;
	struct supervise_state recorded = {0};

	(void)state;
	opened(&before, settings, 2);
	supervise_sockets_record(&before, &recorded);
	assert_int_equal(recorded.nsockets, 2);
	assert_string_equal(recorded.sockets[1].name, "b");
	assert_int_equal(supervise_sockets_keep(&before), 0);
	assert_int_equal(fcntl(before.fds[0], F_GETFD), 0);

	assert_int_equal(supervise_sockets_init(&after, turned, 2), 0);
	supervise_sockets_adopt(&after, &recorded, 0, -1);
	assert_int_equal(after.fds[0], before.fds[1]);
	assert_int_equal(after.fds[1], before.fds[0]);
	assert_int_equal(fcntl(after.fds[0], F_GETFD), FD_CLOEXEC);
	supervise_sockets_fini(&after);
	before.n = 0; /* they were the same */
	supervise_sockets_fini(&before);
}

static void another_supervisor_takes_them_out_of_the_process(void **state)
{
	struct supervise_socket_settings settings[] = {socket_of("a")};
	int pidfd = child_identity_pidfd(getpid());
	struct supervise_sockets before, after;
	struct supervise_state recorded = {0};

	(void)state;
	opened(&before, settings, 1);
	supervise_sockets_record(&before, &recorded);
	recorded.sockets[0].fd = pidfd; /* what has the number now */
	assert_int_equal(supervise_sockets_init(&after, settings, 1), 0);
	supervise_sockets_adopt(&after, &recorded, 0, -1);
	assert_true(after.fds[0] < 0);
	supervise_sockets_adopt(&after, &recorded, getpid(), pidfd);
	assert_true(after.fds[0] >= 0);
	assert_true(after.fds[0] != before.fds[0]);
	assert_int_equal(supervise_socket_inode(after.fds[0]), recorded.sockets[0].inode);
	supervise_sockets_fini(&after);
	supervise_sockets_fini(&before);
	close(pidfd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_than_there_may_be_are_refused),
		cmocka_unit_test(what_is_open_is_not_opened_again),
		cmocka_unit_test(a_change_keeps_what_both_have_and_closes_the_rest),
		cmocka_unit_test(a_program_that_replaced_itself_finds_them_at_their_numbers),
		cmocka_unit_test(another_supervisor_takes_them_out_of_the_process),
	};

	return cmocka_run_group_tests_name("supervise/sockets", tests, NULL, NULL);
}
