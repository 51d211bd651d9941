/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/pages.h"
#include "base/prefault.h"
#include "base/slab.h"

enum { PIECE = 1 << 20, WAIT_US = 1000, WAITS_MAX = 30000 };

/* Returns the next piece, once there is one. */
static uint8_t *take(struct base_prefault *a)
{
	uint8_t *piece = NULL;

	for (unsigned i = 0; piece == NULL && i < WAITS_MAX; i++) {
		piece = base_prefault_take(a);
		if (piece == NULL)
			usleep(WAIT_US);
	}
	return piece;
}

static void pieces_come_one_after_the_other_and_are_zero(void **state)
{
	struct base_prefault *a = base_prefault_start(PIECE);

	(void)state;
	assert_non_null(a);
	for (unsigned i = 0; i < 10; i++) {
		uint8_t *piece = take(a);

		assert_non_null(piece);
		assert_int_equal(piece[0], 0);
		assert_memory_equal(piece, piece + 1, PIECE - 1);
		memset(piece, 1, PIECE);
		base_pages_free(piece, PIECE);
	}
	base_prefault_stop(a);
}

static void prefaulting_can_be_stopped_at_any_time(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 50; i++)
		base_prefault_stop(base_prefault_start(PIECE));
	base_prefault_stop(NULL);
	assert_null(base_prefault_take(NULL));
}

static void a_slab_with_prefaulting_hands_out_the_same_memory(void **state)
{
	struct base_slab s;
	uint8_t *pieces[3000];

	(void)state;
	base_slab_init(&s);
	for (unsigned i = 0; i < 3000; i++) {
		if (i == 500)
			base_slab_prefault(&s);
		if (i == 2500)
			base_slab_prefault_end(&s);
		pieces[i] = base_slab_alloc(&s, 4096);
		assert_non_null(pieces[i]);
		memset(pieces[i], (int)(i % 251), 4096);
	}
	for (unsigned i = 0; i < 3000; i++) {
		assert_int_equal(pieces[i][0], i % 251);
		assert_memory_equal(pieces[i], pieces[i] + 1, 4095);
	}
	base_slab_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_come_one_after_the_other_and_are_zero),
		cmocka_unit_test(prefaulting_can_be_stopped_at_any_time),
		cmocka_unit_test(a_slab_with_prefaulting_hands_out_the_same_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
