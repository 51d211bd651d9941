/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "resolve/order.h"

/* A generator whose numbers are always the same. */
static uint32_t random_below(void *arg, uint32_t n)
{
	uint64_t *seed = arg;

	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33) % n;
}

static uint32_t random_is(void *arg, uint32_t n)
{
	uint32_t wanted = *(const uint32_t *)arg;

	return wanted < n ? wanted : n - 1;
}

static void priorities_come_first(void **state)
{
	struct resolve_order_srv srv[] = {
		{.priority = 20, .weight = 60000, .port = 1},
		{.priority = 10, .weight = 0, .port = 2},
		{.priority = 30, .weight = 1, .port = 3},
		{.priority = 10, .weight = 1, .port = 4},
		{.priority = 20, .weight = 0, .port = 5},
	};
	uint64_t seed = 1;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		resolve_order_sort(srv, 5, random_below, &seed);
		assert_true(srv[0].priority == 10 && srv[1].priority == 10);
		assert_true(srv[2].priority == 20 && srv[3].priority == 20);
		assert_int_equal(srv[4].port, 3);
	}
	resolve_order_sort(srv, 0, random_below, &seed);
	resolve_order_sort(srv, 1, random_below, &seed);
}

/* RFC 2782: the first one whose running sum is at least the number drawn; weight 0 first. */
static void the_number_that_is_drawn_decides(void **state)
{
	static const struct {
		uint32_t drawn;
		uint16_t port;
	} cases[] = {{0, 1}, {1, 2}, {10, 2}, {11, 3}, {30, 3}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct resolve_order_srv srv[] = {{.weight = 10, .port = 2},
						  {.weight = 0, .port = 1},
						  {.weight = 20, .port = 3}};
		uint32_t drawn = cases[i].drawn;

		resolve_order_sort(srv, 3, random_is, &drawn);
		assert_int_equal(srv[0].port, cases[i].port);
	}
}

static void weights_are_the_shares_of_the_first_place(void **state)
{
	unsigned first[3] = {0};
	uint64_t seed = 7;

	(void)state;
	for (int i = 0; i < 60000; i++) {
		struct resolve_order_srv srv[] = {{.weight = 1000, .port = 0},
						  {.weight = 2000, .port = 1},
						  {.weight = 3000, .port = 2}};

		resolve_order_sort(srv, 3, random_below, &seed);
		first[srv[0].port]++;
	}
	assert_in_range(first[0], 9500, 10500);
	assert_in_range(first[1], 19500, 20500);
	assert_in_range(first[2], 29500, 30500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(priorities_come_first),
		cmocka_unit_test(the_number_that_is_drawn_decides),
		cmocka_unit_test(weights_are_the_shares_of_the_first_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
