/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "spec/type.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kit.h"

static void signals_have_names(void **state)
{
	(void)state;
	assert_int_equal(spec_type_signal_number("TERM"), SIGTERM);
	assert_int_equal(spec_type_signal_number("SIGHUP"), SIGHUP);
	assert_int_equal(spec_type_signal_number("SIG"), 0);
	assert_int_equal(spec_type_signal_number("term"), 0);
	assert_string_equal(spec_type_signal_name(SIGUSR2), "USR2");
}

static void labels_are_letters_digits_and_dashes_within(void **state)
{
	static const char *const others[] = {
		"",	    "-",
		"a-",	    "-a",
		"a_b",	    "a.b",
		"\xc3\xa4", "0123456789012345678901234567890123456789012345678901234567890123"};

	(void)state;
	assert_true(spec_type_is_label("a"));
	assert_true(spec_type_is_label("A-1"));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(spec_type_is_label(others[i]));
}

static void times_may_have_fractions_and_units(void **state)
{
	static const struct {
		const char *text;
		uint32_t ms;
	} cases[] = {{"2", 2000},    {"0.25", 250},   {"100ms", 100},
		     {"1.5s", 1500}, {"0.5m", 30000}, {"2h", 7200000}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char json[200];
		struct spec_service *s;
		struct kit kit;

		snprintf(json, sizeof(json),
			 "{'name':'a','type':'_a._tcp','run':['a'],'stop':{'timeout':'%s'}}",
			 cases[i].text);
		kit_setup(&kit);
		s = kit_service(&kit, json);
		assert_non_null(s);
		assert_int_equal(s->stop.timeout_ms, cases[i].ms);
		kit_teardown(&kit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signals_have_names),
		cmocka_unit_test(labels_are_letters_digits_and_dashes_within),
		cmocka_unit_test(times_may_have_fractions_and_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
