/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "history/content.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct history_event *event(void)
{
	return history_event_from_text("what=up");
}

static void events_are_counted_on_from_those_that_are_there(void **state)
{
	struct history_content c;

	(void)state;
	history_content_init(&c);
	history_content_begin(&c, 7);
	for (uint64_t n = 1; n <= 5; n++)
		assert_int_equal(history_content_add(&c, event()), n);
	history_content_done(&c, 3);
	assert_int_equal(history_content_nthere(&c), 3);
	assert_int_equal(c.nwaiting, 2);
	assert_int_equal(history_content_add(&c, event()), 6);
	history_content_begin(&c, 8);
	assert_int_equal(history_content_add(&c, event()), 4);
	history_content_done(&c, 4);
	assert_null(c.first);
	assert_int_equal(history_content_add(&c, event()), 5);
	assert_int_equal(history_content_nthere(&c), 7);
	history_content_fini(&c);
}

static void only_what_is_there_is_removed(void **state)
{
	struct history_content c;

	(void)state;
	history_content_init(&c);
	history_content_begin(&c, 7);
	for (unsigned i = 0; i < 5; i++)
		history_content_add(&c, event());
	history_content_done(&c, 4);
	assert_false(history_content_removed(&c, 8, 2));
	assert_false(history_content_removed(&c, 7, 6));
	assert_true(history_content_removed(&c, 7, 3));
	assert_false(history_content_removed(&c, 7, 2));
	assert_int_equal(history_content_nthere(&c), 2);
	assert_true(history_content_removed(&c, 7, 5));
	assert_int_equal(history_content_nthere(&c), 0);
	history_content_fini(&c);
}

static void of_too_many_eras_the_oldest_is_forgotten(void **state)
{
	struct history_content c;

	(void)state;
	history_content_init(&c);
	for (uint64_t era = 1; era <= HISTORY_SPANS_MAX + 2; era++) {
		history_content_begin(&c, era);
		history_content_add(&c, event());
		history_content_done(&c, era != 5);
	}
	assert_int_equal(c.nspans, HISTORY_SPANS_MAX);
	assert_int_equal(c.spans[0].era, 2);
	assert_int_equal(history_content_era(&c)->era, HISTORY_SPANS_MAX + 2);
	history_content_fini(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_counted_on_from_those_that_are_there),
		cmocka_unit_test(only_what_is_there_is_removed),
		cmocka_unit_test(of_too_many_eras_the_oldest_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
