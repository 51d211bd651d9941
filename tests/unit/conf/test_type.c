/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "conf/type.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "kit.h"

static const char *const words[] = {"red", "green", NULL};

/* Returns the value of a number, size, time or word as text; or the report. */
static const struct {
	const struct conf_type *type;
	const char *text;
	uint64_t value;
	const char *reports;
} cases[] = {
	{&conf_type_number, "0", 0, ""},
	{&conf_type_number, "1000000", 1000000, ""},
	{&conf_type_number, "1000001", 0, "7: x is from 0 to 1000000, not 1000001\n"},
	{&conf_type_number, "1K", 0, "7: x is a number, not 1K\n"},
	{&conf_type_number, " 1", 0, "7: x is a number, not  1\n"},
	{&conf_type_number, "99999999999999999999", 0,
	 "7: x is a number, not 99999999999999999999\n"},
	{&conf_type_size, "3K", 3072, ""},
	{&conf_type_size, "3k", 0, "7: x is a size in bytes (K, M, G), not 3k\n"},
	{&conf_type_duration, "5", 5, ""},
	{&conf_type_duration, "2m", 120, ""},
	{&conf_type_duration, "1w", 604800, ""},
	{&conf_type_timeout, "0", 0, ""},
	{&conf_type_timeout, "1h", 3600, ""},
	{&conf_type_timeout, "never", UINT32_MAX, ""},
	{&conf_type_timeout, "ever", 0,
	 "7: x is a time in seconds (m, h, d, w), or never, not ever\n"},
	{&conf_type_age, "3d", 259200, ""},
	{&conf_type_age, "3y", 0, "7: x is a time in seconds (m, h, d, w), not 3y\n"},
	{&conf_type_word, "green", 1, ""},
	{&conf_type_word, "Green", 0, "7: x is one of red, green, not Green\n"},
};

static void numbers_sizes_times_and_words_are_parsed(void **state)
{
	const struct base_location at = {"test", 7};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct conf_setting s = {"x", cases[i].type, .max = 1000000, .words = words};
		uint64_t value;
		struct kit kit;

		kit_setup(&kit, &s, &value, sizeof(value));
		s.type->from_text(&kit.reader, &s, &at, cases[i].text, &value);
		assert_string_equal(kit.reports, cases[i].reports);
		if (s.type->size == sizeof(uint32_t))
			assert_int_equal(*(uint32_t *)&value, cases[i].value);
		else
			assert_int_equal(value, cases[i].value);
		assert_int_equal(kit_teardown(&kit), *cases[i].reports == '\0' ? 0 : -EBADMSG);
	}
}

static void relative_paths_start_in_the_folder_of_the_file(void **state)
{
	static const struct {
		const char *text, *path;
	} paths[] = {{"a", "/etc/weft/a"}, {"../a", "/etc/weft/../a"}, {"/a", "/a"}};
	const struct base_location at = {"test", 7};
	const struct conf_setting s = {.name = "x", .type = &conf_type_path};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		const char *path = NULL;
		struct kit kit;

		kit_setup(&kit, &s, &path, sizeof(path));
		kit.reader.folder = "/etc/weft/";
		s.type->from_text(&kit.reader, &s, &at, paths[i].text, &path);
		assert_string_equal(path, paths[i].path);
		assert_int_equal(kit_teardown(&kit), 0);
	}
}

static void a_text_longer_than_its_limit_is_refused(void **state)
{
	const struct base_location at = {"test", 7};
	const struct conf_setting s = {"x", &conf_type_text, .max = 3};
	const char *text;
	struct kit kit;

	(void)state;
	kit_setup(&kit, &s, &text, sizeof(text));
	s.type->from_text(&kit.reader, &s, &at, "abc", &text);
	assert_string_equal(text, "abc");
	s.type->from_text(&kit.reader, &s, &at, "abcd", &text);
	assert_string_equal(text, "abc");
	assert_string_equal(kit.reports, "7: x has at most 3 bytes\n");
	assert_int_equal(kit_teardown(&kit), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_sizes_times_and_words_are_parsed),
		cmocka_unit_test(relative_paths_start_in_the_folder_of_the_file),
		cmocka_unit_test(a_text_longer_than_its_limit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
