/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/slab.h"

static void a_size_is_rounded_up_to_its_class(void **state)
{
	static const struct {
		size_t nbytes, used;
	} cases[] = {
		{1, 8},	    {8, 8},	{9, 16},    {504, 504},	  {505, 512},	{512, 512},
		{513, 640}, {640, 640}, {641, 768}, {3969, 4096}, {4096, 4096},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct base_slab s;
		void *piece;

		base_slab_init(&s);
		piece = base_slab_alloc(&s, cases[i].nbytes);
		assert_non_null(piece);
		assert_int_equal((uintptr_t)piece % 8, 0);
		assert_int_equal(s.used, cases[i].used);
		memset(piece, 0xff, cases[i].used);
		base_slab_free(&s, piece, cases[i].nbytes);
		assert_int_equal(s.used, 0);
		base_slab_fini(&s);
	}
}

static void a_freed_piece_is_given_out_again(void **state)
{
	struct base_slab s;
	void *first, *second;

	(void)state;
	base_slab_init(&s);
	first = base_slab_alloc(&s, 20);
	second = base_slab_alloc(&s, 20);
	assert_ptr_not_equal(first, second);
	base_slab_free(&s, first, 20);
	base_slab_free(&s, second, 20);
	assert_ptr_equal(base_slab_alloc(&s, 24), second);
	assert_ptr_equal(base_slab_alloc(&s, 17), first);
	base_slab_free(&s, NULL, 17);
	base_slab_fini(&s);
}

static void pieces_do_not_overlap_when_blocks_grow(void **state)
{
	enum { N = 20000, SIZE = 120 };
	static unsigned char *pieces[N];
	struct base_slab s;

	(void)state;
	base_slab_init(&s);
	base_slab_prefault(&s);
	for (int i = 0; i < N; i++) {
		pieces[i] = base_slab_alloc(&s, SIZE);
		assert_non_null(pieces[i]);
		memset(pieces[i], i & 0xff, SIZE);
	}
	base_slab_prefault_end(&s);
	assert_int_equal(s.used, N * SIZE);
	assert_true(s.total >= s.used);
	for (int i = 0; i < N; i++) {
		assert_int_equal(pieces[i][0], i & 0xff);
		assert_int_equal(pieces[i][SIZE - 1], i & 0xff);
	}
	base_slab_fini(&s);
	assert_int_equal(s.total, 0);
}

static void a_large_piece_is_counted_apart(void **state)
{
	struct base_slab s;
	void *piece;

	(void)state;
	base_slab_init(&s);
	piece = base_slab_alloc(&s, 4097);
	assert_non_null(piece);
	assert_int_equal(s.large, 4097);
	assert_int_equal(s.used, 0);
	base_slab_free(&s, piece, 4097);
	assert_int_equal(s.large, 0);
	base_slab_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_size_is_rounded_up_to_its_class),
		cmocka_unit_test(a_freed_piece_is_given_out_again),
		cmocka_unit_test(pieces_do_not_overlap_when_blocks_grow),
		cmocka_unit_test(a_large_piece_is_counted_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
