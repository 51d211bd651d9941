/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "service/show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "instance.h"

static const struct weft_instance web = {
	.name = "b\xc3\xbcro\\027._http._tcp.lab.cloud.",
	.label = "b\xc3\xbcro\x1b",
	.type = "_http._tcp",
	.domain = "lab.cloud.",
	.host = "n1.nodes.lab.cloud.",
	.port = 8080,
	.weight = 5,
	.state = WEFT_STATE_DRAINING,
	.addresses = {"10.0.0.11"},
	.txt = {"path=/", "STATE=draining", "flag", "path=/second"},
};
static const struct weft_instance literal = {
	.name = "::1",
	.label = "",
	.type = "",
	.domain = "",
	.host = "::1",
	.port = 80,
	.addresses = {"::1"},
};

static void an_address_is_shown_with_brackets_only_where_a_port_follows(void **state)
{
	char text[SERVICE_SHOW_ADDRESS_MAX];

	(void)state;
	assert_string_equal(service_show_address(text, service_show_first(&literal)), "::1");
	assert_string_equal(service_show_endpoint(text, service_show_first(&literal)), "[::1]:80");
	assert_string_equal(service_show_endpoint(text, service_show_first(&web)),
			    "10.0.0.11:8080");
	assert_string_equal(service_show_endpoint(text, NULL), "");
}

static void a_table_has_a_row_for_each_instance(void **state)
{
	const struct weft_instance *all[] = {&web, &literal};
	char *text = NULL;
	size_t nbytes;
	FILE *out = open_memstream(&text, &nbytes);

	(void)state;
	assert_int_equal(service_show_table(out, all, 2), 0);
	fclose(out);
	assert_string_equal(
		text,
		"name      host                port  addresses  priority  weight  state     txt\n"
		"b\xc3\xbcro\\027  n1.nodes.lab.cloud  8080  "
		"10.0.0.11         0       5  draining  path=/ flag path=/second\n"
		"::1       ::1                   80  ::1               0       0  up        -\n");
	free(text);
}

static void json_has_all_of_an_instance(void **state)
{
	json_t *value = service_show_json(&web), *txt = json_object_get(value, "txt");
	char *label = service_show_label(&literal);

	(void)state;
	assert_string_equal(json_string_value(json_object_get(value, "name")), "b\xc3\xbcro\\027");
	assert_string_equal(json_string_value(json_object_get(value, "target")),
			    "n1.nodes.lab.cloud.");
	assert_int_equal(json_integer_value(json_object_get(value, "port")), 8080);
	assert_string_equal(json_string_value(json_object_get(value, "state")), "draining");
	assert_string_equal(json_string_value(json_object_get(txt, "path")), "/");
	assert_true(json_is_true(json_object_get(txt, "flag")));
	assert_int_equal(json_array_size(json_object_get(value, "addresses")), 1);
	json_decref(value);
	assert_string_equal(label, "::1");
	free(label);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_shown_with_brackets_only_where_a_port_follows),
		cmocka_unit_test(a_table_has_a_row_for_each_instance),
		cmocka_unit_test(json_has_all_of_an_instance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
