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
		cmocka_unit_test(a_state_needs_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
