/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <errno.h>
#include <stdlib.h>

#include "../memory.h"

#define WEB "web._http._tcp"

enum { ZONES = 20 };

static void each_zone_has_the_rule_that_was_set_for_it(void **state)
{
	struct registry_state s;
	struct zone *zones[ZONES];

	(void)state;
	assert_int_equal(registry_state_init(&s, 1), 0);
	for (unsigned i = 0; i < ZONES; i++)
		zones[i] = zone_new(kit_name("lab.cloud."), i);
	assert_null(registry_state_view_rule(&s, zones[0]));
	/* Every `step`-th zone has a rule; 0: none has. */
	for (unsigned step = 4; step <= 4; step--) {
		struct registry_view_rule *rules = malloc(ZONES * sizeof(*rules));
		size_t n = 0;

		for (unsigned i = 0; step > 0 && i < ZONES; i += step)
			rules[n++] = (struct registry_view_rule){
				.zone = zones[i], .rule = {.ttl_s = i}};
		registry_state_set_view_rules(&s, rules, n);
		for (unsigned i = 0; i < ZONES; i++) {
			const struct view_rule *rule = registry_state_view_rule(&s, zones[i]);

			assert_int_equal(rule != NULL, step > 0 && i % step == 0);
			if (rule != NULL)
				assert_int_equal(rule->ttl_s, i);
		}
	}
	registry_state_fini(&s);
	for (unsigned i = 0; i < ZONES; i++)
		zone_free(zones[i]);
}

static void a_batch_is_kept_or_undone_in_ledger_and_view_together(void **state)
{
	struct kit_world *w = *state;

	kit_view(w);
	assert_int_equal(kit_update(w, "n1", 30, 0, "+ " WEB " SRV 80 n1.nodes"), 0);
	kit_undo(w);
	assert_string_equal(kit_owner(w, WEB), "");
	assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), -1);
	assert_null(undo_table_content(&w->state.view.srvs, zone_name(w->zone), kit_name(WEB)));
	assert_int_equal(kit_do(w, "n1", 30, 0, "+ " WEB " SRV 80 n1.nodes"), 0);
	registry_state_undo(&w->state);
	assert_string_equal(kit_owner(w, WEB), "n1");
	assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), 30000);
	assert_non_null(undo_table_content(&w->state.view.srvs, zone_name(w->zone), kit_name(WEB)));
}

static void a_forgotten_zone_leaves_neither_ledger_nor_view(void **state)
{
	struct kit_world *w = *state;
	struct registry_state *s = &w->state;

	kit_view(w);
	assert_int_equal(
		kit_do(w, "n1", 30, 60, "+ " WEB " SRV 80 n1.nodes; + _p._sub._http._tcp PTR " WEB),
		0);
	assert_int_equal(registry_state_forget(s, zone_name(w->zone)), 0);
	assert_true(kit_commit(w, false) > 0);
	assert_int_equal(s->ledger.owners.table.count + s->ledger.leases.table.count, 0);
	assert_int_equal(s->view.subtypes.count + s->view.srvs.count + s->view.marks.count, 0);
}

/* Returns the records that the key n1 has, and checks that their octets go with them: those of the
 * SRV at WEB and of each PTR to it. */
static uint64_t records_of_n1(struct kit_world *w)
{
	const struct ledger_amounts a = ledger_usage_of(
		&w->state.ledger.usages, zone_name(w->zone), kit_name("n1.keys.lab.cloud."));
	uint64_t n = a.of[LEDGER_RECORDS], nsrv = (uint64_t)kit_count(w, WEB, "SRV");

	assert_int_equal(
		a.of[LEDGER_OCTETS],
		nsrv * (ZONE_LIMIT_RECORD_HEAD + 6 + dns_name_nbytes(kit_name("n1.nodes"))) +
			(n - nsrv) * (ZONE_LIMIT_RECORD_HEAD + dns_name_nbytes(kit_name(WEB))));
	return n;
}

