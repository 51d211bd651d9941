/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../memory.h"
#include "../registry/kit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "listing/leases.h"
#include "zone/changeset.h"

enum { MANY = 1000, PART = 16 };

static uint64_t now_ms(const struct kit_world *w)
{
	return ledger_clock_now(&w->state.ledger.clock, w->steady_ms);
}

/* Lists all leases, at most `most` at a time. Returns the number of calls that it took. */
static unsigned list(const struct kit_world *w, struct listing_leases *l, const uint8_t *zone,
		     size_t most)
{
	unsigned calls = 0;
	int ret;

	do {
		ret = listing_leases_walk(l, &w->state.ledger,
					  &(struct listing_lease_filter){.zone = zone}, now_ms(w),
					  most);
		assert_true(ret >= 0);
		calls++;
	} while (ret > 0);
	return calls;
}

static void lease_hosts(struct kit_world *w, unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++) {
		char text[40];

		snprintf(text, sizeof(text), "+ h%u A 10.0.0.1", i);
		assert_int_equal(kit_do(w, NULL, 100, 0, text), 0);
	}
}

static void a_lease_is_listed_as_it_is(void **state)
{
	struct kit_world *w = *state;
	struct listing_leases l = {0};
	struct listing_lease one;
	size_t at = 0;

	assert_int_equal(kit_do(w, "n1", 100, 1000,
				"+ web._http._tcp SRV 80 n1.nodes; + web._http._tcp TXT a"),
			 0);
	kit_pass(w, 40000);
	list(w, &l, NULL, PART);
	assert_int_equal(l.count, 2);
	for (unsigned i = 0; i < 2; i++) {
		bool is_name;

		assert_true(listing_leases_next(&l, &at, &one));
		is_name = one.number == LEDGER_LEASE_NAME;
		assert_true(dns_name_equal(one.name, kit_name("web._http._tcp")));
		assert_true(dns_name_equal(one.zone, kit_name("lab.cloud.")));
		assert_true(dns_name_equal(one.holder, kit_name("n1.keys.lab.cloud.")));
		assert_true(dns_name_equal(one.owner, kit_name("n1.keys.lab.cloud.")));
		assert_int_equal(one.granted_s, is_name ? 1000 : 100);
		assert_in_range(one.left_ms, is_name ? 959000 : 59000, is_name ? 960000 : 60000);
		assert_int_equal(one.nrecords, is_name ? 0 : 2);
		assert_int_equal(one.nbytes, 0);
		assert_true(one.is_hosted);
	}
	assert_false(listing_leases_next(&l, &at, &one));
	listing_leases_fini(&l);
}

static void records_are_copied_when_they_are_asked_for(void **state)
{
	struct kit_world *w = *state;
	struct listing_leases l = {0};
	struct ledger_lease *lease;
	struct listing_lease one;
	struct dns_record record;
	struct base_buf b;
	unsigned n = 0;
	size_t at = 0;

	assert_int_equal(kit_do(w, NULL, 100, 0, "+ a A 10.0.0.1; + a A 10.0.0.2"), 0);
	lease = ledger_leases_find(&w->state.ledger.leases, kit_name("lab.cloud."), kit_name("a"),
				   LEDGER_LEASE_RECORDS);
	assert_non_null(lease);
	assert_int_equal(listing_leases_add(&l, &w->state.ledger, lease, now_ms(w), true), 0);
	assert_true(listing_leases_next(&l, &at, &one));
	assert_null(one.owner);
	b = base_buf_over(one.records, one.nbytes);
	while (zone_changeset_next(&b, &record)) {
		assert_true(dns_name_equal(record.owner, kit_name("a")));
		n++;
	}
	assert_false(b.has_failed);
	assert_int_equal(n, 2);
	listing_leases_fini(&l);
}

static void a_walk_in_parts_meets_each_lease_once(void **state)
{
	struct kit_world *w = *state;
	struct listing_leases l = {0};
	struct listing_lease one;
	bool was[MANY] = {false};
	size_t at = 0;

	lease_hosts(w, 0, MANY);
	assert_in_range(list(w, &l, NULL, PART), MANY / PART / 2, MANY);
	assert_int_equal(l.count, MANY);
	while (listing_leases_next(&l, &at, &one)) {
		unsigned i = (unsigned)strtoul((const char *)one.name + 2, NULL, 10);

		assert_in_range(i, 0, MANY - 1);
		assert_false(was[i]);
		was[i] = true;
	}
	listing_leases_fini(&l);
}

