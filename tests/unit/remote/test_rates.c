/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "remote/rates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../json.h"

/* Checks the rates between two answers; `expected` is NULL if there are none. */
static void rates_are(const char *before, const char *after, double seconds, bool has_zeros,
		      const char *expected)
{
	json_t *old = json_of(before), *new = json_of(after);
	json_t *wanted = expected != NULL ? json_of(expected) : NULL;
	json_t *rates = remote_rates(old, new, seconds, has_zeros);

	if (wanted == NULL)
		assert_null(rates);
	else
		assert_true(json_equal(rates, wanted));
	json_decref(old);
	json_decref(new);
	json_decref(wanted);
	json_decref(rates);
}

static void a_counter_becomes_its_growth_a_second(void **state)
{
	(void)state;
	rates_are("{'server': {'updates': 10, 'edns': 5}}",
		  "{'server': {'updates': 30, 'edns': 5}}", 2, false,
		  "{'server': {'updates': 10.0}}");
	rates_are("{'server': {'updates': 10, 'edns': 5}}",
		  "{'server': {'updates': 30, 'edns': 5}}", 2, true,
		  "{'server': {'updates': 10.0, 'edns': 0.0}}");
	rates_are("{'a': 0}", "{'a': 1}", 3, false, "{'a': 0.333}");
	rates_are("{'a': 1}", "{'a': 1}", 1, false, NULL);
	rates_are("{}", "{}", 1, true, "{}");
}

static void what_was_not_there_before_counts_from_0(void **state)
{
	(void)state;
	rates_are("{'rcodes': {}}", "{'rcodes': {'NXDOMAIN': 4}}", 2, false,
		  "{'rcodes': {'NXDOMAIN': 2.0}}");
	/* Of a weftd that was started again. */
	rates_are("{'updates': 1000}", "{'updates': 4}", 2, false, "{'updates': 2.0}");
}

static void figures_that_are_not_counters_are_left_out(void **state)
{
	(void)state;
	rates_are("{'tcp-connections': 1, 'leases': {'leases': 4, 'granted': 1}}",
		  "{'tcp-connections': 9, 'leases': {'leases': 8, 'granted': 2}}", 1, false,
		  "{'leases': {'granted': 1.0}}");
	rates_are("{'version': 'a', 'x': null, 'y': true}",
		  "{'version': 'b', 'x': 1.5, 'y': false}", 1, true, "{}");
}

static void items_of_a_list_are_compared_by_their_first_field(void **state)
{
	(void)state;
	rates_are("{'zones': [{'zone': 'a.', 'requests': 1, 'records': 4},"
		  "           {'zone': 'b.', 'requests': 10, 'records': 4}]}",
		  "{'zones': [{'zone': 'new.', 'requests': 7, 'records': 4},"
		  "           {'zone': 'b.', 'requests': 20, 'records': 8},"
		  "           {'zone': 'a.', 'requests': 1, 'records': 8}]}",
		  1, false, "{'zones': [{'zone': 'b.', 'requests': 10.0}]}");
	rates_are(
		"{'keys': [{'key': 'a.', 'epoch': 1, 'n': 1}, {'key': 'a.', 'epoch': 2, 'n': 5}]}",
		"{'keys': [{'key': 'a.', 'epoch': 2, 'n': 7}, {'key': 'a.', 'epoch': 1, 'n': 2}]}",
		1, false, "{'keys': [{'key': 'a.', 'n': 2.0}, {'key': 'a.', 'n': 1.0}]}");
	rates_are("{'list': [1, [2, 3], {}]}", "{'list': [2, [3, 4], {}]}", 1, true,
		  "{'list': []}");
}

static void a_serial_wraps_around(void **state)
{
	(void)state;
	rates_are("{'serial': 4294967295}", "{'serial': 1}", 1, false, "{'serial': 2.0}");
	/* It was set: nobody knows how many changes there were. */
	rates_are("{'serial': 2000}", "{'serial': 1}", 1, false, NULL);
}

static void no_time_between_two_answers_is_no_rate(void **state)
{
	(void)state;
	rates_are("{'a': 0, 'serial': 1}", "{'a': 5, 'serial': 9}", 0, false, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_counter_becomes_its_growth_a_second),
		cmocka_unit_test(what_was_not_there_before_counts_from_0),
		cmocka_unit_test(figures_that_are_not_counters_are_left_out),
		cmocka_unit_test(items_of_a_list_are_compared_by_their_first_field),
		cmocka_unit_test(a_serial_wraps_around),
		cmocka_unit_test(no_time_between_two_answers_is_no_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
