/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"
#include "zone/wide.h"

struct seen {
	unsigned count;
	char text[2][ZONE_WIDE_TEXT_MAX]; /* of the first two */
};

static void see(void *arg, const struct zone_wide *wide)
{
	struct seen *s = arg;

	if (s->count < 2)
		zone_wide_text(s->text[s->count], wide);
	s->count++;
}

/* Adds addresses from `first` on, or takes them away. */
static void change(struct zone_draft *d, const char *owner, unsigned first, unsigned count,
		   bool is_added)
{
	for (unsigned i = first; i < first + count; i++) {
		const uint8_t address[4] = {10, 0, 0, (uint8_t)i};

		if (is_added)
			zone_draft_add(d, kit_name(owner), DNS_TYPE_A, 60, address, 4);
		else
			zone_draft_remove(d, kit_name(owner), DNS_TYPE_A, address, 4);
	}
}

static struct seen seal(struct zone_draft *d)
{
	struct seen s = {0};
	struct zone_changeset c;

	assert_int_equal(zone_draft_seal(d, &c), 1);
	zone_wide_in_draft(d, see, &s);
	zone_draft_publish(d);
	base_rcu_quiescent();
	return s;
}

static void a_set_is_wide_when_a_draft_makes_it_so(void **state)
{
	struct zone *z = kit_zone("z.cloud.", "$ORIGIN z.cloud.\n@ 60 SOA ns h 1 2 3 4 5\n");
	struct zone_draft *d = zone_draft_new(z);
	struct seen s;

	(void)state;
	change(d, "Web.z.cloud.", 0, 100, true);
	assert_int_equal(seal(d).count, 0);
	d = zone_draft_new(z);
	change(d, "web.z.cloud.", 100, 1, true);
	s = seal(d);
	assert_int_equal(s.count, 1);
	assert_string_equal(s.text[0],
			    "Web.z.cloud. A has more than 100 records: secondaries with BIND "
			    "refuse the zone unless max-records-per-type is raised");
	/* It was wide before. */
	d = zone_draft_new(z);
	change(d, "web.z.cloud.", 101, 1, true);
	assert_int_equal(seal(d).count, 0);
	d = zone_draft_new(z);
	change(d, "web.z.cloud.", 50, 10, false);
	assert_int_equal(seal(d).count, 0);
	s = (struct seen){0};
	assert_int_equal(zone_wide_in_snapshot(zone_current(z), see, &s), 0);
	assert_int_equal(s.count, 0);
	base_rcu_offline();
	zone_free(z);
	base_rcu_online();
}

static void a_name_is_wide_with_many_types(void **state)
{
	struct zone *z = kit_zone("z.cloud.", "$ORIGIN z.cloud.\n@ 60 SOA ns h 1 2 3 4 5\n");
	struct zone_draft *d = zone_draft_new(z);
	struct seen s;

	(void)state;
	for (unsigned i = 0; i < 101; i++)
		zone_draft_add(d, kit_name("t.z.cloud."), (uint16_t)(65280 + i), 60, NULL, 0);
	change(d, "u.z.cloud.", 0, 101, true);
	s = seal(d);
	assert_int_equal(s.count, 2);
	assert_string_equal(s.text[0], "t.z.cloud. has more than 100 types: secondaries with BIND "
				       "refuse the zone unless max-types-per-name is raised");
	s = (struct seen){0};
	assert_int_equal(zone_wide_in_snapshot(zone_current(z), see, &s), 0);
	assert_int_equal(s.count, 2);
	base_rcu_offline();
	zone_free(z);
	base_rcu_online();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_set_is_wide_when_a_draft_makes_it_so),
		cmocka_unit_test(a_name_is_wide_with_many_types),
	};

	return cmocka_run_group_tests(tests, kit_setup, kit_teardown);
}
