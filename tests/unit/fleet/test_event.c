/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../atlas/zone_made.h"
#include "atlas/atlas.h"
#include "fleet/event.h"

static const struct atlas_event *event_of(struct atlas **atlas, const char *pairs)
{
	size_t n;

	zone_made_clear();
	zone_made_txt("3-4._events._cluster", pairs);
	*atlas = zone_made_atlas();
	return atlas_events(*atlas, &n);
}

static void times_have_milliseconds(void **state)
{
	char text[FLEET_EVENT_TIME_MAX];

	(void)state;
	assert_string_equal(fleet_event_time_to_text(text, UINT64_C(1700000000007)),
			    "2023-11-14T22:13:20.007Z");
	assert_string_equal(fleet_event_time_to_text(text, 0), "1970-01-01T00:00:00.000Z");
	/* What a stranger has written is a text, whatever it is. */
	fleet_event_time_to_text(text, UINT64_MAX);
}

static void an_event_is_about_an_instance_in_any_form(void **state)
{
	static const char *const forms[] = {"of=web-1._http._tcp", "of=WEB-1._http._tcp.lab.cloud",
					    "of=web-1._http._tcp.lab.cloud."};
	struct atlas *atlas;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const struct atlas_event *e = event_of(&atlas, forms[i]);

		assert_true(
			fleet_event_is_of(e, zone_made_name("web-1._http._tcp"), zone_made_zone));
		assert_false(
			fleet_event_is_of(e, zone_made_name("web-2._http._tcp"), zone_made_zone));
		assert_true(fleet_event_is_about(e, "web-1", zone_made_zone));
		assert_true(fleet_event_is_about(e, "web-1._http._tcp", zone_made_zone));
		assert_true(fleet_event_is_about(e, "web-1._http._tcp.lab.cloud", zone_made_zone));
		assert_false(fleet_event_is_about(e, "web", zone_made_zone));
		assert_false(fleet_event_is_about(e, "web-1._ipp._tcp", zone_made_zone));
		atlas_free(atlas);
	}
}

static void an_event_of_no_instance_is_about_none(void **state)
{
	static const char *const forms[] = {"what=up", "of=", "of=a..b"};
	struct atlas *atlas;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const struct atlas_event *e = event_of(&atlas, forms[i]);

		assert_false(fleet_event_is_about(e, "web-1", zone_made_zone));
		assert_false(fleet_event_is_of(e, zone_made_name("a._x._tcp"), zone_made_zone));
		atlas_free(atlas);
	}
}

static void an_event_is_json(void **state)
{
	struct atlas *atlas;
	json_t *o, *line;

	(void)state;
	o = fleet_event_to_json(event_of(&atlas, "t=5.25 what=failed node=n1 why=\33[31m"));
	assert_int_equal(json_integer_value(json_object_get(o, "era")), 3);
	assert_int_equal(json_integer_value(json_object_get(o, "n")), 4);
	assert_true(json_real_value(json_object_get(o, "t")) == 5.25);
	assert_true(json_is_null(json_object_get(o, "of")));
	assert_string_equal(json_string_value(json_object_get(o, "why")), "\\027[31m");
	line = fleet_event_line(o);
	assert_int_equal(json_object_size(line), 6);
	assert_string_equal(json_string_value(json_object_get(line, "what")), "failed");
	json_decref(line);
	json_decref(o);
	atlas_free(atlas);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_have_milliseconds),
		cmocka_unit_test(an_event_is_about_an_instance_in_any_form),
		cmocka_unit_test(an_event_of_no_instance_is_about_none),
		cmocka_unit_test(an_event_is_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
