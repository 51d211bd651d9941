/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"
#include "undo/pairs.h"

enum { RECORDS = 12, LEASES = 40 };

/* A model of the relation: a plain array. */
static bool is_held[RECORDS + 1][LEASES + 1];

/* The numbers from 0 list each member once. */
static void assert_listed(const struct undo_pairs *h, uint64_t r, uint32_t count)
{
	bool is_listed[LEASES + 1] = {false};

	for (uint32_t i = 0; h->is_listed && i < count; i++) {
		uint64_t l = undo_pairs_member(h, r, i);

		assert_true(l >= 1 && l <= LEASES && is_held[r][l] && !is_listed[l]);
		is_listed[l] = true;
	}
}

/* Records and leases are small numbers, so that they share few home slots. */
static void assert_same(const struct undo_pairs *h)
{
	for (uint64_t r = 1; r <= RECORDS; r++) {
		uint32_t count = 0;

		for (uint64_t l = 1; l <= LEASES; l++) {
			assert_int_equal(undo_pairs_has(h, r, l), is_held[r][l]);
			count += is_held[r][l];
		}
		assert_int_equal(undo_pairs_count(h, r), count);
		assert_listed(h, r, count);
	}
}

static void a_record_counts_those_that_hold_it(void **state)
{
	struct undo_pairs h;

	(void)state;
	assert_int_equal(undo_pairs_init(&h, true), 0);
	assert_int_equal(undo_pairs_count(&h, 1), 0);
	assert_int_equal(undo_pairs_remove(&h, 1, 1), 0);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(undo_pairs_add(&h, 1, 1), 0);
	assert_int_equal(undo_pairs_add(&h, 1, 2), 0);
	assert_int_equal(undo_pairs_add(&h, 2, 1), 0);
	assert_int_equal(undo_pairs_count(&h, 1), 2);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(undo_pairs_remove(&h, 1, 1), 0);
	assert_int_equal(undo_pairs_count(&h, 1), 1);
	assert_false(undo_pairs_has(&h, 1, 1));
	assert_true(undo_pairs_has(&h, 1, 2));
	assert_true(undo_pairs_has(&h, 2, 1));
	undo_pairs_fini(&h);
}

static void run_sequences(bool is_listed)
{
	static bool before[RECORDS + 1][LEASES + 1];
	struct undo_pairs h;

	srand(3);
	memset(is_held, 0, sizeof(is_held));
	assert_int_equal(undo_pairs_init(&h, is_listed), 0);
	for (unsigned batch = 0; batch < 300; batch++) {
		memcpy(before, is_held, sizeof(before));
		for (int i = rand() % 200; i > 0; i--) {
			unsigned r = (unsigned)rand() % RECORDS + 1,
				 l = (unsigned)rand() % LEASES + 1;
			bool is_added = rand() % 100 < (batch / 50 % 2 == 0 ? 70 : 30);

			assert_int_equal(is_added ? undo_pairs_add(&h, r, l)
						  : undo_pairs_remove(&h, r, l),
					 0);
			is_held[r][l] = is_added;
		}
		assert_same(&h);
		if (rand() % 2 == 0) {
			undo_pairs_undo(&h);
			memcpy(is_held, before, sizeof(before));
		} else {
			undo_pairs_commit(&h);
		}
		assert_same(&h);
	}
	undo_pairs_fini(&h);
}

static void any_sequence_can_be_undone_and_committed(void **state)
{
	(void)state;
	run_sequences(true);
	run_sequences(false);
}

static void no_pair_is_left_when_all_are_dropped(void **state)
{
	struct undo_pairs h;

	(void)state;
	assert_int_equal(undo_pairs_init(&h, true), 0);
	for (uint64_t i = 1; i <= 5000; i++)
		assert_int_equal(undo_pairs_add(&h, i * 0x1000, i % 7 + 1), 0);
	undo_pairs_commit(&h);
	for (uint64_t i = 1; i <= 5000; i++)
		assert_int_equal(undo_pairs_remove(&h, i * 0x1000, i % 7 + 1), 0);
	undo_pairs_commit(&h);
	assert_int_equal(h.used, 0);
	undo_pairs_fini(&h);
}

static void without_memory_the_pairs_stay_as_they_were(void **state)
{
	struct undo_pairs h;
	unsigned failures = 0;

	(void)state;
	memory_fail_after(0);
	assert_int_equal(undo_pairs_init(&h, true), -ENOMEM);
	undo_pairs_fini(&h);
	memory_fail_after(MEMORY_ENOUGH);
	assert_int_equal(undo_pairs_init(&h, true), 0);
	for (uint64_t i = 1; i <= 2000; i++) {
		memory_fail_after(0);
		if (undo_pairs_add(&h, i, 1) == -ENOMEM) {
			failures++;
			assert_false(undo_pairs_has(&h, i, 1));
			assert_int_equal(undo_pairs_count(&h, i), 0);
			memory_fail_after(MEMORY_ENOUGH);
			assert_int_equal(undo_pairs_add(&h, i, 1), 0);
		}
		memory_fail_after(MEMORY_ENOUGH);
		assert_int_equal(undo_pairs_count(&h, i), 1);
	}
	assert_true(failures > 2);
	undo_pairs_undo(&h);
	assert_int_equal(h.used, 0);
	undo_pairs_fini(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_counts_those_that_hold_it),
		cmocka_unit_test(any_sequence_can_be_undone_and_committed),
		cmocka_unit_test(no_pair_is_left_when_all_are_dropped),
		cmocka_unit_test(without_memory_the_pairs_stay_as_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
