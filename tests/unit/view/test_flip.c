/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <stdio.h>
#include <stdlib.h>

#include "../memory.h"
#include "dns/type.h"
#include "view/flip.h"
#include "view/update.h"

#define TYPE "_http._tcp"
#define SUB "_p._sub." TYPE
#define WEB "web." TYPE
#define REGISTER "+ " WEB " SRV 80 n4.nodes; + " SUB " PTR " WEB
#define ADDRESS "+ n4.nodes A 10.0.0.4"

static bool is_live(struct kit_world *w)
{
	bool is_browsed = kit_points(w, TYPE, WEB);

	assert_int_equal(kit_points(w, SUB, WEB), is_browsed);
	assert_int_equal(kit_wrong(w), 0);
	return is_browsed;
}

static void an_instance_is_live_while_its_target_has_an_address(void **state)
{
	static const struct {
		const char *update;
		bool is_live;
	} rows[] = {
		/* the address after the instance, and before it */
		{REGISTER, false},
		{ADDRESS, true},
		{"- n4.nodes A", false},
		{"- " WEB, false},
		{ADDRESS, false},
		{REGISTER, true},
		/* one of two goes, then the last, then both come at once */
		{"+ n4.nodes A 10.0.0.5", true},
		{"- n4.nodes A 10.0.0.4", true},
		{"- n4.nodes A 10.0.0.5", false},
		{"+ n4.nodes A 10.0.0.4; + n4.nodes A 10.0.0.5", true},
		/* no flapping */
		{"- n4.nodes A; + n4.nodes A 10.0.0.6", true},
		{"- n4.nodes; " ADDRESS, true},
		{"- n4.nodes A; + n4.nodes CNAME ns", true},
		{"- n4.nodes CNAME; + n4.nodes TXT a", false},
		{"- n4.nodes TXT; " ADDRESS, true},
		/* both in one update */
		{"- " WEB "; - n4.nodes", false},
		{REGISTER "; " ADDRESS, true},
		/* another target */
		{"- " WEB " SRV; + " WEB " SRV 80 n5.nodes", false},
		{"- n4.nodes A", false},
		{"+ n5.nodes A 10.0.0.7", true},
		/* a second SRV without an address is not published */
		{"+ " WEB " SRV 80 n6.nodes", true},
		{"- n5.nodes A", false},
		{"+ n6.nodes A 10.0.0.8", true},
		{"- n6.nodes A; + n5.nodes A 10.0.0.7", true},
		{"- n5.nodes A", false},
		/* what covers the target */
		{"+ *.nodes A 10.0.0.9", true},
		{"+ *.nodes A 10.0.0.10", true},
		{"- *.nodes A", false},
		{"+ nodes NS ns", true},
		{"+ n5.nodes A 10.0.0.7", true},
		{"- nodes NS", true},
		{"+ * A 10.0.0.9; - n5.nodes A", true},
		{"- * A", false},
		/* a state other than up */
		{"+ n5.nodes A 10.0.0.7; + " WEB " TXT state=draining", false},
		{"- n5.nodes A", false},
		{"- " WEB " TXT", false},
		{"+ n5.nodes A 10.0.0.7", true},
	};
	struct kit_world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		/* Undone, an update leaves the view as it was; done, a restart comes to the
		 * same. */
		assert_int_equal(kit_update(w, NULL, 0, 0, rows[i].update), 0);
		kit_undo(w);
		is_live(w);
		assert_int_equal(kit_do(w, NULL, 0, 0, rows[i].update), 0);
		assert_int_equal(is_live(w), rows[i].is_live);
		if (i % 3 == 0)
			kit_restart(w, 0);
		assert_int_equal(is_live(w), rows[i].is_live);
	}
}

static void only_srvs_with_an_address_are_at_the_type(void **state)
{
	struct kit_world *w = *state;
	unsigned before = kit_count(w, TYPE, "SRV");

	assert_int_equal(kit_do(w, "n1", 0, 0,
				"+ " WEB " SRV 80 n4.nodes; + " WEB " SRV 81 n5.nodes; + " WEB
				" SRV 82 n1.nodes"),
			 0);
	assert_int_equal(kit_count(w, TYPE, "SRV"), before + 1);
	assert_int_equal(kit_do(w, "n4", 0, 0, ADDRESS), 0);
	assert_int_equal(kit_count(w, TYPE, "SRV"), before + 2);
	assert_int_equal(kit_do(w, "n4", 0, 0, "- n4.nodes"), 0);
	assert_int_equal(kit_count(w, TYPE, "SRV"), before + 1);
	assert_int_equal(kit_wrong(w), 0);
}

