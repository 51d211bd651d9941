/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"
#include "zone/catalog.h"

enum { ZONES = 6 };

static const char *const names[ZONES] = {
	"cloud.", "lab.cloud.", "a.b.c.lab.cloud.", "1.0.0.127.in-addr.arpa.", "Other.", "x.other.",
};

static void make(struct zone **zones)
{
	for (unsigned i = 0; i < ZONES; i++) {
		zones[i] = zone_new(kit_name(names[i]), 42);
		assert_non_null(zones[i]);
	}
}

static struct zone *find(const struct zone_catalog *c, const char *name, unsigned most)
{
	struct dns_question q;

	dns_question_make(&q, kit_name(name), DNS_TYPE_A, DNS_CLASS_IN);
	return zone_catalog_find(c, &q, most);
}

static void the_longest_match_is_found(void **state)
{
	static const struct {
		const char *name;
		unsigned most;
		int zone; /* index in `names`, -1: none */
	} cases[] = {
		{"cloud.", DNS_LABELS_MAX, 0},
		{"CLOUD.", DNS_LABELS_MAX, 0},
		{"x.cloud.", DNS_LABELS_MAX, 0},
		{"lab.cloud.", DNS_LABELS_MAX, 1},
		{"lab.cloud.", 1, 0}, /* the parent zone */
		{"xlab.cloud.", DNS_LABELS_MAX, 0},
		{"c.lab.cloud.", DNS_LABELS_MAX, 1},
		{"b.c.lab.cloud.", DNS_LABELS_MAX, 1},
		{"a.b.c.lab.cloud.", DNS_LABELS_MAX, 2},
		{"z.y.a.B.c.Lab.cloud.", DNS_LABELS_MAX, 2},
		{"a.b.c.lab.cloud.", 4, 1},
		{"a.b.c.lab.cloud.", 0, -1},
		{"1.0.0.127.in-addr.arpa.", DNS_LABELS_MAX, 3},
		{"0.0.127.in-addr.arpa.", DNS_LABELS_MAX, -1},
		{"other.", DNS_LABELS_MAX, 4},
		{"y.x.other.", DNS_LABELS_MAX, 5},
		{"org.", DNS_LABELS_MAX, -1},
		{".", DNS_LABELS_MAX, -1},
	};
	struct zone *zones[ZONES];
	struct zone_catalog *c;

	(void)state;
	make(zones);
	c = zone_catalog_new(zones, ZONES, 7);
	assert_non_null(c);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_ptr_equal(find(c, cases[i].name, cases[i].most),
				 cases[i].zone < 0 ? NULL : zones[cases[i].zone]);
	zone_catalog_free(c);
	for (unsigned i = 0; i < ZONES; i++)
		zone_free(zones[i]);
}

static void a_root_zone_matches_whatever_has_no_other(void **state)
{
	struct zone *zones[2] = {zone_new(kit_name("."), 42), zone_new(kit_name("cloud."), 42)};
	struct zone_catalog *c = zone_catalog_new(zones, 2, 7);

	(void)state;
	assert_non_null(c);
	assert_ptr_equal(find(c, "x.org.", DNS_LABELS_MAX), zones[0]);
	assert_ptr_equal(find(c, ".", DNS_LABELS_MAX), zones[0]);
	assert_ptr_equal(find(c, "x.cloud.", DNS_LABELS_MAX), zones[1]);
	assert_ptr_equal(find(c, "cloud.", 0), zones[0]);
	zone_catalog_free(c);
	zone_free(zones[0]);
	zone_free(zones[1]);
}

static void an_empty_catalog_finds_nothing(void **state)
{
	struct zone_catalog *c = zone_catalog_new(NULL, 0, 7);

	(void)state;
	assert_non_null(c);
	assert_null(find(c, "cloud.", DNS_LABELS_MAX));
	assert_int_equal(zone_catalog_index(c, kit_name("cloud.")), -1);
	zone_catalog_free(c);
}

static void the_index_is_that_of_the_list(void **state)
{
	struct zone *zones[ZONES];
	struct zone_catalog *c;

	(void)state;
	make(zones);
	c = zone_catalog_new(zones, ZONES, 7);
	assert_non_null(c);
	for (unsigned i = 0; i < ZONES; i++)
		assert_int_equal(zone_catalog_index(c, kit_name(names[i])), i);
	assert_int_equal(zone_catalog_index(c, kit_name("LAB.cloud.")), 1);
	assert_int_equal(zone_catalog_index(c, kit_name("x.lab.cloud.")), -1);
	zone_catalog_free(c);
	for (unsigned i = 0; i < ZONES; i++)
		zone_free(zones[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_match_is_found),
		cmocka_unit_test(a_root_zone_matches_whatever_has_no_other),
		cmocka_unit_test(an_empty_catalog_finds_nothing),
		cmocka_unit_test(the_index_is_that_of_the_list),
	};

	return cmocka_run_group_tests(tests, kit_setup, kit_teardown);
}
