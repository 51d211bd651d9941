/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <weft/watch.h>

#include "kit.h"

static void on_event(void *arg, enum weft_watch_event event, const struct weft_instance *now,
		     const struct weft_instance *before)
{
	(void)arg;
	(void)event;
	(void)now;
	(void)before;
}

static int begin(struct weft *w)
{
	struct weft_watch *watch;

	return weft_watch_new(w, "_http._tcp", on_event, NULL, &watch);
}

static void without_memory_nothing_is_followed(void **state)
{
	(void)state;
	kit_fail_each(begin);
}

static void what_cannot_be_a_name_is_refused_at_once(void **state)
{
	struct weft *w = kit_context();
	struct weft_watch *watch = NULL;

	(void)state;
	assert_int_equal(weft_watch_new(w, "a..b", on_event, NULL, &watch), WEFT_E_NAME);
	assert_null(watch);
	weft_watch_free(NULL);
	weft_free(w);
}

static void each_event_has_its_own_name(void **state)
{
	(void)state;
	for (int a = WEFT_WATCH_ADDED; a <= WEFT_WATCH_LOST; a++) {
		const char *name = weft_watch_event_name((enum weft_watch_event)a);

		assert_string_not_equal(name, "");
		for (int b = a + 1; b <= WEFT_WATCH_LOST; b++)
			assert_string_not_equal(name,
						weft_watch_event_name((enum weft_watch_event)b));
	}
	assert_string_equal(weft_watch_event_name((enum weft_watch_event)0), "");
	assert_string_equal(weft_watch_event_name((enum weft_watch_event)99), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_memory_nothing_is_followed),
		cmocka_unit_test(what_cannot_be_a_name_is_refused_at_once),
		cmocka_unit_test(each_event_has_its_own_name),
	};

	return cmocka_run_group_tests_name("api/watch", tests, NULL, NULL);
}