static void an_address_that_ends_with_its_lease_takes_instances_with_it(void **state)
{
	struct kit_world *w = *state;

	assert_int_equal(kit_do(w, "n4", 10, 0, ADDRESS), 0);
	assert_int_equal(kit_do(w, "n1", 60, 0, REGISTER), 0);
	assert_true(is_live(w));
	kit_pass(w, 15000);
	assert_false(is_live(w));
	assert_int_equal(w->state.view.stats.nunaddressed, 1);
	assert_int_equal(kit_count(w, WEB, "SRV"), 1);
	assert_int_equal(kit_do(w, "n4", 10, 0, ADDRESS), 0);
	assert_true(is_live(w));
}

static void reverse_ptrs_follow_the_address(void **state)
{
	static const char reverse[] = "4.0.0.10.in-addr.arpa.";
	struct kit_world *w = *state;

	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(kit_do(w, NULL, 0, 0, REGISTER), 0);
		assert_false(kit_points(w, reverse, "n4.nodes"));
		assert_int_equal(kit_do(w, NULL, 0, 0, ADDRESS), 0);
		assert_true(kit_points(w, reverse, "n4.nodes"));
		assert_int_equal(kit_do(w, NULL, 0, 0, "- n4.nodes A"), 0);
		assert_false(kit_points(w, reverse, "n4.nodes"));
		assert_int_equal(kit_do(w, NULL, 0, 0, "- " WEB "; + n4.nodes TXT a"), 0);
	}
}

enum { MANY = VIEW_FLIP_LOOKS / (2 * VIEW_LOOKS_OF_DERIVED) * 2 + 100 };

static void register_many(struct kit_world *w)
{
	char update[4096] = "";
	size_t n = 0;

	for (unsigned i = 0; i < MANY; i++) {
		n += (size_t)snprintf(update + n, sizeof(update) - n,
				      "%s+ i%u._many._tcp SRV 80 n4.nodes", n == 0 ? "" : "; ", i);
		if (i % 50 < 49 && i < MANY - 1)
			continue;
		assert_int_equal(kit_do(w, "n1", 0, 0, update), 0);
		n = 0;
	}
}

/* Does what a tick does for nodes with instances that are left. */
static void resume(struct kit_world *w)
{
	struct view_pass *p = update_pass(w->state.update);

	w->draft = zone_draft_new(w->zone);
	view_pass_begin(p, &w->services, w->draft);
	assert_int_equal(view_flip_resume(p), 0);
	assert_int_equal(view_update(p), 0);
}

static bool has_flips(struct kit_world *w)
{
	const struct undo_entry *e = NULL;

	return view_flip_zone(&w->state.view, &e) != NULL;
}

/* A node, or what covers it, changes in `update`; the instances follow in parts. */
static void assert_parts(struct kit_world *w, const char *update, bool is_live)
{
	unsigned before, count, nparts = 0;

	assert_int_equal(kit_do(w, NULL, 0, 0, update), 0);
	count = kit_count(w, "_many._tcp", "PTR");
	assert_true(is_live ? count < MANY : count > 0);
	assert_true(has_flips(w));
	/* A part that is undone is done again. */
	resume(w);
	kit_undo(w);
	assert_int_equal(kit_count(w, "_many._tcp", "PTR"), count);
	while (has_flips(w) && nparts++ < 10) {
		before = count;
		resume(w);
		assert_true(kit_commit(w, false) >= 0);
		count = kit_count(w, "_many._tcp", "PTR");
		assert_true(is_live ? count >= before : count <= before);
	}
	assert_in_range(nparts, 2, 4);
	assert_int_equal(count, is_live ? MANY : 0);
	assert_int_equal(w->state.view.stats.nunaddressed, is_live ? 0 : MANY);
	assert_int_equal(kit_wrong(w), 0);
}

