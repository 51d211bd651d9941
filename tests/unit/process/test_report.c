/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "process/report.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/weft-report.XXXXXX";

/* The log is a file while a test runs. */
static int log_begin(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	return base_log_open(path);
}

static int log_end(void **state)
{
	(void)state;
	unlink(path);
	strcpy(path, "/tmp/weft-report.XXXXXX");
	return base_log_open("stderr");
}

/* Asserts that the log is one line, which ends so. */
static void assert_line(const char *expected)
{
	char line[1024] = "";
	FILE *file = fopen(path, "r");
	size_t n, nchars = strlen(expected);

	assert_non_null(file);
	n = fread(line, 1, sizeof(line) - 1, file);
	fclose(file);
	assert_true(n > nchars);
	assert_int_equal(line[n - 1], '\n');
	line[n - 1] = '\0';
	assert_string_equal(line + n - 1 - nchars, expected);
}

static void a_problem_has_its_file_and_line(void **state)
{
	struct base_error error;

	(void)state;
	base_error_set_at(&error, -EINVAL, (struct base_location){"a.conf", 7}, "no \"x\"");
	process_report(NULL, BASE_LOG_WARNING, &error);
	assert_line("warning config: file-warning at=a.conf:7 why=\"no \\\"x\\\"\"");
}

static void a_problem_of_a_whole_file_has_no_line(void **state)
{
	struct base_error error;

	(void)state;
	base_error_set_at(&error, -ENOENT, (struct base_location){"a.conf", 0}, "it is empty");
	process_report(NULL, BASE_LOG_ERROR, &error);
	assert_line("error config: file-error at=a.conf why=\"it is empty\"");
}

static void what_could_not_be_done_has_its_reason(void **state)
{
	(void)state;
	assert_int_equal(process_report_failure("cannot start the loop", -ENOMEM), -1);
	assert_line("error start: start-failed what=\"cannot start the loop\" "
		    "error=\"Cannot allocate memory\"");
}

static void an_error_has_its_file_if_there_is_one(void **state)
{
	struct base_error error;

	(void)state;
	base_error_set(&error, -EINVAL, "no node");
	assert_int_equal(process_report_error(&error), -1);
	assert_line("error start: start-failed why=\"no node\"");
}

#define LOGGED(name) cmocka_unit_test_setup_teardown(name, log_begin, log_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOGGED(a_problem_has_its_file_and_line),
		LOGGED(a_problem_of_a_whole_file_has_no_line),
		LOGGED(what_could_not_be_done_has_its_reason),
		LOGGED(an_error_has_its_file_if_there_is_one),
	};

	return cmocka_run_group_tests_name("process/report", tests, NULL, NULL);
}
