/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/stop.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct supervise_stop_settings settings = {.signal = SIGTERM, .timeout_ms = 10000};

static enum supervise_stop_step next(struct supervise_stop *stop, uint64_t now, bool main,
				     bool others)
{
	return supervise_stop_next(stop, &settings, now, main, others);
}

static void a_good_service_gets_one_signal(void **state)
{
	struct supervise_stop stop = {0};

	(void)state;
	assert_int_equal(next(&stop, 100, true, true), SUPERVISE_STOP_SIGNAL);
	assert_int_equal(next(&stop, 100, true, true), SUPERVISE_STOP_WAIT);
	assert_int_equal(stop.due_ms, 10100);
	assert_int_equal(next(&stop, 10099, true, true), SUPERVISE_STOP_WAIT);
	assert_int_equal(next(&stop, 10099, false, false), SUPERVISE_STOP_DONE);
}

static void one_that_ignores_its_signal_is_killed(void **state)
{
	struct supervise_stop stop = {0};

	(void)state;
	assert_int_equal(next(&stop, 100, true, false), SUPERVISE_STOP_SIGNAL);
	assert_int_equal(next(&stop, 10100, true, false), SUPERVISE_STOP_KILL);
	assert_int_equal(next(&stop, 10100, true, false), SUPERVISE_STOP_WAIT);
	assert_int_equal(stop.due_ms, 10150);
	assert_int_equal(next(&stop, 10150, true, false), SUPERVISE_STOP_KILL);
	assert_int_equal(stop.due_ms, 10250);
	for (int i = 0; i < 100; i++) {
		uint64_t now = stop.due_ms;

		assert_int_equal(next(&stop, now, true, false), SUPERVISE_STOP_KILL);
		assert_true(stop.due_ms <= now + 1000);
	}
	assert_int_equal(next(&stop, 10100, false, false), SUPERVISE_STOP_DONE);
}

static void what_survives_the_main_process_has_half_a_second(void **state)
{
	struct supervise_stop stop = {0};

	(void)state;
	assert_int_equal(next(&stop, 100, true, true), SUPERVISE_STOP_SIGNAL);
	assert_int_equal(next(&stop, 200, false, true), SUPERVISE_STOP_SWEEP);
	assert_int_equal(next(&stop, 200, false, true), SUPERVISE_STOP_WAIT);
	assert_int_equal(next(&stop, 700, false, true), SUPERVISE_STOP_KILL);
	assert_int_equal(next(&stop, 701, false, true), SUPERVISE_STOP_WAIT);
	assert_int_equal(next(&stop, 702, false, false), SUPERVISE_STOP_DONE);
}

static void but_not_more_than_its_timeout(void **state)
{
	struct supervise_stop stop = {0};

	(void)state;
	assert_int_equal(next(&stop, 100, true, true), SUPERVISE_STOP_SIGNAL);
	assert_int_equal(next(&stop, 10000, false, true), SUPERVISE_STOP_SWEEP);
	assert_int_equal(next(&stop, 10100, false, true), SUPERVISE_STOP_KILL);
}

static void a_service_that_died_leaves_what_is_swept(void **state)
{
	struct supervise_stop stop = {0};

	(void)state;
	assert_int_equal(next(&stop, 100, false, true), SUPERVISE_STOP_SWEEP);
	assert_int_equal(next(&stop, 599, false, true), SUPERVISE_STOP_WAIT);
	assert_int_equal(next(&stop, 600, false, true), SUPERVISE_STOP_KILL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_service_gets_one_signal),
		cmocka_unit_test(one_that_ignores_its_signal_is_killed),
		cmocka_unit_test(what_survives_the_main_process_has_half_a_second),
		cmocka_unit_test(but_not_more_than_its_timeout),
		cmocka_unit_test(a_service_that_died_leaves_what_is_swept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