static void a_node_of_many_instances_flips_in_parts(void **state)
{
	struct kit_world *w = *state;

	register_many(w);
	assert_int_equal(kit_count(w, "_many._tcp", "PTR"), 0);
	assert_parts(w, ADDRESS, true);
	assert_parts(w, "- n4.nodes A", false);
	assert_parts(w, "+ *.nodes A 10.0.0.9", true);
	assert_parts(w, "- *.nodes A", false);
}

/* The address comes back before all instances have followed its end. */
static void a_flip_that_is_reverted_ends_as_it_began(void **state)
{
	struct kit_world *w = *state;

	assert_int_equal(kit_do(w, NULL, 0, 0, ADDRESS), 0);
	register_many(w);
	assert_int_equal(kit_do(w, NULL, 0, 0, "- n4.nodes A"), 0);
	assert_true(has_flips(w));
	assert_int_equal(kit_do(w, NULL, 0, 0, ADDRESS), 0);
	assert_int_equal(kit_count(w, "_many._tcp", "PTR"), MANY);
	assert_int_equal(kit_wrong(w), 0);
	for (unsigned i = 0; has_flips(w) && i < 10; i++) {
		resume(w);
		assert_true(kit_commit(w, false) >= 0);
	}
	assert_false(has_flips(w));
	/* A restart begins with what the zone has. */
	assert_int_equal(kit_do(w, NULL, 0, 0, "- n4.nodes A"), 0);
	kit_restart(w, 0);
	assert_false(has_flips(w));
	assert_int_equal(kit_count(w, "_many._tcp", "PTR"), 0);
	assert_int_equal(kit_wrong(w), 0);
}

/* Nodes, instances and what covers them come and go in any order, several in one batch, and batches
 * are undone. */
static void the_view_is_right_whatever_the_order(void **state)
{
	static const char *const names[] = {"n4.nodes", "n5.nodes", "n6.nodes", "*.nodes", "nodes"};
	struct kit_world *w = *state;
	char text[128];

	srand(17);
	for (unsigned round = 0; round < 1500; round++) {
		for (unsigned n = 1 + (unsigned)rand() % 3; n > 0; n--) {
			const char *name = names[(unsigned)rand() % 5];
			char i = (char)('a' + rand() % 4), type = (char)('x' + rand() % 2);

			if (rand() % 3 == 0)
				snprintf(text, sizeof(text), "+ %c._%c._tcp SRV %d %s", i, type,
					 80 + rand() % 2, names[(unsigned)rand() % 3]);
			else if (rand() % 3 == 0)
				snprintf(text, sizeof(text), "- %c._%c._tcp", i, type);
			else if (rand() % 2 == 0)
				snprintf(text, sizeof(text), "- %s", name);
			else if (rand() % 4 == 0)
				snprintf(text, sizeof(text), "+ %s NS ns", name);
			else
				snprintf(text, sizeof(text), "- %s; + %s A 10.0.0.%d", name, name,
					 1 + rand() % 9);
			assert_int_equal(kit_update(w, NULL, 0, 0, text), 0);
		}
		if (rand() % 4 == 0)
			kit_undo(w);
		else
			assert_true(kit_commit(w, false) >= 0);
		assert_int_equal(kit_wrong(w), 0);
		if (rand() % 50 == 0)
			kit_restart(w, 0);
	}
}

static void without_memory_a_flip_is_undone(void **state)
{
	struct kit_world *w = *state;
	int ret, n = 0;

	assert_int_equal(kit_do(w, NULL, 0, 0, REGISTER), 0);
	do {
		memory_fail_after(n++);
		ret = kit_update(w, NULL, 0, 0, ADDRESS);
		memory_fail_after(MEMORY_ENOUGH);
		kit_undo(w);
		assert_false(is_live(w));
	} while (ret != 0 && n < 1000);
	assert_true(n > 3 && n < 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_view_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_instance_is_live_while_its_target_has_an_address),
		TEST(only_srvs_with_an_address_are_at_the_type),
		TEST(an_address_that_ends_with_its_lease_takes_instances_with_it),
		TEST(reverse_ptrs_follow_the_address),
		TEST(a_node_of_many_instances_flips_in_parts),
		TEST(a_flip_that_is_reverted_ends_as_it_began),
		TEST(the_view_is_right_whatever_the_order),
		TEST(without_memory_a_flip_is_undone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
