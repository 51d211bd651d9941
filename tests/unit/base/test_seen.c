/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../memory.h"
#include "base/seen.h"

enum { COUNT = 3000 };

static uint64_t hash_of(uint64_t i)
{
	return (i + 1) * 0x9e3779b97f4a7c15ull;
}

static void a_hash_is_new_once(void **state)
{
	struct base_seen s = {0};

	(void)state;
	assert_false(base_seen_has(&s, hash_of(1)));
	base_seen_clear(&s);
	for (unsigned round = 0; round < 2; round++) {
		for (uint64_t i = 0; i < COUNT; i++) {
			assert_int_equal(base_seen_add(&s, hash_of(i)), 1);
			assert_int_equal(base_seen_add(&s, hash_of(i)), 0);
		}
		for (uint64_t i = 0; i < 2 * COUNT; i++)
			assert_int_equal(base_seen_has(&s, hash_of(i)), i < COUNT);
		base_seen_clear(&s);
		assert_false(base_seen_has(&s, hash_of(1)));
	}
	assert_null(s.slot);
	assert_int_equal(base_seen_add(&s, hash_of(1)), 1);
	base_seen_clear(&s);
	assert_non_null(s.slot);
	assert_int_equal(base_seen_add(&s, hash_of(1)), 1);
	free(s.slot);
}

static void without_memory_the_set_stays_as_it_was(void **state)
{
	struct base_seen s = {0};
	uint64_t i = 0;

	(void)state;
	assert_int_equal(base_seen_add(&s, hash_of(i++)), 1);
	memory_fail_after(0);
	while (base_seen_add(&s, hash_of(i)) == 1)
		i++;
	memory_fail_after(MEMORY_ENOUGH);
	assert_true(i > 10 && i < COUNT);
	assert_false(base_seen_has(&s, hash_of(i)));
	for (uint64_t k = 0; k < i; k++)
		assert_true(base_seen_has(&s, hash_of(k)));
	free(s.slot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hash_is_new_once),
		cmocka_unit_test(without_memory_the_set_stays_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
