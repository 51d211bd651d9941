/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../memory.h"
#include "../registry/kit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/type.h"
#include "ledger/lease.h"
#include "dns/update.h"

#define WEB "web._http._tcp"
#define REGISTER(name) "+ " name "._http._tcp SRV 80 n1.nodes; + " name "._http._tcp TXT a; + _http._tcp PTR " name "._http._tcp"
#define NODE "; + n1.nodes A 10.0.0.1"

static void a_lease_is_granted_within_the_rule(void **state)
{
	const struct ledger_lease_rule rule = { .minimum_s = 30, .maximum_s = 100, .key_maximum_s = 500, .default_s = 7 };
	static const struct {
		struct ledger_lease_terms asked, granted;
	} rows[] = {
		{ { false, false, 0, 0 }, { false, false, 7, 7 } },
		{ { true, false, 0, 0 }, { true, false, 30, 30 } },
		{ { true, false, 30, 30 }, { true, false, 30, 30 } },
		{ { true, false, 101, 101 }, { true, false, 100, 100 } },
		{ { true, false, UINT32_MAX, UINT32_MAX }, { true, false, 100, 100 } },
		{ { true, true, 50, 501 }, { true, true, 50, 500 } },
		{ { true, true, 50, 40 }, { true, true, 50, 50 } },
		{ { true, true, 0, 0 }, { true, true, 30, 30 } },
		{ { true, true, UINT32_MAX, 0 }, { true, true, 100, 100 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ledger_lease_terms t = ledger_lease_grant(&rule, &rows[i].asked);

		assert_int_equal(t.is_present, rows[i].granted.is_present);
		assert_int_equal(t.has_key, rows[i].granted.has_key);
		assert_int_equal(t.lease_s, rows[i].granted.lease_s);
		assert_int_equal(t.key_lease_s, rows[i].granted.key_lease_s);
	}
}

static void a_lease_ends_when_it_was_said_to_and_takes_what_it_holds(void **state)
{
	struct kit_world *w = *state;

	assert_int_equal(kit_do(w, "n1", 10, 0, REGISTER("web") NODE), 0);
	assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), 10000);
	kit_pass(w, 9900);
	assert_int_equal(kit_count(w, WEB, "SRV"), 1);
	kit_pass(w, 100);
	assert_int_equal(kit_count(w, WEB, "SRV") + kit_count(w, WEB, "TXT") + kit_count(w, "_http._tcp", "PTR")
	                         + kit_count(w, "n1.nodes", "A"), 0);
	assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), -1);
	assert_int_equal(w->state.ledger.leases.holds.used, 0);
	assert_int_equal(w->state.ledger.leases.nheap, 0);
	assert_string_equal(kit_owner(w, WEB), "");
}

static void records_are_leased_as_the_name_that_they_belong_to(void **state)
{
	static const struct {
		const char *update, *name;
	} rows[] = {
		{ "+ " WEB " SRV 80 ns", WEB },
		{ "+ " WEB " TXT x", WEB },
		{ "+ n1.nodes A 10.0.0.1", "n1.nodes" },
		{ REGISTER("web") NODE, WEB },
		{ "+ _http._tcp PTR " WEB, WEB },
		{ "+ _x._sub._http._tcp PTR " WEB, WEB },
	};
	struct kit_world *w = *state;

	assert_int_equal(kit_do(w, "n1", 0, 0, "+ " WEB " TXT keep"), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(kit_do(w, "n1", 5, 0, rows[i].update), 0);
		assert_int_equal(kit_left_ms(w, rows[i].name, LEDGER_LEASE_RECORDS), 5000);
		assert_int_equal(w->state.ledger.leases.table.count, 1);
		kit_pass(w, 5000);
		assert_int_equal(w->state.ledger.leases.table.count, 0);
	}
	assert_int_equal(kit_count(w, WEB, "TXT"), 1);
}

