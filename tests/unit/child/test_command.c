/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "child/command.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/error.h"

static const char *const environment[] = {"PORT=80", "EMPTY=", "A_1=x", "PORTS=81", NULL};

static void variables_are_replaced(void **state)
{
	static const struct {
		const char *word, *expanded;
	} cases[] = {
		{"--port", "--port"}, {"$PORT", "80"},
		{"${PORT}", "80"},    {"a$PORT:b", "a80:b"},
		{"${PORT}S", "80S"},  {"$PORTS", "81"},
		{"$EMPTY", ""},	      {"$A_1$PORT", "x80"},
		{"$$PORT", "$PORT"},  {"$NONE", "$NONE"},
		{"${PORT", "${PORT"}, {"$", "$"},
		{"${}", "${}"},	      {"", ""},
		{"$-", "$-"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *argv[] = {cases[i].word, "last", NULL};
		char **words = child_command_expand(argv, environment);

		assert_string_equal(words[0], cases[i].expanded);
		assert_string_equal(words[1], "last");
		assert_null(words[2]);
		free(words);
	}
}

static void values_are_found_by_their_whole_name(void **state)
{
	(void)state;
	assert_string_equal(child_environment_get(environment, "PORT"), "80");
	assert_string_equal(child_environment_get(environment, "EMPTY"), "");
	assert_null(child_environment_get(environment, "POR"));
	assert_null(child_environment_get(NULL, "PORT"));
}

static void users_are_found_with_their_groups(void **state)
{
	struct child_user user;
	struct base_error error;

	(void)state;
	assert_int_equal(child_user_find(&user, "root", &error), 0);
	assert_int_equal(user.uid, 0);
	assert_true(user.ngroups > 0);
	assert_int_equal(child_user_find(&user, "no-such-user", &error), -ENOENT);
	assert_string_equal(error.text, "there is no user no-such-user");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(variables_are_replaced),
		cmocka_unit_test(values_are_found_by_their_whole_name),
		cmocka_unit_test(users_are_found_with_their_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
