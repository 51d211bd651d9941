/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <stdlib.h>

#include "../memory.h"
#include "dns/type.h"
#include "view/check.h"

#define TYPE "_http._tcp"
#define WEB "web." TYPE

static void count_up(void *arg, bool is_missing, const struct dns_record *record)
{
	unsigned *counts = arg;

	(void)record;
	counts[is_missing]++;
}

/* Counts the surplus and the missing records of the current version. Returns what kit_check
 * returns. */
static int check(struct kit_world *w, unsigned counts[2])
{
	int ret;

	counts[0] = counts[1] = 0;
	w->draft = zone_draft_new(w->zone);
	ret = w->draft == NULL ? -1 : kit_check(w, count_up, counts);
	kit_undo(w);
	return ret;
}

static void each_missing_or_surplus_record_is_reported(void **state)
{
	static const struct {
		bool is_reverse; /* the record is in the reverse zone */
		const char *owner, *target;
		bool is_added; /* or removed */
		uint32_t ttl_s;
		unsigned nsurplus, nmissing;
	} rows[] = {
		{false, TYPE, WEB, false, 0, 0, 1},
		{false, "_p._sub." TYPE, WEB, false, 0, 0, 1},
		{false, "_services._dns-sd._udp", TYPE, false, 0, 0, 1},
		{true, "7.0.0.10.in-addr.arpa.", "n1.nodes", false, 0, 0, 1},
		{false, TYPE, "ghost." TYPE, true, 10, 1, 0},
		{false, "_services._dns-sd._udp", "_ghost._tcp", true, 10, 1, 0},
		{true, "8.0.0.10.in-addr.arpa.", "n1.nodes", true, 10, 1, 0},
		/* Another TTL than the rule's: the record is the administrator's. */
		{true, "8.0.0.10.in-addr.arpa.", "n1.nodes", true, 60, 0, 0},
	};
	struct kit_world *w = *state;
	unsigned counts[2];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const uint8_t *target;
		struct zone_draft *d;
		int n;

		assert_int_equal(kit_do(w, "n1", 0, 0,
					"+ " WEB " SRV 80 n1.nodes; + n1.nodes A 10.0.0.7; + "
					"_p._sub." TYPE " PTR " WEB),
				 0);
		assert_int_equal(check(w, counts), 0);
		assert_int_equal(counts[0] + counts[1], 0);
		/* The record changes without the view's knowledge. */
		d = zone_draft_new(rows[i].is_reverse ? w->reverse : w->zone);
		target = kit_name(rows[i].target);
		n = rows[i].is_added
			    ? zone_draft_add(d, kit_name(rows[i].owner), DNS_TYPE_PTR,
					     rows[i].ttl_s, target, dns_name_nbytes(target))
			    : zone_draft_remove(d, kit_name(rows[i].owner), DNS_TYPE_PTR, target,
						dns_name_nbytes(target));
		assert_int_equal(n, 1);
		assert_int_equal(zone_draft_seal(d, NULL), 1);
		zone_draft_publish(d);
		assert_int_equal(check(w, counts), 0);
		assert_int_equal(counts[false], rows[i].nsurplus);
		assert_int_equal(counts[true], rows[i].nmissing);
		kit_world_fini(w);
		kit_world_init(w);
		kit_view(w);
	}
}

static void without_memory_a_check_fails_and_changes_nothing(void **state)
{
	struct kit_world *w = *state;
	unsigned counts[2];
	int ret, n = 0;

	assert_int_equal(kit_do(w, "n1", 0, 0,
				"+ " WEB " SRV 80 n1.nodes; + " WEB " TXT a; + n1.nodes A "
				"10.0.0.7; + _p._sub." TYPE " PTR " WEB),
			 0);
	do {
		memory_fail_after(n++);
		ret = check(w, counts);
		memory_fail_after(MEMORY_ENOUGH);
		assert_true(ret == 0 || memory_has_failed());
	} while (ret < 0 && n < 1000);
	assert_true(n > 10 && n < 1000);
	assert_int_equal(counts[0] + counts[1], 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_view_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_missing_or_surplus_record_is_reported),
		TEST(without_memory_a_check_fails_and_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
