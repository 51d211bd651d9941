/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../memory.h"
#include "base/grow.h"

static void an_array_doubles_and_keeps_its_items(void **state)
{
	static const size_t capacities[] = {16, 32, 64, 128};
	size_t capacity = 0;
	int *items = NULL;

	(void)state;
	for (size_t used = 0; used < 128; used++) {
		items = base_grow(items, used, &capacity, sizeof(*items));
		assert_non_null(items);
		items[used] = (int)used;
		assert_int_equal(capacity, capacities[(used >= 16) + (used >= 32) + (used >= 64)]);
	}
	for (size_t i = 0; i < 128; i++)
		assert_int_equal(items[i], i);
	free(items);
}

static void without_memory_the_array_is_as_it_was(void **state)
{
	size_t capacity = 0;
	char *items = base_grow(NULL, 0, &capacity, 1), *grown;

	(void)state;
	assert_non_null(items);
	memory_fail_after(0);
	assert_ptr_equal(base_grow(items, 15, &capacity, 1), items);
	grown = base_grow(items, 16, &capacity, 1);
	memory_fail_after(MEMORY_ENOUGH);
	assert_null(grown);
	assert_true(memory_has_failed());
	assert_int_equal(capacity, 16);
	free(grown != NULL ? grown : items);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_array_doubles_and_keeps_its_items),
		cmocka_unit_test(without_memory_the_array_is_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
