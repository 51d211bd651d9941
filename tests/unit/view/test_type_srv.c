/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <stdio.h>
#include <stdlib.h>

/* One of a type's instances is registered, removed or moved; those with low numbers, which have
 * the best SRVs, more often. */
static void move_one(struct kit_world *w, unsigned count)
{
	unsigned i = rand() % 2 ? (unsigned)rand() % count : (unsigned)rand() % 8,
		 how = (unsigned)rand() % 8;
	char update[160];

	if (how == 0)
		snprintf(update, sizeof(update), "- i%u._big._tcp", i);
	else if (how == 1) /* one of the best SRVs, which another instance may have too */
		snprintf(update, sizeof(update),
			 "- i%u._big._tcp SRV; + i%u._big._tcp SRV %u n1.nodes", i, i,
			 rand() % 3 + 1);
	else
		snprintf(update, sizeof(update),
			 "- i%u._big._tcp SRV; + i%u._big._tcp SRV %u n1.nodes", i, i,
			 i + 10 + (unsigned)rand() % 2 * 20000);
	assert_int_equal(kit_update(w, "n1", 0, 0, update), 0);
}

static void srvs_at_a_large_type_are_always_the_best(void **state)
{
	enum { COUNT = VIEW_RESERVE_MIN * 2 };
	struct kit_world *w = *state;
	char update[128];

	w->services.srv_max = 4;
	srand(5);
	for (unsigned i = 0; i < COUNT; i++) {
		snprintf(update, sizeof(update), "+ i%u._big._tcp SRV %u n1.nodes", i, i + 10);
		assert_int_equal(kit_do(w, "n1", 0, 0, update), 0);
	}
	/* All of the best are moved to the end, until the reserve is used up. */
	for (unsigned i = 0; i < COUNT - 100; i++) {
		snprintf(update, sizeof(update),
			 "- i%u._big._tcp SRV; + i%u._big._tcp SRV %u n1.nodes", i, i, i + 30000);
		assert_int_equal(kit_do(w, "n1", 0, 0, update), 0);
		if (i % 16 == 0)
			assert_int_equal(kit_wrong(w), 0);
	}
	for (unsigned round = 0; round < 200; round++) {
		for (unsigned n = (unsigned)rand() % 20; n > 0; n--)
			move_one(w, COUNT);
		if (rand() % 4 == 0)
			kit_undo(w);
		else
			assert_true(kit_commit(w, false) >= 0);
		assert_int_equal(kit_count(w, "_big._tcp", "SRV"), 4);
		assert_int_equal(kit_wrong(w), 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_view_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(srvs_at_a_large_type_are_always_the_best),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
