/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The whole table of key, operation, name and type is in tests/system/test_ownership.py; these
 * tests check updates of several records, and the owners of the names afterwards. */

#include "../registry/kit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dns/type.h"
#include "update/fabric_policy.h"

#define WEB "web._http._tcp"

/* Each row continues from the one before. */
struct row {
	const char *key, *update;
	int rcode;
	const char *why;   /* the result's text ends so */
	const char *owner; /* the owner of WEB afterwards */
};

static void assert_rows(struct kit_world *w, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *why = w->result.text;
		size_t n;

		assert_int_equal(kit_do(w, rows[i].key, 0, 0, rows[i].update), rows[i].rcode);
		n = rows[i].rcode == 0 ? 0 : strlen(rows[i].why);
		assert_true(strlen(why) >= n);
		if (n > 0)
			assert_string_equal(why + strlen(why) - n, rows[i].why);
		assert_string_equal(kit_owner(w, WEB), rows[i].owner);
	}
}

static void a_name_belongs_to_the_key_that_registers_it_until_it_is_empty(void **state)
{
	static const struct row rows[] = {
		{"n1", "+ " WEB " TXT a", 0, "", "n1"},
		{"n2", "+ " WEB " TXT b", DNS_RCODE_YXDOMAIN, "belongs to key n1.keys.lab.cloud.",
		 "n1"},
		{"n2", "- " WEB " TXT nosuch", DNS_RCODE_YXDOMAIN,
		 "belongs to key n1.keys.lab.cloud.", "n1"},
		{"n1", "- " WEB "; + " WEB " TXT b", 0, "", "n1"},
		{"n1", "+ " WEB " TXT c; - " WEB " TXT b", 0, "", "n1"},
		{"n1", "- " WEB " TXT c", 0, "", ""},
		{"n2", "- " WEB, 0, "", ""},
		{"n2", "+ " WEB " TXT b; - " WEB, 0, "", ""},
		{"n2", "+ WEB._HTTP._tcp TXT b", 0, "", "n2"},
		{"n1", "- " WEB, DNS_RCODE_YXDOMAIN, "belongs to key n2.keys.lab.cloud.", "n2"},
		{"admin", "- " WEB "; + " WEB " TXT a", 0, "", "n2"},
		{"admin", "- " WEB, 0, "", ""},
		{"admin", "+ " WEB " TXT a", 0, "", "admin"},
		{"n1", "+ " WEB " TXT b", DNS_RCODE_YXDOMAIN,
		 "belongs to key admin.keys.lab.cloud.", "admin"},
	};

	assert_rows(*state, rows, sizeof(rows) / sizeof(*rows));
}

static void a_ptr_is_allowed_to_ones_own_instance_or_one_registered_with_it(void **state)
{
	static const char unregistered[] = "points to an instance that is not registered",
			  none[] = "points to no instance of this service in the zone";
	static const struct row rows[] = {
		{"n1", "+ _http._tcp PTR " WEB, DNS_RCODE_REFUSED, unregistered, ""},
		{"n1", "+ _http._tcp PTR " WEB "; + " WEB " TXT a", 0, "", "n1"},
		{"n1", "+ _a._sub._http._tcp PTR " WEB, 0, "", "n1"},
		{"n2", "+ _b._sub._http._tcp PTR " WEB, DNS_RCODE_YXDOMAIN,
		 "belongs to key n1.keys.lab.cloud.", "n1"},
		{"n1", "+ _ipp._tcp PTR " WEB, DNS_RCODE_REFUSED, none, "n1"},
		{"n1", "+ _http._tcp PTR ns", DNS_RCODE_REFUSED, none, "n1"},
		{"n1", "+ _http._tcp PTR _http._tcp", DNS_RCODE_REFUSED, none, "n1"},
		{"n1", "+ _http._tcp PTR web._http._tcp.other.cloud.", DNS_RCODE_REFUSED, none,
		 "n1"},
		{"n1", "+ _http._tcp PTR cloud.", DNS_RCODE_REFUSED, none, "n1"},
		{"n1", "+ _http._tcp PTR .", DNS_RCODE_REFUSED, none, "n1"},
		{"n1", "- _http._tcp PTR", 0, "", "n1"},
		{"n2", "+ api._http._tcp TXT a; + _http._tcp PTR api._http._tcp", 0, "", "n1"},
		{"n1", "+ _http._tcp PTR " WEB, 0, "", "n1"},
		{"n1", "- _http._tcp", DNS_RCODE_YXDOMAIN, "belongs to key n2.keys.lab.cloud.",
		 "n1"},
		{"n1", "- _http._tcp PTR " WEB "; - " WEB, 0, "", ""},
		{"n1", "- _http._tcp PTR " WEB, 0, "", ""},
		{"n2", "- _http._tcp PTR", 0, "", ""},
	};

	assert_rows(*state, rows, sizeof(rows) / sizeof(*rows));
}

