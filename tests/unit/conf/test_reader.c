/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "conf/reader.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kit.h"

static const struct base_location at = {"test", 3};

static void a_reading_without_errors_is_valid(void **state)
{
	struct kit kit;
	int none;

	(void)state;
	kit_setup(&kit, NULL, &none, sizeof(none));
	conf_reader_warn(&kit.reader, &at, "%s is odd", "x");
	assert_string_equal(kit.reports, "w 3: x is odd\n");
	assert_int_equal(kit_teardown(&kit), 0);
}

static void an_error_outweighs_short_memory(void **state)
{
	struct kit kit;
	int none;

	(void)state;
	kit_setup(&kit, NULL, &none, sizeof(none));
	kit.reader.is_short_of_memory = true;
	assert_int_equal(kit_teardown(&kit), -ENOMEM);

	kit_setup(&kit, NULL, &none, sizeof(none));
	kit.reader.is_short_of_memory = true;
	conf_reader_error(&kit.reader, &at, "x is wrong");
	assert_string_equal(kit.reports, "3: x is wrong\n");
	assert_int_equal(kit_teardown(&kit), -EBADMSG);
}

static void memory_of_the_arena_is_zero(void **state)
{
	static const char zero[100];
	struct kit kit;
	int none;

	(void)state;
	kit_setup(&kit, NULL, &none, sizeof(none));
	assert_memory_equal(conf_reader_alloc(&kit.reader, sizeof(zero)), zero, sizeof(zero));
	assert_non_null(conf_reader_alloc(&kit.reader, 0));
	assert_string_equal(conf_reader_copy(&kit.reader, "text"), "text");
	assert_int_equal(kit_teardown(&kit), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reading_without_errors_is_valid),
		cmocka_unit_test(an_error_outweighs_short_memory),
		cmocka_unit_test(memory_of_the_arena_is_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
