/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <stdio.h>

static void a_full_type_has_room_again_when_an_instance_ends(void **state)
{
	struct kit_world *w = *state;
	char update[128];
	unsigned n = 0, browsed;

	while (w->state.view.stats.nwaiting < 10 && n < 5000) {
		snprintf(update, sizeof(update), "+ instance-%u._big._tcp SRV %u n1.nodes", n,
			 n % 50000 + 1);
		assert_int_equal(kit_do(w, "n1", 0, 0, update), 0);
		n++;
	}
	browsed = kit_count(w, "_big._tcp", "PTR");
	assert_int_equal(w->state.view.stats.nwaiting, 10);
	assert_int_equal(browsed, n - 10);
	assert_int_equal(kit_wrong(w), 0);
	for (unsigned i = 0; i < 12; i++) {
		snprintf(update, sizeof(update), "- instance-%u._big._tcp", i * 7);
		assert_int_equal(kit_do(w, "n1", 0, 0, update), 0);
	}
	assert_int_equal(w->state.view.stats.nwaiting, 0);
	assert_int_equal(kit_count(w, "_big._tcp", "PTR"), n - 12);
	assert_int_equal(kit_wrong(w), 0);
}

static void the_list_of_types_is_full_and_has_room_again(void **state)
{
	struct kit_world *w = *state;
	char update[128];
	unsigned n = 0, listed = 0, before;

	do {
		before = listed;
		snprintf(update, sizeof(update), "+ a._type-%u._tcp SRV 80 n1.nodes", n++);
		assert_int_equal(kit_do(w, "n1", 0, 0, update), 0);
		listed = kit_count(w, "_services._dns-sd._udp", "PTR");
	} while (listed > before && n < 5000);
	assert_true(n > 1000 && n < 5000);
	for (unsigned i = 0; i < 5; i++) {
		snprintf(update, sizeof(update), "+ a._type-more-%u._tcp SRV 80 n1.nodes", i);
		assert_int_equal(kit_do(w, "n1", 0, 0, update), 0);
	}
	assert_int_equal(kit_count(w, "_services._dns-sd._udp", "PTR"), listed);
	assert_int_equal(kit_wrong(w), 0);
	for (unsigned i = 0; i < 10; i++) {
		snprintf(update, sizeof(update), "- a._type-%u._tcp", i);
		assert_int_equal(kit_do(w, "n1", 0, 0, update), 0);
	}
	assert_int_equal(kit_count(w, "_services._dns-sd._udp", "PTR"), listed + 6 - 10);
	assert_int_equal(kit_wrong(w), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_view_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_full_type_has_room_again_when_an_instance_ends),
		TEST(the_list_of_types_is_full_and_has_room_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
