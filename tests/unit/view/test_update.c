/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <errno.h>

#include "dns/type.h"
#include "view/update.h"

#define TYPE "_http._tcp"
#define SUB "_p._sub." TYPE
#define WEB "web." TYPE
#define LIST "_services._dns-sd._udp"
#define REGISTER_WEB "+ " WEB " SRV 80 n1.nodes; + " SUB " PTR " WEB

static void assert_names(const struct undo_names *names, const char *name)
{
	if (name == NULL)
		assert_int_equal(names->nbytes, 0);
	else
		assert_true(undo_names_has(names, kit_name(name)));
}

static void a_record_concerns_its_instance_its_type_or_a_list(void **state)
{
	static const struct {
		bool is_removed;
		const char *owner;
		uint16_t type;
		const char *target;	     /* the rdata, if it is a name */
		const char *touched, *types; /* the instance and the type; NULL: none */
		bool has_lost_lists;
	} rows[] = {
		{false, WEB, DNS_TYPE_TXT, NULL, WEB, NULL, false},
		{true, WEB, DNS_TYPE_SRV, NULL, WEB, NULL, false},
		{false, TYPE, DNS_TYPE_PTR, WEB, WEB, NULL, false},
		{true, TYPE, DNS_TYPE_PTR, WEB, WEB, NULL, false},
		{false, SUB, DNS_TYPE_PTR, WEB, WEB, NULL, false},
		/* PTRs that are not DNS-SD's. */
		{false, TYPE, DNS_TYPE_PTR, "lp._ipp._tcp", NULL, NULL, false},
		{false, "n1.nodes", DNS_TYPE_PTR, WEB, NULL, NULL, false},
		{false, "n1.nodes", DNS_TYPE_TXT, NULL, NULL, NULL, false},
		/* A derived record that a client removed is made again. */
		{true, TYPE, DNS_TYPE_SRV, NULL, NULL, TYPE, false},
		{false, TYPE, DNS_TYPE_SRV, NULL, NULL, NULL, false},
		{true, LIST, DNS_TYPE_PTR, TYPE, NULL, TYPE, true},
		{true, "b._dns-sd._udp", DNS_TYPE_PTR, "lab.cloud.", NULL, NULL, true},
		{false, LIST, DNS_TYPE_PTR, TYPE, NULL, NULL, false},
		/* A CNAME or a delegation no longer bars the derived records of a type: all of its live
		 * instances are concerned. */
		{true, TYPE, DNS_TYPE_CNAME, "ns", "static." TYPE, TYPE, false},
		{true, SUB, DNS_TYPE_NS, "ns", "static." TYPE, TYPE, false},
		{true, "n1.nodes", DNS_TYPE_CNAME, "ns", NULL, NULL, false},
		/* Another zone's. */
		{false, "web._http._tcp.other.cloud.", DNS_TYPE_TXT, NULL, NULL, NULL, false},
	};
	static const uint8_t srv[] = "\0\0\0\0\0\120";
	struct kit_world *w = *state;
	struct view_pass p;

	w->draft = zone_draft_new(w->zone);
	view_pass_init(&p, &w->state.view);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const uint8_t *target = rows[i].target == NULL ? NULL : kit_name(rows[i].target);
		const struct dns_record record = {
			.owner = kit_name(rows[i].owner),
			.type = rows[i].type,
			.rdata = target == NULL ? srv : target,
			.nbytes =
				(uint16_t)(target == NULL ? sizeof(srv) : dns_name_nbytes(target)),
		};

		view_pass_begin(&p, &w->services, w->draft);
		if (rows[i].is_removed)
			view_update_removed(&p, &record);
		else
			view_update_added(&p, &record);
		assert_int_equal(p.error, 0);
		assert_names(&p.touched, rows[i].touched);
		assert_names(&p.types, rows[i].types);
		assert_int_equal(p.has_lost_lists, rows[i].has_lost_lists);
		/* Without a rule no name is concerned. */
		view_pass_begin(&p, NULL, w->draft);
		if (rows[i].is_removed)
			view_update_removed(&p, &record);
		else
			view_update_added(&p, &record);
		assert_names(&p.touched, NULL);
		assert_names(&p.types, NULL);
	}
	view_pass_fini(&p);
	kit_undo(w);
}

static void derived_records_that_a_client_removes_are_made_again(void **state)
{
	static const struct {
		const char *update, *owner, *target;
	} rows[] = {
		{"- " TYPE " PTR " WEB, TYPE, WEB},
		{"- " LIST " PTR " TYPE, LIST, TYPE},
		{"- lb._dns-sd._udp PTR lab.cloud.", "lb._dns-sd._udp", "lab.cloud."},
	};
	struct kit_world *w = *state;

	assert_int_equal(kit_do(w, "n1", 0, 0, REGISTER_WEB), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_true(kit_points(w, rows[i].owner, rows[i].target));
		assert_int_equal(kit_do(w, "admin", 0, 0, rows[i].update), 0);
		assert_true(kit_points(w, rows[i].owner, rows[i].target));
		assert_int_equal(kit_wrong(w), 0);
	}
	/* A subtype is the client's: it may remove it. */
	assert_int_equal(kit_do(w, "n1", 0, 0, "- " SUB " PTR " WEB), 0);
	assert_false(kit_points(w, SUB, WEB));
	assert_int_equal(kit_wrong(w), 0);
}

static void an_instance_that_is_gone_loses_its_subtypes(void **state)
{
	struct kit_world *w = *state;

	assert_int_equal(kit_do(w, "n1", 0, 0, REGISTER_WEB), 0);
	assert_int_equal(w->state.view.subtypes.count, 1);
	assert_int_equal(kit_do(w, "n1", 0, 0, "- " WEB), 0);
	assert_int_equal(w->state.view.subtypes.count, 0);
	assert_false(kit_points(w, SUB, WEB) || kit_points(w, TYPE, WEB));
	/* The subtypes of its next registration count, not those of the last. */
	assert_int_equal(kit_do(w, "n1", 0, 0, "+ " WEB " SRV 80 n1.nodes"), 0);
	assert_false(kit_points(w, SUB, WEB));
	assert_true(kit_points(w, TYPE, WEB));
	assert_int_equal(kit_wrong(w), 0);
}

static void an_error_of_collecting_is_reported_and_the_names_are_forgotten(void **state)
{
	struct kit_world *w = *state;
	struct view_pass p;

	w->draft = zone_draft_new(w->zone);
	view_pass_init(&p, &w->state.view);
	view_pass_begin(&p, &w->services, w->draft);
	view_pass_touch(&p, kit_name(WEB));
	view_pass_fail_if(&p, -ENOMEM);
	assert_int_equal(view_update(&p), -ENOMEM);
	assert_int_equal(p.touched.nbytes, 0);
	view_pass_fini(&p);
	kit_undo(w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_view_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_record_concerns_its_instance_its_type_or_a_list),
		TEST(derived_records_that_a_client_removes_are_made_again),
		TEST(an_instance_that_is_gone_loses_its_subtypes),
		TEST(an_error_of_collecting_is_reported_and_the_names_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
