/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/system.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "child/command.h"
#include "supervise/machine.h"

static void names_have_a_suffix(void **state)
{
	static const char *const cases[] = {
		"", "nginx", ".service", "-x.service", "a b.service", "a/b.service", "nginx."};
	struct supervise_system *system;
	struct base_error error;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(supervise_system_new(&system, cases[i], 1000, &error), -EINVAL);
}

static void without_systemd_that_is_the_error(void **state)
{
	struct supervise_system *system;
	struct base_error error;
	int ret = supervise_system_new(&system, "nginx.service", 1000, &error);

	(void)state;
	if (access("/run/systemd/system", F_OK) < 0) {
		assert_int_equal(ret, -ENOSYS);
		assert_string_equal(error.text, "there is no systemd on this machine");
		return;
	}
	assert_int_equal(ret, 0);
	assert_string_equal(supervise_system_settings(system)->stop.command->argv[1], "stop");
	supervise_system_free(system);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_have_a_suffix),
		cmocka_unit_test(without_systemd_that_is_the_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
