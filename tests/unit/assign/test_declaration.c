/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <cmocka.h>

#include "../memory.h"
#include "assign/declaration.h"
#include "schema/schema.h"

static const uint8_t zone[] = "\3lab\5cloud";
static char why[ASSIGN_WHY_MAX];

static void names_have_a_label_and_a_type_or_are_not_those_of_instances(void **state)
{
	static const struct {
		const char *name, *label, *type;
	} cases[] = {
		{"web-1._http._tcp.lab.cloud", "web-1", "_http._tcp"},
		{"web-1._http._tcp.LAB.cloud", "web-1", "_http._tcp"},
		{"a\\.b\\032c._http._tcp.lab.cloud", "a\\.b\\032c", "_http._tcp"},
		{"x.web-1._http._tcp.lab.cloud", "x", ""},
		{"_http._tcp.lab.cloud", "_http", ""},
		{"lab.cloud", "lab", ""},
		{"web-1._http._tcp.lab.other", "web-1", ""},
		{".", "", ""},
	};
	char label[ASSIGN_LABEL_MAX], type[ASSIGN_LABEL_MAX];
	uint8_t name[DNS_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_true(dns_name_from_text(name, cases[i].name, strlen(cases[i].name), NULL) >
			    0);
		assign_declaration_name(label, type, name, zone);
		assert_string_equal(label, cases[i].label);
		assert_string_equal(type, cases[i].type);
	}
}

static int read_as(struct assign_declaration **out, const char *label, const char *text)
{
	why[0] = '\0';
	return assign_declaration_new(out, label, "_http._tcp", text, strlen(text), why);
}

static void what_is_wrong_is_one_sentence(void **state)
{
	static const struct {
		const char *label, *text, *why;
	} cases[] = {
		{"web-1", "{", "this is not JSON"},
		{"web-1", "{}", "(and "},
		{"web-1", "{\"name\":\"web\",\"type\":\"_http._tcp\",\"run\":[\"a\"],\"x\":1}",
		 "/x"},
		{"web-1", "{\"name\":\"db\",\"type\":\"_http._tcp\",\"run\":[\"a\"]}",
		 "declares db of type _http._tcp: another service"},
		{"web-1", "{\"name\":\"web\",\"type\":\"_db._tcp\",\"run\":[\"a\"]}",
		 "another service"},
		{"web-0", "{\"name\":\"web\",\"type\":\"_http._tcp\",\"run\":[\"a\"]}",
		 "another service"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct assign_declaration *d;

		assert_int_equal(read_as(&d, cases[i].label, cases[i].text), -EBADMSG);
		assert_null(d);
		assert_non_null(strstr(why, cases[i].why));
		assert_null(strchr(why, '\n'));
	}
}

static const char web[] = "{\"name\":\"web\",\"type\":\"_http._tcp\",\"run\":[\"a\"],"
			  "\"schema\":\"http\",\"environment\":{\"B\":\"2\"}}";

static void defaults_of_the_schema_are_part_of_the_canonical_text(void **state)
{
	json_t *document = json_loads("{\"properties\":{\"environment\":{\"properties\":{\"A\":"
				      "{\"default\":\"1\"},\"B\":{\"default\":\"9\"}}}}}",
				      0, NULL);
	struct assign_declaration *d, *plain, *again;
	struct schema *schema;

	(void)state;
	assert_int_equal(schema_read(&schema, document, NULL, NULL), 0);
	assert_int_equal(read_as(&d, "web-7", web), 0);
	assert_int_equal(assign_declaration_complete(d, schema, why), 0);
	assert_int_equal(d->spec->environment.count, 2);
	assert_string_equal(d->spec->environment.items[0].value, "1");
	assert_string_equal(d->spec->environment.items[1].value, "2");
	/* The text is read without the schema, and is the same. */
	assert_int_equal(read_as(&again, "WEB", d->json), 0);
	assert_int_equal(assign_declaration_complete(again, NULL, why), 0);
	assert_string_equal(again->json, d->json);
	assert_string_equal(again->cfg, d->cfg);
	assert_int_equal(read_as(&plain, "web-7", web), 0);
	assert_int_equal(assign_declaration_complete(plain, NULL, why), 0);
	assert_string_not_equal(plain->cfg, d->cfg);
	assign_declaration_free(d);
	assign_declaration_free(again);
	assign_declaration_free(plain);
	assign_declaration_free(NULL);
	schema_free(schema);
	json_decref(document);
}

static void defaults_that_make_no_sense_are_refused(void **state)
{
	json_t *document = json_loads("{\"properties\":{\"environment\":{\"properties\":{\"A\":"
				      "{\"default\":\"$NONE\"}}}}}",
				      0, NULL);
	struct assign_declaration *d;
	struct schema *schema;

	(void)state;
	assert_int_equal(schema_read(&schema, document, NULL, NULL), 0);
	assert_int_equal(read_as(&d, "web-7", web), 0);
	assert_int_equal(assign_declaration_complete(d, schema, why), -EBADMSG);
	assert_string_equal(why, "with the schema's defaults: /environment: environment: there is "
				 "no variable $NONE");
	assign_declaration_free(d);
	schema_free(schema);
	json_decref(document);
}

static void short_memory_leaves_nothing_behind(void **state)
{
	(void)state;
	for (int n = 0;; n++) {
		struct assign_declaration *d = NULL;
		int ret;

		memory_fail_after(n);
		ret = read_as(&d, "web-1", web);
		if (ret == 0)
			ret = assign_declaration_complete(d, NULL, why);
		memory_fail_after(MEMORY_ENOUGH);
		assign_declaration_free(d);
		if (!memory_has_failed()) {
			assert_int_equal(ret, 0);
			break;
		}
		assert_int_equal(ret, -ENOMEM);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_have_a_label_and_a_type_or_are_not_those_of_instances),
		cmocka_unit_test(what_is_wrong_is_one_sentence),
		cmocka_unit_test(defaults_of_the_schema_are_part_of_the_canonical_text),
		cmocka_unit_test(defaults_that_make_no_sense_are_refused),
		cmocka_unit_test(short_memory_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
