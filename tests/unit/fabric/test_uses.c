/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fabric/uses.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_key_is_there_once_for_each_epoch(void **state)
{
	static const uint8_t n1[] = "\2n1\4keys", n2[] = "\2n2\4keys";
	struct fabric_uses *u = fabric_uses_new();
	struct fabric_use *const *all;
	struct fabric_use *first = fabric_uses_get(u, n1, 1, 100);

	(void)state;
	assert_ptr_equal(fabric_uses_get(u, n1, 1, 200), first);
	assert_int_equal(first->since_s, 100);
	assert_ptr_not_equal(fabric_uses_get(u, n1, 2, 200), first);
	assert_ptr_not_equal(fabric_uses_get(u, n2, 1, 300), first);
	assert_int_equal(fabric_uses_list(u, &all), 3);
	assert_ptr_equal(all[0], first);
	assert_int_equal(all[1]->epoch, 2);
	assert_true(dns_name_equal(all[2]->name, n2));
	fabric_uses_free(u);
}

static void keys_beyond_the_bound_are_not_recorded(void **state)
{
	struct fabric_uses *u = fabric_uses_new();
	uint8_t name[] = "\4abcd";
	struct fabric_use *const *all;

	(void)state;
	/* In lower case, as names of keys are: others are equal to these. */
	for (uint32_t i = 0; i < FABRIC_USES_MAX; i++) {
		for (int k = 0; k < 4; k++)
			name[1 + k] = "0123456789abcdef"[i >> 4 * k & 15];
		assert_non_null(fabric_uses_get(u, name, 1, 0));
	}
	assert_null(fabric_uses_get(u, name, 2, 0));
	assert_non_null(fabric_uses_get(u, name, 1, 0));
	assert_int_equal(fabric_uses_list(u, &all), FABRIC_USES_MAX);
	fabric_uses_free(u);
	assert_null(fabric_uses_get(NULL, name, 1, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_there_once_for_each_epoch),
		cmocka_unit_test(keys_beyond_the_bound_are_not_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
