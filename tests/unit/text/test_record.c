/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "dns/type.h"
#include "text/record.h"

static const struct dns_record a = {.owner = (const uint8_t *)"\1a\3lab",
				    .type = DNS_TYPE_A,
				    .ttl = 300,
				    .rdata = (const uint8_t *)"\1\2\3\4",
				    .nbytes = 4};

static void a_record_is_one_line(void **state)
{
	static const char line[] = "a.lab.\t300\tIN\tA\t1.2.3.4\n";
	char text[64];
	struct base_out o = base_out_over(text, sizeof(text));

	(void)state;
	text_record_write(&o, &a);
	assert_int_equal(base_out_nbytes(&o), sizeof(line) - 1);
	assert_memory_equal(text, line, sizeof(line) - 1);
	o = base_out_over(text, sizeof(line) - 2);
	text_record_write(&o, &a);
	assert_true(o.is_full);
}

static void a_file_gets_long_lines_whole(void **state)
{
	static uint8_t rdata[60000];
	const struct dns_record opaque = {.owner = (const uint8_t *)"",
					  .type = 65280,
					  .rdata = rdata,
					  .nbytes = sizeof(rdata)};
	char *text = NULL;
	size_t nchars = 0;
	FILE *f = open_memstream(&text, &nchars);

	(void)state;
	assert_int_equal(text_record_write_file(f, &a), 0);
	assert_int_equal(text_record_write_file(f, &opaque), 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(nchars, strlen("a.lab.\t300\tIN\tA\t1.2.3.4\n") +
					 strlen(".\t0\tIN\tTYPE65280\t\\# 60000 \n") +
					 2 * sizeof(rdata));
	free(text);
}

static void a_full_disk_is_an_error(void **state)
{
	FILE *f = fopen("/dev/full", "w");

	(void)state;
	if (f == NULL)
		skip();
	setvbuf(f, NULL, _IONBF, 0);
	assert_int_equal(text_record_write_file(f, &a), -EIO);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_is_one_line),
		cmocka_unit_test(a_file_gets_long_lines_whole),
		cmocka_unit_test(a_full_disk_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
