/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "archive/header.h"

static const struct {
	size_t nname;
	uint64_t nbytes;
	size_t written;
} cases[] = {
	{1, 0, 512},
	{100, 077777777777, 512},	  /* the most that fits */
	{101, 5, 1536},			  /* a long name */
	{5, 0100000000000, 1536},	  /* a large size */
	{255, UINT64_MAX / 2, 1536},	  /* both */
};

static void what_is_written_is_parsed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct archive_header h = {.nbytes = cases[i].nbytes, .time_s = 1795935631}, got;
		uint8_t out[ARCHIVE_HEADER_MAX];
		size_t n;

		memset(h.name, 'a', cases[i].nname);
		n = archive_header_write(&h, out);
		assert_int_equal(n, cases[i].written);
		assert_int_equal(archive_header_parse(&got, out), n == 512
								  ? ARCHIVE_HEADER_FILE
								  : ARCHIVE_HEADER_EXTENDED);
		if (n > 512) {
			const char *content = (const char *)out + ARCHIVE_BLOCK;
			size_t ncontent = (size_t)got.nbytes;

			assert_int_equal(archive_header_parse(&got, out + n - ARCHIVE_BLOCK),
					 ARCHIVE_HEADER_FILE);
			assert_true(archive_header_extend(&got, content, ncontent));
		}
		assert_string_equal(got.name, h.name);
		assert_true(got.nbytes == h.nbytes);
		assert_true(got.time_s == h.time_s);
	}
}

static void every_changed_byte_of_a_header_is_noticed(void **state)
{
	struct archive_header h = {.name = "file", .nbytes = 5}, got;
	uint8_t out[ARCHIVE_HEADER_MAX];

	(void)state;
	archive_header_write(&h, out);
	for (size_t i = 0; i < ARCHIVE_BLOCK; i++) {
		out[i] ^= 1;
		/* The last byte of the sum is a blank or a NUL, as programs differ. */
		if (i != 155 && i != 154)
			assert_int_equal(archive_header_parse(&got, out), ARCHIVE_HEADER_INVALID);
		out[i] ^= 1;
	}
}

static void other_kinds_of_members_are_refused(void **state)
{
	struct archive_header h = {.name = "file"}, got;
	uint8_t out[ARCHIVE_HEADER_MAX];

	(void)state;
	archive_header_write(&h, out);
	/* A symbolic link, with the sum that belongs to it. */
	out[156] = '2';
	out[153] += 2;
	assert_int_equal(archive_header_parse(&got, out), ARCHIVE_HEADER_INVALID);
	memset(out, 0, sizeof(out));
	assert_int_equal(archive_header_parse(&got, out), ARCHIVE_HEADER_END);
}

static void an_extended_header_that_is_not_understood_is_refused(void **state)
{
	static const char *const wrong[] = {"9 path", "pathx\n", "12 other=a\n", "9 size=x\n",
					    "30 size=99999999999999999999999\n"};
	struct archive_header h = {.name = "file"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(archive_header_extend(&h, wrong[i], strlen(wrong[i])));
	assert_false(archive_header_extend(&h, "a\0b", 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_parsed),
		cmocka_unit_test(every_changed_byte_of_a_header_is_noticed),
		cmocka_unit_test(other_kinds_of_members_are_refused),
		cmocka_unit_test(an_extended_header_that_is_not_understood_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