static void a_refresh_moves_the_end_and_changes_nothing(void **state)
{
	struct kit_world *w = *state;

	kit_do(w, "n1", 10, 0, REGISTER("web"));
	kit_pass(w, 9000);
	assert_int_equal(kit_update(w, "n1", 10, 0, REGISTER("web")), 0);
	/* Nothing is written before the tick. */
	assert_int_equal(kit_commit(w, false), 0);
	assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), 10000);
	assert_int_equal(w->state.ledger.leases.stats.refreshed, 1);
	assert_int_equal(w->state.ledger.leases.ndirty, 1);
	assert_int_equal(kit_commit(w, true), 2);       /* the time and the clock */
	assert_int_equal(w->state.ledger.leases.ndirty, 0);
	kit_pass(w, 9900);
	assert_int_equal(kit_count(w, WEB, "SRV"), 1);
	kit_pass(w, 100);
	assert_int_equal(kit_count(w, WEB, "SRV"), 0);
}

static void what_is_no_refresh_is_granted_anew(void **state)
{
	static const struct {
		const char *key;
		uint32_t lease_s;
		const char *update;
	} rows[] = {
		{ "n1", 11, REGISTER("web") },
		{ "admin", 10, REGISTER("web") },       /* a lease of its own, of the same records */
		{ "n1", 10, REGISTER("web") NODE },
		{ "n1", 10, "- " WEB " TXT; + " WEB " TXT b" },
	};
	struct kit_world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		kit_do(w, "admin", 0, 0, "- " WEB "; - _http._tcp; - n1.nodes");
		assert_int_equal(kit_do(w, "n1", 10, 0, REGISTER("web")), 0);
		assert_int_equal(kit_do(w, rows[i].key, rows[i].lease_s, 0, rows[i].update), 0);
		assert_int_equal(w->state.ledger.leases.stats.refreshed, 0);
		assert_int_equal(kit_count(w, "_http._tcp", "PTR"), 1);
		if (strcmp(rows[i].key, "n1") == 0) {
			assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), rows[i].lease_s * 1000);
			assert_int_equal(w->state.ledger.leases.table.count, 1);
		}
	}
}

#define REPORT "_suspect." WEB

/* One that lets its own end, or refreshes it, does nothing to the other's. */
static void two_keys_at_one_name_have_a_lease_each(void **state)
{
	struct kit_world *w = *state;

	assert_int_equal(kit_do(w, "n1", 10, 0, "+ " REPORT " TXT one"), 0);
	assert_int_equal(kit_do(w, "n2", 2, 0, "+ " REPORT " TXT two"), 0);
	assert_int_equal(w->state.ledger.leases.table.count, 2);
	kit_pass(w, 1900);
	assert_int_equal(kit_do(w, "n1", 10, 0, "+ " REPORT " TXT one"), 0);
	assert_int_equal(kit_count(w, REPORT, "TXT"), 2);
	kit_pass(w, 100);
	assert_int_equal(kit_count(w, REPORT, "TXT"), 1);
	kit_pass(w, 9700);
	assert_int_equal(kit_count(w, REPORT, "TXT"), 1);
	kit_pass(w, 200);
	assert_int_equal(kit_count(w, REPORT, "TXT"), 0);
	assert_int_equal(w->state.ledger.leases.table.count, 0);
}

static void a_shared_record_lives_as_long_as_one_that_holds_it(void **state)
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
	assert_int_equal(w->state.ledger.leases.holds.used, 0);
}

static void more_services_than_share_have_leases_each_for_themselves(void **state)
{
	struct kit_world *w = *state;
	char text[8192] = "+ n1.nodes A 10.0.0.1";

	for (unsigned i = 0; i < 70; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "; + s%u._http._tcp SRV 80 ns", i);
	assert_int_equal(kit_do(w, "n1", 5, 0, text), 0);
	assert_int_equal(w->state.ledger.leases.table.count, 71);
	kit_pass(w, 5000);
	assert_int_equal(w->state.ledger.leases.table.count, 0);
	assert_int_equal(kit_count(w, "n1.nodes", "A"), 0);
}

