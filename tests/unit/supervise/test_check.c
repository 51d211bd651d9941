/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void times_are_on_a_grid_and_never_early(void **state)
{
	(void)state;
	for (uint32_t random = 0; random < 3000; random += 17) {
		for (uint64_t begun = 5000; begun < 5300; begun += 7) {
			uint64_t delay = supervise_check_delay(begun + 3, begun, 2000, random);

			assert_in_range(delay + 3, 2000, 2300);
			assert_int_equal((begun + 3 + delay) % 100, 0);
		}
	}
}

static void a_slow_check_is_followed_at_once(void **state)
{
	(void)state;
	assert_int_equal(supervise_check_delay(9000, 5000, 2000, 0), 0);
	assert_int_equal(supervise_check_delay(5010, 5000, 30, 0), 20); /* too short for a grid */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_on_a_grid_and_never_early),
		cmocka_unit_test(a_slow_check_is_followed_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
