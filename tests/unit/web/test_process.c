/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "web/process.h"

/* Returns the value of a sample. */
static double value_of(const char *sample)
{
	struct web_page p = {.format = WEB_PROMETHEUS};
	const char *at;
	double value;

	web_process_write(&p, 1800000000);
	web_page_text(&p, "%c", '\0');
	assert_false(p.is_short);
	at = strstr(p.bytes, sample);
	assert_non_null(at);
	value = strtod(at + strlen(sample), NULL);
	web_page_fini(&p);
	return value;
}

static void the_figures_are_those_of_this_process(void **state)
{
	double nfiles = value_of("\nprocess_open_fds ");
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_true(value_of("\nprocess_open_fds ") == nfiles + 1);
	close(fd);
	assert_true(value_of("\nprocess_start_time_seconds ") == 1800000000);
	assert_true(value_of("\nprocess_cpu_seconds_total ") < 3600);
	assert_true(value_of("\nprocess_resident_memory_bytes ") > 100000);
	assert_true(value_of("\nprocess_virtual_memory_bytes ") >
		    value_of("\nprocess_resident_memory_bytes "));
	assert_true(value_of("\nprocess_max_fds ") >= nfiles);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_figures_are_those_of_this_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
