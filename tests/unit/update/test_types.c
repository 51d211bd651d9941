/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"
#include "dns/name.h"
#include "update/types.h"

static const uint8_t n1[] = "\2n1\4keys\3lab", n2[] = "\2N2\4keys\3lab", n3[] = "\2n3\4keys\3lab";
static const uint8_t http[] = "\5_HTTP\4_tcp", ipp[] = "\4_ipp\4_tcp";
static const uint8_t *const both[] = {n1, n2}, *const one[] = {n3};

static const struct update_type_rule rules[] = {
	{http, both, 2},
	{ipp, NULL, 0},
	{NULL, one, 1},
};

static void assert_permitted(const struct update_types *t, const uint8_t *key, const char *type,
			     const char *rule)
{
	char text[UPDATE_TYPES_TEXT_MAX] = "";

	assert_int_equal(update_types_permit(t, key, (const uint8_t *)type, text), rule == NULL);
	if (rule != NULL)
		assert_string_equal(text, rule);
}

static void a_type_is_open_to_the_keys_of_its_rule(void **state)
{
	static const struct {
		const uint8_t *key;
		const char *type, *rule;
		const char *without_other; /* the rule if there is none for all other types */
	} rows[] = {
		{n1, "\5_http\4_tcp\3lab", NULL, NULL},
		{n2, "\5_http\4_TCP\3lab", NULL, NULL},
		{n3, "\5_http\4_tcp\3lab", "types: _http._tcp: [n1.keys.lab., n2.keys.lab.]",
		 "types: _http._tcp: [n1.keys.lab., n2.keys.lab.]"},
		{n1, "\4_ipp\4_tcp\3lab", "types: _ipp._tcp: []", "types: _ipp._tcp: []"},
		{n1, "\5_http\4_udp\3lab", "types: *: [n3.keys.lab.]", NULL},
		{n3, "\5_http\4_udp\3lab", NULL, NULL},
		{n1, "\6_https\4_tcp\3lab", "types: *: [n3.keys.lab.]", NULL},
	};
	struct update_types *t = update_types_new(rules, 3), *two = update_types_new(rules, 2);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_permitted(t, rows[i].key, rows[i].type, rows[i].rule);
		assert_permitted(two, rows[i].key, rows[i].type, rows[i].without_other);
		assert_permitted(NULL, rows[i].key, rows[i].type, NULL);
	}
	update_types_free(t);
	update_types_free(two);
}

static void a_long_rule_is_cut(void **state)
{
	const uint8_t *many[40];
	const struct update_type_rule rule = {http, many, 40};
	char text[UPDATE_TYPES_TEXT_MAX];
	struct update_types *t;

	(void)state;
	for (int i = 0; i < 40; i++)
		many[i] = n1;
	t = update_types_new(&rule, 1);
	assert_false(update_types_permit(t, n2, (const uint8_t *)"\5_http\4_tcp", text));
	assert_int_equal(strlen(text), sizeof(text) - 1);
	update_types_free(t);
}

static void a_type_is_written_as_two_labels_or_a_star(void **state)
{
	static const struct {
		const char *text;
		bool is_type, is_other;
	} rows[] = {
		{"_http._tcp", true, false},
		{"_Http._UDP.", true, false},
		{"*", true, true},
		{"http._tcp", false, false},
		{"_http", false, false},
		{"", false, false},
		{"_a._http._tcp", false, false},
		{"_http._sctp", false, false},
		{"_http._tcp.lab", false, false},
		{"_http..", false, false},
	};
	uint8_t type[DNS_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		bool is_other;

		assert_int_equal(update_types_parse(type, &is_other, rows[i].text),
				 rows[i].is_type);
		assert_int_equal(is_other, rows[i].is_other);
	}
}

static void without_memory_there_are_no_rules(void **state)
{
	struct update_types *t;
	int n = 0;

	(void)state;
	do {
		memory_fail_after(n++);
		t = update_types_new(rules, 3);
		memory_fail_after(MEMORY_ENOUGH);
	} while (t == NULL);
	assert_true(n > 5);
	update_types_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_type_is_open_to_the_keys_of_its_rule),
		cmocka_unit_test(a_long_rule_is_cut),
		cmocka_unit_test(a_type_is_written_as_two_labels_or_a_star),
		cmocka_unit_test(without_memory_there_are_no_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
