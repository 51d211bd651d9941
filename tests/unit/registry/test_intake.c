/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "registry/intake.h"

static const uint64_t source[] = {0x1000000010, 0x2000000020, 0x3000000030};

static int setup(void **state)
{
	struct registry_intake *in = calloc(1, sizeof(*in));

	assert_non_null(in);
	registry_intake_init(in, &(struct registry_intake_limits){1000, 400});
	*state = in;
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static unsigned fill(struct registry_intake *in, uint64_t from, size_t nbytes)
{
	unsigned n = 0;

	while (registry_intake_take(in, from, nbytes))
		n++;
	return n;
}

static void one_source_has_its_bound(void **state)
{
	struct registry_intake *in = *state;

	assert_int_equal(fill(in, source[0], 100), 4);
	assert_int_equal(in->nbytes, 400);
	assert_int_equal(in->nrefused, 1);
	registry_intake_release(in, source[0], 100);
	assert_int_equal(fill(in, source[0], 100), 1);
}

static void there_is_always_room_for_another_source(void **state)
{
	struct registry_intake *in = *state;

	assert_int_equal(fill(in, source[0], 100), 4);
	assert_int_equal(fill(in, source[1], 100), 3);
	assert_int_equal(fill(in, source[2], 100), 2);
	assert_true(registry_intake_take(in, 0x4000000040, 50));
	assert_true(in->nbytes <= 1000);
}

static void sources_that_share_one_counter_do_not_share_their_bound(void **state)
{
	struct registry_intake *in = *state;

	assert_int_equal(fill(in, source[0], 100), 4);
	assert_true(registry_intake_take(in, source[0] & UINT32_MAX, 100));
	assert_true(registry_intake_take(in, source[0] & ~(uint64_t)UINT32_MAX, 100));
}

static void bounds_can_be_changed_while_requests_wait(void **state)
{
	struct registry_intake *in = *state;

	assert_int_equal(fill(in, source[0], 100), 4);
	registry_intake_set_limits(in, &(struct registry_intake_limits){300, 300});
	assert_int_equal(fill(in, source[1], 100), 0);
	registry_intake_release(in, source[0], 400);
	assert_int_equal(in->nbytes, 0);
	assert_int_equal(fill(in, source[1], 100), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_source_has_its_bound),
		TEST(there_is_always_room_for_another_source),
		TEST(sources_that_share_one_counter_do_not_share_their_bound),
		TEST(bounds_can_be_changed_while_requests_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
