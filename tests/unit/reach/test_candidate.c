/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"
#include "base/address.h"
#include "kit.h"
#include "reach/candidate.h"

/* Returns the labels of all in the order in which they are begun, or, of one that is alone, its
 * addresses. */
static const char *order_of(struct find_instance *const *all, size_t n, struct reach_memory *m)
{
	static char text[256];
	struct reach_candidates c;

	assert_int_equal(reach_candidates_init(&c, all, n), 0);
	reach_candidates_rank(&c, m, 0);
	text[0] = '\0';
	while (reach_candidates_first(&c) != NULL) {
		struct reach_candidate *one = reach_candidates_begin(&c, m, 0);

		if (n > 1)
			strcat(text, one->i->label);
		for (; n == 1 && one->next < one->naddresses; one->next++) {
			char at[BASE_ADDRESS_TEXT_MAX];

			strcat(text, base_address_to_text(at, reach_candidate_address(one)));
			strcat(text, " ");
		}
	}
	reach_candidates_fini(&c);
	return text;
}

static void those_that_failed_are_last_and_those_not_up_before(void **state)
{
	struct reach_memory *m = reach_memory_new();
	struct find_instance *all[] = {
		kit_instance("a", 0, "::1", 80),
		kit_instance_at("b", "b", 0, "::1", 80, "\016state=draining"),
		kit_instance("c", 0, "::1", 80),
		kit_instance("d", 0, "::1", 80),
		kit_instance("e", 9, "::1", 80),
	};

	(void)state;
	assert_string_equal(order_of(all, 5, m), "acdeb");
	reach_memory_failed(m, all[0], 0);
	reach_memory_failed(m, all[3], 0);
	assert_string_equal(order_of(all, 5, m), "cebad");
	for (unsigned k = 0; k < 5; k++)
		find_instance_release(all[k]);
	reach_memory_free(m);
}

static void families_are_in_turn_and_failed_addresses_last(void **state)
{
	struct reach_memory *m = reach_memory_new();
	struct find_instance *i = kit_instance("a", 0, "::1,::2,127.0.0.1,127.0.0.2,127.0.0.3", 1);

	(void)state;
	assert_string_equal(order_of(&i, 1, m), "::1@1 127.0.0.1@1 ::2@1 127.0.0.2@1 127.0.0.3@1 ");
	reach_memory_address_failed(m, i, kit_address(i, 0), 5);
	reach_memory_address_failed(m, i, kit_address(i, 3), 0);
	assert_string_equal(order_of(&i, 1, m), "127.0.0.1@1 ::2@1 127.0.0.3@1 127.0.0.2@1 ::1@1 ");
	find_instance_release(i);

	/* Which family is better is known where the addresses come from. */
	i = kit_instance("b", 0, "127.0.0.1,127.0.0.2,::1", 1);
	assert_string_equal(order_of(&i, 1, m), "127.0.0.1@1 ::1@1 127.0.0.2@1 ");
	find_instance_release(i);
	reach_memory_free(m);
}

static void more_addresses_than_there_is_room_for_are_left_out(void **state)
{
	struct reach_memory *m = reach_memory_new();
	char addresses[REACH_ADDRESSES_MAX * 8] = "::1";
	struct find_instance *i;
	struct reach_candidates c;

	(void)state;
	for (unsigned k = 1; k < REACH_ADDRESSES_MAX + 3; k++)
		strcat(addresses, ",::1");
	i = kit_instance("a", 0, addresses, 1);
	assert_int_equal(reach_candidates_init(&c, &i, 1), 0);
	reach_candidates_rank(&c, m, 0);
	assert_int_equal(reach_candidates_begin(&c, m, 0)->naddresses, REACH_ADDRESSES_MAX);
	reach_candidates_fini(&c);
	find_instance_release(i);
	reach_memory_free(m);
}

static void another_host_is_brought_forward_within_a_priority(void **state)
{
	struct reach_memory *m = reach_memory_new();
	struct find_instance *all[] = {
		kit_instance_at("a", "h", 0, "::1", 80, NULL),
		kit_instance_at("b", "h", 0, "::1", 81, NULL),
		kit_instance_at("c", "h", 0, "::1", 82, NULL),
		kit_instance_at("d", "i", 0, "::1", 80, NULL),
		kit_instance_at("e", "j", 1, "::1", 80, NULL),
	};
	static const char expected[] = "adbce";
	struct reach_candidates c;

	(void)state;
	assert_int_equal(reach_candidates_init(&c, all, 5), 0);
	reach_candidates_rank(&c, m, 0);
	for (unsigned k = 0; k < 5; k++) {
		assert_int_equal(reach_candidates_begin(&c, m, 0)->i->label[0], expected[k]);
		if (k < 4)
			reach_candidates_avoid(&c, &c.all[0]);
	}
	reach_candidates_fini(&c);
	for (unsigned k = 0; k < 5; k++)
		find_instance_release(all[k]);
	reach_memory_free(m);
}

static void short_memory_leaves_nothing(void **state)
{
	struct find_instance *i = kit_instance("a", 0, "::1", 80);
	struct reach_candidates c;
	int n = 0;

	(void)state;
	for (memory_fail_after(n); reach_candidates_init(&c, &i, 1) != 0; memory_fail_after(++n))
		assert_true(memory_has_failed());
	memory_fail_after(MEMORY_ENOUGH);
	assert_int_equal(n, 3);
	reach_candidates_fini(&c);
	assert_int_equal(i->nreferences, 1);
	find_instance_release(i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_that_failed_are_last_and_those_not_up_before),
		cmocka_unit_test(families_are_in_turn_and_failed_addresses_last),
		cmocka_unit_test(more_addresses_than_there_is_room_for_are_left_out),
		cmocka_unit_test(another_host_is_brought_forward_within_a_priority),
		cmocka_unit_test(short_memory_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
