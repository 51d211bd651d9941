/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "text/head.h"

static void files_are_known_by_their_begin(void **state)
{
	static const struct {
		const char *bytes;
		size_t nbytes;
		const char *says; /* NULL: nothing */
	} cases[] = {
		{"\0\0\0\2\0\0\0\1\0\0", 10, "raw format"},
		{"\0\0\0\2\0\0\0\0", 8, "named-compilezone -f raw"},
		{"\0\0\0\3\0\0\0\1\0\0", 10, "map format"},
		{"\0\0\0\2\0\0", 6, NULL},
		{TEXT_HEAD_DUMP, sizeof(TEXT_HEAD_DUMP) - 1, "weft restore"},
		{"; weft zone dump: of a later version\n", 37, "weft restore"},
		{"; weft zone dumps\n", 18, NULL},
		{"$TTL 60\n", 8, NULL},
		{"", 0, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *problem = text_head_judge(cases[i].bytes, cases[i].nbytes);

		if (cases[i].says == NULL)
			assert_null(problem);
		else
			assert_non_null(strstr(problem, cases[i].says));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_known_by_their_begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
