/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "cli/show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../json.h"

enum { NOW_S = 1795935805 + 792 };

/* Checks how the value is shown. */
static void shows(const char *json, const char *expected)
{
	json_t *value = json_of(json);
	char *text = NULL;
	size_t nbytes;
	FILE *out;

	out = open_memstream(&text, &nbytes);
	assert_non_null(out);
	cli_show(out, value, NOW_S);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
	json_decref(value);
}

static void an_object_has_a_line_for_each_field(void **state)
{
	(void)state;
	shows("{'a': 1, 'name': 'x', 'yes': true, 'none': null, 'two': ['p', 'q']}",
	      "a     1\nname  x\nyes   yes\nnone  -\ntwo   p q\n");
	shows("{'nothing': []}", "nothing  -\n");
	shows("{'a': 1, 'more': {'b': 2}}", "a  1\nmore:\n  b  2\n");
}

static void a_list_of_objects_is_a_table(void **state)
{
	(void)state;
	shows("[{'zone': 'a.', 'n': 1}, {'zone': 'long.', 'n': 100}]",
	      "zone     n\na.       1\nlong.  100\n");
	shows("[]", "");
	shows("['a', 'b']", "a\nb\n");
	shows("null", "");
}

static void times_durations_and_sizes_are_for_people(void **state)
{
	(void)state;
	shows("{'loaded': '2026-11-29T07:03:25Z', 'uptime': 792, 'memory': 68096}",
	      "loaded  2026-11-29T07:03:25Z (13m12s ago)\nuptime  13m12s\nmemory  66.5K\n");
	shows("[{'loaded': '2026-11-29T07:03:25Z', 'left': 8}, {'loaded': null, 'left': 60}]",
	      "loaded                left\n2026-11-29T07:03:25Z    8s\n-                       "
	      "1m\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_has_a_line_for_each_field),
		cmocka_unit_test(a_list_of_objects_is_a_table),
		cmocka_unit_test(times_durations_and_sizes_are_for_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
