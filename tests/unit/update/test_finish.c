/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <stdio.h>

#include "dns/type.h"

#define WEB "web._http._tcp"

static void an_update_leaves_lease_owner_and_whether_it_may_be_repeated(void **state)
{
	static const struct {
		const char *key;
		uint32_t lease_s, key_lease_s;
		int64_t records_ms, name_ms; /* of WEB afterwards; -1: without that lease */
		const char *owner;
		bool is_repeatable;
	} rows[] = {
		{"n1", 0, 0, -1, -1, "n1", false},
		{"n1", 30, 0, 30000, -1, "n1", true},
		{"n1", 30, 100, 30000, 100000, "n1", true},
		{"n1", 30, 10, 30000, 30000, "n1", true},
		{"n1", 9000, 0, 7200000, -1, "n1", true},
		{"admin", 30, 0, 30000, -1, "admin", true},
	};
	struct kit_world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(kit_do(w, rows[i].key, rows[i].lease_s, rows[i].key_lease_s,
					"+ " WEB " SRV 80 n1.nodes"),
				 0);
		assert_int_equal(w->result.is_repeatable, rows[i].is_repeatable);
		assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), rows[i].records_ms);
		assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_NAME), rows[i].name_ms);
		assert_string_equal(kit_owner(w, WEB), rows[i].owner);
		/* Removing everything on purpose frees the name at once. */
		kit_do(w, rows[i].key, 0, 0, "- " WEB);
		assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), -1);
		assert_string_equal(kit_owner(w, WEB), "");
	}
}

static void an_instance_without_an_address_is_answered_so(void **state)
{
	static const struct {
		const char *update;
		const char *text; /* "": the answer has no extended error */
	} rows[] = {
		{"+ " WEB " SRV 80 n1.nodes", ""},
		{"+ " WEB " SRV 80 n4.nodes", ""}, /* beside the other one */
		{"- " WEB " SRV; + " WEB " SRV 80 N4.nodes",
		 "n4.nodes.lab.cloud. has no address, instances that target it are not browsed "
		 "until it has one"},
		{"+ n5.nodes A 10.0.0.5", ""},
		{"+ " WEB " TXT state=starting", ""},
		{"- " WEB " TXT; + n4.nodes A 10.0.0.4", ""},
		{"- n4.nodes A", ""},
	};
	struct kit_world *w = *state;

	kit_view(w);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(kit_do(w, NULL, 0, 0, rows[i].update), 0);
		assert_string_equal(w->result.text, rows[i].text);
		assert_int_equal(w->result.ede,
				 *rows[i].text == '\0' ? DNS_EDE_NONE : DNS_EDE_OTHER);
	}
}

static void a_report_has_a_lease_and_is_not_repeated(void **state)
{
	static const struct {
		uint32_t lease_s;
		uint32_t minimum_s; /* of the zone's rule */
		int64_t left_ms;
	} rows[] = {{0, 1, 10000}, {0, 15, 15000}, {60, 1, 60000}};
	struct kit_world *w = *state;

	kit_view(w);
	kit_do(w, "n1", 300, 0, "+ " WEB " SRV 80 n1.nodes");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		w->rule.minimum_s = rows[i].minimum_s;
		assert_int_equal(
			kit_do(w, "n2", rows[i].lease_s, 0, "+ _suspect." WEB " TXT broken"), 0);
		assert_int_equal(kit_left_ms(w, "_suspect." WEB, LEDGER_LEASE_RECORDS),
				 rows[i].left_ms);
		assert_false(w->result.is_repeatable);
	}
}

static void the_update_that_outgrows_a_datagram_has_a_notice(void **state)
{
	struct kit_world *w = *state;
	unsigned nnotices = 0;
	char update[64];

	kit_view(w);
	for (unsigned i = 0; i < 200; i++) {
		snprintf(update, sizeof(update), "+ i%u._http._tcp SRV %u n1.nodes", i, i + 1);
		assert_int_equal(kit_do(w, "n1", 300, 0, update), 0);
		if (w->result.ede == DNS_EDE_NONE)
			continue;
		nnotices++;
		assert_int_equal(w->result.ede, DNS_EDE_OTHER);
		assert_string_equal(w->result.text,
				    "_http._tcp.lab.cloud.: the answer no longer fits a datagram, "
				    "clients come by TCP");
	}
	assert_int_equal(nnotices, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_world_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_update_leaves_lease_owner_and_whether_it_may_be_repeated),
		TEST(an_instance_without_an_address_is_answered_so),
		TEST(a_report_has_a_lease_and_is_not_repeated),
		TEST(the_update_that_outgrows_a_datagram_has_a_notice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
