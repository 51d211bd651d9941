/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../memory.h"
#include "../registry/kit.h"

#include <errno.h>

#include "dns/type.h"
#include "listing/nodes.h"
#include "view/node.h"

#define WEB "web._http._tcp"
#define API "api._http._tcp"

static uint64_t now_ms(const struct kit_world *w)
{
	return ledger_clock_now(&w->state.ledger.clock, w->steady_ms);
}

/* Returns 0 or -ENOMEM; both are to be ended in either case. */
static int take(struct kit_world *w, struct listing_services *s, struct listing_nodes *n)
{
	int ret = listing_services_take(s, w->zone, &w->services);

	listing_nodes_init(n);
	if (ret == 0)
		ret = listing_services_walk(s, NULL);
	if (ret == 0)
		ret = listing_nodes_walk(n, s);
	if (ret == 0)
		ret = listing_nodes_look(n, s, &w->state);
	if (ret == 0)
		ret = listing_services_look(s, &w->state, now_ms(w), 100);
	if (ret == 0)
		listing_nodes_count(n, s);
	return ret;
}

static const struct listing_node *node_of(const struct listing_nodes *n, const char *name)
{
	for (size_t i = 0; i < n->count; i++)
		if (dns_name_equal(n->items[i].name, kit_name(name)))
			return &n->items[i];
	return NULL;
}

static void register_some(struct kit_world *w)
{
	assert_int_equal(kit_do(w, "n1", 100, 0, "+ n1.nodes A 10.0.0.1; + n1.nodes A 10.0.0.2"),
			 0);
	assert_int_equal(kit_do(w, "n9", 100, 0, "+ n9.nodes A 10.0.0.9"), 0);
	assert_int_equal(kit_do(w, "n1", 50, 0,
				"+ " WEB " SRV 80 n1.nodes; + " WEB " SRV 81 n1.nodes; + " WEB
				" TXT state=starting"),
			 0);
	assert_int_equal(
		kit_do(w, "n1", 100, 0, "+ " API " SRV 80 n1.nodes; + " API " SRV 80 N5.nodes"), 0);
}

static void nodes_have_their_addresses_and_what_runs_on_them(void **state)
{
	struct kit_world *w = *state;
	const struct listing_node *node;
	struct listing_services s;
	struct listing_nodes n;

	register_some(w);
	assert_int_equal(take(w, &s, &n), 0);
	for (size_t i = 1; i < n.count; i++)
		assert_true(dns_name_compare(n.items[i - 1].name, n.items[i].name) < 0);

	node = node_of(&n, "n1.nodes");
	assert_non_null(node);
	/* The zone may have more of its own. */
	assert_true(node->naddresses >= 2);
	assert_int_equal(n.addresses[node->address].type, DNS_TYPE_A);
	assert_memory_equal(n.addresses[node->address + 1].rdata, "\12\0\0\2", 4);
	assert_int_equal(node->nservices, 2);
	assert_int_equal(node->count[LISTING_SERVICE_STARTING], 1);
	assert_int_equal(node->count[LISTING_SERVICE_LIVE], 1);
	assert_true(node->has_lease);
	assert_in_range(node->left_ms, 49000, 50000);
	assert_false(node->is_drained);

	node = node_of(&n, "n5.nodes");
	assert_non_null(node);
	assert_int_equal(node->naddresses, 0);
	assert_int_equal(node->nservices, 1);

	node = node_of(&n, "n9.nodes");
	assert_non_null(node);
	assert_int_equal(node->naddresses, 1);
	assert_int_equal(node->nservices, 0);
	assert_false(node->has_lease);
	listing_nodes_fini(&n);
	listing_services_fini(&s);
}

static void drained_nodes_are_marked_and_never_forgotten(void **state)
{
	struct kit_world *w = *state;
	struct listing_services s;
	struct listing_nodes n;

	register_some(w);
	assert_int_equal(view_node_set(&w->state.view, kit_name("n1.nodes"), true), 1);
	assert_int_equal(view_node_set(&w->state.view, kit_name("gone.nodes"), true), 1);
	assert_int_equal(view_node_set(&w->state.view, kit_name("n1.other."), true), 1);
	assert_int_equal(take(w, &s, &n), 0);
	assert_null(node_of(&n, "n1.other."));
	assert_true(node_of(&n, "n1.nodes")->is_drained);
	assert_true(node_of(&n, "n1.nodes")->naddresses >= 2);
	assert_int_equal(node_of(&n, "n1.nodes")->nservices, 2);
	assert_true(node_of(&n, "gone.nodes")->is_drained);
	assert_false(node_of(&n, "n5.nodes")->is_drained);
	listing_nodes_fini(&n);
	listing_services_fini(&s);
	kit_undo(w);
}

static void short_memory_fails_and_leaks_nothing(void **state)
{
	struct kit_world *w = *state;
	bool has_failed = true;

	register_some(w);
	assert_int_equal(view_node_set(&w->state.view, kit_name("gone.nodes"), true), 1);
	for (int k = 0; has_failed; k++) {
		struct listing_services s;
		struct listing_nodes n;
		int ret;

		memory_fail_after(k);
		ret = take(w, &s, &n);
		has_failed = memory_has_failed();
		memory_fail_after(MEMORY_ENOUGH);
		assert_true(ret == (has_failed ? -ENOMEM : 0));
		listing_nodes_fini(&n);
		listing_services_fini(&s);
	}
	kit_undo(w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_view_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nodes_have_their_addresses_and_what_runs_on_them),
		TEST(drained_nodes_are_marked_and_never_forgotten),
		TEST(short_memory_fails_and_leaks_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
