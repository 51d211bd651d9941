/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/log_ring.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void lines_come_out_whole_and_in_order(void **state)
{
	struct base_log_ring r;
	char out[16];

	(void)state;
	assert_int_equal(base_log_ring_init(&r, 32), 0);
	/* More than once around the corner. */
	for (unsigned i = 0; i < 50; i++) {
		assert_true(base_log_ring_put(&r, "one\ntwo\n", 8, 2));
		assert_true(base_log_ring_put(&r, "three\n", 6, 1));
		assert_int_equal(base_log_ring_take(&r, out, 13, -1), 8);
		assert_memory_equal(out, "one\ntwo\n", 8);
		assert_int_equal(base_log_ring_take(&r, out, sizeof(out), -1), 6);
		assert_memory_equal(out, "three\n", 6);
	}
	base_log_ring_fini(&r);
}

static void what_does_not_fit_is_counted(void **state)
{
	struct base_log_ring r;
	char out[16];

	(void)state;
	assert_int_equal(base_log_ring_init(&r, 10), 0);
	assert_true(base_log_ring_put(&r, "12345\n", 6, 1));
	assert_true(base_log_ring_put(&r, "ab\nc\n", 5, 2));
	assert_true(base_log_ring_put(&r, "abc\n", 4, 1));
	assert_int_equal(base_log_ring_dropped(&r), 2);
	assert_int_equal(base_log_ring_take(&r, out, sizeof(out), 0), 10);
	assert_memory_equal(out, "12345\nabc\n", 10);
	base_log_ring_fini(&r);
}

static void an_ended_ring_is_emptied_and_takes_nothing(void **state)
{
	struct base_log_ring r;
	char out[16];

	(void)state;
	assert_int_equal(base_log_ring_init(&r, 10), 0);
	assert_int_equal(base_log_ring_take(&r, out, sizeof(out), 1), 0);
	assert_true(base_log_ring_put(&r, "a\n", 2, 1));
	base_log_ring_end(&r);
	assert_true(base_log_ring_has_ended(&r));
	assert_false(base_log_ring_put(&r, "b\n", 2, 1));
	assert_int_equal(base_log_ring_take(&r, out, sizeof(out), -1), 2);
	assert_int_equal(base_log_ring_take(&r, out, sizeof(out), -1), 0);
	base_log_ring_fini(&r);
}

enum { THREADS = 4, LINES = 5000 };

static void *put_many(void *arg)
{
	for (unsigned i = 0; i < LINES; i++)
		base_log_ring_put(arg, "0123456789\n", 11, 1);
	return NULL;
}

/* Under TSan, too. */
static void each_line_of_many_threads_is_taken_or_counted(void **state)
{
	pthread_t threads[THREADS];
	struct base_log_ring r;
	uint64_t ntaken = 0;
	char out[100];
	size_t n;

	(void)state;
	assert_int_equal(base_log_ring_init(&r, 1000), 0);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, put_many, &r), 0);
	while ((n = base_log_ring_take(&r, out, sizeof(out), 200)) > 0) {
		assert_int_equal(n % 11, 0);
		ntaken += n / 11;
	}
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	ntaken += base_log_ring_take_now(&r, out, sizeof(out)) / 11;
	while ((n = base_log_ring_take(&r, out, sizeof(out), 0)) > 0)
		ntaken += n / 11;
	assert_int_equal(ntaken + base_log_ring_dropped(&r), THREADS * LINES);
	base_log_ring_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_out_whole_and_in_order),
		cmocka_unit_test(what_does_not_fit_is_counted),
		cmocka_unit_test(an_ended_ring_is_emptied_and_takes_nothing),
		cmocka_unit_test(each_line_of_many_threads_is_taken_or_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
