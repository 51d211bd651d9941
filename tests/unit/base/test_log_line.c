/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/log_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char line[] =
	"registry: update client=::1@5 why=\"no \\\"key=n2\\\" key=n3\" key=n1. last=";

static void the_head_is_subject_and_event(void **state)
{
	static const struct {
		const char *line, *subject, *event;
	} cases[] = {
		{line, "registry", "update"},
		{"stop: stopping", "stop", "stopping"},
		{"word", "", "word"},
		{"", "", ""},
		{"a:b c", "", "a:b"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct base_log_part subject, event;

		base_log_line_head(cases[i].line, strlen(cases[i].line), &subject, &event);
		assert_int_equal(subject.nchars, strlen(cases[i].subject));
		assert_memory_equal(subject.text, cases[i].subject, subject.nchars);
		assert_int_equal(event.nchars, strlen(cases[i].event));
		assert_memory_equal(event.text, cases[i].event, event.nchars);
	}
}

static void a_field_is_not_found_inside_another_value(void **state)
{
	static const struct {
		const char *key, *value; /* NULL: not there */
	} cases[] = {
		{"client", "::1@5"}, {"key", "n1."}, {"why", "no \"key=n2\" key=n3"},
		{"last", ""},	     {"ey", NULL},   {"zone", NULL},
	};
	char value[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct base_log_part part;
		bool is_found = base_log_line_find(line, strlen(line), cases[i].key, &part);

		assert_int_equal(is_found, cases[i].value != NULL);
		if (!is_found)
			continue;
		assert_int_equal(base_log_line_unquote(value, sizeof(value), &part),
				 strlen(cases[i].value));
		assert_string_equal(value, cases[i].value);
	}
}

static void a_value_is_cut_to_its_room(void **state)
{
	const struct base_log_part part = {"\"abcdef\"", 8};
	char value[4];

	(void)state;
	assert_int_equal(base_log_line_unquote(value, sizeof(value), &part), 3);
	assert_string_equal(value, "abc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_head_is_subject_and_event),
		cmocka_unit_test(a_field_is_not_found_inside_another_value),
		cmocka_unit_test(a_value_is_cut_to_its_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
