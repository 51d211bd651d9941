/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../memory.h"
#include "../registry/kit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "listing/usage.h"

enum { MANY = 300, PART = 16 };

static void register_many(struct kit_world *w, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		char key[16], text[64];

		snprintf(key, sizeof(key), "n%u", i);
		snprintf(text, sizeof(text), "+ i%u._http._tcp TXT a", i);
		assert_int_equal(kit_do(w, key, 0, 0, text), 0);
	}
}

static unsigned walk(const struct kit_world *w, struct listing_usage *u, const uint8_t *key)
{
	unsigned calls = 0;
	int ret;

	do {
		ret = listing_usage_walk(u, &w->state.ledger.usages, key, PART);
		assert_true(ret >= 0);
		calls++;
	} while (ret > 0);
	return calls;
}

static void all_keys_are_listed_in_parts_or_one_alone(void **state)
{
	struct kit_world *w = *state;
	struct listing_usage u = {0};

	register_many(w, MANY);
	assert_true(walk(w, &u, NULL) > MANY / PART);
	assert_int_equal(u.count, MANY);
	for (size_t i = 0; i < u.count; i++) {
		assert_int_equal(u.items[i].amounts.of[LEDGER_INSTANCES], 1);
		assert_true(dns_name_equal(u.items[i].zone, zone_name(w->zone)));
	}
	listing_usage_fini(&u);
	walk(w, &u, kit_name("N7.keys"));
	assert_int_equal(u.count, 1);
	assert_true(dns_name_equal(u.items[0].key, kit_name("n7.keys")));
	listing_usage_fini(&u);
	walk(w, &u, kit_name("nobody.keys"));
	assert_int_equal(u.count, 0);
	listing_usage_fini(&u);
}

static void a_walk_begins_again_if_the_table_grows(void **state)
{
	struct kit_world *w = *state;
	struct listing_usage u = {0};

	register_many(w, 40);
	assert_int_equal(listing_usage_walk(&u, &w->state.ledger.usages, NULL, PART), 1);
	register_many(w, MANY);
	walk(w, &u, NULL);
	assert_int_equal(u.count, MANY);
	listing_usage_fini(&u);
}

static void without_memory_the_walk_fails(void **state)
{
	struct kit_world *w = *state;
	struct listing_usage u = {0};

	register_many(w, 1);
	memory_fail_after(0);
	assert_int_equal(listing_usage_walk(&u, &w->state.ledger.usages, NULL, 1000), -ENOMEM);
	memory_fail_after(MEMORY_ENOUGH);
	listing_usage_fini(&u);
}

#define WORLD(name) cmocka_unit_test_setup_teardown(name, kit_world_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(all_keys_are_listed_in_parts_or_one_alone),
		WORLD(a_walk_begins_again_if_the_table_grows),
		WORLD(without_memory_the_walk_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
