/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/limits.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"

static void without_limits_there_need_be_no_groups(void **state)
{
	const struct supervise_limits none = {0}, some = {.processes = 1};
	struct base_error error;

	(void)state;
	assert_int_equal(supervise_limits_group(&none, NULL, &error), 0);
	assert_int_equal(supervise_limits_group(&some, NULL, &error), -ENOTSUP);
	assert_string_equal(error.text, "there are no control groups");
}

static void each_process_has_them_beside_its_own(void **state)
{
	const struct supervise_limits limits = {.memory = 1000, .processes = 5};
	const struct child_limit own = {RLIMIT_CORE, {0, 0}};
	struct child_command command = {.limits = &own, .nlimits = 1};
	struct child_limit list[SUPERVISE_LIMITS_MAX];

	(void)state;
	supervise_limits_processes(&limits, &command, list);
	assert_int_equal(command.nlimits, 3);
	assert_int_equal(command.limits[0].resource, RLIMIT_CORE);
	assert_int_equal(command.limits[1].resource, RLIMIT_DATA);
	assert_int_equal(command.limits[1].value.rlim_max, 1000);
	assert_int_equal(command.limits[2].resource, RLIMIT_NPROC);
	assert_int_equal(command.limits[2].value.rlim_cur, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_limits_there_need_be_no_groups),
		cmocka_unit_test(each_process_has_them_beside_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
