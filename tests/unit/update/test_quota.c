/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/type.h"
#include "update/policy.h"

#define WEB "web._http._tcp"
#define SRV(name) "+ " name "._http._tcp SRV 80 n1.nodes"
#define REPORT(name) "+ _suspect." name "._http._tcp TXT a"
#define OVER DNS_RCODE_REFUSED

static void set_quota(struct kit_world *w, uint64_t instances, uint64_t records, uint64_t octets,
		      uint64_t leases, uint64_t reports)
{
	const struct update_quota quota = {{instances, records, octets, leases, reports}};

	assert_int_equal(update_policy_set_quota(w->policy, &quota), 0);
}

static void set_fabric(struct kit_world *w)
{
	struct ledger_fabric *f = calloc(1, sizeof(*f));

	memcpy(f->zone, kit_name("lab.cloud."), dns_name_nbytes(kit_name("lab.cloud.")));
	memcpy(f->fabric, f->zone, sizeof(f->zone));
	ledger_set_fabrics(&w->state.ledger, f, 1);
}

/* Each row continues from the one before. */
struct row {
	const char *update;
	uint32_t lease_s, key_lease_s;
	int rcode; /* OVER: the key's quota */
	const char *what;
};

static void assert_rows(struct kit_world *w, const char *key, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char text[128];

		assert_int_equal(
			kit_do(w, key, rows[i].lease_s, rows[i].key_lease_s, rows[i].update),
			rows[i].rcode);
		assert_int_equal(w->result.bound,
				 rows[i].rcode == OVER ? UPDATE_BOUND_QUOTA : UPDATE_BOUND_NONE);
		if (rows[i].rcode != OVER)
			continue;
		snprintf(text, sizeof(text), "quota of %s.keys.lab.cloud: %s", key, rows[i].what);
		assert_string_equal(w->result.text, text);
		assert_int_equal(w->result.ede, DNS_EDE_OTHER);
	}
}

#define ASSERT_ROWS(w, rows) assert_rows(w, "n1", rows, sizeof(rows) / sizeof(*(rows)))

static void instances_are_bounded(void **state)
{
	static const struct row rows[] = {
		{SRV("a") "; " SRV("b") "; " SRV("c"), 0, 0, OVER, "2 instances"},
		{SRV("a") "; " SRV("A") "; " SRV("b"), 0, 0, 0, NULL},
		{SRV("c"), 0, 0, OVER, "2 instances"},
		{"- c._http._tcp; " SRV("c"), 0, 0, OVER, "2 instances"},
		/* What is there is registered again, changed, or makes room. */
		{"- a._http._tcp; " SRV("a"), 0, 0, 0, NULL},
		{"+ a._http._tcp TXT b", 0, 0, 0, NULL},
		{"- a._http._tcp; " SRV("c"), 0, 0, 0, NULL},
		{SRV("d") "; - d._http._tcp", 0, 0, 0, NULL},
		{"- c._http._tcp; - b._http._tcp; " SRV("d") "; " SRV("e"), 0, 0, 0, NULL},
	};

	set_fabric(*state);
	set_quota(*state, 2, 0, 0, 0, 0);
	ASSERT_ROWS(*state, rows);
}

static void records_and_octets_are_bounded(void **state)
{
	static const struct row rows[] = {
		{"+ n1.nodes A 10.0.0.1; + n1.nodes A 10.0.0.2; + n1.nodes A 10.0.0.1", 0, 0, 0,
		 NULL},
		{"+ n1.nodes A 10.0.0.3; " SRV("a"), 0, 0, OVER, "3 records"},
		{"+ _acme-challenge.n1.nodes TXT a", 0, 0, 0, NULL},
		{"+ n1.nodes A 10.0.0.3", 0, 0, OVER, "3 records"},
		{"- n1.nodes A; + n1.nodes A 10.0.0.3; + n1.nodes A 10.0.0.4", 0, 0, 0, NULL},
		{"- n1.nodes A 10.0.0.3; + n1.nodes A 10.0.0.5", 0, 0, 0, NULL},
		/* A record at another name is deleted by the same update. */
		{"+ n1.nodes A 10.0.0.6; - _acme-challenge.n1.nodes", 0, 0, 0, NULL},
		{"- n1.nodes; " SRV("a") "; " SRV("b") "; " SRV("c"), 0, 0, OVER, "100 octets"},
		{"- n1.nodes; " SRV("a") "; " SRV("b"), 0, 0, 0, NULL},
	};

	set_fabric(*state);
	set_quota(*state, 0, 3, 100, 0, 0);
	ASSERT_ROWS(*state, rows);
}

static void leases_and_reports_are_bounded(void **state)
{
	static const struct row rows[] = {
		{SRV("a") "; " SRV("b") "; + n1.nodes A 10.0.0.1", 30, 0, 0, NULL},
		{SRV("c"), 30, 60, OVER, "3 leases"},
		{SRV("c"), 30, 0, 0, NULL},
		{SRV("d"), 30, 0, OVER, "3 leases"},
		{SRV("d"), 0, 0, 0, NULL},
		{SRV("a"), 30, 0, 0, NULL},
		{SRV("a"), 30, 60, OVER, "3 leases"},
		{"- c._http._tcp; " SRV("e"), 30, 0, 0, NULL},
		{REPORT("static") "; " REPORT("x"), 30, 0, OVER, "1 reports"},
		{REPORT("static"), 30, 0, 0, NULL},
		{REPORT("static"), 30, 0, 0, NULL},
		{REPORT("x"), 30, 0, OVER, "1 reports"},
		{"- _suspect.static._http._tcp; " REPORT("x"), 30, 0, 0, NULL},
	};

	set_fabric(*state);
	set_quota(*state, 0, 0, 0, 3, 1);
	ASSERT_ROWS(*state, rows);
}

