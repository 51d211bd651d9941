/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "control/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void commands_that_change_nothing_are_known_by_their_last_word(void **state)
{
	static const char *const reading[] = {"status", "zone list", "key usage",  "zone dump",
					      "help",	"events",    "lease show", "top"};
	static const char *const changing[] = {"stop",	     "drain",	   "key revoke",
					       "lease drop", "zone purge", "list purge"};

	(void)state;
	for (size_t i = 0; i < sizeof(reading) / sizeof(*reading); i++)
		assert_true(control_command_reads(reading[i]));
	for (size_t i = 0; i < sizeof(changing) / sizeof(*changing); i++)
		assert_false(control_command_reads(changing[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_that_change_nothing_are_known_by_their_last_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
