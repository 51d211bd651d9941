/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lan/name.h"

#define X20 "xxxxxxxxxxxxxxxxxxxx"
#define X58 X20 X20 "xxxxxxxxxxxxxxxxxx"
#define X63 X20 X20 X20 "xxx"
#define E_ACUTE "\\195\\169"

static void name_make(uint8_t out[static DNS_NAME_MAX], const char *text)
{
	assert_true(dns_name_from_text(out, text, strlen(text), NULL) > 0);
}

static void assert_name(const uint8_t *name, const char *text)
{
	uint8_t expected[DNS_NAME_MAX];

	name_make(expected, text);
	assert_int_equal(dns_name_nbytes(name), dns_name_nbytes(expected));
	assert_memory_equal(name, expected, dns_name_nbytes(expected));
}

static void names_move_from_a_zone_to_local_and_back(void **state)
{
	static const struct {
		const char *source, *from, *to, *moved; /* NULL: it is refused */
	} cases[] = {
		{"web._http._tcp.lab.cloud.", "lab.cloud.", "local.", "web._http._tcp.local."},
		{"web._http._tcp.LAB.cloud.", "lab.cloud.", "local.", "web._http._tcp.local."},
		{"a\\.b\\032c._x._tcp.local.", "local.", "lan.lab.",
		 "a\\.b\\032c._x._tcp.lan.lab."},
		{"lab.cloud.", "lab.cloud.", "local.", "local."},
		{"web.lab.cloudy.", "lab.cloud.", "local.", NULL},
		{"cloud.", "lab.cloud.", "local.", NULL},
		{X63 "." X63 "." X63 ".local.", "local.", X58 ".", "!"},
		{X63 "." X63 "." X63 "." X20 ".local.", "local.", X63 ".", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t source[DNS_NAME_MAX], from[DNS_NAME_MAX], to[DNS_NAME_MAX];
		uint8_t out[DNS_NAME_MAX];
		bool is_moved;

		name_make(source, cases[i].source);
		name_make(from, cases[i].from);
		name_make(to, cases[i].to);
		is_moved = lan_name_move(out, source, from, to);
		assert_int_equal(is_moved, cases[i].moved != NULL);
		if (is_moved && cases[i].moved[0] != '!')
			assert_name(out, cases[i].moved);
	}
}

static void local_is_one_label(void **state)
{
	(void)state;
	assert_name(lan_name_local(), "local.");
}

static void text_has_nothing_that_is_not_plain(void **state)
{
	static const char *const cases[][2] = {
		{"web._http._tcp.local.", "web._http._tcp.local"},
		{"a b.local.", "a b.local"},
		{"a\\.b.local.", "a\\.b.local"},
		{"a\\\\b.local.", "a\\\\b.local"},
		{"Caf" E_ACUTE ".local.", "Caf\\195\\169.local"},
		{"\\000\\031\\127\\255.local.", "\\000\\031\\127\\255.local"},
		{"\"$;@.local.", "\"$;@.local"},
		{".", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t name[DNS_NAME_MAX];
		char text[DNS_NAME_TEXT_MAX];

		name_make(name, cases[i][0]);
		lan_name_to_text(text, name);
		assert_string_equal(text, cases[i][1]);
	}
}

static void the_longest_text_fits(void **state)
{
	uint8_t name[DNS_NAME_MAX];
	char text[DNS_NAME_TEXT_MAX];

	(void)state;
	memset(name, 0xff, sizeof(name));
	name[0] = name[64] = name[128] = 63;
	name[192] = 61;
	name[254] = 0;
	assert_true(dns_name_is_valid(name, sizeof(name)));
	lan_name_to_text(text, name);
	assert_int_equal(strlen(text), 250 * 4 + 3);
}

static void an_alternative_is_numbered_within_63_octets(void **state)
{
	static const struct {
		const char *name;
		unsigned number;
		const char *service, *host;
	} cases[] = {
		{"web._x._tcp.local.", 2, "web\\032(2)._x._tcp.local.", "web-2._x._tcp.local."},
		{"web.local.", 4294967295U, "web\\032(4294967295).local.", "web-4294967295.local."},
		{X58 "x.local.", 2, X58 "x\\032(2).local.", X58 "x-2.local."},
		{X63 ".local.", 2, X58 "x\\032(2).local.", X58 "xxx-2.local."},
		{X63 ".local.", 10, X58 "\\032(10).local.", X58 "xx-10.local."},
		/* The character of octets 59 and 60 does not fit whole beside " (2)". */
		{X58 E_ACUTE "xxx.local.", 2, X58 "\\032(2).local.", X58 E_ACUTE "x-2.local."},
		/* That of octets 58 to 61 neither. */
		{X20 X20 X20 "\\226\\130\\172.local.", 2, X58 "x\\032(2).local.",
		 X20 X20 X20 "-2.local."},
		/* Octets that are not UTF-8 are cut anywhere. */
		{X58 "\\255\\255\\255\\255\\255.local.", 2, X58 "\\255\\032(2).local.",
		 X58 "\\255\\255\\255-2.local."},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t name[DNS_NAME_MAX], out[DNS_NAME_MAX];

		name_make(name, cases[i].name);
		assert_true(lan_name_alternative(out, name, cases[i].number));
		assert_name(out, cases[i].service);
		assert_true(lan_name_alternative_host(out, name, cases[i].number));
		assert_name(out, cases[i].host);
	}
}

static void no_alternative_is_too_long(void **state)
{
	uint8_t name[DNS_NAME_MAX], out[DNS_NAME_MAX];

	(void)state;
	name_make(name, "x." X63 "." X63 "." X63 "." X58 ".");
	assert_int_equal(dns_name_nbytes(name), 254);
	assert_false(lan_name_alternative(out, name, 2));
	assert_false(lan_name_alternative_host(out, name, 2));
	name_make(name, ".");
	assert_false(lan_name_alternative(out, name, 2));
}

static void text_is_utf8_without_control_characters(void **state)
{
	static const struct {
		const char *label;
		bool is_text;
	} cases[] = {
		{"", true},
		{"plain text.", true},
		{"Caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", true},
		{"\xef\xbf\xbf", true},
		{"\xf4\x8f\xbf\xbf", true},
		{"a\x1f", false},
		{"\x7f", false},
		{"\xc2\x80", false}, /* a control character */
		{"\xc2\xa0", true},
		{"\x80", false}, /* a continuation alone */
		{"\xc3", false}, /* cut short */
		{"\xc3x", false},
		{"\xe2\x82", false},
		{"\xc0\xaf", false}, /* overlong */
		{"\xc1\xbf", false},
		{"\xe0\x80\xaf", false},
		{"\xf0\x80\x80\xaf", false},
		{"\xed\xa0\x80", false},     /* a surrogate */
		{"\xf4\x90\x80\x80", false}, /* beyond U+10FFFF */
		{"\xf8\x88\x80\x80\x80", false},
		{"\xff", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t label[1 + DNS_LABEL_MAX] = {(uint8_t)strlen(cases[i].label)};

		memcpy(label + 1, cases[i].label, label[0]);
		assert_int_equal(lan_name_is_text(label), cases[i].is_text);
	}
	assert_false(lan_name_is_text((const uint8_t *)"\1\0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_move_from_a_zone_to_local_and_back),
		cmocka_unit_test(local_is_one_label),
		cmocka_unit_test(text_has_nothing_that_is_not_plain),
		cmocka_unit_test(the_longest_text_fits),
		cmocka_unit_test(an_alternative_is_numbered_within_63_octets),
		cmocka_unit_test(no_alternative_is_too_long),
		cmocka_unit_test(text_is_utf8_without_control_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
