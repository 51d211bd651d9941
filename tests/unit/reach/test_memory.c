/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../memory.h"
#include "kit.h"
#include "reach/memory.h"

static void a_failure_counts_twice_as_long_each_time(void **state)
{
	static const unsigned lasting_s[] = {1, 2, 4, 8, 16, 32, 60, 60};
	struct reach_memory *m = reach_memory_new();
	struct find_instance *i = kit_instance("web-1", 0, "127.0.0.1", 80);
	uint64_t now = 5000;

	(void)state;
	assert_false(reach_memory_is_bad(m, i, now));
	for (unsigned k = 0; k < sizeof(lasting_s) / sizeof(lasting_s[0]); k++) {
		reach_memory_failed(m, i, now);
		assert_true(reach_memory_is_bad(m, i, now + lasting_s[k] * 1000 - 1));
		assert_false(reach_memory_is_bad(m, i, now + lasting_s[k] * 1000));
		now += lasting_s[k] * 1000;
	}
	find_instance_release(i);
	reach_memory_free(m);
}

static void failures_at_the_same_time_are_one(void **state)
{
	struct reach_memory *m = reach_memory_new();
	struct find_instance *i = kit_instance("web-1", 0, "127.0.0.1", 80);

	(void)state;
	for (unsigned k = 0; k < 100; k++)
		reach_memory_failed(m, i, 10 + k);
	assert_int_equal(reach_memory_bad_until(m, i), 109 + REACH_MEMORY_LEAST_MS);
	find_instance_release(i);
	reach_memory_free(m);
}

static void a_failure_long_after_the_last_is_a_first_one(void **state)
{
	struct reach_memory *m = reach_memory_new();
	struct find_instance *i = kit_instance("web-1", 0, "127.0.0.1", 80);

	(void)state;
	assert_false(reach_memory_failed(m, i, 0));
	assert_true(reach_memory_failed(m, i, 1000));
	assert_false(reach_memory_failed(m, i, 3000 + 60000));
	assert_int_equal(reach_memory_bad_until(m, i), 64000);
	find_instance_release(i);
	reach_memory_free(m);
}

static void a_success_ends_failures(void **state)
{
	struct reach_memory *m = reach_memory_new();
	struct find_instance *i = kit_instance("web-1", 0, "127.0.0.1,::1", 80);

	(void)state;
	reach_memory_failed(m, i, 0);
	reach_memory_address_failed(m, i, kit_address(i, 0), 0);
	reach_memory_address_failed(m, i, kit_address(i, 1), 0);
	reach_memory_succeeded(m, i, kit_address(i, 0), 1);
	assert_int_equal(reach_memory_bad_until(m, i), 0);
	assert_int_equal(reach_memory_address_bad_until(m, i, kit_address(i, 0), 1), 0);
	assert_int_equal(reach_memory_address_bad_until(m, i, kit_address(i, 1), 1), 1000);
	find_instance_release(i);
	reach_memory_free(m);
}

static void an_instance_that_is_elsewhere_or_anew_starts_clean(void **state)
{
	struct reach_memory *m = reach_memory_new();
	struct find_instance *i = kit_instance_at("w", "h", 0, "127.0.0.1", 80, "\005inc=1");
	struct find_instance *others[] = {
		kit_instance_at("w", "i", 0, "127.0.0.1", 80, "\005inc=1"),
		kit_instance_at("w", "h", 0, "127.0.0.1", 81, "\005inc=1"),
		kit_instance_at("w", "h", 0, "127.0.0.1", 80, "\005inc=2"),
		kit_instance_at("v", "h", 0, "127.0.0.1", 80, "\005inc=1"),
	};
	struct find_instance *same = kit_instance_at("W", "H", 7, "::1", 80, "\005inc=1\003a=b");

	(void)state;
	reach_memory_failed(m, i, 0);
	reach_memory_address_failed(m, i, kit_address(i, 0), 0);
	assert_true(reach_memory_is_bad(m, same, 0));
	for (unsigned k = 0; k < 4; k++) {
		assert_false(reach_memory_is_bad(m, others[k], 0));
		assert_int_equal(
			reach_memory_address_bad_until(m, others[k], kit_address(others[k], 0), 0),
			0);
		find_instance_release(others[k]);
	}
	find_instance_release(same);
	find_instance_release(i);
	reach_memory_free(m);
}

