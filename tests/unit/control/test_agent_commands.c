/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "control/agent_commands.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void every_command_is_described(void **state)
{
	(void)state;
	for (size_t i = 0; i < CONTROL_AGENT_COMMANDS; i++) {
		const struct control_command *c = &control_agent_commands[i];

		assert_non_null(c->name);
		assert_true(islower((unsigned char)c->help[0]));
		assert_int_not_equal(c->help[strlen(c->help) - 1], '.');
		assert_true(c->args_min <= c->args_max);
		assert_int_equal(c->args[0] != '\0', c->args_max > 0);
		assert_int_equal(c->args[0] == '[' || c->args[0] == '\0', c->args_min == 0);
		assert_int_equal(strstr(c->args, "...") != NULL, c->args_max == CONTROL_ARGS_MANY);
	}
}

static void no_name_is_given_twice(void **state)
{
	(void)state;
	for (size_t i = 0; i < CONTROL_AGENT_COMMANDS; i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(control_agent_commands[i].name,
						control_agent_commands[j].name);
}

static void commands_that_only_read_are_known_as_such(void **state)
{
	(void)state;
	for (size_t i = 0; i < CONTROL_AGENT_COMMANDS; i++) {
		bool reads = i == CONTROL_AGENT_STATUS || i == CONTROL_AGENT_SERVICE_STATUS ||
			     i == CONTROL_AGENT_SERVICE_CHECK;

		assert_int_equal(control_command_reads(control_agent_commands[i].name), reads);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command_is_described),
		cmocka_unit_test(no_name_is_given_twice),
		cmocka_unit_test(commands_that_only_read_are_known_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