static void what_comes_again_without_a_lease_is_leased_by_nobody_any_more(void **state)
{
	struct kit_world *w = *state;

	kit_do(w, "n1", 5, 0, "+ n1.nodes A 10.0.0.1; + n1.nodes TXT x");
	kit_do(w, "n1", 5, 0, REGISTER("web") NODE);
	kit_do(w, "n1", 5, 0, REGISTER("api") NODE);
	kit_do(w, "n1", 0, 0, "+ N1.nodes A 10.0.0.1; + _HTTP._tcp PTR WEB._http._tcp; + " WEB " SRV 80 N1.Nodes");
	kit_restart(w, 0);
	kit_pass(w, 10000);
	assert_int_equal(w->state.ledger.leases.table.count, 0);
	assert_int_equal(w->state.ledger.leases.holds.used, 0);
	assert_int_equal(kit_count(w, "n1.nodes", "A"), 1);
	assert_int_equal(kit_count(w, "n1.nodes", "TXT"), 0);
	assert_int_equal(kit_count(w, "_http._tcp", "PTR"), 1);
	assert_int_equal(kit_count(w, WEB, "SRV"), 1);
	assert_int_equal(kit_count(w, WEB, "TXT"), 0);
}

static void what_is_removed_leaves_its_lease(void **state)
{
	struct kit_world *w = *state;

	kit_do(w, "n1", 5, 0, REGISTER("web") NODE);
	kit_do(w, "n1", 0, 0, "- " WEB " TXT");
	assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), 5000);
	kit_do(w, "n1", 0, 0, "- " WEB "; - _http._tcp PTR " WEB "; - n1.nodes A 10.0.0.1");
	assert_int_equal(w->state.ledger.leases.table.count, 0);
	assert_int_equal(w->state.ledger.leases.holds.used, 0);
	kit_restart(w, 0);
	assert_int_equal(w->state.ledger.leases.table.count, 0);
}

static void keys_live_as_long_as_the_key_lease(void **state)
{
	struct kit_world *w = *state;

	kit_do(w, "n1", 5, 20, REGISTER("web") "; + " WEB " KEY k");
	kit_do(w, "n1", 5, 0, REGISTER("api") "; + api._http._tcp KEY k");
	assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_NAME), 20000);
	assert_int_equal(kit_left_ms(w, "api._http._tcp", LEDGER_LEASE_NAME), -1);
	kit_pass(w, 5000);
	assert_int_equal(kit_count(w, WEB, "SRV"), 0);
	assert_int_equal(kit_count(w, WEB, "KEY"), 1);
	assert_int_equal(kit_count(w, "api._http._tcp", "KEY"), 0);
	kit_pass(w, 15000);
	assert_int_equal(kit_count(w, WEB, "KEY"), 0);
	assert_int_equal(w->state.ledger.leases.table.count, 0);
}

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
		while ((lease = ledger_leases_due(l, now_ms)) != NULL) {
			assert_int_equal(lease->ended_ms, now_ms);
			count++;
		}
	assert_int_equal(count, l->table.count);
	assert_true(count > 100);
	for (struct undo_entry *e = NULL; (e = undo_table_next(&l->table, e)) != NULL;)
		assert_int_equal(ledger_leases_put_back(l, (struct ledger_lease *)e), 0);
	assert_int_equal(l->nheap, count);
}

static void the_operator_moves_the_end_of_a_lease(void **state)
{
	struct kit_world *w = *state;
	struct ledger_lease *lease;

	kit_do(w, "n1", 5, 0, REGISTER("web"));
	lease = ledger_leases_find(&w->state.ledger.leases, zone_name(w->zone), kit_name(WEB), LEDGER_LEASE_RECORDS);
	assert_int_equal(ledger_leases_extend(&w->state.ledger.leases, lease, 2, ledger_clock_now(&w->state.ledger.clock, w->steady_ms)), 0);
	assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), 2000);
	kit_pass(w, 2000);
	assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), -1);
}

