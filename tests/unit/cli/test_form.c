/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "cli/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void a_duration_has_a_unit_or_is_in_seconds(void **state)
{
	static const struct {
		const char *text;
		uint64_t seconds; /* 0: invalid, or out of range */
	} cases[] = {
		{"1", 1},
		{"90", 90},
		{"5s", 5},
		{"2m", 120},
		{"1h", 3600},
		{"1d", 86400},
		{"1w", 604800},
		{"0", 0},
		{"-5", 0},
		{"", 0},
		{" 5", 0},
		{"5 m", 0},
		{"1h30m", 0},
		{"h", 0},
		{"2w", 0},
		{"99999999999999999999", 0},
		{"9999999999999999999w", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint64_t seconds = 0;
		bool is_valid =
			cli_form_duration_parse(&seconds, "time", cases[i].text, 1, 7 * 86400);

		assert_int_equal(is_valid, cases[i].seconds > 0);
		if (is_valid)
			assert_int_equal(seconds, cases[i].seconds);
	}
}

static void a_duration_is_written_by_its_two_largest_units(void **state)
{
	static const struct {
		uint64_t seconds;
		const char *text;
	} cases[] = {
		{0, "0s"},
		{27, "27s"},
		{60, "1m"},
		{792, "13m12s"},
		{3600, "1h"},
		{3659, "1h"},
		{3660, "1h1m"},
		{86399, "23h59m"},
		{86400, "1d"},
		{187200, "2d4h"},
		{86400 + 59, "1d"},
		{365 * 86400, "365d"},
		{UINT64_MAX, "213503982334601d7h"},
	};
	char text[CLI_FORM_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(cli_form_duration_to_text(text, cases[i].seconds),
				    cases[i].text);
}

static void a_size_has_a_unit(void **state)
{
	static const struct {
		uint64_t nbytes;
		const char *text;
	} cases[] = {
		{0, "0"},
		{1023, "1023"},
		{1024, "1.0K"},
		{68096, "66.5K"},
		{1048575, "1.0M"},
		{1048576, "1.0M"},
		{UINT64_C(1) << 30, "1.0G"},
		{UINT64_C(1) << 40, "1.0T"},
		{UINT64_MAX, "16777216.0T"},
	};
	char text[CLI_FORM_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(cli_form_size_to_text(text, cases[i].nbytes), cases[i].text);
}

static void a_time_is_read_as_it_is_written(void **state)
{
	static const char *const others[] = {
		"",	      "2026-11-29", "2026-11-29T07:03:25", "2026-11-29T07:03:25Z ",
		"lab.cloud.", "1795935631"};
	char text[CLI_FORM_TEXT_MAX];
	uint64_t time_s;

	(void)state;
	assert_string_equal(cli_form_time_to_text(text, 1795935805), "2026-11-29T07:03:25Z");
	assert_true(cli_form_time_from_text(&time_s, text));
	assert_int_equal(time_s, 1795935805);
	assert_true(cli_form_time_from_text(&time_s, "2026-11-29T07:03:25.789Z"));
	assert_int_equal(time_s, 1795935805);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_false(cli_form_time_from_text(&time_s, others[i]));
	assert_string_equal(cli_form_ago_to_text(text, 1000, 1792), "13m12s ago");
	assert_string_equal(cli_form_ago_to_text(text, 1792, 1000), "in 13m12s");
	assert_string_equal(cli_form_ago_to_text(text, 1000, 1000), "0s ago");
}

static void the_name_of_a_field_decides_about_its_unit(void **state)
{
	json_t *lease = json_pack("{s:i, s:i, s:i}", "granted", 30, "left", 27, "records", 3);
	json_t *counters = json_pack("{s:i, s:i}", "granted", 30, "memory", 2048);
	json_t *parked = json_pack("{s:n}", "left");
	char text[CLI_FORM_TEXT_MAX];

	(void)state;
	assert_string_equal(cli_form_field_to_text(text, lease, "left"), "27s");
	assert_string_equal(cli_form_field_to_text(text, lease, "granted"), "30s");
	assert_null(cli_form_field_to_text(text, lease, "records"));
	assert_null(cli_form_field_to_text(text, lease, "nothing"));
	assert_null(cli_form_field_to_text(text, counters, "granted"));
	assert_string_equal(cli_form_field_to_text(text, counters, "memory"), "2.0K");
	assert_null(cli_form_field_to_text(text, parked, "left"));
	json_decref(lease);
	json_decref(counters);
	json_decref(parked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_duration_has_a_unit_or_is_in_seconds),
		cmocka_unit_test(a_duration_is_written_by_its_two_largest_units),
		cmocka_unit_test(a_size_has_a_unit),
		cmocka_unit_test(a_time_is_read_as_it_is_written),
		cmocka_unit_test(the_name_of_a_field_decides_about_its_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
