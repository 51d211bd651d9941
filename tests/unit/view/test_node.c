/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <errno.h>

#include "../memory.h"
#include "view/drain.h"
#include "view/mark.h"
#include "view/node.h"
#include "view/update.h"

#define TYPE "_http._tcp"
#define WEB "web." TYPE
#define API "api." TYPE

/* Drains the node, or ends that, and has the instances follow, as `weft node drain` does. */
static void drain_node(struct kit_world *w, const char *node, bool is_drained)
{
	static const char *const all[] = {WEB, API};
	struct view_pass *p = update_pass(w->state.update);

	assert_int_equal(view_node_set(&w->state.view, kit_name(node), is_drained), 1);
	w->draft = zone_draft_new(w->zone);
	assert_non_null(w->draft);
	view_pass_begin(p, &w->services, w->draft);
	for (unsigned i = 0; i < 2; i++)
		assert_true(view_drain_update(p, kit_name(all[i])) >= 0);
	assert_int_equal(view_update(p), 0);
	assert_true(kit_commit(w, false) > 0);
	assert_int_equal(kit_wrong(w), 0);
}

static void assert_listed(struct kit_world *w, bool has_web, bool has_api)
{
	assert_int_equal(kit_points(w, TYPE, WEB), has_web);
	assert_int_equal(kit_points(w, TYPE, API), has_api);
	assert_int_equal(kit_wrong(w), 0);
}

static void register_both(struct kit_world *w)
{
	assert_int_equal(
		kit_do(w, "n1", 100, 0, "+ " WEB " SRV 80 n1.nodes; + " WEB " TXT a=b"), 0);
	assert_int_equal(kit_do(w, "n2", 100, 0, "+ " API " SRV 80 n2.nodes"), 0);
	assert_listed(w, true, true);
}

static void a_drained_node_drains_what_runs_on_it(void **state)
{
	struct kit_world *w = *state;

	register_both(w);
	drain_node(w, "n1.nodes", true);
	assert_true(view_node_is_drained(&w->state.view, kit_name("N1.nodes")));
	assert_false(view_node_is_drained(&w->state.view, kit_name("n2.nodes")));
	assert_listed(w, false, true);
	assert_int_equal(w->state.view.ndrained, 1);
	drain_node(w, "n1.nodes", false);
	assert_listed(w, true, true);
	assert_int_equal(w->state.view.ndrained, 0);
}

static void what_is_registered_later_is_drained_too(void **state)
{
	struct kit_world *w = *state;

	assert_int_equal(view_node_set(&w->state.view, kit_name("n1.nodes"), true), 1);
	assert_int_equal(
		kit_do(w, "n1", 100, 0, "+ " WEB " SRV 80 n1.nodes; + " WEB " TXT a=b"), 0);
	assert_int_equal(kit_do(w, "n2", 100, 0, "+ " API " SRV 80 n2.nodes"), 0);
	assert_listed(w, false, true);
	/* The refresh of its owner compares with what the owner registered. */
	assert_int_equal(
		kit_do(w, "n1", 100, 0, "+ " WEB " SRV 80 n1.nodes; + " WEB " TXT a=b"), 0);
	assert_int_equal(kit_count(w, WEB, "TXT"), 1);
	assert_listed(w, false, true);
}

static void what_is_drained_with_its_node_ends_with_its_lease(void **state)
{
	struct kit_world *w = *state;

	assert_int_equal(view_node_set(&w->state.view, kit_name("n1.nodes"), true), 1);
	assert_int_equal(
		kit_do(w, "n1", 100, 0, "+ " WEB " SRV 80 n1.nodes; + " WEB " TXT state=up"), 0);
	assert_int_equal(w->state.view.ndrained, 1);
	kit_pass(w, 101000);
	assert_int_equal(kit_count(w, WEB, "SRV"), 0);
	assert_int_equal(kit_count(w, WEB, "TXT"), 0);
	assert_int_equal(w->state.view.marks.count, 0);
	assert_true(view_node_is_drained(&w->state.view, kit_name("n1.nodes")));
	assert_int_equal(kit_wrong(w), 0);
}