static void subtypes_are_counted_for_the_owner_of_their_instance(void **state)
{
	static const struct {
		const char *update;
		unsigned nrecords;
	} rows[] = {
		{"+ _a._sub._http._tcp PTR " WEB "; + " WEB " SRV 80 n1.nodes", 2},
		{"+ _b._sub._http._tcp PTR " WEB "; + _B._sub._http._tcp PTR " WEB, 3},
		{"- _a._sub._http._tcp PTR " WEB, 2},
		{"- _b._sub._http._tcp", 1},
		{"+ _c._sub._http._tcp PTR " WEB "; + _d._sub._http._tcp PTR " WEB, 3},
		/* What is gone has no subtypes, whatever the order of the records. */
		{"- " WEB, 0},
		{"+ _e._sub._http._tcp PTR " WEB "; + " WEB " TXT a; - " WEB, 0},
		{"+ " WEB " SRV 80 n1.nodes; + _f._sub._http._tcp PTR " WEB, 2},
		{"- " WEB "; + " WEB " SRV 80 n1.nodes", 2},
	};
	struct kit_world *w = *state;

	kit_view(w);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint64_t before = records_of_n1(w);

		assert_int_equal(kit_update(w, "n1", 0, 0, rows[i].update), 0);
		kit_undo(w);
		assert_int_equal(records_of_n1(w), before);
		assert_int_equal(kit_do(w, "n1", 0, 0, rows[i].update), 0);
		assert_int_equal(records_of_n1(w), rows[i].nrecords);
		assert_int_equal(w->state.view.subtypes.count, rows[i].nrecords > 1);
	}
	/* The records at names are counted when the zone is seen. */
	kit_restart(w, 0);
	assert_int_equal(ledger_count_zone(&w->state.ledger, zone_name(w->zone),
					   zone_current(w->zone)),
			 0);
	registry_state_commit(&w->state, w->steady_ms);
	assert_int_equal(records_of_n1(w), 2);
	assert_int_equal(kit_do(w, "n1", 0, 0, "- " WEB), 0);
	assert_int_equal(records_of_n1(w), 0);
}

static void subtypes_end_with_the_lease_of_their_instance(void **state)
{
	struct kit_world *w = *state;

	kit_view(w);
	assert_int_equal(
		kit_do(w, "n1", 30, 0, "+ " WEB " SRV 80 n1.nodes; + _a._sub._http._tcp PTR " WEB),
		0);
	assert_int_equal(kit_do(w, "n1", 0, 0, "+ _b._sub._http._tcp PTR " WEB), 0);
	assert_true(kit_points(w, "_b._sub._http._tcp", WEB));
	assert_int_equal(records_of_n1(w), 3);
	kit_pass(w, 40000);
	assert_false(kit_points(w, "_a._sub._http._tcp", WEB));
	assert_false(kit_points(w, "_b._sub._http._tcp", WEB));
	assert_int_equal(records_of_n1(w), 0);
	assert_int_equal(w->state.view.subtypes.count, 0);
	assert_int_equal(kit_wrong(w), 0);
}

static void subtypes_of_a_kept_name_end_with_it(void **state)
{
	struct kit_world *w = *state;

	kit_view(w);
	assert_int_equal(kit_do(w, "n1", 30, 60, "+ " WEB " SRV 80 n1.nodes"), 0);
	kit_pass(w, 40000);
	assert_string_equal(kit_owner(w, WEB), "n1");
	assert_int_equal(kit_do(w, "n1", 0, 0, "+ _a._sub._http._tcp PTR " WEB), 0);
	assert_int_equal(records_of_n1(w), 1);
	kit_restart(w, 0);
	assert_int_equal(records_of_n1(w), 1);
	kit_pass(w, 90000);
	assert_string_equal(kit_owner(w, WEB), "");
	assert_int_equal(records_of_n1(w), 0);
	assert_int_equal(w->state.view.subtypes.count, 0);
}

static void a_state_needs_memory(void **state)
{
	int ret, n = 0;

	(void)state;
	do {
		struct registry_state s;

		memory_fail_after(n++);
		ret = registry_state_init(&s, 1);
		memory_fail_after(MEMORY_ENOUGH);
		assert_true(ret == 0 || ret == -ENOMEM);
		registry_state_fini(&s);
	} while (ret < 0);
	assert_true(n > 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_world_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_zone_has_the_rule_that_was_set_for_it),
		TEST(a_batch_is_kept_or_undone_in_ledger_and_view_together),
		TEST(a_forgotten_zone_leaves_neither_ledger_nor_view),
		TEST(subtypes_are_counted_for_the_owner_of_their_instance),
		TEST(subtypes_end_with_the_lease_of_their_instance),
		TEST(subtypes_of_a_kept_name_end_with_it),
		cmocka_unit_test(a_state_needs_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
