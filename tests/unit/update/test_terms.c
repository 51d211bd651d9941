/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "update/terms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dns/type.h"
#include "update/policy.h"
#include "update/update_priv.h"

enum { RECORDS_MAX = 3 };

static const struct ledger_lease_rule rule = {
	.minimum_s = 30, .maximum_s = 3600, .key_maximum_s = 7200, .default_s = 600};

/* What `lease_s` (0: none asked for) gives to an update of `owners`, relative to lab.cloud. A name
 * after "-" is one that has a record removed. */
static struct update decided(struct update_policy *policy, uint32_t lease_s,
			     const char *const owners[static RECORDS_MAX])
{
	static uint8_t zone[DNS_NAME_MAX], names[RECORDS_MAX][DNS_NAME_MAX];
	struct ledger_lease_terms asked = {.is_present = lease_s > 0, .lease_s = lease_s};
	struct dns_update_record records[RECORDS_MAX];
	const struct update_request request = {
		.policy = policy, .lease_rule = &rule, .lease = &asked};
	struct update u = {.request = &request, .zone = zone, .message = {.update = records}};

	dns_name_from_text(zone, "lab.cloud.", 10, NULL);
	for (unsigned i = 0; i < RECORDS_MAX && owners[i] != NULL; i++) {
		const char *text = owners[i] + (owners[i][0] == '-');

		assert_int_not_equal(dns_name_from_text(names[i], text, strlen(text), zone), 0);
		records[i] = (struct dns_update_record){
			.owner = names[i],
			.type = DNS_TYPE_TXT,
			.rrclass = text == owners[i] ? DNS_CLASS_IN : DNS_CLASS_NONE};
		u.message.nupdates++;
	}
	update_terms_decide(&u);
	return u;
}

static struct update_policy *fabric(void)
{
	struct update_policy *policy = update_policy_new_fabric((const uint8_t *)"\3lab\5cloud");

	assert_non_null(policy);
	return policy;
}

static void the_least_lease_is_that_of_what_is_added(void **state)
{
	static const struct {
		const char *owners[RECORDS_MAX];
		uint32_t least_s;
	} rows[] = {
		{{"_leader._cluster"}, 1},
		{{"n1.nodes"}, 3},
		{{"n1.nodes", "_leader._cluster"}, 3},
		{{"_acme-challenge.n1.nodes"}, 30},
		{{"web._http._tcp"}, 30},
		{{"n1.nodes", "web._http._tcp"}, 30},
		{{"n1.nodes", "-web._http._tcp"}, 3},
		{{"-n1.nodes"}, 30}, /* adds nothing */
		{{NULL}, 30},
	};
	struct update_policy *policy = fabric();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct update u = decided(policy, 1, rows[i].owners);

		assert_int_equal(u.least_lease_s, rows[i].least_s);
		assert_true(u.terms.is_present);
		assert_int_equal(u.terms.lease_s, rows[i].least_s);
	}
	update_policy_free(policy);
}

static void what_is_lasting_has_a_lease_only_if_it_is_asked_for(void **state)
{
	static const struct {
		const char *owners[RECORDS_MAX];
		uint32_t asked_s, lease_s;
	} rows[] = {
		{{"web._http._tcp"}, 0, 600},
		{{"_spec.web._http._tcp"}, 0, 0},
		{{"_runs.n1.nodes"}, 0, 0},
		{{"web._schemas"}, 0, 0},
		{{"1-7._events._cluster"}, 0, 0},
		{{"web._http._tcp", "_runs.n1.nodes"}, 0, 0},
		{{"web._http._tcp", "-_runs.n1.nodes"}, 0, 600},
		{{"_runs.n1.nodes"}, 60, 60},
	};
	struct update_policy *policy = fabric();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct update u = decided(policy, rows[i].asked_s, rows[i].owners);

		assert_int_equal(u.terms.lease_s, rows[i].lease_s);
	}
	update_policy_free(policy);
}

static void without_a_fabric_the_rule_of_the_zone_is_for_all(void **state)
{
	static const char *const owners[RECORDS_MAX] = {"n1.nodes", "_runs.n1.nodes"};
	struct update_policy *policy = update_policy_new_key((const uint8_t *)"\5bench");
	struct update u;

	(void)state;
	assert_non_null(policy);
	u = decided(policy, 0, owners);
	assert_int_equal(u.least_lease_s, 30);
	assert_int_equal(u.terms.lease_s, 600);
	update_policy_free(policy);
}

static void a_zone_without_leases_grants_none(void **state)
{
	struct ledger_lease_terms asked = {.is_present = true, .lease_s = 60};
	const struct update_request request = {.lease = &asked};
	struct update u = {.request = &request, .least_lease_s = 7};

	(void)state;
	u.terms.lease_s = 7;
	update_terms_decide(&u);
	assert_int_equal(u.terms.lease_s, 0);
	assert_int_equal(u.least_lease_s, 0);
	assert_false(u.terms.is_present);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_least_lease_is_that_of_what_is_added),
		cmocka_unit_test(what_is_lasting_has_a_lease_only_if_it_is_asked_for),
		cmocka_unit_test(without_a_fabric_the_rule_of_the_zone_is_for_all),
		cmocka_unit_test(a_zone_without_leases_grants_none),
	};

	return cmocka_run_group_tests_name("update/terms", tests, NULL, NULL);
}
