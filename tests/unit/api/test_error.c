/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <weft/context.h>

#include "api/error.h"

static void each_error_has_its_own_name_and_text(void **state)
{
	(void)state;
	for (int a = WEFT_OK; a >= WEFT_E_SYSTEM; a--) {
		assert_int_equal(strncmp(weft_error_name(a), "WEFT_", 5), 0);
		for (int b = a - 1; b >= WEFT_E_SYSTEM; b--) {
			assert_string_not_equal(weft_error_name(a), weft_error_name(b));
			assert_string_not_equal(weft_strerror(a), weft_strerror(b));
		}
	}
	assert_string_equal(weft_error_name(WEFT_OK), "WEFT_OK");
	assert_string_equal(weft_error_name(WEFT_E_NAME), "WEFT_E_NAME");
	assert_string_equal(weft_error_name(WEFT_E_SYSTEM), "WEFT_E_SYSTEM");
}

static void a_number_that_is_not_an_error_has_the_text_of_a_failure(void **state)
{
	static const int numbers[] = {1, WEFT_E_SYSTEM - 1, INT32_MAX, INT32_MIN};

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		assert_string_equal(weft_error_name(numbers[i]), "WEFT_E_FAILED");
		assert_string_equal(weft_strerror(numbers[i]), weft_strerror(WEFT_E_FAILED));
	}
}

static void an_errno_is_converted_by_the_room_it_comes_from(void **state)
{
	static const struct {
		int error, of_rooms, of_connect, of_settings;
	} cases[] = {
		{0, WEFT_OK, WEFT_OK, WEFT_OK},
		{-ENOMEM, WEFT_E_MEMORY, WEFT_E_MEMORY, WEFT_E_MEMORY},
		{-ETIMEDOUT, WEFT_E_NO_REGISTRY, WEFT_E_TIMEOUT, WEFT_E_CONFIG},
		{-EHOSTUNREACH, WEFT_E_NO_REGISTRY, WEFT_E_UNREACHABLE, WEFT_E_CONFIG},
		{-ENOKEY, WEFT_E_KEY, WEFT_E_UNREACHABLE, WEFT_E_KEY},
		{-EINVAL, WEFT_E_ARGUMENT, WEFT_E_UNREACHABLE, WEFT_E_CONFIG},
		{-EMFILE, WEFT_E_SYSTEM, WEFT_E_SYSTEM, WEFT_E_SYSTEM},
		{-ECANCELED, WEFT_E_CANCELLED, WEFT_E_CANCELLED, WEFT_E_CONFIG},
		{-EXDEV, WEFT_E_SYSTEM, WEFT_E_UNREACHABLE, WEFT_E_CONFIG},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(api_error_from_errno(cases[i].error), cases[i].of_rooms);
		assert_int_equal(api_error_of_connect(cases[i].error), cases[i].of_connect);
		assert_int_equal(api_error_of_settings(cases[i].error), cases[i].of_settings);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_error_has_its_own_name_and_text),
		cmocka_unit_test(a_number_that_is_not_an_error_has_the_text_of_a_failure),
		cmocka_unit_test(an_errno_is_converted_by_the_room_it_comes_from),
	};

	return cmocka_run_group_tests_name("api/error", tests, NULL, NULL);
}
