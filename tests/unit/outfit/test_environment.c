/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "outfit/environment.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../spec/kit.h"
#include "base/error.h"
#include "outfit/known.h"

static const struct outfit_node node = {.name = "n1", .registry = "", .key_file = ""};
static const struct outfit_facts facts = {.id = "id-1", .label = "web-1", .inc = 3};

static bool has(const struct outfit_environment *e, const char *string)
{
	for (size_t i = 0; e->strings[i] != NULL; i++)
		if (strcmp(e->strings[i], string) == 0)
			return true;
	return false;
}

static void it_is_made_of_facts_and_declaration(void **state)
{
	struct outfit_environment e;
	struct base_error error;
	struct kit kit;

	(void)state;
	kit_setup(&kit);
	struct outfit_environment_settings settings = {
		.node = &node,
		.s = kit_service(&kit, "{'name':'web','type':'_http._tcp','run':['x'],"
				       "'environment':{'A':'$WEFT_NODE/$WEFT_INC'}}"),
		.parameters_file = "/p",
		.port = 81,
	};
	assert_int_equal(outfit_environment_make(&e, &settings, &facts, &error), 0);
	assert_true(has(&e, "WEFT_PORT=81"));
	assert_true(has(&e, "WEFT_PARAMETERS=/p"));
	assert_true(has(&e, "A=n1/3"));
	outfit_environment_fini(&e);
	outfit_environment_fini(&e);
	kit_teardown(&kit);
}

static void a_secret_that_is_not_there_is_an_error_or_left_out(void **state)
{
	struct outfit_environment e;
	struct base_error error;
	struct kit kit;

	(void)state;
	kit_setup(&kit);
	struct outfit_environment_settings settings = {
		.node = &node,
		.s = kit_service(&kit, "{'name':'web','type':'_http._tcp','run':['x'],"
				       "'secret':{'A':'/no/such/file','B':'/dev/zero'}}"),
		.parameters_file = "/p",
	};
	assert_int_equal(outfit_environment_make(&e, &settings, &facts, &error), -ENOENT);
	assert_string_equal(error.text, "secret A: /no/such/file: No such file or directory");
	settings.is_lenient = true;
	assert_int_equal(outfit_environment_make(&e, &settings, &facts, &error), 0);
	assert_true(has(&e, "WEFT_NAME=web-1"));
	outfit_environment_fini(&e);
	kit_teardown(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_made_of_facts_and_declaration),
		cmocka_unit_test(a_secret_that_is_not_there_is_an_error_or_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
