/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "process/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

static void as_many_files_as_the_administrator_permits_can_be_opened(void **state)
{
	struct rlimit l;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &l), 0);
	l.rlim_cur = 64;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &l), 0);
	process_limits_raise_files();
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &l), 0);
	assert_true(l.rlim_cur == l.rlim_max && l.rlim_cur > 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_files_as_the_administrator_permits_can_be_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