static void an_address_in_use_fails_with_its_instance(void **state)
{
	struct reach_memory *m = reach_memory_new();
	struct find_instance *i = kit_instance("dns-1", 0, "::1,127.0.0.1", 53);

	(void)state;
	reach_memory_used(m, i, kit_address(i, 0));
	assert_false(reach_memory_is_bad(m, i, 0));
	reach_memory_failed(m, i, 0);
	assert_true(reach_memory_is_bad(m, i, 0));
	assert_true(reach_memory_address_bad_until(m, i, kit_address(i, 0), 0) > 0);
	assert_true(reach_memory_address_bad_until(m, i, kit_address(i, 1), 0) == 0);
	find_instance_release(i);
	reach_memory_free(m);
}

static void the_oldest_failure_is_forgotten_for_a_new_one(void **state)
{
	struct reach_memory *m = reach_memory_new();
	struct find_instance *all[REACH_MEMORY_MAX + 1];
	char label[16];

	(void)state;
	for (unsigned k = 0; k <= REACH_MEMORY_MAX; k++) {
		snprintf(label, sizeof(label), "w-%u", k);
		all[k] = kit_instance(label, 0, "", 80);
		reach_memory_failed(m, all[k], 0);
		if (k == REACH_MEMORY_MAX / 2)
			reach_memory_failed(m, all[0], 1); /* has failed again */
	}
	assert_true(reach_memory_is_bad(m, all[0], 1));
	assert_false(reach_memory_is_bad(m, all[1], 1));
	for (unsigned k = 2; k <= REACH_MEMORY_MAX; k++)
		assert_true(reach_memory_is_bad(m, all[k], 1));
	for (unsigned k = 0; k <= REACH_MEMORY_MAX; k++)
		find_instance_release(all[k]);
	reach_memory_free(m);
}

static void patience_follows_what_connections_took(void **state)
{
	struct reach_memory *m = reach_memory_new();
	struct find_instance *i = kit_instance("web-1", 0, "127.0.0.1", 80);

	(void)state;
	assert_int_equal(reach_memory_patience_ms(m), REACH_PATIENCE_MS);
	reach_memory_succeeded(m, i, kit_address(i, 0), 1);
	assert_int_equal(reach_memory_patience_ms(m), REACH_PATIENCE_LEAST_MS);
	for (unsigned k = 0; k < 40; k++)
		reach_memory_succeeded(m, i, kit_address(i, 0), 40);
	assert_in_range(reach_memory_patience_ms(m), 150, 160);
	reach_memory_succeeded(m, i, kit_address(i, 0), UINT64_MAX);
	assert_int_equal(reach_memory_patience_ms(m), REACH_PATIENCE_MOST_MS);
	find_instance_release(i);
	reach_memory_free(m);
}

static void what_cannot_be_remembered_is_not(void **state)
{
	struct find_instance *i = kit_instance("web-1", 0, "127.0.0.1", 80);

	(void)state;
	for (int n = 0;; n++) {
		struct reach_memory *m;

		memory_fail_after(n);
		m = reach_memory_new();
		if (m != NULL) {
			reach_memory_used(m, i, kit_address(i, 0));
			reach_memory_failed(m, i, 0);
			reach_memory_succeeded(m, i, kit_address(i, 0), 0);
		}
		reach_memory_free(m);
		if (!memory_has_failed())
			break;
	}
	memory_fail_after(MEMORY_ENOUGH);
	find_instance_release(i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_counts_twice_as_long_each_time),
		cmocka_unit_test(failures_at_the_same_time_are_one),
		cmocka_unit_test(a_failure_long_after_the_last_is_a_first_one),
		cmocka_unit_test(a_success_ends_failures),
		cmocka_unit_test(an_instance_that_is_elsewhere_or_anew_starts_clean),
		cmocka_unit_test(an_address_in_use_fails_with_its_instance),
		cmocka_unit_test(the_oldest_failure_is_forgotten_for_a_new_one),
		cmocka_unit_test(patience_follows_what_connections_took),
		cmocka_unit_test(what_cannot_be_remembered_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
