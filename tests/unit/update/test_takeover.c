/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../memory.h"
#include "dns/type.h"
#include "update/takeover.h"

#define WEB "web._http._tcp"
#define RUN(n) "+ _runs." n ".nodes PTR " WEB
#define REGISTER(inc, node) \
	"+ " WEB " SRV 80 " node ".nodes; + " WEB " TXT inc=" inc "; + _http._tcp PTR " WEB

static const char assigned[] = "is assigned to another node",
		  n1s[] = "belongs to key n1.keys.lab.cloud.",
		  n1s_later[] = "belongs to key n1.keys.lab.cloud., and only a higher inc= takes "
				"it over",
		  n2s[] = "belongs to key n2.keys.lab.cloud.";

static int setup(void **state)
{
	struct ledger_fabric *f = calloc(1, sizeof(*f));
	int ret = kit_view_setup(state);
	struct kit_world *w = *state;

	assert_non_null(f);
	memcpy(f->zone, kit_name("lab.cloud."), dns_name_nbytes(kit_name("lab.cloud.")));
	memcpy(f->fabric, f->zone, sizeof(f->zone));
	ledger_set_fabrics(&w->state.ledger, f, 1);
	return ret;
}

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
		const char *text = w->result.text;
		size_t n = strlen(rows[i].why);

		assert_int_equal(kit_do(w, rows[i].key, 10, 0, rows[i].update), rows[i].rcode);
		assert_true(strlen(text) >= n);
		if (n > 0)
			assert_string_equal(text + strlen(text) - n, rows[i].why);
		assert_string_equal(kit_owner(w, WEB), rows[i].owner);
		assert_int_equal(kit_wrong(w), 0);
	}
}

#define ASSERT_ROWS(state, rows) assert_rows(state, rows, sizeof(rows) / sizeof(*(rows)))

static void an_instance_is_registered_by_a_node_that_it_is_assigned_to(void **state)
{
	static const struct row rows[] = {
		{"admin", RUN("n2"), 0, "", ""},
		{"n3", REGISTER("1", "n3"), DNS_RCODE_YXDOMAIN, assigned, ""},
		{"n3", "- " WEB, 0, "", ""},
		{"n2", REGISTER("1", "n2"), 0, "", "n2"},
		{"n3", REGISTER("2", "n3"), DNS_RCODE_YXDOMAIN, n2s, "n2"},
		{"n2", "- " WEB, 0, "", ""},
		{"admin", "- _runs.n2.nodes; " RUN("n1") "; " RUN("n3"), 0, "", ""},
		{"n2", REGISTER("1", "n2"), DNS_RCODE_YXDOMAIN, assigned, ""},
		{"n3", REGISTER("1", "n3"), 0, "", "n3"},
		{"n3", "- " WEB, 0, "", ""},
		{"admin", "- _runs.n1.nodes; - _runs.n3.nodes", 0, "", ""},
		{"n2", REGISTER("1", "n2"), 0, "", "n2"},
	};

	ASSERT_ROWS(*state, rows);
}

static void the_node_that_it_is_assigned_to_takes_it_over_with_a_higher_inc(void **state)
{
	static const struct row rows[] = {
		{"n1", REGISTER("1", "n1"), 0, "", "n1"},
		{"n2", REGISTER("2", "n2"), DNS_RCODE_YXDOMAIN, n1s, "n1"},
		{"admin", RUN("n2"), 0, "", "n1"},
		{"n3", REGISTER("2", "n3"), DNS_RCODE_YXDOMAIN, n1s, "n1"},
		/* Until it is taken over, it is as before. */
		{"n1", REGISTER("1", "n1"), 0, "", "n1"},
		{"n2", REGISTER("1", "n2"), DNS_RCODE_YXDOMAIN, n1s_later, "n1"},
		{"n2", "+ " WEB " SRV 80 n2.nodes", DNS_RCODE_YXDOMAIN, n1s_later, "n1"},
		{"n2", "- " WEB, DNS_RCODE_YXDOMAIN, n1s_later, "n1"},
		{"n2", REGISTER("2", "n2"), 0, "", "n2"},
		/* The owner before is fenced. */
		{"n1", REGISTER("1", "n1"), DNS_RCODE_YXDOMAIN, n2s, "n2"},
		{"n1", REGISTER("3", "n1"), DNS_RCODE_YXDOMAIN, n2s, "n2"},
		{"n1", "- " WEB, DNS_RCODE_YXDOMAIN, n2s, "n2"},
		/* The owner keeps it when it is assigned nowhere, or elsewhere. */
		{"admin", "- _runs.n2.nodes", 0, "", "n2"},
		{"n2", REGISTER("2", "n2"), 0, "", "n2"},
		{"admin", RUN("n1"), 0, "", "n2"},
		{"n2", REGISTER("2", "n2"), 0, "", "n2"},
		{"n1", REGISTER("3", "n1"), 0, "", "n1"},
	};
	struct kit_world *w = *state;

	ASSERT_ROWS(w, rows);
	assert_int_equal(kit_count(w, WEB, "SRV"), 1);
	assert_int_equal(kit_count(w, WEB, "TXT"), 1);
}

