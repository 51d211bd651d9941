/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "resolve/timer.h"

enum { N = 300 };

struct fixture {
	struct resolve_timers all;
	struct resolve_timer timers[N];
	unsigned nrun;
};

static void on_due(void *arg, uint64_t now_ms)
{
	struct fixture *f = arg;

	(void)now_ms;
	f->nrun++;
}

static void fixture_init(struct fixture *f)
{
	*f = (struct fixture){.nrun = 0};
	for (unsigned i = 0; i < N; i++)
		f->timers[i] = (struct resolve_timer){.on_due = on_due, .arg = f};
}

static void no_timer_is_due_at_no_time(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	assert_true(resolve_timers_deadline(&f.all) == UINT64_MAX);
	resolve_timer_clear(&f.all, &f.timers[0]);
	assert_int_equal(resolve_timers_run(&f.all, UINT64_MAX - 1, N), 0);
}

static void random_sets_and_clears_keep_the_earliest_first(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	srandom(7);
	for (unsigned step = 0; step < 20000; step++) {
		struct resolve_timer *t = &f.timers[(unsigned)random() % N];
		uint64_t least = UINT64_MAX;

		if (random() % 3 == 0)
			resolve_timer_clear(&f.all, t);
		else
			resolve_timer_set(&f.all, t, (uint64_t)(random() % 1000));
		for (unsigned i = 0; i < N; i++)
			if (resolve_timer_is_set(&f.timers[i]) && f.timers[i].due_ms < least)
				least = f.timers[i].due_ms;
		assert_true(resolve_timers_deadline(&f.all) == least);
	}
}

static void all_that_are_due_are_run_once(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	for (unsigned i = 0; i < N; i++)
		resolve_timer_set(&f.all, &f.timers[i], i * 7 % N);
	assert_int_equal(resolve_timers_run(&f.all, 99, 60), 60);
	assert_int_equal(resolve_timers_run(&f.all, 99, N), 40);
	assert_int_equal(resolve_timers_run(&f.all, 99, N), 0);
	assert_true(resolve_timers_deadline(&f.all) == 100);
	assert_int_equal(f.nrun, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_timer_is_due_at_no_time),
		cmocka_unit_test(random_sets_and_clears_keep_the_earliest_first),
		cmocka_unit_test(all_that_are_due_are_run_once),
	};

	return cmocka_run_group_tests_name("resolve/timer", tests, NULL, NULL);
}
