/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "outfit/target.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/address.h"

static void the_first_local_address_of_ipv4_is_preferred(void **state)
{
	static const struct {
		const char *addresses[3];
		const char *target;
	} cases[] = {
		{{NULL}, "127.0.0.1@80"},
		{{"192.0.2.1", "127.0.0.5", "127.0.0.6"}, "127.0.0.5@80"},
		{{"::1", "127.0.0.5"}, "127.0.0.5@80"},
		{{"192.0.2.1", "::1"}, "::1@80"},
		{{"192.0.2.1", "2001:db8::1"}, "127.0.0.1@80"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sockaddr_storage addresses[3], target;
		char text[BASE_ADDRESS_TEXT_MAX];
		size_t n = 0;

		for (; n < 3 && cases[i].addresses[n] != NULL; n++)
			assert_int_equal(
				base_address_from_text(&addresses[n], cases[i].addresses[n], 1), 0);
		outfit_target_find(&target, addresses, n, 80);
		assert_string_equal(base_address_to_text(text, (struct sockaddr *)&target),
				    cases[i].target);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_local_address_of_ipv4_is_preferred),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
