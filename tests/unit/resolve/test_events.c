/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "resolve/events.h"

enum { LONG_MS = 600000, SHORT_MS = 20 };

static void on_ready(void *arg, uint32_t events, uint64_t now_ms)
{
	struct resolve_descriptor *d = arg;
	char c;

	assert_true(events & EPOLLIN);
	assert_true(now_ms > 0);
	assert_int_equal(read(d->fd, &c, 1), 1);
}

static void waiting_ends_at_the_deadline(void **state)
{
	struct resolve_events events;
	uint64_t now_ms = base_clock_steady_us() / 1000;

	(void)state;
	assert_int_equal(resolve_events_init(&events), 0);
	assert_true(resolve_events_wait(&events, now_ms + SHORT_MS) >= now_ms + SHORT_MS);
	/* One that is over is not waited for. */
	assert_true(resolve_events_wait(&events, 0) < now_ms + LONG_MS);
	resolve_events_fini(&events);
}

static void waiting_ends_with_what_is_ready(void **state)
{
	struct resolve_descriptor d = {.wanted = EPOLLIN, .on_ready = on_ready, .arg = &d};
	struct resolve_events events;
	int ends[2];
	char c;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	d.fd = ends[0];
	assert_int_equal(resolve_events_init(&events), 0);
	assert_int_equal(resolve_events_add(&events, &d), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_true(resolve_events_wait(&events, UINT64_MAX) <
		    base_clock_steady_us() / 1000 + LONG_MS);
	assert_true(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 && read(ends[0], &c, 1) < 0);
	resolve_events_close(&events, &d);
	close(ends[1]);
	resolve_events_fini(&events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waiting_ends_at_the_deadline),
		cmocka_unit_test(waiting_ends_with_what_is_ready),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
