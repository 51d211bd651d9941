/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <stdio.h>
#include <stdlib.h>

#include "ledger/schedule.h"

static void each_lease_comes_up_at_its_end_however_it_was_moved(void **state)
{
	struct kit_world *w = *state;
	struct ledger_leases *l = &w->state.ledger.leases;
	uint64_t start = ledger_clock_now(&w->state.ledger.clock, w->steady_ms);
	struct ledger_lease *lease;
	unsigned count = 0;

	srand(1);
	for (unsigned i = 0; i < 600; i++) {
		char text[128];
		unsigned n = (unsigned)rand() % 200;

		if (rand() % 5 == 0)
			snprintf(text, sizeof(text), "- s%u._http._tcp", n);
		else
			snprintf(text, sizeof(text), "+ s%u._http._tcp SRV 80 ns", n);
		kit_do(w, "n1", text[0] == '+' ? (uint32_t)(rand() % 7000 + 100) : 0, 0, text);
	}
	for (uint64_t now_ms = start; now_ms <= start + 7200000; now_ms += 1000)
		while ((lease = ledger_schedule_due(&l->schedule, now_ms)) != NULL) {
			assert_int_equal(lease->seized_ms, now_ms);
			count++;
		}
	assert_int_equal(count, l->table.count);
	assert_true(count > 100);
	for (struct undo_entry *e = NULL; (e = undo_table_next(&l->table, e)) != NULL;)
		assert_int_equal(ledger_schedule_put_back(&l->schedule, (struct ledger_lease *)e),
				 0);
	assert_int_equal(l->schedule.nheap, count);
}

static void the_operator_moves_the_end_of_a_lease(void **state)
{
	struct kit_world *w = *state;
	struct ledger_lease *lease;

	kit_do(w, "n1", 5, 0, REGISTER("web"));
	lease = ledger_leases_find(&w->state.ledger.leases, zone_name(w->zone), kit_name(WEB),
				   LEDGER_LEASE_RECORDS);
	assert_int_equal(
		ledger_schedule_extend(&w->state.ledger.leases.schedule, lease, 2,
				       ledger_clock_now(&w->state.ledger.clock, w->steady_ms)),
		0);
	assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), 2000);
	kit_pass(w, 2000);
	assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(each_lease_comes_up_at_its_end_however_it_was_moved),
		WORLD(the_operator_moves_the_end_of_a_lease),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
