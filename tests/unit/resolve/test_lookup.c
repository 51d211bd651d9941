/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/secret.h"
#include "dns/type.h"
#include "resolve/lookup.h"

/* A server on the loopback: what it is asked is looked at, and not answered. */

static const uint8_t name[] = "\002n1\003lab\005cloud";
static struct resolve_endpoint server;
static int udp, tcp; /* sockets with the same port */

static int server_open(void **state)
{
	struct sockaddr_in *address = (struct sockaddr_in *)&server.address;
	socklen_t nbytes = sizeof(*address);

	(void)state;
	server = (struct resolve_endpoint){.is_tls = false};
	address->sin_family = AF_INET;
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	do {
		address->sin_port = 0;
		tcp = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		udp = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		assert_int_equal(bind(tcp, (struct sockaddr *)address, sizeof(*address)), 0);
		assert_int_equal(listen(tcp, 4), 0);
		assert_int_equal(getsockname(tcp, (struct sockaddr *)address, &nbytes), 0);
		if (bind(udp, (struct sockaddr *)address, sizeof(*address)) == 0)
			return 0;
		close(tcp); /* somebody else has this port for UDP */
		close(udp);
	} while (errno == EADDRINUSE);
	return -1;
}

static int server_close(void **state)
{
	(void)state;
	close(tcp);
	close(udp);
	return 0;
}

static void unexpected(void *arg, struct resolve_answer *answer, int error, uint64_t now_ms)
{
	(void)arg;
	(void)answer;
	(void)error;
	(void)now_ms;
	fail();
}

/* Begins a look-up, and returns the socket that it comes to. */
static int asked_at(bool is_stream)
{
	const struct resolve_lookup_servers servers = {.servers = &server, .nservers = 1};
	struct pollfd fds[] = {{.fd = udp, .events = POLLIN}, {.fd = tcp, .events = POLLIN}};
	struct resolve_events events;
	struct resolve_lookup *l;

	assert_int_equal(resolve_events_init(&events), 0);
	assert_int_equal(resolve_lookup_new(&l, &events, &servers, name, DNS_TYPE_A, is_stream,
					    unexpected, NULL),
			 0);
	resolve_events_run(&events, 1000);
	assert_int_equal(poll(fds, 2, 10000), 1);
	resolve_lookup_free(l);
	resolve_events_fini(&events);
	return fds[0].revents != 0 ? udp : tcp;
}

static void a_server_is_asked_over_udp(void **state)
{
	(void)state;
	assert_int_equal(asked_at(false), udp);
}

static void a_question_for_a_stream_is_not_asked_over_udp(void **state)
{
	(void)state;
	assert_int_equal(asked_at(true), tcp);
}

static void a_server_that_is_known_by_tcp_alone_is_not_asked_over_udp(void **state)
{
	(void)state;
	server.is_stream = true;
	assert_int_equal(asked_at(false), tcp);
}

static int secret_start(void **state)
{
	(void)state;
	return base_secret_start();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_server_is_asked_over_udp, server_open,
						server_close),
		cmocka_unit_test_setup_teardown(a_question_for_a_stream_is_not_asked_over_udp,
						server_open, server_close),
		cmocka_unit_test_setup_teardown(
			a_server_that_is_known_by_tcp_alone_is_not_asked_over_udp, server_open,
			server_close),
	};

	return cmocka_run_group_tests(tests, secret_start, NULL);
}
