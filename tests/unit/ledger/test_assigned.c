/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../memory.h"
#include "ledger/assigned.h"

static const uint8_t zone[] = "\3lab", other_zone[] = "\5other";
static const uint8_t n1[] = "\5_runs\2n1\5nodes\3lab", n2[] = "\5_runs\2n2\5nodes\3lab";
static const uint8_t web[] = "\3web\5_http\4_tcp\3lab", db[] = "\2db\3_pg\4_tcp\3lab";

static int setup(void **state)
{
	struct ledger_assigned *a = malloc(sizeof(*a));

	assert_non_null(a);
	assert_int_equal(ledger_assigned_init(a, 1), 0);
	*state = a;
	return 0;
}

static int teardown(void **state)
{
	ledger_assigned_fini(*state);
	free(*state);
	return 0;
}

static void assert_counts(const struct ledger_assigned *a, unsigned of_web, unsigned of_db)
{
	assert_int_equal(ledger_assigned_count(a, zone, web), of_web);
	assert_int_equal(ledger_assigned_count(a, zone, db), of_db);
	assert_int_equal(ledger_assigned_count(a, other_zone, web), 0);
}

static void fill(struct ledger_assigned *a)
{
	assert_int_equal(ledger_assigned_add(a, zone, n1, web), 0);
	assert_int_equal(ledger_assigned_add(a, zone, n1, db), 0);
	assert_int_equal(
		ledger_assigned_add(a, zone, n2, (const uint8_t *)"\3WEB\5_http\4_tcp\3Lab"), 0);
	assert_int_equal(ledger_assigned_add(a, zone, n1, web), 0);
}

static void an_instance_is_counted_once_for_each_set_that_has_it(void **state)
{
	struct ledger_assigned *a = *state;

	assert_counts(a, 0, 0);
	fill(a);
	assert_counts(a, 2, 1);
	assert_int_equal(ledger_assigned_clear(a, zone, n1), 0);
	assert_int_equal(ledger_assigned_clear(a, zone, n1), 0);
	assert_counts(a, 1, 0);
	assert_int_equal(ledger_assigned_forget(a, other_zone), 0);
	assert_counts(a, 1, 0);
	assert_int_equal(ledger_assigned_forget(a, zone), 0);
	assert_counts(a, 0, 0);
}

static void a_batch_is_undone_whole(void **state)
{
	struct ledger_assigned *a = *state;

	fill(a);
	ledger_assigned_undo(a);
	assert_counts(a, 0, 0);
	fill(a);
	ledger_assigned_commit(a);
	assert_int_equal(ledger_assigned_clear(a, zone, n1), 0);
	assert_int_equal(ledger_assigned_clear(a, zone, n2), 0);
	ledger_assigned_undo(a);
	assert_counts(a, 2, 1);
}

static void short_memory_is_reported_and_undone(void **state)
{
	struct ledger_assigned *a = *state;
	int ret = -1;

	for (int n = 0; ret != 0; n++) {
		memory_fail_after(n);
		ret = ledger_assigned_add(a, zone, n1, web);
		memory_fail_after(MEMORY_ENOUGH);
		if (ret != 0) {
			ledger_assigned_undo(a);
			assert_counts(a, 0, 0);
		}
	}
	assert_counts(a, 1, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			an_instance_is_counted_once_for_each_set_that_has_it, setup, teardown),
		cmocka_unit_test_setup_teardown(a_batch_is_undone_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(short_memory_is_reported_and_undone, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
