/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "service/variables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "instance.h"

static const struct weft_instance web = {
	.name = "web-1._http._tcp.lab.cloud.",
	.label = "web-1",
	.type = "_http._tcp",
	.domain = "lab.cloud.",
	.host = "n1.nodes.lab.cloud.",
	.port = 8080,
	.addresses = {"10.0.0.11"},
	.txt = {"path=/a b", "a-b=1", "a.b=2", "flag", "=x"},
};

static void an_instance_is_in_the_environment(void **state)
{
	(void)state;
	assert_int_equal(service_variables_set(&web, NULL), 0);
	assert_string_equal(getenv("WEFT_NAME"), "web-1");
	assert_string_equal(getenv("WEFT_TYPE"), "_http._tcp");
	assert_string_equal(getenv("WEFT_HOST"), "n1.nodes.lab.cloud");
	assert_string_equal(getenv("WEFT_PORT"), "8080");
	assert_string_equal(getenv("WEFT_ADDRESS"), "10.0.0.11");
	assert_string_equal(getenv("WEFT_STATE"), "up");
	assert_string_equal(getenv("WEFT_TXT_path"), "/a b");
	assert_string_equal(getenv("WEFT_TXT_flag"), "");
}

static void the_first_of_keys_with_the_same_name_counts(void **state)
{
	(void)state;
	assert_int_equal(service_variables_set(&web, NULL), 0);
	assert_string_equal(getenv("WEFT_TXT_a_b"), "1");
}

static void variables_of_another_instance_are_removed(void **state)
{
	(void)state;
	setenv("WEFT_TXT_old", "1", 1);
	setenv("WEFT_TXT_older", "1", 1);
	setenv("WEFT_REGISTRY", "127.0.0.1", 1);
	assert_int_equal(service_variables_set(&web, NULL), 0);
	assert_null(getenv("WEFT_TXT_old"));
	assert_null(getenv("WEFT_TXT_older"));
	assert_string_equal(getenv("WEFT_REGISTRY"), "127.0.0.1");
}

static int variable_stop(void *arg, const char *name, const char *value)
{
	unsigned *n = arg;

	(void)name;
	(void)value;
	return ++*n == 3 ? 42 : 0;
}

static void the_function_may_stop(void **state)
{
	unsigned n = 0;

	(void)state;
	assert_int_equal(service_variables_each(&web, "A_", NULL, variable_stop, &n), 42);
	assert_int_equal(n, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_instance_is_in_the_environment),
		cmocka_unit_test(the_first_of_keys_with_the_same_name_counts),
		cmocka_unit_test(variables_of_another_instance_are_removed),
		cmocka_unit_test(the_function_may_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
