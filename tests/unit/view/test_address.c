/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <errno.h>

#include "../memory.h"
#include "dns/type.h"
#include "view/address.h"

#define NODE "n4.nodes"
#define WEB "web._http._tcp"

static void begin(struct kit_world *w, struct view_pass *p)
{
	w->draft = zone_draft_new(w->zone);
	view_pass_init(p, &w->state.view);
	view_pass_begin(p, &w->services, w->draft);
}

static void end(struct kit_world *w, struct view_pass *p)
{
	view_pass_fini(p);
	kit_undo(w);
}

static void a_name_has_an_address_of_its_own_or_is_covered(void **state)
{
	static const uint8_t octets[16] = {1};
	static const struct {
		const char *owner; /* of the one record beside the zone's */
		uint16_t type;
		const char *rdata; /* a name; NULL: octets */
		size_t nbytes;
		const char *name;
		bool is_own, has;
	} rows[] = {
		{"other", DNS_TYPE_A, NULL, 4, NODE, false, false},
		{NODE, DNS_TYPE_TXT, NULL, 2, NODE, false, false},
		{NODE, DNS_TYPE_A, NULL, 4, NODE, true, true},
		{NODE, DNS_TYPE_AAAA, NULL, 16, NODE, true, true},
		{NODE, DNS_TYPE_CNAME, "other", 0, NODE, true, true},
		{"N4.Nodes", DNS_TYPE_A, NULL, 4, NODE, true, true},
		{"below." NODE, DNS_TYPE_A, NULL, 4, NODE, false, false},
		/* another zone's */
		{"other", DNS_TYPE_A, NULL, 4, "n4.nodes.other.cloud.", true, true},
		{NODE, DNS_TYPE_NS, "ns", 0, NODE, false, true},
		{"nodes", DNS_TYPE_NS, "ns", 0, NODE, false, true},
		{"nodes", DNS_TYPE_DNAME, "other", 0, NODE, false, true},
		{NODE, DNS_TYPE_DNAME, "other", 0, NODE, false, false},
		{"*.nodes", DNS_TYPE_A, NULL, 4, NODE, false, true},
		{"*.nodes", DNS_TYPE_CNAME, "other", 0, NODE, false, true},
		{"*.nodes", DNS_TYPE_TXT, NULL, 2, NODE, false, false},
		{"*", DNS_TYPE_A, NULL, 4, NODE, false, true},
		{"*." NODE, DNS_TYPE_A, NULL, 4, NODE, false, false},
		/* the apex */
		{"nodes", DNS_TYPE_NS, "ns", 0, "lab.cloud.", false, false},
		{"lab.cloud.", DNS_TYPE_A, NULL, 4, "lab.cloud.", true, true},
	};
	struct kit_world *w = *state;
	struct view_pass p;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const uint8_t *rdata = rows[i].rdata == NULL ? octets : kit_name(rows[i].rdata);
		size_t nbytes = rows[i].rdata == NULL ? rows[i].nbytes : dns_name_nbytes(rdata);

		begin(w, &p);
		assert_int_equal(zone_draft_add(w->draft, kit_name(rows[i].owner), rows[i].type, 60,
						rdata, nbytes),
				 1);
		assert_int_equal(view_address_is_own(&p, kit_name(rows[i].name)), rows[i].is_own);
		assert_int_equal(view_address_has(&p, kit_name(rows[i].name)), rows[i].has);
		end(w, &p);
	}
}

static void a_name_in_a_zone_below_is_that_zones(void **state)
{
	struct kit_world *w = *state;
	struct view *v = &w->state.view;
	struct base_seen inner = {0}, none = {0};
	struct view_pass p;

	begin(w, &p);
	assert_false(view_address_has(&p, kit_name(NODE)));
	assert_int_equal(base_seen_add(&inner, view_hash(v, VIEW_ZONE, kit_name("nodes"))), 1);
	assert_true(view_set_inner(v, &inner));
	assert_true(view_address_has(&p, kit_name(NODE)));
	assert_false(view_address_is_own(&p, kit_name(NODE)));
	assert_false(view_address_has(&p, kit_name("n4.other")));
	inner = (struct base_seen){0};
	assert_int_equal(base_seen_add(&inner, view_hash(v, VIEW_ZONE, kit_name("Nodes"))), 1);
	assert_false(view_set_inner(v, &inner));
	assert_true(view_set_inner(v, &none));
	assert_false(view_address_has(&p, kit_name(NODE)));
	end(w, &p);
}