/* ---- on disk ---- */

static const struct kit_item *lease_note(const struct kit_world *w)
{
	for (size_t i = w->nitems; i-- > 0;)
		if (w->items[i].kind == 2)
			return &w->items[i];
	fail();
	return NULL;
}

static void a_note_that_is_cut_or_of_another_kind_is_told(void **state)
{
	struct kit_world *w = *state;
	const struct kit_item *n;
	struct ledger_leases l;
	uint8_t bytes[1024] = { 0 };

	kit_do(w, "n1", 5, 0, REGISTER("web"));
	n = lease_note(w);
	memcpy(bytes, n->bytes, n->nbytes);
	/* Where the records begin it cannot be seen that they are cut: the sum of the log sees that. */
	for (uint32_t cut = 1; cut <= n->nbytes; cut++) {
		bool is_whole = cut == n->nbytes;

		assert_int_equal(ledger_leases_init(&l, 1), 0);
		if (ledger_lease_item_read(&l, n->key, n->nkey, bytes, cut) == 0 && is_whole)
			assert_int_equal(l.holds.used, 6);
		else
			assert_false(is_whole);
		ledger_leases_fini(&l);
	}
	assert_int_equal(ledger_leases_init(&l, 1), 0);
	bytes[0] = 99;
	assert_int_equal(ledger_lease_item_read(&l, n->key, n->nkey, bytes, n->nbytes), -EBADMSG);
	bytes[0] = n->bytes[0];
	for (uint16_t cut = 0; cut < n->nkey; cut++)
		assert_int_equal(ledger_lease_item_read(&l, n->key, cut, bytes, n->nbytes), -EBADMSG);
	assert_int_equal(ledger_lease_time_read(&l, n->key, n->nkey, bytes, 15), -EBADMSG);
	assert_int_equal(ledger_lease_time_read(&l, n->key, 3, bytes, LEDGER_LEASE_TIME_SIZE), -EBADMSG);
	ledger_leases_fini(&l);
}

static void the_later_word_on_the_time_counts_in_whatever_order_they_come(void **state)
{
	struct kit_world *w = *state;
	const struct kit_item *n;

	kit_do(w, "n1", 100, 0, REGISTER("web"));
	kit_pass(w, 1000);
	kit_do(w, "n1", 100, 0, REGISTER("web"));
	kit_pass(w, 1000);
	n = lease_note(w);
	for (unsigned is_time_first = 0; is_time_first < 2; is_time_first++) {
		uint8_t time[LEDGER_LEASE_TIME_SIZE];
		struct ledger_leases l;
		struct ledger_lease *lease;

		lease = ledger_leases_find(&w->state.ledger.leases, zone_name(w->zone), kit_name(WEB), LEDGER_LEASE_RECORDS);
		ledger_lease_time_write(lease, time);
		assert_int_equal(ledger_leases_init(&l, 1), 0);
		for (unsigned i = 0; i < 2; i++)
			if (i == is_time_first)
				assert_int_equal(ledger_lease_item_read(&l, n->key, n->nkey, n->bytes, n->nbytes), 0);
			else
				assert_int_equal(ledger_lease_time_read(&l, n->key, n->nkey, time,
									sizeof(time)),
						 0);
		ledger_leases_prune(&l);
		assert_int_equal(ledger_leases_find(&l, zone_name(w->zone), kit_name(WEB), 0)->expires_ms, lease->expires_ms);
		ledger_leases_fini(&l);
	}
}

/* ---- short memory ---- */

