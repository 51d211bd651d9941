/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns/svcb.h"

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

static void parameters_are_checked_one_by_one_and_together(void **state)
{
	static const struct {
		const uint8_t *params;
		size_t nbytes;
		const char *fault; /* NULL: none */
	} cases[] = {
		{BYTES(""), NULL},
		{BYTES("\0\1\0\3\2h2"), NULL},
		{BYTES("\0\1\0\3\3h2"), "alpn has an ALPN ID that is empty or cut short"},
		{BYTES("\0\1\0\1\0"), "alpn has an ALPN ID that is empty or cut short"},
		{BYTES("\0\1\0\0"), "alpn has no value"},
		{BYTES("\0\1\0\4\2h2"), "a parameter is cut short"},
		{BYTES("\0\1\0"), "a parameter is cut short"},
		{BYTES("\0\3\0\2\0\65\0\1\0\3\2h2"),
		 "the keys of the parameters are not in rising order"},
		{BYTES("\0\3\0\2\0\65\0\3\0\2\0\65"),
		 "the keys of the parameters are not in rising order"},
		{BYTES("\0\3\0\1\65"), "port is not a number of 16 bits"},
		{BYTES("\0\0\0\2\0\3\0\3\0\2\0\65"), NULL},
		{BYTES("\0\0\0\2\0\4\0\3\0\2\0\65"), "a mandatory key is missing"},
		{BYTES("\0\0\0\2\0\0\0\3\0\2\0\65"), "mandatory lists itself"},
		{BYTES("\0\0\0\4\0\3\0\3\0\3\0\2\0\65"),
		 "mandatory lists a key twice or out of order"},
		{BYTES("\0\0\0\0"), "mandatory is not a list of keys"},
		{BYTES("\0\0\0\3\0\3\0\0\3\0\2\0\65"), "mandatory is not a list of keys"},
		{BYTES("\0\2\0\0"), "no-default-alpn without alpn"},
		{BYTES("\0\1\0\3\2h2\0\2\0\0"), NULL},
		{BYTES("\0\1\0\3\2h2\0\2\0\1x"), "no-default-alpn has a value"},
		{BYTES("\0\4\0\10\1\2\3\4\5\6\7\10"), NULL},
		{BYTES("\0\4\0\3\1\2\3"), "ipv4hint is not a list of IPv4 addresses"},
		{BYTES("\0\6\0\4\1\2\3\4"), "ipv6hint is not a list of IPv6 addresses"},
		{BYTES("\0\7\0\7/{?dns}"), NULL},
		{BYTES("\0\7\0\13/{?a,dns:3}"), NULL},
		{BYTES("\0\7\0\5{dns}"), "dohpath does not begin with a slash"},
		{BYTES("\0\7\0\4/dns"), "dohpath does not have the variable dns"},
		{BYTES("\0\7\0\6/{dns}"), NULL},
		{BYTES("\0\7\0\7/{adns}"), "dohpath does not have the variable dns"},
		{BYTES("\0\7\0\5/{dns"), "dohpath does not have the variable dns"},
		{BYTES("\0\5\0\0"), NULL},
		{BYTES("\377\377\0\1a"), NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *fault = dns_svcb_fault(base_buf_over(cases[i].params, cases[i].nbytes));

		if (cases[i].fault == NULL)
			assert_null(fault);
		else if (fault == NULL)
			fail_msg("case %zu: no fault", i);
		else
			assert_string_equal(fault, cases[i].fault);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_are_checked_one_by_one_and_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
