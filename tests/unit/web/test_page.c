/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"
#include "base/histogram.h"
#include "web/page.h"

/* Writes one family of each kind. */
static void write_all(struct web_page *p)
{
	static const struct web_label labels[] = {
		{"zone", "a\"b\\c\nd."}, {"state", "up"}, {NULL, NULL}};

	web_page_family(p, "asked", WEB_COUNTER, "Questions.");
	web_page_value(p, NULL, 7);
	web_page_family(p, "spent_seconds", WEB_COUNTER, "A \\ and\na \"line\".");
	web_page_decimal(p, NULL, 1500000, 6);
	web_page_family(p, "open", WEB_GAUGE, "Open.");
	web_page_value(p, labels, UINT64_MAX);
	web_page_decimal(p, NULL, 5, 1);
	web_page_decimal(p, NULL, 123, 9);
	web_page_end(p);
}

static void assert_page(struct web_page *p, const char *text)
{
	assert_false(p->is_short);
	assert_int_equal(p->nbytes, strlen(text));
	assert_memory_equal(p->bytes, text, p->nbytes);
	web_page_fini(p);
}

static void a_counter_has_its_suffix_as_the_format_wants_it(void **state)
{
	struct web_page prometheus = {.format = WEB_PROMETHEUS};
	struct web_page openmetrics = {.format = WEB_OPENMETRICS};

	(void)state;
	write_all(&prometheus);
	assert_page(&prometheus,
		    "# HELP asked_total Questions.\n"
		    "# TYPE asked_total counter\n"
		    "asked_total 7\n"
		    "# HELP spent_seconds_total A \\\\ and\\na \"line\".\n"
		    "# TYPE spent_seconds_total counter\n"
		    "spent_seconds_total 1.500000\n"
		    "# HELP open Open.\n"
		    "# TYPE open gauge\n"
		    "open{zone=\"a\\\"b\\\\c\\nd.\",state=\"up\"} 18446744073709551615\n"
		    "open 0.5\n"
		    "open 0.000000123\n");
	write_all(&openmetrics);
	assert_page(&openmetrics, "# HELP asked Questions.\n"
				  "# TYPE asked counter\n"
				  "asked_total 7\n"
				  "# HELP spent_seconds A \\\\ and\\na \\\"line\\\".\n"
				  "# TYPE spent_seconds counter\n"
				  "spent_seconds_total 1.500000\n"
				  "# HELP open Open.\n"
				  "# TYPE open gauge\n"
				  "open{zone=\"a\\\"b\\\\c\\nd.\",state=\"up\"} "
				  "18446744073709551615\n"
				  "open 0.5\n"
				  "open 0.000000123\n"
				  "# EOF\n");
}

static void the_buckets_of_a_histogram_add_up(void **state)
{
	struct web_page p = {.format = WEB_PROMETHEUS};
	struct base_histogram h = {.sum_us = 0};

	(void)state;
	base_histogram_add(&h, 1);
	base_histogram_add(&h, 100);
	base_histogram_add(&h, 101);
	base_histogram_add(&h, 60000000);
	web_page_family(&p, "took_seconds", WEB_HISTOGRAM, "Time.");
	web_page_histogram(&p, &h);
	web_page_text(&p, "%c", '\0');
	assert_non_null(strstr(p.bytes, "# TYPE took_seconds histogram\n"
					"took_seconds_bucket{le=\"0.000064\"} 1\n"
					"took_seconds_bucket{le=\"0.000128\"} 3\n"
					"took_seconds_bucket{le=\"0.000256\"} 3\n"));
	assert_non_null(strstr(p.bytes, "took_seconds_bucket{le=\"8.388608\"} 3\n"
					"took_seconds_bucket{le=\"+Inf\"} 4\n"
					"took_seconds_sum 60.000202\n"
					"took_seconds_count 4\n"));
	web_page_fini(&p);
}

static void a_page_grows_as_long_as_there_is_memory(void **state)
{
	struct web_page p = {.format = WEB_PROMETHEUS};

	(void)state;
	for (unsigned i = 0; i < 10000; i++)
		web_page_text(&p, "%05u\n", i);
	assert_int_equal(p.nbytes, 60000);
	for (unsigned i = 0; i < 10000; i++)
		assert_int_equal(strtoul(p.bytes + 6 * i, NULL, 10), i);
	web_page_fini(&p);
	memory_fail_after(0);
	write_all(&p);
	assert_true(memory_has_failed());
	memory_fail_after(MEMORY_ENOUGH);
	assert_true(p.is_short);
	web_page_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_counter_has_its_suffix_as_the_format_wants_it),
		cmocka_unit_test(the_buckets_of_a_histogram_add_up),
		cmocka_unit_test(a_page_grows_as_long_as_there_is_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
