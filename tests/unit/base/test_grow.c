/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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

static void a_capacity_that_does_not_fit_is_short_memory(void **state)
{
	char *bytes = malloc(16);
	size_t capacity = SIZE_MAX / 2;

	(void)state;
	assert_non_null(bytes);
	assert_int_equal(base_grow_capacity(0, 2, 8), 2);
	assert_int_equal(base_grow_capacity(10, 11, 8), 15);
	assert_int_equal(base_grow_capacity(10, 100, 8), 100);
	assert_int_equal(base_grow_capacity(0, SIZE_MAX / 8, 8), 0);
	assert_int_equal(base_grow_capacity(PTRDIFF_MAX / 8, PTRDIFF_MAX / 8, 8), PTRDIFF_MAX / 8);
	assert_int_equal(base_grow_capacity32(43698, 43699, 40), 65547);
	assert_true(base_grow_capacity32(UINT32_MAX - 1, UINT32_MAX, 1) == UINT32_MAX);
	assert_int_equal(base_grow_capacity32(UINT32_MAX, 1ull << 32, 1), 0);
	assert_null(base_grow(bytes, capacity, &capacity, 8));
	assert_int_equal(capacity, SIZE_MAX / 2);
	capacity = 16;
	assert_null(base_grow_bytes(bytes, 10, &capacity, SIZE_MAX - 5));
	assert_int_equal(capacity, 16);
	free(bytes);
}

static void bytes_grow_to_twice_what_is_needed(void **state)
{
	size_t capacity = 0;
	char *bytes = base_grow_bytes(NULL, 0, &capacity, 10), *grown;

	(void)state;
	assert_non_null(bytes);
	assert_int_equal(capacity, 20);
	memset(bytes, 7, 15);
	assert_ptr_equal(base_grow_bytes(bytes, 15, &capacity, 5), bytes);
	assert_int_equal(capacity, 20);
	grown = base_grow_bytes(bytes, 15, &capacity, 6);
	assert_non_null(grown);
	assert_int_equal(capacity, 42);
	for (size_t i = 0; i < 15; i++)
		assert_int_equal(grown[i], 7);
	free(grown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_array_doubles_and_keeps_its_items),
		cmocka_unit_test(without_memory_the_array_is_as_it_was),
		cmocka_unit_test(a_capacity_that_does_not_fit_is_short_memory),
		cmocka_unit_test(bytes_grow_to_twice_what_is_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