static const uint8_t *missing(struct kit_world *w)
{
	return view_address_missing(&w->state.view, kit_name("lab.cloud."), kit_name(WEB));
}

static void an_instance_misses_the_targets_that_have_no_address(void **state)
{
	static const struct {
		const char *update;
		const char *missing; /* NULL: it is live */
		size_t nentries;
	} rows[] = {
		{"+ " WEB " SRV 80 n1.nodes", NULL, 0},
		{"+ " WEB " SRV 80 n4.nodes", "n4.nodes", 1},
		{"+ " WEB " SRV 80 N4.Nodes; + " WEB " SRV 81 n4.nodes", "n4.nodes", 1},
		{"+ " WEB " SRV 80 n4.nodes; + " WEB " SRV 81 n5.nodes", "n4.nodes", 1},
		{"+ " WEB " SRV 80 n4.nodes; + " WEB " SRV 81 n1.nodes", NULL, 1},
		{"+ " WEB " SRV 80 n4.nodes; + " WEB " SRV 81 n4.other.cloud.", NULL, 1},
		{"+ " WEB " SRV 80 n4.nodes; + n4.nodes A 10.0.0.4", NULL, 0},
		{"+ " WEB " SRV 80 n4.nodes; + *.nodes A 10.0.0.4", NULL, 1},
		/* not live in any case */
		{"+ " WEB " SRV 80 .", NULL, 0},
		{"+ " WEB " SRV 80 n4.nodes; + " WEB " TXT state=starting", NULL, 0},
		{"+ " WEB " SRV 80 n4.nodes; - " WEB, NULL, 0},
	};
	struct kit_world *w = *state;
	struct view *v = &w->state.view;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(kit_update(w, NULL, 0, 0, rows[i].update), 0);
		assert_int_equal(v->unaddressed.count, rows[i].nentries);
		assert_int_equal(v->nunaddressed, rows[i].missing != NULL);
		if (rows[i].missing == NULL)
			assert_null(missing(w));
		else
			assert_true(dns_name_equal(missing(w), kit_name(rows[i].missing)));
		kit_undo(w);
		assert_int_equal(v->unaddressed.count, 0);
		assert_int_equal(v->nunaddressed, 0);
		assert_int_equal(kit_wrong(w), 0);
	}
}

static void without_memory_nothing_is_missed(void **state)
{
	struct kit_world *w = *state;
	int ret, n = 0;

	do {
		memory_fail_after(n++);
		ret = kit_update(w, "n1", 0, 0,
				 "+ " WEB " SRV 80 n4.nodes; + " WEB " SRV 81 n5.nodes");
		memory_fail_after(MEMORY_ENOUGH);
		assert_true(ret == 0 || ret == -ENOMEM);
		kit_undo(w);
		assert_int_equal(w->state.view.nunaddressed, 0);
		assert_null(missing(w));
	} while (ret != 0 && n < 1000);
	assert_true(n > 3 && n < 1000);
	assert_int_equal(kit_wrong(w), 0);
}

static void a_zone_that_goes_is_forgotten(void **state)
{
	struct kit_world *w = *state;
	struct view *v = &w->state.view;

	assert_int_equal(
		kit_do(w, "n1", 0, 0, "+ " WEB " SRV 80 n4.nodes; + a._x._tcp SRV 80 n5.nodes"), 0);
	assert_int_equal(v->stats.nunaddressed, 2);
	assert_int_equal(view_address_forget(v, kit_name("lab.cloud.")), 0);
	view_commit(v);
	assert_int_equal(v->unaddressed.count, 0);
	assert_int_equal(v->stats.nunaddressed, 0);
	assert_int_equal(undo_pairs_count(&v->listed, view_hash(v, VIEW_LACKS, kit_name(NODE))), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_view_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_name_has_an_address_of_its_own_or_is_covered),
		TEST(a_name_in_a_zone_below_is_that_zones),
		TEST(an_instance_misses_the_targets_that_have_no_address),
		TEST(without_memory_nothing_is_missed),
		TEST(a_zone_that_goes_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
