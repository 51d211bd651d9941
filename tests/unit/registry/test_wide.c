/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../zone/kit.h"
#include "registry/wide.h"

/* Makes a set of 101 records, which the next draft removes. */
static void grow(struct registry_wide *w, struct zone *z, const char *owner)
{
	struct zone_draft *d = zone_draft_new(z);
	struct zone_changeset c;

	for (unsigned i = 0; i < 101; i++) {
		const uint8_t address[4] = {10, 0, 0, (uint8_t)i};

		zone_draft_add(d, kit_name(owner), DNS_TYPE_A, 60, address, 4);
	}
	assert_int_equal(zone_draft_seal(d, &c), 1);
	registry_wide_warn(w, d);
	zone_draft_publish(d);
	d = zone_draft_new(z);
	zone_draft_remove_rrset(d, kit_name(owner), DNS_TYPE_A);
	assert_int_equal(zone_draft_seal(d, &c), 1);
	zone_draft_publish(d);
	base_rcu_quiescent();
}

static void each_set_is_warned_of_once_and_not_all_of_very_many(void **state)
{
	struct zone *z = kit_zone("z.cloud.", "$ORIGIN z.cloud.\n@ 60 SOA ns h 1 2 3 4 5\n");
	struct registry_wide w = {.count = 0};

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		grow(&w, z, "a.z.cloud.");
	assert_int_equal(w.count, 1);
	for (unsigned i = 0; i < REGISTRY_WIDE_MAX + 10; i++) {
		char owner[32];

		snprintf(owner, sizeof(owner), "n%u.z.cloud.", i);
		grow(&w, z, owner);
	}
	assert_int_equal(w.count, REGISTRY_WIDE_MAX);
	base_rcu_offline();
	zone_free(z);
	base_rcu_online();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_set_is_warned_of_once_and_not_all_of_very_many),
	};

	return cmocka_run_group_tests(tests, kit_setup, kit_teardown);
}
