/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

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
		bool has_touched_lists;
	} rows[] = {
		{false, WEB, DNS_TYPE_TXT, NULL, WEB, NULL, false},
		{true, WEB, DNS_TYPE_SRV, NULL, WEB, NULL, false},
		{false, TYPE, DNS_TYPE_PTR, WEB, WEB, NULL, false},
		{true, TYPE, DNS_TYPE_PTR, WEB, WEB, NULL, false},
		{false, SUB, DNS_TYPE_PTR, WEB, WEB, NULL, false},
		/* PTRs that are not DNS-SD's. At a type they list it. */
		{false, TYPE, DNS_TYPE_PTR, "lp._ipp._tcp", NULL, TYPE, false},
		{true, TYPE, DNS_TYPE_PTR, "lp._ipp._tcp", NULL, TYPE, false},
		{false, "n1.nodes", DNS_TYPE_PTR, WEB, NULL, NULL, false},
		{false, "n1.nodes", DNS_TYPE_TXT, NULL, NULL, NULL, false},
		/* A derived record that a client removed is made again. */
		{true, TYPE, DNS_TYPE_SRV, NULL, NULL, TYPE, false},
		{false, TYPE, DNS_TYPE_SRV, NULL, NULL, TYPE, false},
		{true, LIST, DNS_TYPE_PTR, TYPE, NULL, TYPE, true},
		{true, "b._dns-sd._udp", DNS_TYPE_PTR, "lab.cloud.", NULL, NULL, true},
		/* One that is added is removed if its type has no PTRs. */
		{false, LIST, DNS_TYPE_PTR, TYPE, NULL, TYPE, true},
		/* A CNAME or a delegation no longer bars derived records. */
		{true, TYPE, DNS_TYPE_CNAME, "ns", NULL, TYPE, false},
		{true, SUB, DNS_TYPE_NS, "ns", NULL, TYPE, false},
		{true, LIST, DNS_TYPE_NS, "ns", NULL, NULL, true},
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
		assert_int_equal(p.has_touched_lists, rows[i].has_touched_lists);
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

/* Each begins with a type whose only instance is not live. */
static void a_type_is_listed_while_it_has_pointers_whoever_changes_them(void **state)
{
	static const struct {
		const char *before, *update;
		bool is_listed;
	} rows[] = {
		{NULL, "+ " TYPE " PTR n1.nodes", true},
		{"+ " TYPE " PTR n1.nodes", "- " TYPE " PTR n1.nodes", false},
		{NULL, "+ " LIST " PTR " TYPE, false},
		{"+ " LIST " NS ns; + " TYPE " PTR n1.nodes", "- " LIST " NS", true},
		{"+ " LIST " CNAME ns; + " WEB " SRV 80 n1.nodes", "- " LIST " CNAME", true},
		{"+ " TYPE " CNAME ns; + " WEB " SRV 80 n1.nodes", "- " TYPE " CNAME", true},
	};
	struct kit_world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(kit_do(w, NULL, 0, 0, "- static." TYPE "; + " WEB " TXT a"), 0);
		if (rows[i].before != NULL)
			assert_int_equal(kit_do(w, NULL, 0, 0, rows[i].before), 0);
		assert_int_equal(kit_do(w, NULL, 0, 0, rows[i].update), 0);
		assert_int_equal(kit_points(w, LIST, TYPE), rows[i].is_listed);
		assert_int_equal(kit_points(w, "b._dns-sd._udp", "lab.cloud."), rows[i].is_listed);
		assert_int_equal(kit_wrong(w), 0);
		kit_world_fini(w);
		kit_world_init(w);
		kit_view(w);
	}
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

/* Appends a random part of an update: at an instance, a type, a subtype or a list, with records
 * that bar derived ones or look like them among it. */
static size_t random_part(char *out, size_t room)
{
	static const char *const owners[] = {"a._x._tcp", "b._x._tcp", "a._y._udp",
					     "_x._tcp",	  "_y._udp",   "_s._sub._x._tcp",
					     LIST,	  LIST,	       "b._dns-sd._udp"};
	static const char *const targets[] = {"a._x._tcp", "b._x._tcp", "a._y._udp", "_x._tcp",
					      "_y._udp",   "n1.nodes",	"lab.cloud."};
	static const char *const types[] = {"PTR", "PTR", "PTR", "CNAME", "NS"};
	const char *owner = owners[rand() % 9], *target = targets[rand() % 7];
	const char *type = types[rand() % 5], *sign = rand() % 3 > 0 ? "+" : "-";
	int n;

	switch (rand() % 6) {
	case 0:
		n = snprintf(out, room, "; - %s", owner);
		break;
	case 1:
		n = snprintf(out, room, "; - %s %s", owner, type);
		break;
	case 2:
		n = snprintf(out, room, "; %s %s SRV %d %s", sign, owner, rand() % 3, target);
		break;
	case 3:
		n = snprintf(out, room, "; %s %s TXT state=%s", sign, owner,
			     rand() % 2 ? "down" : "up");
		break;
	default:
		n = snprintf(out, room, "; %s %s %s %s", sign, owner, type, target);
	}
	return (size_t)n;
}

static void the_view_is_right_whatever_the_administrator_adds_and_removes(void **state)
{
	struct kit_world *w = *state;
	char update[1024];

	for (unsigned round = 0; round < 6000; round++) {
		size_t n = 0;

		if (round % 600 == 0) {
			srand(round);
			kit_restart(w, 0);
		}
		for (unsigned i = 1 + (unsigned)rand() % 5; i > 0; i--)
			n += random_part(update + n, sizeof(update) - n);
		kit_do(w, rand() % 4 > 0 ? NULL : "n1", 0, 0, update + 2);
		assert_int_equal(kit_wrong(w), 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_view_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_record_concerns_its_instance_its_type_or_a_list),
		TEST(derived_records_that_a_client_removes_are_made_again),
		TEST(a_type_is_listed_while_it_has_pointers_whoever_changes_them),
		TEST(an_instance_that_is_gone_loses_its_subtypes),
		TEST(the_view_is_right_whatever_the_administrator_adds_and_removes),
		TEST(an_error_of_collecting_is_reported_and_the_names_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
