/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <weft/register.h>

#include "kit.h"

#include "../memory.h"

static struct weft_registration *registration(struct weft *w)
{
	struct weft_registration *r;

	assert_int_equal(weft_registration_new(w, "My web", "_http._tcp", 80, &r), WEFT_OK);
	return r;
}

static void what_cannot_be_registered_is_refused_at_once(void **state)
{
	static const struct {
		const char *label, *type;
		int port, error;
	} cases[] = {
		{"", "_http._tcp", 80, WEFT_E_NAME},
		{"a\tb", "_http._tcp", 80, WEFT_E_NAME},
		{"0123456789012345678901234567890123456789012345678901234567890123", "_http._tcp",
		 80, WEFT_E_NAME},
		{"web", "http", 80, WEFT_E_NAME},
		{"web", "_http..tcp", 80, WEFT_E_NAME},
		{"web", "_http", 80, WEFT_E_NAME},
		{"web", "_http.lab.cloud.", 80, WEFT_E_NAME},
		{"web", "_http._tcp.", 80, WEFT_E_NAME},
		{"web", "_http._tcp", 0, WEFT_E_PORT},
		{"web", "_http._tcp", -1, WEFT_E_PORT},
		{"web", "_http._tcp", 65536, WEFT_E_PORT},
	};
	struct weft *w = kit_context();
	struct weft_registration *r = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(
			weft_registration_new(w, cases[i].label, cases[i].type, cases[i].port, &r),
			cases[i].error);
		assert_string_not_equal(weft_error_text(w), "");
	}
	assert_int_equal(weft_registration_new_node(w, "n1.other", &r), WEFT_OK);
	assert_int_equal(weft_registration_new_node(w, "", &r), WEFT_E_NAME);
	assert_int_equal(kit_nobjects(w), 1);
	weft_free(w);
}

static void a_name_is_completed_with_the_domain(void **state)
{
	struct weft *w = kit_context();
	struct weft_registration *r = registration(w);

	(void)state;
	assert_string_equal(weft_registration_name(r), "My\\032web._http._tcp.lab.cloud.");
	assert_int_equal(weft_registration_lease(r), 0);
	assert_int_equal(weft_registration_incarnation(r), 0);
	assert_int_equal(weft_registration_end(r), WEFT_E_ARGUMENT);
	weft_registration_free(r);
	weft_registration_free(NULL);
	assert_int_equal(kit_nobjects(w), 0);
	weft_free(w);
}

static void a_setting_that_is_not_valid_changes_nothing(void **state)
{
	struct weft *w = kit_context();
	struct weft_registration *r = registration(w);

	(void)state;
	assert_int_equal(weft_registration_set_txt(r, "a=b", "", 0), WEFT_E_TEXT);
	assert_non_null(strstr(weft_error_text(w), "a=b"));
	assert_int_equal(weft_registration_set_txt(r, "id", "7", 1), WEFT_E_TEXT);
	assert_non_null(strstr(weft_error_text(w), "it is set by libweft"));
	assert_int_equal(weft_registration_set_host(r, "a..b"), WEFT_E_NAME);
	assert_int_equal(weft_registration_set_port(r, 0), WEFT_E_PORT);
	assert_int_equal(weft_registration_set_addresses(r, "n1"), WEFT_E_ARGUMENT);
	assert_int_equal(weft_registration_add_subtype(r, ""), WEFT_E_NAME);
	assert_int_equal(weft_registration_set_lease(r, 0), WEFT_E_ARGUMENT);
	assert_int_equal(weft_registration_set_state(r, (enum weft_state)99), WEFT_E_ARGUMENT);
	assert_int_equal(weft_registration_set_conflict(r, (enum weft_conflict)99),
			 WEFT_E_ARGUMENT);
	assert_non_null(strstr(weft_error_text(w), "99"));
	weft_free(w);
}