/* One key must not be able to keep an instance from all others by a number that none is above. */
static void the_last_inc_is_followed_by_any(void **state)
{
	static const struct row rows[] = {
		{"n1", REGISTER("999999999999999998", "n1"), 0, "", "n1"},
		{"admin", RUN("n2"), 0, "", "n1"},
		{"n2", REGISTER("2", "n2"), DNS_RCODE_YXDOMAIN, n1s_later, "n1"},
		{"n2", REGISTER("999999999999999999", "n2"), 0, "", "n2"},
		{"admin", "- _runs.n2.nodes; " RUN("n1"), 0, "", "n2"},
		{"n1", REGISTER("1", "n1"), 0, "", "n1"},
	};

	ASSERT_ROWS(*state, rows);
}

/* n1's lease holds its address too, which stays until that lease ends. */
static void no_lease_of_the_former_owner_holds_what_was_taken_over(void **state)
{
	struct kit_world *w = *state;

	assert_int_equal(kit_do(w, "n1", 10, 100,
				REGISTER("1", "n1") "; + _a._sub._http._tcp PTR " WEB
						    "; + _uses." WEB " PTR db._pg._tcp; + "
						    "n1.nodes A 10.0.0.9"),
			 0);
	assert_int_equal(kit_do(w, NULL, 0, 0, RUN("n2")), 0);
	kit_pass(w, 5000);
	assert_int_equal(kit_do(w, "n2", 20, 0, REGISTER("2", "n1")), 0);
	assert_int_equal(kit_count(w, "_uses." WEB, "PTR"), 0);
	assert_string_equal(kit_owner(w, "_uses." WEB), "");
	assert_false(kit_points(w, "_a._sub._http._tcp", WEB));
	assert_true(kit_points(w, "_http._tcp", WEB));
	assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_NAME), -1);
	assert_int_equal(kit_count(w, "n1.nodes", "A"), 2);
	kit_pass(w, 5000);
	assert_int_equal(kit_count(w, "n1.nodes", "A"), 1);
	assert_int_equal(kit_count(w, WEB, "SRV"), 1);
	assert_string_equal(kit_owner(w, WEB), "n2");
	assert_int_equal(kit_wrong(w), 0);
	kit_pass(w, 15000);
	assert_int_equal(kit_count(w, WEB, "SRV"), 0);
	assert_string_equal(kit_owner(w, WEB), "");
}

static void updates_of_one_batch_see_what_is_assigned(void **state)
{
	struct kit_world *w = *state;

	assert_int_equal(kit_do(w, "n1", 10, 0, REGISTER("1", "n1")), 0);
	assert_int_equal(kit_update(w, "n2", 10, 0, REGISTER("2", "n2")), DNS_RCODE_YXDOMAIN);
	assert_int_equal(kit_update(w, NULL, 0, 0, RUN("n2")), 0);
	assert_int_equal(kit_update(w, "n2", 10, 0, REGISTER("2", "n2")), 0);
	assert_int_equal(kit_update(w, "n1", 10, 0, REGISTER("1", "n1")), DNS_RCODE_YXDOMAIN);
	kit_undo(w);
	assert_string_equal(kit_owner(w, WEB), "n1");
	assert_int_equal(ledger_assigned_count(&w->state.ledger.assigned, kit_name("lab.cloud."),
					       kit_name(WEB)),
			 0);
	assert_int_equal(kit_do(w, "n2", 10, 0, REGISTER("2", "n2")), DNS_RCODE_YXDOMAIN);
	assert_int_equal(kit_do(w, "n1", 10, 0, REGISTER("1", "n1")), 0);
}