static void the_first_record_that_is_not_allowed_refuses_all(void **state)
{
	static const struct row rows[] = {
		{"n1", "+ " WEB " TXT a; + n2.nodes A 10.0.0.1", DNS_RCODE_REFUSED,
		 "update 2: n2.nodes.lab.cloud. A is at the name of another node", ""},
		{"n1", "+ " WEB " TXT a; + static._http._tcp TXT b; + n2.nodes A 10.0.0.1",
		 DNS_RCODE_YXDOMAIN,
		 "update 2: static._http._tcp.lab.cloud. TXT belongs to the zone's administrator",
		 ""},
	};
	struct kit_world *w = *state;

	assert_rows(w, rows, sizeof(rows) / sizeof(*rows));
	assert_int_equal(kit_count(w, WEB, "TXT"), 0);
}

static void updates_of_one_batch_see_each_others_owners(void **state)
{
	struct kit_world *w = *state;

	assert_int_equal(kit_update(w, "n1", 0, 0, "+ " WEB " TXT a"), 0);
	assert_int_equal(kit_update(w, "n2", 0, 0, "+ " WEB " TXT b"), DNS_RCODE_YXDOMAIN);
	assert_int_equal(kit_update(w, "n1", 0, 0, "- " WEB), 0);
	assert_int_equal(kit_update(w, "n2", 0, 0, "+ " WEB " TXT b"), 0);
	assert_true(kit_commit(w, false) > 0);
	assert_string_equal(kit_owner(w, WEB), "n2");
	assert_int_equal(kit_update(w, "n2", 0, 0, "- " WEB), 0);
	assert_int_equal(kit_update(w, "n1", 0, 0, "+ " WEB " TXT a"), 0);
	kit_undo(w);
	assert_string_equal(kit_owner(w, WEB), "n2");
	assert_int_equal(kit_do(w, "n1", 0, 0, "+ " WEB " TXT a"), DNS_RCODE_YXDOMAIN);
}

static void a_name_is_kept_by_its_key_lease_and_by_nothing_else(void **state)
{
	struct kit_world *w = *state;

	kit_do(w, "n1", 5, 20, "+ " WEB " TXT a");
	kit_do(w, "n1", 5, 0, "+ four._http._tcp TXT a");
	kit_pass(w, 5000);
	assert_int_equal(kit_count(w, WEB, "TXT"), 0);
	assert_string_equal(kit_owner(w, "four._http._tcp"), "");
	assert_string_equal(kit_owner(w, WEB), "n1");
	assert_int_equal(kit_do(w, "n2", 5, 0, "+ " WEB " TXT b"), DNS_RCODE_YXDOMAIN);
	kit_pass(w, 15000);
	assert_string_equal(kit_owner(w, WEB), "");
	/* A name that is removed on purpose is free at once. */
	kit_do(w, "n1", 5, 20, "+ " WEB " TXT a");
	kit_do(w, "n1", 0, 0, "- " WEB);
	assert_string_equal(kit_owner(w, WEB), "");
	assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_NAME), -1);
}

#define WORLD(name) cmocka_unit_test_setup_teardown(name, kit_world_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(a_name_belongs_to_the_key_that_registers_it_until_it_is_empty),
		WORLD(a_ptr_is_allowed_to_ones_own_instance_or_one_registered_with_it),
		WORLD(the_first_record_that_is_not_allowed_refuses_all),
		WORLD(updates_of_one_batch_see_each_others_owners),
		WORLD(a_name_is_kept_by_its_key_lease_and_by_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
