/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "base/error.h"

static void an_error_has_code_and_sentence(void **state)
{
	struct base_error e = {.code = 0, .at = {"stale", 7}};

	(void)state;
	assert_int_equal(base_error_set(&e, -EINVAL, "%s is not a number", "x"), -EINVAL);
	assert_int_equal(e.code, -EINVAL);
	assert_null(e.at.file);
	assert_int_equal(e.at.line, 0);
	assert_string_equal(e.text, "x is not a number");
}

static void an_error_has_a_location(void **state)
{
	struct base_error e;

	(void)state;
	assert_int_equal(base_error_set_at(&e, -EBADMSG, (struct base_location){"a.zone", 12},
					   "unknown type %s", "X"),
			 -EBADMSG);
	assert_string_equal(e.at.file, "a.zone");
	assert_int_equal(e.at.line, 12);
	assert_string_equal(e.text, "unknown type X");
}

static void a_long_sentence_is_cut(void **state)
{
	struct base_error e;
	char lengthy[2 * BASE_ERROR_TEXT_MAX];

	(void)state;
	memset(lengthy, 'a', sizeof(lengthy) - 1);
	lengthy[sizeof(lengthy) - 1] = '\0';
	base_error_set(&e, -EINVAL, "%s", lengthy);
	assert_int_equal(strlen(e.text), BASE_ERROR_TEXT_MAX - 1);
}

static void a_caller_may_want_the_code_alone(void **state)
{
	(void)state;
	assert_int_equal(base_error_set(NULL, -ENOENT, "no such file"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_has_code_and_sentence),
		cmocka_unit_test(an_error_has_a_location),
		cmocka_unit_test(a_long_sentence_is_cut),
		cmocka_unit_test(a_caller_may_want_the_code_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
