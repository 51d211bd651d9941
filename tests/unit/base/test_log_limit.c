/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/log_limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static unsigned take(struct base_log_limit *l, const char *name, uint64_t now_s, unsigned count)
{
	unsigned taken = 0;

	for (unsigned i = 0; i < count; i++)
		taken += base_log_limit_take(l, name, BASE_LOG_LIMIT_LINES, now_s);
	return taken;
}

static void lines_beyond_the_limit_are_counted_and_reported_once(void **state)
{
	static struct base_log_limit l;
	char name[BASE_LOG_LIMIT_NAME];

	(void)state;
	assert_int_equal(take(&l, "n1", 100, BASE_LOG_LIMIT_LINES + 7), BASE_LOG_LIMIT_LINES);
	assert_int_equal(l.left_out, 7);
	assert_int_equal(base_log_limit_report(&l, 109, false, name), 0);
	assert_int_equal(base_log_limit_report(&l, 110, false, name), 7);
	assert_string_equal(name, "n1");
	assert_int_equal(base_log_limit_report(&l, 110, true, name), 0);
	assert_int_equal(take(&l, "n1", 110, 5), 5);
}

static void a_peer_at_its_limit_takes_nothing_from_another(void **state)
{
	static struct base_log_limit l;

	(void)state;
	take(&l, "n1", 100, BASE_LOG_LIMIT_LINES + 1);
	assert_int_equal(take(&l, "n2", 100, 50), 50);
}

static void a_new_window_begins_when_the_last_one_is_over(void **state)
{
	static struct base_log_limit l;

	(void)state;
	assert_int_equal(take(&l, "n1", 100, BASE_LOG_LIMIT_LINES), BASE_LOG_LIMIT_LINES);
	assert_int_equal(take(&l, "n1", 109, 1), 0);
	assert_int_equal(take(&l, "n2", 100, 1), 1);
	assert_int_equal(take(&l, "n2", 110, BASE_LOG_LIMIT_LINES), BASE_LOG_LIMIT_LINES);
}

/* An anonymous peer can use as many addresses as it likes. */
static void many_peers_do_not_lift_the_limit_of_a_busy_one(void **state)
{
	static struct base_log_limit l;
	char name[32];

	(void)state;
	take(&l, "n1", 100, BASE_LOG_LIMIT_LINES + 1);
	for (unsigned i = 0; i < 100000; i++) {
		snprintf(name, sizeof(name), "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
		base_log_limit_take(&l, name, BASE_LOG_LIMIT_LINES, 100);
	}
	assert_int_equal(take(&l, "n1", 100, 1000), 0);
}

static void lines_that_the_caller_leaves_out_are_reported_too(void **state)
{
	static struct base_log_limit l;
	char name[BASE_LOG_LIMIT_NAME];

	(void)state;
	assert_true(base_log_limit_take(&l, "few", 1, 100));
	assert_false(base_log_limit_take(&l, "few", 1, 100));
	base_log_limit_leave_out(&l, "few", 5, 101);
	base_log_limit_leave_out(&l, "other", 3, 101);
	assert_int_equal(l.left_out, 9);
	assert_int_equal(base_log_limit_report(&l, 110, false, name), 6);
	assert_string_equal(name, "few");
	assert_int_equal(base_log_limit_report(&l, 111, false, name), 3);
	assert_string_equal(name, "other");
	assert_int_equal(base_log_limit_report(&l, 111, true, name), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_beyond_the_limit_are_counted_and_reported_once),
		cmocka_unit_test(a_peer_at_its_limit_takes_nothing_from_another),
		cmocka_unit_test(a_new_window_begins_when_the_last_one_is_over),
		cmocka_unit_test(many_peers_do_not_lift_the_limit_of_a_busy_one),
		cmocka_unit_test(lines_that_the_caller_leaves_out_are_reported_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
