/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "history/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"

static struct history_event *new (const char *what, const char *of, const char *why)
{
	const struct history_event_parts parts = {
		.time_ms = 1796057398007, .node = "n1", .what = what, .of = of, .why = why};

	return history_event_new(&parts);
}

static void an_event_is_a_txt_record(void **state)
{
	static const char wanted[] = "\7era=123\3n=4\20t=1796057398.007\7node=n1\7what=up"
				     "\23of=web-1._http._tcp\11why=a \"b\\";
	struct history_event *e = new ("up", "web-1._http._tcp", "a \"b\\");
	uint8_t rdata[HISTORY_RDATA_MAX];

	(void)state;
	assert_int_equal(history_event_rdata(rdata, e, 123, 4), sizeof(wanted) - 1);
	assert_memory_equal(rdata, wanted, sizeof(wanted) - 1);
	free(e);
}

static void what_is_empty_is_left_out(void **state)
{
	struct history_event *e = new ("up", "", "");

	(void)state;
	assert_int_equal(e->nbytes, 17 + 8 + 8);
	free(e);
}

static void its_text_is_the_same_event(void **state)
{
	char why[256], text[HISTORY_EVENT_TEXT_MAX], again[HISTORY_EVENT_TEXT_MAX];
	struct history_event *e, *other;

	(void)state;
	for (unsigned i = 0; i < 255; i++)
		why[i] = (char)(i + 1);
	why[255] = 0;
	for (unsigned i = 0; i < 200; i++) {
		e = new ("failed", "My web._http._tcp", why + i);
		history_event_to_text(text, e);
		assert_null(strchr(text, 10));
		other = history_event_from_text(text);
		assert_non_null(other);
		assert_int_equal(other->nbytes, e->nbytes);
		assert_memory_equal(other->strings, e->strings, e->nbytes);
		history_event_to_text(again, other);
		assert_string_equal(text, again);
		free(e);
		free(other);
	}
}

static void texts_that_are_too_long_are_cut(void **state)
{
	char why[1000], node[1000];
	const struct history_event_parts parts = {
		.time_ms = UINT64_MAX, .node = node, .what = why, .of = why, .why = why};
	uint8_t rdata[HISTORY_RDATA_MAX];
	struct history_event *e;
	size_t at = 0, n;

	(void)state;
	memset(why, 1, sizeof(why) - 1);
	memset(node, 1, sizeof(node) - 1);
	why[999] = node[999] = 0;
	e = history_event_new(&parts);
	n = history_event_rdata(rdata, e, UINT64_MAX, UINT64_MAX);
	while (at < n)
		at += 1u + rdata[at];
	assert_int_equal(at, n);
	free(e);
}

static void bad_text_is_no_event(void **state)
{
	static const char *const bad[] = {"",	 " ",	 "a  b",  " a",	    "a ",   "\\",
					  "\\1", "\\12", "\\256", "a\\00x", "a\tb", "a\x80"};
	char longest[300];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_null(history_event_from_text(bad[i]));
	memset(longest, 65, sizeof(longest) - 1);
	longest[256] = 0;
	assert_null(history_event_from_text(longest));
}

static void short_memory_is_reported(void **state)
{
	(void)state;
	memory_fail_after(0);
	assert_null(new ("up", "", ""));
	memory_fail_after(0);
	assert_null(history_event_from_text("a"));
	memory_fail_after(MEMORY_ENOUGH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_is_a_txt_record),
		cmocka_unit_test(what_is_empty_is_left_out),
		cmocka_unit_test(its_text_is_the_same_event),
		cmocka_unit_test(texts_that_are_too_long_are_cut),
		cmocka_unit_test(bad_text_is_no_event),
		cmocka_unit_test(short_memory_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