static void without_memory_a_batch_that_is_undone_never_was(void **state)
{
	static const char *const updates[] = {
		"- " WEB "; + " WEB " SRV 81 n1.nodes; + " WEB " TXT b; + new._http._tcp SRV 1 ns; + new._http._tcp TXT x" NODE,
		REGISTER("web"), REGISTER("api") NODE, "- api._http._tcp; - _http._tcp PTR api._http._tcp",
	};
	struct kit_world *w = *state;
	unsigned nfailed = 0;

	kit_do(w, "n1", 10, 20, REGISTER("web") NODE);
	kit_do(w, "n1", 10, 0, REGISTER("api"));
	for (size_t i = 0; i < sizeof(updates) / sizeof(*updates); i++)
		for (int n = 0, is_done = 0; !is_done; n++) {
			int ret;

			memory_fail_after(n);
			ret = kit_update(w, "n1", 10, i % 2 == 0 ? 20 : 0, updates[i]);
			is_done = !memory_has_failed();
			kit_undo(w);
			assert_true(ret == 0 || (ret == -ENOMEM && !is_done));
			nfailed += !is_done;
			assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), 10000);
			assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_NAME), 20000);
			assert_int_equal(kit_left_ms(w, "new._http._tcp", LEDGER_LEASE_RECORDS), -1);
			assert_string_equal(kit_owner(w, WEB), "n1");
			assert_string_equal(kit_owner(w, "new._http._tcp"), "");
		}
	assert_true(nfailed > 10);
	kit_pass(w, 10000);
	assert_int_equal(kit_count(w, WEB, "SRV") + kit_count(w, "_http._tcp", "PTR") + kit_count(w, "n1.nodes", "A"), 0);
	assert_int_equal(w->state.ledger.leases.holds.used, 0);
}

static void without_memory_an_end_is_tried_again(void **state)
{
	struct kit_world *w = *state;
	struct ledger_leases *l = &w->state.ledger.leases;

	kit_do(w, "n1", 5, 0, REGISTER("web") NODE);
	w->steady_ms += 5000;
	for (int n = 0, is_done = 0; !is_done; n++) {
		struct ledger_lease *lease = ledger_leases_due(l, ledger_clock_now(&w->state.ledger.clock, w->steady_ms));
		int ret;

		assert_non_null(lease);
		w->draft = zone_draft_new(w->zone);
		memory_fail_after(n);
		ret = update_expire(w->state.update, lease, w->draft, registry_state_view_rule(&w->state, w->zone));
		is_done = !memory_has_failed();
		kit_undo(w);
		assert_true(is_done ? ret == 4 : ret == 4 || ret == -ENOMEM);
		assert_int_equal(ledger_leases_put_back(l, lease), 0);
		assert_true(lease->expires_ms != LEDGER_LEASE_ENDED);
		assert_int_equal(l->nheap, 1);
	}
	kit_pass(w, 100);
	assert_int_equal(kit_count(w, WEB, "SRV"), 0);
	assert_int_equal(l->table.count, 0);
}

#define WORLD(name) cmocka_unit_test_setup_teardown(name, kit_world_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lease_is_granted_within_the_rule),
		WORLD(a_lease_ends_when_it_was_said_to_and_takes_what_it_holds),
		WORLD(records_are_leased_as_the_name_that_they_belong_to),
		WORLD(a_refresh_moves_the_end_and_changes_nothing),
		WORLD(what_is_no_refresh_is_granted_anew),
		WORLD(two_keys_at_one_name_have_a_lease_each),
		WORLD(a_shared_record_lives_as_long_as_one_that_holds_it),
		WORLD(more_services_than_share_have_leases_each_for_themselves),
		WORLD(what_comes_again_without_a_lease_is_leased_by_nobody_any_more),
		WORLD(what_is_removed_leaves_its_lease),
		WORLD(keys_live_as_long_as_the_key_lease),
		WORLD(each_lease_comes_up_at_its_end_however_it_was_moved),
		WORLD(the_operator_moves_the_end_of_a_lease),
		WORLD(a_note_that_is_cut_or_of_another_kind_is_told),
		WORLD(the_later_word_on_the_time_counts_in_whatever_order_they_come),
		WORLD(without_memory_a_batch_that_is_undone_never_was),
		WORLD(without_memory_an_end_is_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