static void what_the_quota_counts_moves_with_the_instance(void **state)
{
	struct kit_world *w = *state;
	struct ledger_usages *u = &w->state.ledger.usages;

	kit_do(w, "n1", 10, 0, REGISTER("1", "n1") "; + _uses." WEB " PTR db._pg._tcp");
	assert_int_equal(
		ledger_usage_of(u, kit_name("lab.cloud."), kit_name("n1.keys")).of[LEDGER_RECORDS],
		3);
	kit_do(w, NULL, 0, 0, RUN("n2"));
	kit_do(w, "n2", 10, 0, REGISTER("2", "n2"));
	assert_int_equal(ledger_usage_of(u, kit_name("lab.cloud."), kit_name("n1.keys"))
				 .of[LEDGER_INSTANCES],
			 0);
	assert_int_equal(ledger_usage_of(u, kit_name("lab.cloud."), kit_name("n2.keys"))
				 .of[LEDGER_INSTANCES],
			 1);
}

static void a_drained_instance_stays_drained(void **state)
{
	struct kit_world *w = *state;

	kit_do(w, "n1", 10, 0, REGISTER("1", "n1"));
	kit_do(w, NULL, 0, 0, RUN("n2"));
	assert_true(kit_drain(w, WEB, true) > 0);
	assert_true(kit_commit(w, false) >= 0);
	assert_false(kit_points(w, "_http._tcp", WEB));
	assert_int_equal(kit_do(w, "n2", 10, 0, REGISTER("2", "n2")), 0);
	assert_false(kit_points(w, "_http._tcp", WEB));
	assert_int_equal(kit_wrong(w), 0);
	assert_true(kit_drain(w, WEB, false) > 0);
	assert_true(kit_commit(w, false) >= 0);
	assert_true(kit_points(w, "_http._tcp", WEB));
	assert_int_equal(kit_count(w, WEB, "TXT"), 1);
	assert_int_equal(kit_wrong(w), 0);
}

static void a_takeover_for_which_memory_is_short_changes_nothing(void **state)
{
	struct kit_world *w = *state;
	int ret = -ENOMEM;

	kit_do(w, "n1", 10, 100, REGISTER("1", "n1") "; + _uses." WEB " PTR db._pg._tcp");
	kit_do(w, NULL, 0, 0, RUN("n2"));
	for (int n = 0; ret == -ENOMEM; n++) {
		memory_fail_after(n);
		ret = kit_update(w, "n2", 10, 0, REGISTER("2", "n2"));
		memory_fail_after(MEMORY_ENOUGH);
		if (ret != 0) {
			kit_undo(w);
			assert_string_equal(kit_owner(w, WEB), "n1");
			assert_string_equal(kit_owner(w, "_uses." WEB), "n1");
			assert_int_equal(kit_count(w, "_uses." WEB, "PTR"), 1);
		}
	}
	assert_int_equal(ret, 0);
	assert_true(kit_commit(w, false) >= 0);
	assert_string_equal(kit_owner(w, WEB), "n2");
	assert_int_equal(kit_wrong(w), 0);
}

#define WORLD(name) cmocka_unit_test_setup_teardown(name, setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(an_instance_is_registered_by_a_node_that_it_is_assigned_to),
		WORLD(the_node_that_it_is_assigned_to_takes_it_over_with_a_higher_inc),
		WORLD(the_last_inc_is_followed_by_any),
		WORLD(no_lease_of_the_former_owner_holds_what_was_taken_over),
		WORLD(updates_of_one_batch_see_what_is_assigned),
		WORLD(what_the_quota_counts_moves_with_the_instance),
		WORLD(a_drained_instance_stays_drained),
		WORLD(a_takeover_for_which_memory_is_short_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
