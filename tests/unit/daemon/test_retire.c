/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rcu.h"
#include "daemon/daemon.h"
#include "daemon/retire.h"

enum { PIECES = 3, TURNS = 1000 };

struct piece {
	struct daemon_retired retired; /* first */
	bool is_in_use;
};

static struct daemon weftd;
static struct piece piece[PIECES];
static struct daemon_retired *ended[PIECES];
static size_t nended;

static bool is_used(const struct daemon_retired *r)
{
	return ((const struct piece *)r)->is_in_use;
}

static void end(struct daemon_retired *r)
{
	assert_true(nended < PIECES);
	ended[nended++] = r;
}

static int setup(void **state)
{
	(void)state;
	base_rcu_register();
	base_rcu_offline();
	nended = 0;
	for (size_t i = 0; i < PIECES; i++)
		piece[i] = (struct piece){.retired = {.is_used = is_used, .end = end}};
	weftd = (struct daemon){.loop = ev_loop_new(EVFLAG_AUTO)};
	daemon_retire_start(&weftd);
	return weftd.loop == NULL ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	ev_loop_destroy(weftd.loop);
	base_rcu_unregister();
	return 0;
}

/* Runs the loop until `count` pieces have ended. */
static void run_until(size_t count)
{
	for (int i = 0; i < TURNS && nended < count; i++)
		ev_run(weftd.loop, EVRUN_ONCE);
	assert_int_equal(nended, count);
}

static void test_ends_what_is_unused(void **state)
{
	(void)state;
	piece[0].retired.is_used = NULL;
	daemon_retire(&weftd, &piece[0].retired);
	assert_int_equal(nended, 0);
	run_until(1);
	assert_null(weftd.retired);
	assert_false(ev_is_active(&weftd.retire_timer));
}

static void test_ordered_ones_wait_for_earlier(void **state)
{
	(void)state;
	piece[0].is_in_use = true;
	piece[0].retired.is_ordered = piece[1].retired.is_ordered = true;
	for (size_t i = 0; i < PIECES; i++)
		daemon_retire(&weftd, &piece[i].retired);
	run_until(1);
	assert_ptr_equal(ended[0], &piece[2].retired);
	for (int i = 0; i < 3; i++)
		ev_run(weftd.loop, EVRUN_ONCE);
	assert_int_equal(nended, 1);
	piece[0].is_in_use = false;
	run_until(3);
	assert_ptr_equal(ended[1], &piece[0].retired);
	assert_ptr_equal(ended[2], &piece[1].retired);
}

static void test_stop_ends_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < PIECES; i++) {
		piece[i].is_in_use = true;
		daemon_retire(&weftd, &piece[i].retired);
	}
	daemon_retire_stop(&weftd);
	assert_int_equal(nended, PIECES);
	assert_null(weftd.retired);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_ends_what_is_unused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ordered_ones_wait_for_earlier, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_stop_ends_all, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
