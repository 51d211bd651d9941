/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/log_recent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct base_log_past past;

static void put(struct base_log_recent *r, const char *text)
{
	base_log_recent_put(r, 17, 3, "base", text, strlen(text));
}

static void lines_are_read_in_order_and_once(void **state)
{
	struct base_log_cursor oldest, newest;
	struct base_log_recent r;

	(void)state;
	assert_int_equal(base_log_recent_init(&r, 1000), 0);
	put(&r, "one");
	base_log_recent_seek(&r, &oldest, true);
	base_log_recent_seek(&r, &newest, false);
	put(&r, "two");
	assert_true(base_log_recent_read(&r, &oldest, &past));
	assert_int_equal(past.nchars, 9);
	assert_memory_equal(past.line, "base: one", 9);
	assert_int_equal(past.time_us, 17);
	assert_int_equal(past.level, 3);
	for (struct base_log_cursor *at = &oldest;; at = &newest) {
		assert_true(base_log_recent_read(&r, at, &past));
		assert_memory_equal(past.line, "base: two", 9);
		assert_false(base_log_recent_read(&r, at, &past));
		assert_int_equal(at->nlost, 0);
		if (at == &newest)
			break;
	}
	base_log_recent_fini(&r);
}

/* Around the corner at each place of the ring. */
static void the_newest_lines_stay_and_the_others_are_counted(void **state)
{
	struct base_log_cursor at;
	struct base_log_recent r;
	char text[40];

	(void)state;
	for (size_t size = 200; size < 260; size++) {
		unsigned nread = 0;

		assert_int_equal(base_log_recent_init(&r, size), 0);
		base_log_recent_seek(&r, &at, true);
		for (unsigned i = 0; i < 100; i++) {
			snprintf(text, sizeof(text), "%0*u", 1 + (int)(i % 20), i);
			put(&r, text);
		}
		while (base_log_recent_read(&r, &at, &past)) {
			unsigned i = (unsigned)at.number - 1;

			snprintf(text, sizeof(text), "base: %0*u", 1 + (int)(i % 20), i);
			assert_int_equal(past.nchars, strlen(text));
			assert_memory_equal(past.line, text, past.nchars);
			nread++;
		}
		assert_true(nread >= 3);
		assert_int_equal(nread + at.nlost, 100);
		base_log_recent_fini(&r);
	}
}

static void a_line_that_no_ring_holds_is_left_out(void **state)
{
	static char text[BASE_LOG_PAST_MAX + 1];
	struct base_log_cursor at;
	struct base_log_recent r;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	assert_int_equal(base_log_recent_init(&r, 100), 0);
	base_log_recent_seek(&r, &at, true);
	put(&r, text);
	text[200] = '\0';
	put(&r, text);
	assert_false(base_log_recent_read(&r, &at, &past));
	assert_int_equal(at.nlost, 0);
	base_log_recent_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_read_in_order_and_once),
		cmocka_unit_test(the_newest_lines_stay_and_the_others_are_counted),
		cmocka_unit_test(a_line_that_no_ring_holds_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
