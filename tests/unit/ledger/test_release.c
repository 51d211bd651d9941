/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../memory.h"
#include "kit.h"

#include <errno.h>

#include "ledger/release.h"

static void a_lease_ends_at_its_time_and_takes_its_records(void **state)
{
	struct kit_world *w = *state;

	assert_int_equal(kit_do(w, "n1", 10, 0, REGISTER("web") NODE), 0);
	assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), 10000);
	kit_pass(w, 9900);
	assert_int_equal(kit_count(w, WEB, "SRV"), 1);
	kit_pass(w, 100);
	assert_int_equal(kit_count(w, WEB, "SRV") + kit_count(w, WEB, "TXT") +
				 kit_count(w, "_http._tcp", "PTR") + kit_count(w, "n1.nodes", "A"),
			 0);
	assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), -1);
	assert_int_equal(w->state.ledger.leases.holders.used, 0);
	assert_int_equal(w->state.ledger.leases.schedule.nheap, 0);
	assert_string_equal(kit_owner(w, WEB), "");
}

static void a_shared_record_lives_as_long_as_one_of_its_holders(void **state)
{
	struct kit_world *w = *state;

	kit_do(w, "n1", 5, 0, REGISTER("web") NODE);
	kit_do(w, "n1", 10, 0, REGISTER("api") NODE);
	kit_do(w, "n1", 15, 0, "+ n1.nodes A 10.0.0.1");
	kit_pass(w, 10000);
	assert_int_equal(kit_count(w, "api._http._tcp", "SRV"), 0);
	assert_int_equal(kit_count(w, "n1.nodes", "A"), 1);
	kit_pass(w, 5000);
	assert_int_equal(kit_count(w, "n1.nodes", "A"), 0);
	assert_int_equal(w->state.ledger.leases.holders.used, 0);
}

static void a_record_added_again_without_a_lease_has_no_holder_any_more(void **state)
{
	struct kit_world *w = *state;

	kit_do(w, "n1", 5, 0, "+ n1.nodes A 10.0.0.1; + n1.nodes TXT x");
	kit_do(w, "n1", 5, 0, REGISTER("web") NODE);
	kit_do(w, "n1", 5, 0, REGISTER("api") NODE);
	kit_do(w, "n1", 0, 0,
	       "+ N1.nodes A 10.0.0.1; + _HTTP._tcp PTR WEB._http._tcp; + " WEB " SRV 80 N1.Nodes");
	kit_restart(w, 0);
	kit_pass(w, 10000);
	assert_int_equal(w->state.ledger.leases.table.count, 0);
	assert_int_equal(w->state.ledger.leases.holders.used, 0);
	assert_int_equal(kit_count(w, "n1.nodes", "A"), 1);
	assert_int_equal(kit_count(w, "n1.nodes", "TXT"), 0);
	assert_int_equal(kit_count(w, "_http._tcp", "PTR"), 1);
	assert_int_equal(kit_count(w, WEB, "SRV"), 1);
	assert_int_equal(kit_count(w, WEB, "TXT"), 0);
}

static void a_removed_record_leaves_its_lease(void **state)
{
	struct kit_world *w = *state;

	kit_do(w, "n1", 5, 0, REGISTER("web") NODE);
	kit_do(w, "n1", 0, 0, "- " WEB " TXT");
	assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), 5000);
	kit_do(w, "n1", 0, 0, "- " WEB "; - _http._tcp PTR " WEB "; - n1.nodes A 10.0.0.1");
	assert_int_equal(w->state.ledger.leases.table.count, 0);
	assert_int_equal(w->state.ledger.leases.holders.used, 0);
	kit_restart(w, 0);
	assert_int_equal(w->state.ledger.leases.table.count, 0);
}

static void without_memory_an_end_is_tried_again(void **state)
{
	struct kit_world *w = *state;
	struct ledger_leases *l = &w->state.ledger.leases;

	kit_do(w, "n1", 5, 0, REGISTER("web") NODE);
	w->steady_ms += 5000;
	for (int n = 0, is_done = 0; !is_done; n++) {
		struct ledger_lease *lease = ledger_schedule_due(
			&l->schedule, ledger_clock_now(&w->state.ledger.clock, w->steady_ms));
		int ret;

		assert_non_null(lease);
		w->draft = zone_draft_new(w->zone);
		memory_fail_after(n);
		ret = update_expire(w->state.update, lease, w->draft,
				    registry_state_view_rule(&w->state, w->zone));
		is_done = !memory_has_failed();
		kit_undo(w);
		assert_true(is_done ? ret == 4 : ret == 4 || ret == -ENOMEM);
		assert_int_equal(ledger_schedule_put_back(&l->schedule, lease), 0);
		assert_true(lease->expires_ms != LEDGER_LEASE_ENDED);
		assert_int_equal(l->schedule.nheap, 1);
	}
	kit_pass(w, 100);
	assert_int_equal(kit_count(w, WEB, "SRV"), 0);
	assert_int_equal(l->table.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(a_lease_ends_at_its_time_and_takes_its_records),
		WORLD(a_shared_record_lives_as_long_as_one_of_its_holders),
		WORLD(a_record_added_again_without_a_lease_has_no_holder_any_more),
		WORLD(a_removed_record_leaves_its_lease),
		WORLD(without_memory_an_end_is_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
