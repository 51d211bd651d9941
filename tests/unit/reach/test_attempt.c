/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "find/instance.h"
#include "kit.h"
#include "reach/attempt.h"

static bool has_network; /* of its own */

/* Returns what becomes of connecting to this address, after it is not pending any more, if it is
 * not silent. */
static enum reach_result result_of(const char *address, uint16_t port, bool is_datagram, int *fd,
				   int *error)
{
	struct find_instance *i = kit_instance("a", 0, address, port);
	enum reach_result result = reach_attempt_begin(kit_address(i, 0), is_datagram, fd, error);
	struct pollfd ready = {.fd = *fd, .events = POLLOUT};

	if (result == REACH_PENDING && poll(&ready, 1, 20) == 1)
		result = reach_attempt_check(*fd, error);
	find_instance_release(i);
	return result;
}

static void a_listening_port_is_connected_to(void **state)
{
	struct kit_port p = kit_listening();
	int fd, error;

	(void)state;
	assert_int_equal(result_of("127.0.0.1", p.port, false, &fd, &error), REACH_CONNECTED);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	kit_close(&p);
}

static void a_refusal_is_the_peers(void **state)
{
	struct kit_port p = kit_refusing();
	int fd, error = 0;

	(void)state;
	assert_int_equal(result_of("127.0.0.1", p.port, false, &fd, &error), REACH_FAILED);
	assert_int_equal(error, -ECONNREFUSED);
	if (fd >= 0)
		close(fd);
	kit_close(&p);
}

static void a_silent_port_is_pending(void **state)
{
	struct kit_port p = kit_silent();
	int fd, error;

	(void)state;
	assert_int_equal(result_of("127.0.0.1", p.port, false, &fd, &error), REACH_PENDING);
	assert_int_equal(reach_attempt_check(fd, &error), REACH_PENDING);
	close(fd);
	kit_close(&p);
}

static void a_missing_route_is_this_hosts(void **state)
{
	static const char *const nowhere[] = {"192.0.2.1", "2001:db8::1", "fe80::1"};
	int fd, error;

	(void)state;
	if (!has_network)
		skip();
	for (unsigned k = 0; k < 6; k++) {
		error = 0;
		assert_int_equal(result_of(nowhere[k / 2], 80, k % 2 == 1, &fd, &error),
				 REACH_LOCAL);
		assert_int_equal(fd, -1);
		assert_true(error < 0);
	}
}

static void a_datagram_socket_is_connected_where_there_is_a_route(void **state)
{
	struct kit_port p = kit_refusing();
	int fd, error;

	(void)state;
	assert_int_equal(result_of("127.0.0.1", p.port, true, &fd, &error), REACH_CONNECTED);
	close(fd);
	kit_close(&p);
}

static void lack_of_descriptors_is_temporary(void **state)
{
	struct rlimit before, none;
	int fd, error = 0, next = dup(0);

	(void)state;
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){.rlim_cur = (rlim_t)next, .rlim_max = before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(result_of("127.0.0.1", 1, false, &fd, &error), REACH_SHORT);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(error, -EMFILE);
}

static void port_range_set(const char *range)
{
	FILE *f = fopen("/proc/sys/net/ipv4/ip_local_port_range", "we");

	assert_non_null(f);
	fputs(range, f);
	assert_int_equal(fclose(f), 0);
}

static void a_socket_that_is_connected_to_itself_was_refused(void **state)
{
	struct sockaddr_storage here = {0};
	struct find_instance *i;
	int fd, error = 0;

	(void)state;
	if (!has_network || access("/proc/sys/net/ipv4/ip_local_port_range", W_OK) != 0)
		skip();
	port_range_set("40000 40000");
	assert_int_equal(result_of("127.0.0.1", 40000, false, &fd, &error), REACH_FAILED);
	port_range_set("32768 60999");
	assert_int_equal(error, -ECONNREFUSED);
	if (fd >= 0)
		close(fd);

	/* The port is free for its server at once. */
	i = kit_instance("a", 0, "127.0.0.1", 40000);
	here = i->addresses[0];
	find_instance_release(i);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&here, sizeof(struct sockaddr_in)), 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_listening_port_is_connected_to),
		cmocka_unit_test(a_refusal_is_the_peers),
		cmocka_unit_test(a_silent_port_is_pending),
		cmocka_unit_test(a_missing_route_is_this_hosts),
		cmocka_unit_test(a_datagram_socket_is_connected_where_there_is_a_route),
		cmocka_unit_test(lack_of_descriptors_is_temporary),
		cmocka_unit_test(a_socket_that_is_connected_to_itself_was_refused),
	};

	has_network = kit_enter_network();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
