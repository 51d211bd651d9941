/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dns/type.h"
#include "ledger/grant.h"

static void a_lease_is_granted_within_the_rule(void **state)
{
	const struct ledger_lease_rule rule = {
		.minimum_s = 30, .maximum_s = 100, .key_maximum_s = 500, .default_s = 7};
	static const struct {
		struct ledger_lease_terms asked, granted;
	} rows[] = {
		{{false, false, 0, 0}, {false, false, 7, 7}},
		{{true, false, 0, 0}, {true, false, 30, 30}},
		{{true, false, 30, 30}, {true, false, 30, 30}},
		{{true, false, 101, 101}, {true, false, 100, 100}},
		{{true, false, UINT32_MAX, UINT32_MAX}, {true, false, 100, 100}},
		{{true, true, 50, 501}, {true, true, 50, 500}},
		{{true, true, 50, 40}, {true, true, 50, 50}},
		{{true, true, 0, 0}, {true, true, 30, 30}},
		{{true, true, UINT32_MAX, 0}, {true, true, 100, 100}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ledger_lease_terms t = ledger_grant_terms(&rule, &rows[i].asked);

		assert_int_equal(t.is_present, rows[i].granted.is_present);
		assert_int_equal(t.has_key, rows[i].granted.has_key);
		assert_int_equal(t.lease_s, rows[i].granted.lease_s);
		assert_int_equal(t.key_lease_s, rows[i].granted.key_lease_s);
	}
}

static void records_are_leased_as_the_name_that_they_belong_to(void **state)
{
	static const struct {
		const char *update, *name;
	} rows[] = {
		{"+ " WEB " SRV 80 ns", WEB},	       {"+ " WEB " TXT x", WEB},
		{"+ n1.nodes A 10.0.0.1", "n1.nodes"}, {REGISTER("web") NODE, WEB},
		{"+ _http._tcp PTR " WEB, WEB},	       {"+ _x._sub._http._tcp PTR " WEB, WEB},
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
	assert_int_equal(w->state.ledger.leases.schedule.ndirty, 1);
	assert_int_equal(kit_commit(w, true), 2); /* the time and the clock */
	assert_int_equal(w->state.ledger.leases.schedule.ndirty, 0);
	kit_pass(w, 9900);
	assert_int_equal(kit_count(w, WEB, "SRV"), 1);
	kit_pass(w, 100);
	assert_int_equal(kit_count(w, WEB, "SRV"), 0);
}

static void an_update_that_is_not_a_refresh_is_granted_anew(void **state)
{
	static const struct {
		const char *key;
		uint32_t lease_s;
		const char *update;
	} rows[] = {
		{"n1", 11, REGISTER("web")},
		{"admin", 10, REGISTER("web")}, /* a lease of its own, of the same records */
		{"n1", 10, REGISTER("web") NODE},
		{"n1", 10, "- " WEB " TXT; + " WEB " TXT b"},
	};
	struct kit_world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		kit_do(w, "admin", 0, 0, "- " WEB "; - _http._tcp; - n1.nodes");
		assert_int_equal(kit_do(w, "n1", 10, 0, REGISTER("web")), 0);
		assert_int_equal(kit_do(w, rows[i].key, rows[i].lease_s, 0, rows[i].update), 0);
		assert_int_equal(w->state.ledger.leases.stats.refreshed, 0);
		assert_int_equal(kit_count(w, "_http._tcp", "PTR"), 1);
		if (strcmp(rows[i].key, "n1") == 0) {
			assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS),
					 rows[i].lease_s * 1000);
			assert_int_equal(w->state.ledger.leases.table.count, 1);
		}
	}
}

#define REPORT "_suspect." WEB

/* The end of one key's lease, or a refresh of it, does not touch the other key's lease. */
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

static void more_services_than_can_share_have_a_lease_for_each_name(void **state)
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

/* Each update adds 26 TXT records, at names of their own, to the lease of the service. */
static int grow_lease(struct kit_world *w, unsigned round)
{
	char text[16384] = "+ " WEB " SRV 80 ns", filler[240];

	memset(filler, 'x', sizeof(filler) - 1);
	filler[sizeof(filler) - 1] = '\0';
	for (unsigned i = 0; i < 26; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "; + t%u-%u TXT %s",
			 round, i, filler);
	return kit_update(w, NULL, 5, 0, text);
}

static void a_lease_that_no_item_can_hold_is_refused(void **state)
{
	struct kit_world *w = *state;
	const struct ledger_lease *lease;
	unsigned round = 0;
	int ret;

	while ((ret = grow_lease(w, round)) == 0 && round++ < 1000)
		assert_true(kit_commit(w, false) > 0);
	assert_int_equal(ret, -ECANCELED);
	assert_int_equal(w->result.rcode, DNS_RCODE_REFUSED);
	assert_int_equal(w->result.bound, UPDATE_BOUND_SIZE);
	assert_string_equal(w->result.text, "the lease of web._http._tcp.lab.cloud. would hold "
					    "more than 524288 octets of records");
	kit_undo(w);
	lease = ledger_leases_find(&w->state.ledger.leases, zone_name(w->zone), kit_name(WEB), 0);
	assert_in_range(ledger_lease_content(lease)->nbytes, LEDGER_CONTENT_MAX - 10000,
			LEDGER_CONTENT_MAX);
	/* It can be refreshed, shrink, and end. */
	assert_int_equal(grow_lease(w, round - 1), 0);
	assert_true(kit_commit(w, false) >= 0);
	assert_int_equal(kit_do(w, NULL, 0, 0, "- t0-0 TXT"), 0);
	kit_pass(w, 5000);
	assert_int_equal(w->state.ledger.leases.table.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lease_is_granted_within_the_rule),
		WORLD(records_are_leased_as_the_name_that_they_belong_to),
		WORLD(a_refresh_moves_the_end_and_changes_nothing),
		WORLD(an_update_that_is_not_a_refresh_is_granted_anew),
		WORLD(two_keys_at_one_name_have_a_lease_each),
		WORLD(more_services_than_can_share_have_a_lease_for_each_name),
		WORLD(keys_live_as_long_as_the_key_lease),
		WORLD(a_lease_that_no_item_can_hold_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
