/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/restart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct supervise_restart_settings settings = {
	.times = 5,
	.within_ms = 60000,
	.backoff_min_ms = 100,
	.backoff_max_ms = 1000,
};

static void the_first_restart_is_at_once_and_later_ones_wait_longer(void **state)
{
	static const int64_t waits[] = {0, 100, 200, 400, 800, SUPERVISE_RESTART_NEVER};
	struct supervise_restart r = {0};
	uint64_t now = 5;

	(void)state;
	for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++) {
		int64_t wait = supervise_restart_next(&r, &settings, now, 10, 0);

		assert_int_equal(wait, waits[i]);
		now += (uint64_t)(wait > 0 ? wait : 0) + 10;
	}
}

static void jitter_takes_a_quarter_at_most(void **state)
{
	(void)state;
	for (uint32_t random = 0; random < 5000; random += 7) {
		struct supervise_restart r = {.in_row = 1};
		int64_t wait = supervise_restart_next(&r, &settings, 5, 0, random);

		assert_in_range(wait, 75, 100);
	}
}

static void the_back_off_has_an_upper_bound(void **state)
{
	struct supervise_restart r = {.in_row = 4000000000u};

	(void)state;
	assert_int_equal(supervise_restart_next(&r, &settings, 5, 0, 0), 1000);
}

static void old_restarts_do_not_count(void **state)
{
	struct supervise_restart r = {0};
	uint64_t now = 100000;

	(void)state;
	for (int i = 0; i < 50; i++, now += 13000) /* never six within 60 s */
		assert_true(supervise_restart_next(&r, &settings, now, 100, 0) >= 0);
}

static void a_quiet_time_starts_anew(void **state)
{
	struct supervise_restart_settings s = settings;
	struct supervise_restart r = {0};
	uint64_t now = 1000;

	(void)state;
	s.quiet_ms = 2000;
	for (int i = 0; i < 100; i++, now += 2000)
		assert_int_equal(supervise_restart_next(&r, &s, now, 2000, 0), 0);
	assert_int_equal(supervise_restart_next(&r, &s, now, 1999, 0), 100);
}

static void no_times_is_no_restart(void **state)
{
	struct supervise_restart_settings s = settings;
	struct supervise_restart r = {0};

	(void)state;
	s.times = 0;
	assert_int_equal(supervise_restart_next(&r, &s, 5, 0, 0), SUPERVISE_RESTART_NEVER);
}

static void the_most_times_that_are_counted_have_an_end_and_more_have_none(void **state)
{
	struct supervise_restart_settings s = settings;
	struct supervise_restart r = {0};

	(void)state;
	s.times = SUPERVISE_RESTART_TIMES_MAX;
	for (int i = 0; i < SUPERVISE_RESTART_TIMES_MAX; i++)
		assert_true(supervise_restart_next(&r, &s, 5, 0, 0) >= 0);
	assert_int_equal(supervise_restart_next(&r, &s, 5, 0, 0), SUPERVISE_RESTART_NEVER);
	s.times = 1000;
	for (int i = 0; i < 2000; i++)
		assert_true(supervise_restart_next(&r, &s, 5, 0, 0) >= 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_restart_is_at_once_and_later_ones_wait_longer),
		cmocka_unit_test(jitter_takes_a_quarter_at_most),
		cmocka_unit_test(the_back_off_has_an_upper_bound),
		cmocka_unit_test(old_restarts_do_not_count),
		cmocka_unit_test(a_quiet_time_starts_anew),
		cmocka_unit_test(no_times_is_no_restart),
		cmocka_unit_test(the_most_times_that_are_counted_have_an_end_and_more_have_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
