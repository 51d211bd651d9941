/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <weft/connect.h>

#include "kit.h"

static void connected_never(void *arg, int error, int fd, const struct weft_instance *to)
{
	(void)arg;
	(void)error;
	(void)fd;
	(void)to;
	fail();
}

static int begin(struct weft *w)
{
	return weft_connect_start(w, "_http._tcp", "key", 3, 0, -1, connected_never, NULL, NULL);
}

static int begin_connector(struct weft *w)
{
	struct weft_connector *c;

	return weft_connector_new(w, "_http._tcp", NULL, NULL, &c);
}

static void without_memory_nothing_is_begun(void **state)
{
	(void)state;
	kit_fail_each(begin);
	kit_fail_each(begin_connector);
}

static void what_cannot_be_asked_for_is_refused_at_once(void **state)
{
	struct weft *w = kit_context();
	struct weft_connector *c;
	int fd = -1;

	(void)state;
	assert_int_equal(weft_connect(w, "a..b", 0, -1, &fd, NULL), WEFT_E_NAME);
	assert_int_equal(weft_connect(w, "_http._tcp", 4, -1, &fd, NULL), WEFT_E_ARGUMENT);
	assert_int_equal(weft_connector_new(w, "a..b", NULL, NULL, &c), WEFT_E_NAME);
	assert_int_equal(fd, -1);
	assert_int_equal(kit_nobjects(w), 0);
	weft_connect_cancel(NULL);
	weft_connector_free(NULL);
	weft_free(w);
}

static void what_refuses_is_named(void **state)
{
	struct weft *w = kit_context();
	struct weft_instance *to = NULL;
	int fd = -1;

	(void)state;
	assert_int_equal(weft_connect(w, "127.0.0.1:1", 0, -1, &fd, &to), WEFT_E_UNREACHABLE);
	assert_non_null(strstr(weft_error_text(w), "127.0.0.1"));
	assert_int_equal(fd, -1);
	assert_null(to);
	assert_int_equal(weft_connect(w, "_http._tcp", 0, -1, &fd, &to), WEFT_E_NO_REGISTRY);
	assert_int_equal(kit_nobjects(w), 0);
	weft_free(w);
}

static void an_attempt_goes_on_without_its_connector(void **state)
{
	struct weft *w = kit_context();
	struct weft_connect *attempt;
	struct weft_connector *c;

	(void)state;
	assert_int_equal(weft_connector_new(w, "_http._tcp", NULL, NULL, &c), WEFT_OK);
	assert_int_equal(weft_connector_set_sticky(c, "key", 3), WEFT_OK);
	assert_int_equal(weft_connector_start(c, 0, -1, connected_never, NULL, &attempt), WEFT_OK);
	weft_connector_free(c);
	assert_int_equal(kit_nobjects(w), 1);
	weft_connect_cancel(attempt);
	weft_process(w);
	weft_free(w);
}

static void each_event_has_its_own_name(void **state)
{
	(void)state;
	for (int a = WEFT_CONNECTOR_READY; a <= WEFT_CONNECTOR_BETTER; a++) {
		const char *name = weft_connector_event_name((enum weft_connector_event)a);

		assert_string_not_equal(name, "");
		for (int b = WEFT_CONNECTOR_READY; b < a; b++)
			assert_string_not_equal(
				name, weft_connector_event_name((enum weft_connector_event)b));
	}
	assert_string_equal(weft_connector_event_name((enum weft_connector_event)0), "");
	assert_string_equal(weft_connector_event_name((enum weft_connector_event)99), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_memory_nothing_is_begun),
		cmocka_unit_test(what_cannot_be_asked_for_is_refused_at_once),
		cmocka_unit_test(what_refuses_is_named),
		cmocka_unit_test(each_event_has_its_own_name),
		cmocka_unit_test(an_attempt_goes_on_without_its_connector),
	};

	return cmocka_run_group_tests_name("api/connect", tests, NULL, NULL);
}
