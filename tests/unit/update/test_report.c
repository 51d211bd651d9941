/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The rule of the kit suspects an instance that two keys report within ten seconds. */

#include "../registry/kit.h"

#include "dns/type.h"
#include "dns/update.h"
#include "update/report.h"
#include "view/mark.h"

#define WEB "web._http._tcp"
#define REPORT "_suspect." WEB

static bool is_suspect(struct kit_world *w)
{
	return view_mark_is_suspect(&w->state.view, zone_name(w->zone), kit_name(WEB));
}

static void reports_are_told_apart_from_other_records(void **state)
{
	static const struct {
		const char *owners[2];
		uint16_t rrclass, type;
		bool has_reports, has_others;
	} rows[] = {
		{{WEB, "n1.nodes"}, DNS_CLASS_IN, DNS_TYPE_TXT, false, true},
		{{REPORT, "_suspect.api._http._tcp"}, DNS_CLASS_IN, DNS_TYPE_TXT, true, false},
		{{REPORT, WEB}, DNS_CLASS_IN, DNS_TYPE_TXT, true, true},
		{{"_suspect.n1.nodes", WEB}, DNS_CLASS_IN, DNS_TYPE_TXT, false, true},
		/* Only records that are added count. */
		{{REPORT, WEB}, DNS_CLASS_ANY, DNS_TYPE_TXT, false, false},
		{{REPORT, WEB}, DNS_CLASS_NONE, DNS_TYPE_TXT, false, false},
		{{WEB, WEB}, DNS_CLASS_IN, DNS_TYPE_SOA, false, false},
	};
	struct kit_world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct dns_update_record records[2];
		struct update_report_kinds kinds;

		for (unsigned k = 0; k < 2; k++)
			records[k] = (struct dns_update_record){
				.owner = kit_name(rows[i].owners[k]),
				.rrclass = rows[i].rrclass,
				.type = rows[i].type,
			};
		kinds = update_report_look(zone_name(w->zone), records, 2);
		assert_int_equal(kinds.has_reports, rows[i].has_reports);
		assert_int_equal(kinds.has_others, rows[i].has_others);
	}
}

static void enough_keys_within_the_time_make_an_instance_suspect(void **state)
{
	static const struct {
		const char *keys[3];
		uint64_t pause_ms; /* between two reports */
		bool is_suspect;
	} rows[] = {
		{{"n2"}, 0, false},
		{{"n2", "n3"}, 0, true},
		{{"n2", "n3"}, 9900, true},
		{{"n2", "n3"}, 10100, false},
		{{"n2", "n2", "n2"}, 100, false},
		{{"n2", "n2", "n3"}, 100, true},
	};
	struct kit_world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(kit_do(w, "n1", 7200, 0, "+ " WEB " SRV 80 n1.nodes"), 0);
		assert_false(is_suspect(w));
		for (unsigned k = 0; k < 3 && rows[i].keys[k] != NULL; k++) {
			if (k > 0)
				kit_pass(w, rows[i].pause_ms);
			assert_int_equal(
				kit_do(w, rows[i].keys[k], 60, 0, "+ " REPORT " TXT broken"), 0);
		}
		assert_int_equal(is_suspect(w), rows[i].is_suspect);
		assert_int_equal(kit_do(w, "n1", 0, 0, "- " WEB), 0);
		kit_pass(w, 70000);
		assert_int_equal(kit_wrong(w), 0);
	}
}

static void a_new_report_replaces_the_keys_earlier_one(void **state)
{
	struct kit_world *w = *state;

	kit_do(w, "n1", 300, 0, "+ " WEB " SRV 80 n1.nodes");
	assert_int_equal(kit_do(w, "n2", 0, 0, "+ " REPORT " TXT slow"), 0);
	assert_int_equal(kit_do(w, "n2", 0, 0, "+ " REPORT " TXT gone"), 0);
	assert_int_equal(kit_count(w, REPORT, "TXT"), 1);
	assert_int_equal(kit_do(w, "n3", 0, 0, "+ " REPORT " TXT slow"), 0);
	assert_int_equal(kit_count(w, REPORT, "TXT"), 2);
}

