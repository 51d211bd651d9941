/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "schema/pointer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void names_and_indexes_are_added_and_cut(void **state)
{
	struct schema_pointer p;
	size_t nchars;

	(void)state;
	schema_pointer_init(&p);
	assert_string_equal(p.text, "");
	assert_int_equal(schema_pointer_add(&p, "a/b~c"), 0);
	assert_string_equal(p.text, "/a~1b~0c");
	nchars = schema_pointer_add_index(&p, 12);
	assert_string_equal(p.text, "/a~1b~0c/12");
	schema_pointer_cut(&p, nchars);
	assert_string_equal(p.text, "/a~1b~0c");
	schema_pointer_cut(&p, 0);
	assert_string_equal(p.text, "");
}

static void a_pointer_that_is_too_long_ends_in_dots(void **state)
{
	struct schema_pointer p;
	size_t nchars[200];
	char whole[SCHEMA_POINTER_MAX];

	(void)state;
	schema_pointer_init(&p);
	for (size_t i = 0; i < 200; i++) {
		nchars[i] = schema_pointer_add(&p, "name");
		if (i == 99)
			memcpy(whole, p.text, sizeof(whole));
	}
	assert_int_equal(p.nchars, 1000);
	assert_int_equal(strlen(p.text), SCHEMA_POINTER_MAX - 1);
	assert_string_equal(p.text + SCHEMA_POINTER_MAX - 4, "...");
	for (size_t i = 200; i-- > 100;)
		schema_pointer_cut(&p, nchars[i]);
	assert_string_equal(p.text, whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_indexes_are_added_and_cut),
		cmocka_unit_test(a_pointer_that_is_too_long_ends_in_dots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