#define PTR(subtype, name) "+ _" subtype "._sub._http._tcp PTR " name "._http._tcp"

/* Those that the view withholds, because their instance is not live, count too. */
static void pointers_at_subtypes_are_bounded(void **state)
{
	static const struct row rows[] = {
		{SRV("a") "; " PTR("p", "a") "; " PTR("q", "a") "; " PTR("r", "a") "; " PTR("s",
											    "a"),
		 0, 0, OVER, "4 records"},
		{PTR("p", "a") "; " PTR("q", "a") "; " SRV("a") "; " PTR("P", "A"), 0, 0, 0, NULL},
		{PTR("r", "a"), 0, 0, 0, NULL},
		{PTR("s", "a"), 0, 0, OVER, "4 records"},
		{PTR("p", "a"), 0, 0, 0, NULL},
		{PTR("s", "a") "; - _none._sub._http._tcp PTR a._http._tcp", 0, 0, OVER,
		 "4 records"},
		{"- _p._sub._http._tcp PTR a._http._tcp; " PTR("s", "a"), 0, 0, 0, NULL},
		{"- _q._sub._http._tcp PTR; " PTR("p", "a"), 0, 0, 0, NULL},
		{"- a._http._tcp; " SRV("b") "; " PTR("p", "b") "; " PTR("q", "b"), 0, 0, 0, NULL},
		{"+ b._http._tcp TXT state=starting", 0, 0, 0, NULL},
		{PTR("r", "b"), 0, 0, OVER, "4 records"},
		{"- _p._sub._http._tcp PTR b._http._tcp; " PTR("r", "b"), 0, 0, 0, NULL},
		{"- b._http._tcp; " SRV("c") "; " PTR("p", "c"), 0, 0, 0, NULL},
		{PTR("q", "c") "; " PTR("r", "c"), 0, 0, 0, NULL},
	};

	kit_view(*state);
	set_fabric(*state);
	set_quota(*state, 0, 4, 0, 0, 0);
	ASSERT_ROWS(*state, rows);
	set_quota(*state, 0, 0, 180, 0, 0);
	/* 12 octets each, 17 for the SRV, 21 for the name that a PTR has. */
	assert_int_equal(kit_do(*state, "n1", 0, 0, PTR("s", "c")), DNS_RCODE_REFUSED);
	assert_int_equal(kit_do(*state, "n1", 0, 0, "- _p._sub._http._tcp PTR; " PTR("s", "c")), 0);
}

/* The administrator has no quota; what goes over a lowered one stays, and is refused nothing that
 * adds nothing. */
static void what_adds_nothing_is_never_refused(void **state)
{
	static const struct row rows[] = {
		{SRV("a"), 30, 0, 0, NULL},
		{"+ a._http._tcp TXT x", 30, 0, OVER, "1 records"},
		{"- a._http._tcp SRV 80 n1.nodes; + a._http._tcp TXT x", 0, 0, 0, NULL},
		{"- b._http._tcp; - c._http._tcp", 0, 0, 0, NULL},
		{"+ a._http._tcp TXT y", 0, 0, OVER, "1 records"},
		{"- a._http._tcp", 0, 0, 0, NULL},
		{SRV("d"), 0, 0, 0, NULL},
	};
	struct kit_world *w = *state;

	set_fabric(w);
	set_quota(w, 0, 100, 0, 0, 0);
	assert_int_equal(kit_do(w, "n1", 30, 0, SRV("a") "; " SRV("b") "; " SRV("c")), 0);
	set_quota(w, 0, 1, 0, 0, 0);
	ASSERT_ROWS(w, rows);
	assert_int_equal(kit_do(w, NULL, 0, 0, SRV("a") "; " SRV("b") "; " SRV("c")), 0);
}

/* An add that a later delete could have undone is known only afterwards. */
static void what_only_applying_shows_is_refused_late(void **state)
{
	struct kit_world *w = *state;

	set_fabric(w);
	set_quota(w, 1, 0, 0, 0, 0);
	assert_int_equal(kit_do(w, "n1", 0, 0, SRV("a")), 0);
	assert_int_equal(
		kit_update(w, "n1", 0, 0, SRV("b") "; - b._http._tcp TXT nosuch; - b._http._tcp A"),
		-ECANCELED);
	assert_int_equal(w->result.rcode, DNS_RCODE_REFUSED);
	assert_int_equal(w->result.bound, UPDATE_BOUND_QUOTA);
	assert_string_equal(w->result.text, "quota of n1.keys.lab.cloud: 1 instances");
	assert_int_equal(w->result.nadded + w->result.nremoved, 0);
	kit_undo(w);
	assert_int_equal(kit_count(w, "b._http._tcp", "SRV"), 0);
	assert_int_equal(
		ledger_usage_of(&w->state.ledger.usages, zone_name(w->zone), kit_name("n1.keys"))
			.of[LEDGER_INSTANCES],
		1);
}

#define WORLD(name) cmocka_unit_test_setup_teardown(name, kit_world_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(instances_are_bounded),
		WORLD(records_and_octets_are_bounded),
		WORLD(leases_and_reports_are_bounded),
		WORLD(pointers_at_subtypes_are_bounded),
		WORLD(what_adds_nothing_is_never_refused),
		WORLD(what_only_applying_shows_is_refused_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
