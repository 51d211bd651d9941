/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "outfit/ports.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"

static uint32_t choose(struct outfit_ports *ports, const char *name)
{
	struct base_error error;
	uint32_t port;

	if (outfit_ports_choose(ports, name, false, &port, &error) < 0)
		fail_msg("%s", error.text);
	return port;
}

/* Binds a port, and listens. */
static int listen_at(uint32_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static void an_instance_gets_the_same_port_again_and_no_other_has_it(void **state)
{
	struct outfit_ports *ports;
	uint32_t first, second;

	(void)state;
	assert_int_equal(outfit_ports_new(&ports), 0);
	first = choose(ports, "web-1._http._tcp");
	assert_true(first >= OUTFIT_PORT_FIRST && first <= OUTFIT_PORT_LAST);
	second = choose(ports, "web-1._http._tcp");
	assert_int_not_equal(first, second);
	outfit_ports_release(ports, first);
	assert_int_equal(choose(ports, "web-1._http._tcp"), first);
	outfit_ports_free(ports);
}

static void a_port_that_is_bound_is_not_chosen(void **state)
{
	struct outfit_ports *ports;
	uint32_t port;
	int fd;

	(void)state;
	assert_int_equal(outfit_ports_new(&ports), 0);
	port = choose(ports, "port-test._http._tcp");
	outfit_ports_release(ports, port);
	fd = listen_at(port);
	assert_false(outfit_ports_is_free(port, false));
	assert_true(outfit_ports_is_free(port, true));
	assert_int_not_equal(choose(ports, "port-test._http._tcp"), port);
	close(fd);
	assert_true(outfit_ports_is_free(port, false));
	outfit_ports_free(ports);
}

static void several_may_reserve_the_same(void **state)
{
	struct outfit_ports *ports;
	uint32_t port;

	(void)state;
	assert_int_equal(outfit_ports_new(&ports), 0);
	port = choose(ports, "web-1._http._tcp");
	outfit_ports_reserve(ports, port);
	outfit_ports_release(ports, port);
	assert_int_not_equal(choose(ports, "web-1._http._tcp"), port);
	outfit_ports_reserve(ports, 0);
	outfit_ports_reserve(ports, 70000);
	outfit_ports_release(ports, 70000);
	outfit_ports_free(ports);
}

static void when_none_is_free_that_is_the_reason(void **state)
{
	struct outfit_ports *ports;
	struct base_error error;
	uint32_t port;

	(void)state;
	assert_int_equal(outfit_ports_new(&ports), 0);
	for (port = OUTFIT_PORT_FIRST; port <= OUTFIT_PORT_LAST; port++)
		outfit_ports_reserve(ports, port);
	assert_int_equal(outfit_ports_choose(ports, "x", false, &port, &error), -EADDRINUSE);
	assert_string_equal(error.text, "port: auto: none of 20000 to 31999 is free");
	outfit_ports_free(ports);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_instance_gets_the_same_port_again_and_no_other_has_it),
		cmocka_unit_test(a_port_that_is_bound_is_not_chosen),
		cmocka_unit_test(several_may_reserve_the_same),
		cmocka_unit_test(when_none_is_free_that_is_the_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
