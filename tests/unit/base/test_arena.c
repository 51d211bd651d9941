/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

enum { BLOCK = 256, OVERHEAD = 64 };

static void pieces_are_aligned_and_apart(void **state)
{
	struct base_arena a;
	unsigned char *piece[100];

	(void)state;
	base_arena_init(&a, BLOCK);
	for (size_t i = 0; i < 100; i++) {
		piece[i] = base_arena_alloc(&a, i % 40);
		assert_non_null(piece[i]);
		assert_int_equal((uintptr_t)piece[i] % 8, 0);
		memset(piece[i], (int)i, i % 40);
	}
	for (size_t i = 0; i < 100; i++)
		for (size_t k = 0; k < i % 40; k++)
			assert_int_equal(piece[i][k], i);
	base_arena_fini(&a);
}

static void a_piece_may_be_larger_than_a_block(void **state)
{
	struct base_arena a;
	char *p;

	(void)state;
	base_arena_init(&a, BLOCK);
	p = base_arena_alloc(&a, 10 * BLOCK);
	assert_non_null(p);
	memset(p, 1, 10 * BLOCK);
	assert_true(a.total >= 10 * BLOCK);
	base_arena_reset(&a);
	assert_true(a.total <= BLOCK + OVERHEAD);
	assert_non_null(base_arena_alloc(&a, 1));
	base_arena_fini(&a);
}

static void a_piece_may_have_no_bytes(void **state)
{
	struct base_arena a;

	(void)state;
	base_arena_init(&a, BLOCK);
	assert_non_null(base_arena_alloc(&a, 0));
	assert_non_null(base_arena_copy(&a, NULL, 0));
	base_arena_fini(&a);
	assert_non_null(base_arena_copy(&a, "", 0));
	base_arena_fini(&a);
}

static void a_reset_arena_uses_its_block_again(void **state)
{
	struct base_arena a;
	size_t total = 0;

	(void)state;
	base_arena_init(&a, BLOCK);
	base_arena_reset(&a);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 50; i++)
			assert_memory_equal(base_arena_copy(&a, "0123456789", 10), "0123456789",
					    10);
		base_arena_reset(&a);
		assert_true(a.total >= BLOCK && a.total <= BLOCK + OVERHEAD);
		assert_true(round == 0 || a.total == total);
		total = a.total;
	}
	base_arena_fini(&a);
	assert_int_equal(a.total, 0);
}

static void a_size_no_memory_has_is_refused(void **state)
{
	struct base_arena a;

	(void)state;
	base_arena_init(&a, BLOCK);
	assert_null(base_arena_alloc(&a, SIZE_MAX));
	assert_null(base_arena_alloc(&a, SIZE_MAX - 3));
	assert_non_null(base_arena_alloc(&a, 8));
	base_arena_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_aligned_and_apart),
		cmocka_unit_test(a_piece_may_be_larger_than_a_block),
		cmocka_unit_test(a_piece_may_have_no_bytes),
		cmocka_unit_test(a_reset_arena_uses_its_block_again),
		cmocka_unit_test(a_size_no_memory_has_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