static int set_all(struct weft_registration *r)
{
	int ret = weft_registration_set_txt(r, "path", "/", 1);

	if (ret == WEFT_OK)
		ret = weft_registration_set_txt(r, "flag", NULL, 0);
	if (ret == WEFT_OK)
		ret = weft_registration_unset_txt(r, "flag");
	if (ret == WEFT_OK)
		ret = weft_registration_set_srv(r, 1, 2);
	if (ret == WEFT_OK)
		ret = weft_registration_set_port(r, 81);
	if (ret == WEFT_OK)
		ret = weft_registration_set_host(r, "n1.nodes");
	if (ret == WEFT_OK)
		ret = weft_registration_set_addresses(r, "192.0.2.1, 2001:db8::1");
	if (ret == WEFT_OK)
		ret = weft_registration_add_subtype(r, "_printer");
	if (ret == WEFT_OK)
		ret = weft_registration_set_id(r, "seven");
	if (ret == WEFT_OK)
		ret = weft_registration_set_conflict(r, WEFT_CONFLICT_RENAME);
	return ret == WEFT_OK ? weft_registration_set_state(r, WEFT_STATE_DRAINING) : ret;
}

static int begin(struct weft *w)
{
	struct weft_registration *r;
	int ret = weft_registration_new(w, "web", "_http._tcp", 80, &r);

	if (ret != WEFT_OK)
		return ret;
	ret = set_all(r);
	if (ret == WEFT_OK)
		ret = weft_registration_start(r, NULL, NULL);
	/* Changes of what is registered are handed on. */
	if (ret == WEFT_OK)
		ret = weft_registration_set_txt(r, "path", "/b", 2);
	if (ret != WEFT_OK)
		weft_registration_free(r);
	return ret;
}

static void without_memory_nothing_is_begun(void **state)
{
	(void)state;
	kit_fail_each(begin);
}

static void a_registration_starts_once(void **state)
{
	struct weft *w = kit_context();
	struct weft_registration *r = registration(w);

	(void)state;
	assert_int_equal(weft_registration_start(r, NULL, NULL), WEFT_OK);
	assert_int_equal(weft_registration_start(r, NULL, NULL), WEFT_E_ARGUMENT);
	weft_free(w);
}

static void without_a_registry_registering_ends_with_its_name(void **state)
{
	struct weft *w = kit_context();
	struct weft_registration *r = NULL;

	(void)state;
	assert_int_equal(weft_register(w, "web", "_http._tcp", 80, 200, &r), WEFT_E_NO_REGISTRY);
	assert_non_null(strstr(weft_error_text(w), "127.0.0.1@1"));
	assert_null(r);
	assert_int_equal(weft_unregister_name(w, "web._http._tcp", -1), WEFT_E_NO_REGISTRY);
	assert_int_equal(weft_set_state_of(w, "web._http._tcp", WEFT_STATE_UP, -1),
			 WEFT_E_NO_REGISTRY);
	assert_int_equal(weft_set_state_of(w, "web._http._tcp", (enum weft_state)99, -1),
			 WEFT_E_ARGUMENT);
	assert_int_equal(weft_suspect_name(w, "web._http._tcp", NULL, -1), WEFT_E_NO_REGISTRY);
	assert_int_equal(kit_nobjects(w), 0);
	weft_free(w);
}

static void each_event_has_its_own_name(void **state)
{
	(void)state;
	for (int a = WEFT_REGISTRATION_DONE; a <= WEFT_REGISTRATION_ENDED; a++) {
		const char *name = weft_registration_event_name((enum weft_registration_event)a);

		assert_string_not_equal(name, "");
		for (int b = WEFT_REGISTRATION_DONE; b < a; b++)
			assert_string_not_equal(name, weft_registration_event_name(
							      (enum weft_registration_event)b));
	}
	assert_string_equal(weft_registration_event_name((enum weft_registration_event)0), "");
	assert_string_equal(weft_registration_event_name((enum weft_registration_event)99), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_registered_is_refused_at_once),
		cmocka_unit_test(a_name_is_completed_with_the_domain),
		cmocka_unit_test(a_setting_that_is_not_valid_changes_nothing),
		cmocka_unit_test(without_memory_nothing_is_begun),
		cmocka_unit_test(a_registration_starts_once),
		cmocka_unit_test(each_event_has_its_own_name),
		cmocka_unit_test(without_a_registry_registering_ends_with_its_name),
	};

	return cmocka_run_group_tests_name("api/registration", tests, NULL, NULL);
}
