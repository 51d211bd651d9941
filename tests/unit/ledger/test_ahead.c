/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/ahead.h"

static const uint8_t n1[] = "\2n1\3lab", upper[] = "\2N1\3LAB", n2[] = "\2n2\3lab";

static int setup(void **state)
{
	static struct ledger_ahead a;

	*state = &a;
	return ledger_ahead_init(&a, 1);
}

static int teardown(void **state)
{
	ledger_ahead_fini(*state);
	return 0;
}

static void the_latest_time_of_a_key_counts(void **state)
{
	struct ledger_ahead *a = *state;
	const struct undo_entry *e;

	assert_int_equal(ledger_ahead_note(a, n1, 100), 0);
	assert_int_equal(ledger_ahead_note(a, upper, 90), 0);
	assert_int_equal(a->table.count, 1);
	e = undo_table_next(&a->table, NULL);
	assert_memory_equal(ledger_ahead_key(e), n1, sizeof(n1));
	assert_int_equal(ledger_ahead_signed_s(e), 100);
	undo_table_commit(&a->table, NULL, NULL);
	assert_int_equal(ledger_ahead_note(a, n1, 120), 0);
	assert_int_equal(ledger_ahead_note(a, n2, 5), 0);
	undo_table_undo(&a->table, NULL, NULL);
	assert_int_equal(a->table.count, 1);
	assert_int_equal(ledger_ahead_signed_s(e), 100);
}

static void items_are_read_back(void **state)
{
	static const uint8_t key[] = "\2n1\3lab\0\0";
	uint8_t bytes[LEDGER_AHEAD_ITEM_SIZE] = {[7] = 200};
	struct ledger_ahead *a = *state;

	/* name, the root, and a number, as undo_table_key writes them */
	assert_int_equal(ledger_ahead_read(a, key, sizeof(key), bytes, sizeof(bytes)), 0);
	assert_int_equal(ledger_ahead_signed_s(undo_table_next(&a->table, NULL)), 200);
	assert_int_equal(a->table.nchanged, 0);
	assert_int_equal(ledger_ahead_read(a, key, sizeof(key), bytes, 7), -EBADMSG);
	assert_int_equal(ledger_ahead_read(a, key, 4, bytes, sizeof(bytes)), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_latest_time_of_a_key_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(items_are_read_back, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
