/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "spec/instance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void names_are_numbered(void **state)
{
	struct spec_service s = {.name = "web", .type = "_http._tcp"};
	char label[SPEC_INSTANCE_MAX], text[DNS_NAME_TEXT_MAX];
	uint8_t zone[DNS_NAME_MAX], name[DNS_NAME_MAX];
	size_t nbytes;

	(void)state;
	assert_int_not_equal(dns_name_from_text(zone, "lab.cloud.", 10, NULL), 0);
	spec_instance_label(label, &s, 12);
	assert_string_equal(label, "web-12");
	nbytes = spec_instance_name(name, &s, 1, zone);
	assert_int_equal(nbytes, dns_name_nbytes(name));
	dns_name_to_text(text, name);
	assert_string_equal(text, "web-1._http._tcp.lab.cloud.");
	assert_int_equal(spec_instance_number(name, "web"), 1);
}

static void a_label_has_its_number(void **state)
{
	static const struct {
		const char *label;
		uint32_t number;
	} cases[] = {
		{"\5web-1", 1},		  {"\6WEB-10", 10}, {"\5web-0", 0},
		{"\6web-01", 0},	  {"\4web-", 0},    {"\3web", 0},
		{"\6web-1x", 0},	  {"\7xweb-11", 0}, {"\15web-999999999", 999999999},
		{"\16web-1000000000", 0}, {"\7web-1-2", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(spec_instance_number((const uint8_t *)cases[i].label, "web"),
				 cases[i].number);
}

static void an_instance_has_the_name_or_a_number_after_it(void **state)
{
	static const struct {
		const char *label;
		bool is_of;
	} cases[] = {
		{"\3web", true},    {"\3WeB", true}, {"\5web-1", true}, {"\6WEB-10", true},
		{"\5web-0", false}, {"\2we", false}, {"\4webx", false}, {"\3wep", false},
		{"\4web-", false},  {"", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(spec_instance_is_of((const uint8_t *)cases[i].label, "web"),
				 cases[i].is_of);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_numbered),
		cmocka_unit_test(a_label_has_its_number),
		cmocka_unit_test(an_instance_has_the_name_or_a_number_after_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
