/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include "dns/type.h"
#include "ledger/ledger.h"

static void a_name_is_released_if_it_has_neither_records_nor_a_key_lease(void **state)
{
	static const struct {
		uint32_t lease_s, key_lease_s;
		bool is_emptied; /* its records are removed first */
		const char *owner;
	} rows[] = {
		{0, 0, false, "n1"},
		{0, 0, true, ""},
		{30, 0, true, ""},
		{30, 60, true, "n1"},
	};
	struct kit_world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const uint8_t *web;

		assert_int_equal(
			kit_do(w, "n1", rows[i].lease_s, rows[i].key_lease_s, "+ " WEB " TXT a"),
			0);
		w->draft = zone_draft_new(w->zone);
		web = kit_name(WEB);
		if (rows[i].is_emptied)
			assert_int_equal(zone_draft_remove_rrset(w->draft, web, DNS_TYPE_TXT), 1);
		assert_int_equal(ledger_release_if_empty(&w->state.ledger, w->draft, web), 0);
		assert_string_equal(kit_owner(w, WEB), rows[i].owner);
		kit_undo(w);
		assert_string_equal(kit_owner(w, WEB), "n1");
		kit_do(w, "n1", 0, 0, "- " WEB);
	}
}

static void a_forgotten_zone_has_neither_owners_nor_leases(void **state)
{
	struct kit_world *w = *state;
	struct ledger *g = &w->state.ledger;

	assert_int_equal(kit_do(w, "n1", 30, 60, REGISTER("web") NODE), 0);
	assert_int_equal(ledger_forget(g, kit_name("other.cloud.")), 0);
	ledger_commit(g);
	assert_string_equal(kit_owner(w, WEB), "n1");
	assert_int_equal(ledger_forget(g, zone_name(w->zone)), 0);
	ledger_undo(g);
	assert_string_equal(kit_owner(w, WEB), "n1");
	assert_true(kit_left_ms(w, WEB, LEDGER_LEASE_NAME) > 0);
	assert_int_equal(ledger_forget(g, zone_name(w->zone)), 0);
	ledger_commit(g);
	assert_int_equal(g->owners.table.count + g->leases.table.count, 0);
	assert_int_equal(ledger_next(g), UINT64_MAX);
}

static void the_next_tick_is_due_for_leases_and_for_the_clock(void **state)
{
	struct kit_world *w = *state;
	struct ledger *g = &w->state.ledger;

	assert_int_equal(ledger_next(g), UINT64_MAX);
	assert_int_equal(kit_do(w, "n1", 30, 0, "+ " WEB " TXT a"), 0);
	/* The clock is saved once a second, before the lease ends. */
	assert_int_equal(ledger_next(g), ledger_clock_next_save(&g->clock));
	kit_pass(w, 29500);
	assert_true(ledger_next(g) <= ledger_clock_now(&g->clock, w->steady_ms) + 500);
	kit_pass(w, 1000);
	assert_int_equal(ledger_next(g), UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(a_name_is_released_if_it_has_neither_records_nor_a_key_lease),
		WORLD(a_forgotten_zone_has_neither_owners_nor_leases),
		WORLD(the_next_tick_is_due_for_leases_and_for_the_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
