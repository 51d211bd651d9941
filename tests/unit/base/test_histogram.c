/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/histogram.h"

static void a_duration_is_in_the_first_bucket_that_does_not_end_before_it(void **state)
{
	static const struct {
		uint64_t us;
		unsigned bucket;
	} rows[] = {
		{0, 0},
		{1, 0},
		{63, 0},
		{64, 0},
		{65, 1},
		{128, 1},
		{129, 2},
		{1 << 20, 14},
		{(1 << 20) + 1, 15},
		{1 << 23, 17},
		{(1 << 23) + 1, 18},
		{UINT64_MAX, 18},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(base_histogram_bucket(rows[i].us), rows[i].bucket);
	for (unsigned i = 0; i + 1 < BASE_HISTOGRAM_BUCKETS; i++) {
		assert_int_equal(base_histogram_bucket(base_histogram_end_us(i)), i);
		assert_int_equal(base_histogram_bucket(base_histogram_end_us(i) + 1), i + 1);
	}
}

static void durations_are_counted_and_summed(void **state)
{
	struct base_histogram h = {.sum_us = 0}, copy;

	(void)state;
	base_histogram_add(&h, 10);
	base_histogram_add(&h, 20);
	base_histogram_add(&h, 100);
	base_counters_get((uint64_t *)&copy, (const uint64_t *)&h, sizeof(h) / sizeof(uint64_t));
	assert_int_equal(copy.bucket[0], 2);
	assert_int_equal(copy.bucket[1], 1);
	assert_int_equal(copy.bucket[2], 0);
	assert_int_equal(copy.sum_us, 130);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_duration_is_in_the_first_bucket_that_does_not_end_before_it),
		cmocka_unit_test(durations_are_counted_and_summed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