static void registering_again_clears_the_instance_and_its_reports(void **state)
{
	struct kit_world *w = *state;

	kit_do(w, "n1", 300, 0, "+ " WEB " SRV 80 n1.nodes");
	kit_do(w, "n2", 60, 0, "+ " REPORT " TXT n2");
	kit_do(w, "n3", 60, 0, "+ " REPORT " TXT n3");
	assert_true(is_suspect(w));
	/* The end of the reports does not clear an instance with a lease. */
	kit_pass(w, 70000);
	assert_int_equal(kit_count(w, REPORT, "TXT"), 0);
	assert_true(is_suspect(w));
	kit_do(w, "n2", 60, 0, "+ " REPORT " TXT n2");
	assert_int_equal(kit_do(w, "n1", 300, 0, "+ " WEB " SRV 80 n1.nodes"), 0);
	assert_false(is_suspect(w));
	assert_int_equal(kit_count(w, REPORT, "TXT"), 0);
	assert_int_equal(kit_wrong(w), 0);
}

static void an_instance_without_a_lease_is_cleared_by_the_end_of_its_last_report(void **state)
{
	static const char *const ends[] = {NULL, "- " REPORT " TXT n3"};
	struct kit_world *w = *state;

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		kit_do(w, "n1", 0, 0, "+ " WEB " SRV 80 n1.nodes");
		kit_do(w, "n2", 1, 0, "+ " REPORT " TXT n2");
		kit_do(w, "n3", 60, 0, "+ " REPORT " TXT n3");
		kit_pass(w, 30000);
		assert_int_equal(kit_count(w, REPORT, "TXT"), 1);
		assert_true(is_suspect(w));
		if (ends[i] == NULL)
			kit_pass(w, 40000);
		else
			assert_int_equal(kit_do(w, "n3", 0, 0, ends[i]), 0);
		assert_false(is_suspect(w));
		assert_int_equal(kit_wrong(w), 0);
	}
}

static void reports_are_ignored_if_the_rule_says_so(void **state)
{
	struct kit_world *w = *state;

	w->services.suspect.then = VIEW_IGNORE;
	kit_do(w, "n1", 300, 0, "+ " WEB " SRV 80 n1.nodes");
	kit_do(w, "n2", 60, 0, "+ " REPORT " TXT n2");
	kit_do(w, "n3", 60, 0, "+ " REPORT " TXT n3");
	assert_false(is_suspect(w));
	assert_int_equal(kit_count(w, REPORT, "TXT"), 2);
}

static void a_report_must_be_alone_in_its_update(void **state)
{
	struct kit_world *w = *state;

	kit_do(w, "n1", 300, 0, "+ " WEB " SRV 80 n1.nodes");
	assert_int_equal(
		kit_do(w, "n2", 60, 0, "+ api._http._tcp SRV 81 n2.nodes; + " REPORT " TXT n2"),
		DNS_RCODE_REFUSED);
	assert_string_equal(w->result.text,
			    "update 2: " REPORT ".lab.cloud. TXT is a report, which "
			    "must be in an update of its own");
	assert_int_equal(kit_count(w, REPORT, "TXT"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_view_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reports_are_told_apart_from_other_records),
		TEST(enough_keys_within_the_time_make_an_instance_suspect),
		TEST(a_new_report_replaces_the_keys_earlier_one),
		TEST(registering_again_clears_the_instance_and_its_reports),
		TEST(an_instance_without_a_lease_is_cleared_by_the_end_of_its_last_report),
		TEST(reports_are_ignored_if_the_rule_says_so),
		TEST(a_report_must_be_alone_in_its_update),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
