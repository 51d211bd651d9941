/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dns/regexp.h"

static void an_expression_has_three_parts_that_fit_each_other(void **state)
{
	static const struct {
		const char *text;
		bool is_valid;
	} cases[] = {
		{"", false},
		{"!", false},
		{"!a!", false},
		{"!a!b!", true},
		{"!a!b", false},
		{"!(a!b!", false},
		{"!a)!b!", true},
		{"!()!b!", true},
		{"!(a|)!b!", false},
		{"!(|a)!b!", false},
		{"!a|!b!", false},
		{"!*a!b!", false},
		{"!a**!b!", false},
		{"!^*!b!", false},
		{"!a{1,2}!b!", true},
		{"!a{2,1}!b!", false},
		{"!a{,1}!b!", true},
		{"!a{256}!b!", false},
		{"!a{1,}!b!", true},
		{"!a{1!b!", false},
		{"!{1}!b!", false},
		{"!{!b!", true},
		{"![a-z]!b!", true},
		{"![z-a]!b!", false},
		{"![]a]!b!", true},
		{"![]!b!", false},
		{"![^]!b!", false},
		{"![^]]!b!", true},
		{"![[:alpha:]]!b!", true},
		{"![[:alpxa:]]!b!", false},
		{"![[:alpha:]-z]!b!", true},
		{"![a-[:alpha:]]!b!", false},
		{"![[.a.]-z]!b!", true},
		{"![[=a=]]!b!", true},
		{"![a-c-e]!b!", false},
		{"![a-]!b!", true},
		{"![-a]!b!", true},
		{"![[a]!b!", true},
		{"!a!\\1!", false},
		{"!(a)!\\1!", true},
		{"!(a)!\\0!", false},
		{"!(a)\\1!b!", true},
		{"!\\1(a)!b!", false},
		{"!a!b!i", true},
		{"!a!b!ii", true},
		{"!a!b!g", false},
		{"!!b!", false},
		{"!a!!", true},
		{"iaibi", false},
		{"1a1b1", false},
		{"!^$!b!", true},
		{"!$*!b!", false},
		{"!a\\!b!c!", true},
		{"!a!b\\!c!", true},
		{"!a!b!c!", false},
		{"![\\!]!b!", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (dns_regexp_is_valid((const uint8_t *)cases[i].text, strlen(cases[i].text)) !=
		    cases[i].is_valid)
			fail_msg("%s", cases[i].text);
	assert_false(dns_regexp_is_valid((const uint8_t *)"!a\0!b!", 6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_expression_has_three_parts_that_fit_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
