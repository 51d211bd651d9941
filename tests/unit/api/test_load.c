/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <weft/find.h>

#include "api/context.h"
#include "api/load.h"

#include "../memory.h"

static struct weft *context_new(void)
{
	struct weft *w;

	assert_int_equal(weft_new(&w), WEFT_OK);
	assert_int_equal(weft_set_config(w, ""), WEFT_OK);
	assert_int_equal(weft_set_registry(w, "tcp://127.0.0.1@1"), WEFT_OK);
	assert_int_equal(weft_set_domain(w, "lab.cloud"), WEFT_OK);
	return w;
}

static int setup(void **state)
{
	(void)state;
	unsetenv("WEFT_REGISTRY");
	unsetenv("WEFT_KEY_FILE");
	return 0;
}

static void what_is_wrong_with_a_setting_is_described(void **state)
{
	static const struct {
		int (*set)(struct weft *w, const char *value);
		const char *value, *text;
		int error;
	} cases[] = {
		{weft_set_registry, "192.0.2.1@0", "192.0.2.1@0", WEFT_E_CONFIG},
		{weft_set_config, "/nonexistent/client.conf", "/nonexistent/client.conf",
		 WEFT_E_CONFIG},
		{weft_set_tls_ca, "/nonexistent/ca.pem", "/nonexistent/ca.pem", WEFT_E_CONFIG},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct weft *w = context_new();

		assert_int_equal(cases[i].set(w, cases[i].value), WEFT_OK);
		assert_int_equal(weft_load(w), cases[i].error);
		assert_non_null(strstr(weft_error_text(w), cases[i].text));
		/* Settings may be corrected. */
		assert_int_equal(weft_set_domain(w, "other.cloud"), WEFT_OK);
		weft_free(w);
	}
}

static void settings_cannot_be_changed_once_they_are_read(void **state)
{
	struct weft *w = context_new();

	(void)state;
	assert_int_equal(weft_load(w), WEFT_OK);
	assert_int_equal(weft_load(w), WEFT_OK);
	assert_int_equal(weft_set_registry(w, NULL), WEFT_E_ARGUMENT);
	assert_int_equal(weft_set_stale(w, 0), WEFT_E_ARGUMENT);
	assert_int_equal(weft_set_suspect(w, 0), WEFT_OK);
	weft_free(w);
}

static int registry_count(void *arg, const struct weft_registry *r)
{
	unsigned *n = arg;

	assert_string_equal(weft_registry_address(r), "127.0.0.1@1");
	assert_string_equal(weft_registry_transport(r), "tcp");
	assert_string_not_equal(weft_registry_source(r), "");
	assert_int_not_equal(weft_registry_is_healthy(r), 1);
	assert_int_equal(weft_registry_rtt_us(r), 0);
	++*n;
	return 0;
}

static void found_never(void *arg, int error, struct weft_instances *found)
{
	(void)arg;
	(void)error;
	(void)found;
	fail();
}

static void registries_are_listed_once_they_are_known(void **state)
{
	struct weft *w = context_new();
	unsigned n = 0;

	(void)state;
	weft_registries(w, registry_count, &n);
	assert_int_equal(n, 0);
	assert_int_equal(weft_find_start(w, "_http._tcp", -1, found_never, NULL, NULL), WEFT_OK);
	weft_process(w);
	weft_registries(w, registry_count, &n);
	assert_int_equal(n, 1);
	/* The find ends with the context, without a call. */
	weft_free(w);
}

static void without_memory_nothing_is_read(void **state)
{
	int n = 0, ret;

	(void)state;
	do {
		struct weft *w = context_new();

		memory_fail_after(n++);
		ret = weft_load(w);
		if (memory_has_failed())
			assert_int_equal(ret, WEFT_E_MEMORY);
		else
			assert_int_equal(ret, WEFT_OK);
		memory_fail_after(MEMORY_ENOUGH);
		assert_true((ret == WEFT_OK) == (w->locate != NULL));
		weft_free(w);
	} while (ret != WEFT_OK);
	assert_true(n > 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wrong_with_a_setting_is_described),
		cmocka_unit_test(settings_cannot_be_changed_once_they_are_read),
		cmocka_unit_test(registries_are_listed_once_they_are_known),
		cmocka_unit_test(without_memory_nothing_is_read),
	};

	return cmocka_run_group_tests_name("api/load", tests, setup, NULL);
}
