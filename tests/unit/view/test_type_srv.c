/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <stdio.h>
#include <stdlib.h>

#include "dns/type.h"

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
	enum { COUNT = 512 };
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

/* Of two instances that imply one SRV one is moved, and with its new SRV the places get too few:
 * the other's is still one of the best. */
static void an_srv_of_two_stays_when_places_get_too_few(void **state)
{
	struct kit_world *w = *state;

	w->services.srv_max = 3;
	assert_int_equal(kit_do(w, "n1", 0, 0,
				"+ a._x._tcp SRV 80 n1.nodes; + b._x._tcp SRV 80 n1.nodes; "
				"+ c._x._tcp SRV 81 n1.nodes; + d._x._tcp SRV 82 n1.nodes"),
			 0);
	assert_int_equal(kit_do(w, "n1", 0, 0, "- a._x._tcp SRV; + a._x._tcp SRV 83 n1.nodes"), 0);
	assert_int_equal(kit_count(w, "_x._tcp", "SRV"), 3);
	assert_int_equal(kit_wrong(w), 0);
	/* b was the last that implied it */
	assert_int_equal(kit_do(w, "n1", 0, 0, "- b._x._tcp SRV"), 0);
	assert_int_equal(kit_count(w, "_x._tcp", "SRV"), 3);
	assert_int_equal(kit_wrong(w), 0);
}

static bool has_places(const struct kit_world *w)
{
	return place_find(&w->state.view.places, kit_name("lab.cloud."), kit_name("_x._tcp"),
			  PLACE_SRVS) != NULL;
}

/* Many instances may imply one SRV: the places are given before they are many, and for as long as
 * there are any, however few the SRVs are. */
static void a_type_of_many_instances_has_places_until_it_is_empty(void **state)
{
	static const char *const names[] = {"a", "b", "c", "d"};
	struct kit_world *w = *state;
	char update[64];

	w->services.srv_max = 3;
	for (unsigned i = 0; i < 4; i++) {
		assert_false(has_places(w));
		snprintf(update, sizeof(update), "+ %s._x._tcp SRV 80 n1.nodes", names[i]);
		assert_int_equal(kit_do(w, "n1", 0, 0, update), 0);
		assert_int_equal(kit_count(w, "_x._tcp", "SRV"), 1);
		assert_int_equal(kit_wrong(w), 0);
	}
	for (unsigned i = 0; i < 4; i++) {
		assert_true(has_places(w));
		snprintf(update, sizeof(update), "- %s._x._tcp", names[i]);
		assert_int_equal(kit_do(w, "n1", 0, 0, update), 0);
		assert_int_equal(kit_wrong(w), 0);
	}
	assert_false(has_places(w));
}

static void a_reload_with_fewer_places_takes_them_from_the_worst(void **state)
{
	struct kit_world *w = *state;
	char update[64];

	w->services.srv_max = 6;
	for (unsigned i = 0; i < 10; i++) {
		snprintf(update, sizeof(update), "+ i%u._x._tcp SRV %u n1.nodes", i, 90 - i);
		assert_int_equal(kit_do(w, "n1", 0, 0, update), 0);
	}
	for (uint32_t max = 6; max > 0; max -= 2) {
		w->services.srv_max = max;
		kit_restart(w, 0);
		assert_int_equal(kit_count(w, "_x._tcp", "SRV"), max);
		assert_int_equal(kit_wrong(w), 0);
	}
}

/* Returns how many SRVs at the type target a node. */
static unsigned srvs_of_node(struct kit_world *w, const char *node)
{
	const uint8_t *target = kit_name(node), *at;
	struct zone_draft *d = zone_draft_new(w->zone);
	struct zone_rrset set = {.data = NULL};
	struct zone_rdata one;
	unsigned n = 0;

	assert_true(zone_draft_find(d, kit_name("_big._tcp"), DNS_TYPE_SRV, &set));
	at = set.data;
	while (zone_rrset_next(&set, &at, &one))
		n += dns_name_equal(one.bytes + 6, target);
	zone_draft_abort(d);
	return n;
}

static void put(struct kit_world *w, const char *key, unsigned i, unsigned port)
{
	char update[128];

	snprintf(update, sizeof(update), "+ %s-%u._big._tcp SRV %u %s.nodes", key, i, port, key);
	assert_int_equal(kit_do(w, key, 0, 0, update), 0);
}

static void places_at_a_type_are_shared_among_owners(void **state)
{
	struct kit_world *w = *state;

	w->services.srv_max = 8;
	for (unsigned i = 0; i < 3; i++)
		put(w, "n2", i, 9000 + i);
	for (unsigned i = 0; i < 20; i++)
		put(w, "n1", i, 10 + i);
	assert_int_equal(srvs_of_node(w, "n1.nodes"), 5);
	assert_int_equal(srvs_of_node(w, "n2.nodes"), 3);
	put(w, "n3", 0, 9500);
	for (unsigned i = 3; i < 20; i++)
		put(w, "n2", i, 9000 + i);
	/* One of n3; the others share seven, and the odd one goes by what sorts first. */
	assert_int_equal(srvs_of_node(w, "n3.nodes"), 1);
	assert_int_equal(srvs_of_node(w, "n1.nodes"), 4);
	assert_int_equal(srvs_of_node(w, "n2.nodes"), 3);
	assert_int_equal(kit_wrong(w), 0);
	kit_restart(w, 0);
	assert_int_equal(kit_wrong(w), 0);
	assert_int_equal(kit_do(w, "n3", 0, 0, "- n3-0._big._tcp"), 0);
	assert_int_equal(srvs_of_node(w, "n1.nodes"), 4);
	assert_int_equal(srvs_of_node(w, "n2.nodes"), 4);
	assert_int_equal(kit_wrong(w), 0);
}

static void an_srv_of_two_owners_stays_while_one_has_a_place(void **state)
{
	struct kit_world *w = *state;

	w->services.srv_max = 2;
	assert_int_equal(kit_do(w, "n1", 0, 0, "+ a._big._tcp SRV 5 n1.nodes"), 0);
	assert_int_equal(kit_do(w, "n2", 0, 0, "+ b._big._tcp SRV 5 n1.nodes"), 0);
	assert_int_equal(kit_do(w, "n2", 0, 0, "+ c._big._tcp SRV 6 n2.nodes"), 0);
	assert_int_equal(kit_do(w, "n2", 0, 0, "+ d._big._tcp SRV 7 n2.nodes"), 0);
	assert_int_equal(kit_wrong(w), 0);
	assert_int_equal(srvs_of_node(w, "n1.nodes"), 1);
	assert_int_equal(kit_do(w, "n2", 0, 0, "- b._big._tcp"), 0);
	assert_int_equal(srvs_of_node(w, "n1.nodes"), 1);
	assert_int_equal(srvs_of_node(w, "n2.nodes"), 1);
	assert_int_equal(kit_wrong(w), 0);
	assert_int_equal(kit_do(w, "n1", 0, 0, "- a._big._tcp"), 0);
	assert_int_equal(srvs_of_node(w, "n1.nodes"), 0);
	assert_int_equal(srvs_of_node(w, "n2.nodes"), 2);
	assert_int_equal(kit_wrong(w), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_view_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(srvs_at_a_large_type_are_always_the_best),
		TEST(an_srv_of_two_stays_when_places_get_too_few),
		TEST(a_type_of_many_instances_has_places_until_it_is_empty),
		TEST(a_reload_with_fewer_places_takes_them_from_the_worst),
		TEST(places_at_a_type_are_shared_among_owners),
		TEST(an_srv_of_two_owners_stays_while_one_has_a_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