static void an_instance_that_moves_follows_its_node(void **state)
{
	struct kit_world *w = *state;

	register_both(w);
	drain_node(w, "n1.nodes", true);
	assert_int_equal(kit_do(w, "n1", 100, 0, "- " WEB " SRV; + " WEB " SRV 80 n3.nodes"), 0);
	assert_listed(w, true, true);
	assert_int_equal(kit_count(w, WEB, "TXT"), 1);
	/* One of several targets is enough. */
	assert_int_equal(kit_do(w, "n2", 100, 0, "+ " API " SRV 81 n1.nodes"), 0);
	assert_listed(w, true, false);
	assert_int_equal(kit_do(w, "n2", 100, 0, "- " API), 0);
	assert_int_equal(w->state.view.marks.count, 0);
}

static void an_instance_drained_itself_stays_drained(void **state)
{
	struct kit_world *w = *state;

	register_both(w);
	assert_int_equal(kit_drain(w, WEB, true), 1);
	assert_true(kit_commit(w, false) > 0);
	drain_node(w, "n1.nodes", true);
	assert_int_equal(kit_drain(w, WEB, false), -EBUSY);
	kit_undo(w);
	drain_node(w, "n1.nodes", false);
	assert_listed(w, false, true);
	assert_int_equal(kit_drain(w, WEB, false), 1);
	assert_true(kit_commit(w, false) > 0);
	assert_listed(w, true, true);

	/* Likewise if its node was drained first. */
	drain_node(w, "n1.nodes", true);
	assert_int_equal(kit_drain(w, WEB, false), -EBUSY);
	kit_undo(w);
	assert_int_equal(kit_drain(w, WEB, true), 1);
	assert_true(kit_commit(w, false) > 0);
	drain_node(w, "n1.nodes", false);
	assert_listed(w, false, true);
	assert_int_equal(kit_count(w, WEB, "TXT"), 1);
}

static void drained_nodes_survive_a_restart(void **state)
{
	struct kit_world *w = *state;

	register_both(w);
	drain_node(w, "n1.nodes", true);
	drain_node(w, "n9.nodes", true);
	drain_node(w, "n9.nodes", false);
	kit_restart(w, 1000);
	assert_true(view_node_is_drained(&w->state.view, kit_name("n1.nodes")));
	assert_int_equal(w->state.view.nodes.count, 1);
	assert_listed(w, false, true);
	assert_int_equal(kit_do(w, "n1", 100, 0, "- " WEB), 0);
	assert_int_equal(kit_do(w, "n1", 100, 0, "+ " WEB " SRV 80 n1.nodes"), 0);
	assert_listed(w, false, true);
}

/* A crash may come after a node is drained, or no longer, and before all instances follow. */
static void a_restart_makes_all_instances_follow(void **state)
{
	struct kit_world *w = *state;

	register_both(w);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(view_node_set(&w->state.view, kit_name("n1.nodes"), i == 0), 1);
		assert_true(kit_commit(w, false) > 0);
		kit_restart(w, 1000);
		assert_listed(w, i == 1, true);
	}
}

static void what_is_undone_changes_nothing(void **state)
{
	struct kit_world *w = *state;

	register_both(w);
	assert_int_equal(view_node_set(&w->state.view, kit_name("n1.nodes"), true), 1);
	assert_int_equal(view_node_set(&w->state.view, kit_name("n1.nodes"), true), 0);
	kit_undo(w);
	assert_false(view_node_is_drained(&w->state.view, kit_name("n1.nodes")));
	assert_listed(w, true, true);
}

static void short_memory_leaves_the_node_as_it_was(void **state)
{
	struct kit_world *w = *state;
	int ret = -ENOMEM;

	for (int n = 0; ret == -ENOMEM; n++) {
		memory_fail_after(n);
		ret = view_node_set(&w->state.view, kit_name("n1.nodes"), true);
		memory_fail_after(MEMORY_ENOUGH);
		if (ret < 0)
			kit_undo(w);
		assert_int_equal(view_node_is_drained(&w->state.view, kit_name("n1.nodes")),
				 ret == 1);
	}
	assert_int_equal(ret, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_view_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_drained_node_drains_what_runs_on_it),
		TEST(what_is_registered_later_is_drained_too),
		TEST(what_is_drained_with_its_node_ends_with_its_lease),
		TEST(an_instance_that_moves_follows_its_node),
		TEST(an_instance_drained_itself_stays_drained),
		TEST(drained_nodes_survive_a_restart),
		TEST(a_restart_makes_all_instances_follow),
		TEST(what_is_undone_changes_nothing),
		TEST(short_memory_leaves_the_node_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
