/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>
#include <ev.h>

#include "lan/poll.h"

static struct ev_loop *loop;
static struct lan_poll *polling;
static const AvahiPoll *api;
static uint64_t calling_since_us;
static int happened;

static int setup(void **state)
{
	(void)state;
	loop = ev_loop_new(EVFLAG_AUTO);
	polling = lan_poll_new(loop, &calling_since_us);
	api = lan_poll_api(polling);
	happened = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	lan_poll_free(polling);
	ev_loop_destroy(loop);
	return 0;
}

static void on_watch(AvahiWatch *w, int fd, AvahiWatchEvent event, void *arg)
{
	(void)fd;
	assert_int_equal(api->watch_get_events(w), event);
	assert_true(calling_since_us > 0);
	happened = event;
	*(AvahiWatch **)arg = NULL;
	api->watch_free(w);
}

static void on_timeout(AvahiTimeout *t, void *arg)
{
	(void)arg;
	happened++;
	api->timeout_free(t);
}

static void a_watch_is_called_for_what_it_waits_for_and_may_be_freed_there(void **state)
{
	AvahiWatch *w;
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	w = api->watch_new(api, fds[0], 0, on_watch, &w);
	assert_int_equal(write(fds[1], "x", 1), 1);
	ev_run(loop, EVRUN_NOWAIT);
	assert_int_equal(happened, 0);
	api->watch_update(w, AVAHI_WATCH_IN);
	ev_run(loop, EVRUN_NOWAIT);
	assert_int_equal(happened, AVAHI_WATCH_IN);
	assert_null(w);
	assert_int_equal(calling_since_us, 0);
	close(fds[0]);
	close(fds[1]);
}

static void a_time_that_has_passed_comes_in_the_next_turn(void **state)
{
	struct timeval past = {0};
	AvahiTimeout *t;

	(void)state;
	t = api->timeout_new(api, NULL, on_timeout, NULL);
	ev_run(loop, EVRUN_NOWAIT);
	assert_int_equal(happened, 0);
	api->timeout_update(t, &past);
	while (happened == 0)
		ev_run(loop, EVRUN_ONCE);
	assert_int_equal(happened, 1);
}

static void a_timeout_is_put_off(void **state)
{
	struct timeval past = {0}, later;
	AvahiTimeout *t;

	(void)state;
	gettimeofday(&later, NULL);
	later.tv_sec += 1000;
	t = api->timeout_new(api, &past, on_timeout, NULL);
	api->timeout_update(t, &later);
	ev_run(loop, EVRUN_NOWAIT);
	assert_int_equal(happened, 0);
	api->timeout_free(t);
}

static void an_interruption_shuts_descriptors_down_now_and_later(void **state)
{
	AvahiWatch *first, *second;
	int fds[2], later[2];
	char c;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, later), 0);
	first = api->watch_new(api, fds[0], 0, on_watch, NULL);
	assert_true(lan_poll_interrupt(polling));
	assert_true(lan_poll_is_interrupted(polling));
	assert_int_equal(read(fds[0], &c, 1), 0);
	second = api->watch_new(api, later[0], 0, on_watch, NULL);
	assert_int_equal(read(later[0], &c, 1), 0);
	api->watch_free(first);
	api->watch_free(second);
	for (int i = 0; i < 2; i++) {
		close(fds[i]);
		close(later[i]);
	}
}

static void a_connection_can_be_interrupted_once_it_has_a_descriptor(void **state)
{
	AvahiWatch *w;
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	lan_poll_enter(polling, true);
	assert_false(lan_poll_interrupt(polling));
	w = api->watch_new(api, fds[0], 0, on_watch, NULL);
	assert_true(lan_poll_interrupt(polling));
	lan_poll_leave(polling);
	api->watch_free(w);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_watch_is_called_for_what_it_waits_for_and_may_be_freed_there, setup,
			teardown),
		cmocka_unit_test_setup_teardown(a_time_that_has_passed_comes_in_the_next_turn,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_timeout_is_put_off, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_interruption_shuts_descriptors_down_now_and_later, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_connection_can_be_interrupted_once_it_has_a_descriptor, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
