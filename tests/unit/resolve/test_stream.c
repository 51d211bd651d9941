/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "resolve/events.h"
#include "resolve/stream.h"

static bool on_open(void *arg, uint64_t now_ms)
{
	(void)now_ms;
	++*(unsigned *)arg;
	return true;
}

static void on_end(void *arg, int error, const char *why, uint64_t now_ms)
{
	(void)arg;
	(void)error;
	(void)why;
	(void)now_ms;
}

static const struct resolve_stream_calls calls = {.on_open = on_open, .on_end = on_end};

/* Returns a socket that listens on a port that the kernel chose. */
static int listener(struct resolve_endpoint *e)
{
	struct sockaddr_in *a = (struct sockaddr_in *)&e->address;
	socklen_t nbytes = sizeof(*a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	a->sin_family = AF_INET;
	a->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)a, sizeof(*a)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)a, &nbytes), 0);
	return fd;
}

/* Connects, and returns whether messages could be sent; writes the result to `ret`. */
static bool is_opened(struct resolve_endpoint *e, int *ret)
{
	struct resolve_events events;
	struct resolve_stream s;
	unsigned nopened = 0;

	assert_int_equal(resolve_events_init(&events), 0);
	resolve_stream_init(&s, &events, &calls, &nopened);
	*ret = resolve_stream_connect(&s, e, NULL);
	resolve_events_run(&events, 0);
	resolve_stream_close(&s);
	resolve_events_fini(&events);
	return nopened > 0;
}

static void an_endpoint_with_tls_is_never_connected_to_without(void **state)
{
	struct resolve_endpoint e = {0};
	int fd = listener(&e), ret;

	(void)state;
	assert_true(is_opened(&e, &ret));
	assert_int_equal(ret, 0);
	e.is_tls = true;
	assert_false(is_opened(&e, &ret));
	assert_int_equal(ret, -EPROTONOSUPPORT);
	close(fd);
}

static void a_descriptor_that_cannot_be_watched_is_closed(void **state)
{
	struct resolve_events events = {.fd = -1};
	struct resolve_descriptor d = {.fd = dup(0)};
	int fd = d.fd;

	(void)state;
	assert_int_equal(resolve_events_add(&events, &d), -EBADF);
	assert_int_equal(d.fd, -1);
	assert_int_equal(close(fd), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_endpoint_with_tls_is_never_connected_to_without),
		cmocka_unit_test(a_descriptor_that_cannot_be_watched_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
