/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kit.h"
#include "reach/why.h"

static void what_was_tried_is_listed(void **state)
{
	struct find_instance *a = kit_instance("web-1", 0, "192.0.2.1", 80);
	struct find_instance *b = kit_instance("web-2", 0, "2001:db8::1", 80);
	struct reach_why w = {.nchars = 0};

	(void)state;
	assert_string_equal(reach_why_text(&w), "");
	reach_why_add(&w, a, kit_address(a, 0), reach_why_reason(-ECONNREFUSED));
	reach_why_add(&w, b, kit_address(b, 0), reach_why_reason(-ETIMEDOUT));
	reach_why_add(&w, b, NULL, reach_why_reason(-EMFILE));
	assert_string_equal(reach_why_text(&w), "web-1 192.0.2.1@80: refused; web-2 2001:db8::1@80:"
						" silent; web-2: Too many open files");
	find_instance_release(a);
	find_instance_release(b);
}

static void what_has_no_room_is_counted(void **state)
{
	struct find_instance *a = kit_instance("web-1", 0, "192.0.2.1", 80);
	struct reach_why w = {.nchars = 0};

	(void)state;
	for (unsigned k = 0; k < 1000; k++)
		reach_why_add(&w, a, kit_address(a, 0), "refused");
	reach_why_add_count(&w, 5);
	assert_in_range(strlen(reach_why_text(&w)), REACH_WHY_MAX - 64, REACH_WHY_MAX - 1);
	assert_non_null(strstr(reach_why_text(&w), "refused; and 9"));
	assert_null(strstr(reach_why_text(&w), "more; and"));
	find_instance_release(a);
}

static void if_nothing_was_tried_that_is_the_reason(void **state)
{
	struct reach_why w = {.nchars = 0};

	(void)state;
	reach_why_add_count(&w, 5);
	assert_string_equal(reach_why_text(&w), "no time was left to try any instance of 5");
}

static void a_name_cannot_write_to_the_terminal(void **state)
{
	struct find_instance *a = kit_instance("a\\027[2Jb", 0, "192.0.2.1", 80);
	struct reach_why w = {.nchars = 0};

	(void)state;
	reach_why_add(&w, a, kit_address(a, 0), "refused");
	assert_null(strchr(reach_why_text(&w), 27));
	find_instance_release(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_tried_is_listed),
		cmocka_unit_test(what_has_no_room_is_counted),
		cmocka_unit_test(if_nothing_was_tried_that_is_the_reason),
		cmocka_unit_test(a_name_cannot_write_to_the_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
