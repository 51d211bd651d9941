/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <errno.h>

#include "zone/bulk.h"
#include "zone/cursor.h"

#define SOA "@ 60 SOA ns1 host 10 7200 900 1209600 60\n"

/* Gives all records of a version to a builder for `into`. */
static struct zone_bulk *take_all(struct zone *from, struct zone *into)
{
	struct zone_cursor *c = zone_cursor_new(zone_current(from));
	struct zone_bulk *b = zone_bulk_new(into);
	struct dns_record r;

	while (zone_cursor_next(c, &r))
		assert_int_equal(zone_bulk_add(b, &r), 0);
	zone_cursor_free(c);
	return b;
}

static void records_added_in_order_make_the_same_zone(void **state)
{
	char *text = NULL, *before, *after;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	struct zone *from, *into = zone_new(kit_name("z.cloud."), 9);

	(void)state;
	fprintf(f, "$ORIGIN z.cloud.\n"
		   "$TTL 60\n" SOA "@ NS ns1\n"
		   "@ A 192.0.2.9\n"
		   "ns1 A 192.0.2.1\n"
		   "sub NS ns.sub\n"
		   "ns.sub A 10.0.0.1\n");
	for (unsigned i = 0; i < 3000; i++)
		fprintf(f,
			"n%u A 10.0.%u.%u\n"
			"N%u TXT \"x\"\n"
			"_s._tcp PTR Web-%u._s._tcp\n",
			i, i / 256, i % 256, i, i);
	fclose(f);
	from = kit_zone("z.cloud.", text);
	free(text);
	assert_int_equal(zone_bulk_publish(take_all(from, into)), 0);
	before = kit_dump(zone_current(from));
	after = kit_dump(zone_current(into));
	assert_string_equal(after, before);
	assert_int_equal(zone_snapshot_names(zone_current(into)),
			 zone_snapshot_names(zone_current(from)));
	assert_int_equal(zone_snapshot_serial(zone_current(into)), 10);
	assert_true(zone_has(into, kit_name("n2999.z.cloud."), DNS_TYPE_TXT));
	free(before);
	free(after);
	zone_free(from);
	zone_free(into);
}

static void a_zone_built_in_bulk_can_be_changed(void **state)
{
	struct zone *from = kit_zone("z.cloud.", "$ORIGIN z.cloud.\n" SOA "a 60 A 10.0.0.1\n");
	struct zone *into = zone_new(kit_name("z.cloud."), 9);
	struct zone_draft *d;

	(void)state;
	assert_int_equal(zone_bulk_publish(take_all(from, into)), 0);
	d = zone_draft_new(into);
	kit_add(d, "a 60 A 10.0.0.2\nb 60 A 10.0.0.3\n");
	kit_publish(d);
	assert_int_equal(zone_snapshot_records(zone_current(into)), 4);
	assert_int_equal(zone_snapshot_serial(zone_current(into)), 11);
	base_rcu_offline();
	zone_free(from);
	zone_free(into);
	base_rcu_online();
}

static void records_that_make_no_zone_are_refused(void **state)
{
	const uint8_t address[4] = {10, 0, 0, 1};
	struct zone *z = zone_new(kit_name("z.cloud."), 9);
	struct dns_record a = {kit_name("a.z.cloud."), DNS_TYPE_A, 60, address, 4};
	struct dns_record b = {kit_name("b.z.cloud."), DNS_TYPE_A, 60, address, 4};
	struct dns_record far = {kit_name("a.other."), DNS_TYPE_A, 60, address, 4};
	struct zone_bulk *bulk = zone_bulk_new(z);

	(void)state;
	assert_int_equal(zone_bulk_add(bulk, &far), -EBADMSG);
	zone_bulk_abort(bulk);
	bulk = zone_bulk_new(z);
	assert_int_equal(zone_bulk_add(bulk, &a), 0);
	assert_int_equal(zone_bulk_publish(bulk), -EBADMSG); /* no SOA */
	bulk = zone_bulk_new(z);
	assert_int_equal(zone_bulk_add(bulk, &a), 0);
	assert_int_equal(zone_bulk_add(bulk, &b), 0);
	assert_int_equal(zone_bulk_add(bulk, &a), 0);
	assert_int_equal(zone_bulk_add(bulk, &b), -EBADMSG); /* `a` was added a second time */
	zone_bulk_abort(bulk);
	assert_null(zone_current(z));
	zone_free(z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_added_in_order_make_the_same_zone),
		cmocka_unit_test(a_zone_built_in_bulk_can_be_changed),
		cmocka_unit_test(records_that_make_no_zone_are_refused),
	};

	return cmocka_run_group_tests(tests, kit_setup, kit_teardown);
}
