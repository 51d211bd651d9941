/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "spec/rdata.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void a_text_comes_back_whatever_its_length(void **state)
{
	static const size_t lengths[] = {0, 1, 254, 255, 256, 510, 511, 65025, 65279};
	static char text[65536], back[65536];
	static uint8_t rdata[SPEC_RDATA_MAX];
	struct base_error error;
	size_t nchars;

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		size_t n = spec_rdata_write(rdata, sizeof(rdata), text, lengths[i]);

		assert_int_equal(n, spec_rdata_nbytes(lengths[i]));
		assert_int_not_equal(n, 0);
		assert_int_equal(spec_rdata_write(rdata, n - 1, text, lengths[i]), 0);
		assert_int_equal(spec_rdata_read(back, lengths[i] + 1, &nchars, rdata, n, &error),
				 0);
		assert_int_equal(nchars, lengths[i]);
		assert_memory_equal(back, text, nchars);
		assert_int_equal(back[nchars], 0);
		assert_int_equal(spec_rdata_read(back, lengths[i], &nchars, rdata, n, &error),
				 -EBADMSG);
	}
	assert_int_equal(spec_rdata_nbytes(65279), SPEC_RDATA_MAX);
	assert_int_equal(spec_rdata_nbytes(65280), 0);
	assert_int_equal(spec_rdata_nbytes(SIZE_MAX), 0);
	assert_int_equal(spec_rdata_write(rdata, sizeof(rdata), text, 65280), 0);
}

static void damaged_rdata_is_refused(void **state)
{
	static const struct {
		const char *rdata;
		size_t nbytes;
		const char *text;
	} cases[] = {
		{"", 0, "the record is empty"},
		{"\3ab", 3, "a string of the record is cut short"},
		{"\2ab\1", 4, "a string of the record is cut short"},
		{"\2a\0", 3, "the record contains a zero octet"},
	};
	char out[10];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct base_error error = {0};
		size_t nchars = 99;

		assert_int_equal(spec_rdata_read(out, sizeof(out), &nchars,
						 (const uint8_t *)cases[i].rdata, cases[i].nbytes,
						 &error),
				 -EBADMSG);
		assert_string_equal(error.text, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_comes_back_whatever_its_length),
		cmocka_unit_test(damaged_rdata_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