static void leases_are_listed_by_key_and_by_node(void **state)
{
	static const struct {
		const char *key, *node;
		size_t count;
	} rows[] = {
		{NULL, NULL, 4},
		{"n1.", NULL, 3},
		{"n1.keys.lab.cloud.", NULL, 3},
		{"n2.", NULL, 1},
		{"n.", NULL, 0},
		/* the node itself, and the services whose SRVs target it */
		{NULL, "n1.", 2},
		{NULL, "n1.nodes.lab.cloud.", 2},
		{NULL, "n2.", 2},
		{NULL, "web.", 0},
		{"n1.", "n2.", 1},
		{"n2.", "n1.", 0},
	};
	struct kit_world *w = *state;

	assert_int_equal(kit_do(w, "n1", 100, 0, "+ n1.nodes A 10.0.0.1"), 0);
	assert_int_equal(kit_do(w, "n1", 100, 0, "+ web._http._tcp SRV 80 n1.nodes"), 0);
	assert_int_equal(kit_do(w, "n1", 100, 0, "+ api._http._tcp SRV 80 n2.nodes"), 0);
	assert_int_equal(kit_do(w, "n2", 100, 0, "+ ftp._ftp._tcp SRV 80 n2.nodes"), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct listing_lease_filter filter = {
			.key = rows[i].key == NULL ? NULL : kit_name(rows[i].key),
			.node = rows[i].node == NULL ? NULL : kit_name(rows[i].node),
		};
		struct listing_leases l = {0};

		while (listing_leases_walk(&l, &w->state.ledger, &filter, now_ms(w), PART) > 0)
			;
		assert_int_equal(l.count, rows[i].count);
		listing_leases_fini(&l);
	}
}

static void a_table_that_grows_meanwhile_is_walked_anew(void **state)
{
	struct kit_world *w = *state;
	struct listing_leases l = {0};

	lease_hosts(w, 0, 60);
	assert_int_equal(listing_leases_walk(&l, &w->state.ledger, NULL, now_ms(w), PART), 1);
	lease_hosts(w, 60, MANY);
	list(w, &l, NULL, PART);
	assert_int_equal(l.count, MANY);
	listing_leases_fini(&l);
}

static void only_the_zone_that_is_asked_for_is_listed(void **state)
{
	struct kit_world *w = *state;
	struct listing_leases l = {0}, other = {0};
	struct listing_lease one;
	size_t at = 0;

	lease_hosts(w, 0, 10);
	list(w, &l, kit_name("LAB.cloud."), PART);
	list(w, &other, kit_name("cloud."), PART);
	assert_int_equal(l.count, 10);
	assert_int_equal(other.count, 0);
	assert_false(listing_leases_next(&other, &at, &one));
	listing_leases_fini(&l);
	listing_leases_fini(&other);
}

static void without_memory_nothing_is_added(void **state)
{
	struct kit_world *w = *state;
	struct listing_leases l = {0};

	lease_hosts(w, 0, 10);
	memory_fail_after(0);
	assert_int_equal(listing_leases_walk(&l, &w->state.ledger, NULL, now_ms(w), MANY), -ENOMEM);
	memory_fail_after(MEMORY_ENOUGH);
	assert_int_equal(l.count, 0);
	assert_int_equal(l.nbytes, 0);
	listing_leases_fini(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_lease_is_listed_as_it_is, kit_world_setup,
						kit_world_teardown),
		cmocka_unit_test_setup_teardown(records_are_copied_when_they_are_asked_for,
						kit_world_setup, kit_world_teardown),
		cmocka_unit_test_setup_teardown(a_walk_in_parts_meets_each_lease_once,
						kit_world_setup, kit_world_teardown),
		cmocka_unit_test_setup_teardown(leases_are_listed_by_key_and_by_node,
						kit_world_setup, kit_world_teardown),
		cmocka_unit_test_setup_teardown(a_table_that_grows_meanwhile_is_walked_anew,
						kit_world_setup, kit_world_teardown),
		cmocka_unit_test_setup_teardown(only_the_zone_that_is_asked_for_is_listed,
						kit_world_setup, kit_world_teardown),
		cmocka_unit_test_setup_teardown(without_memory_nothing_is_added, kit_world_setup,
						kit_world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
