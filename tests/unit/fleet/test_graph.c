/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../atlas/zone_made.h"
#include "dns/name.h"
#include "kit.h"

/* Returns the index of the vertex of a name. */
static size_t vertex_of(const char *text)
{
	const uint8_t *name = zone_made_name(text);

	for (size_t i = 0; i < kit_graph.nvertices; i++)
		if (kit_graph.vertices[i].name != NULL &&
		    dns_name_equal(kit_graph.vertices[i].name, name))
			return i;
	fail_msg("no vertex %s", text);
	return 0;
}

static bool has_edge(const char *from, enum fleet_graph_relation relation, const char *to)
{
	size_t a = vertex_of(from), b = vertex_of(to);

	for (size_t i = 0; i < kit_graph.vertices[a].nedges; i++) {
		const struct fleet_graph_edge *e =
			&kit_graph.edges[kit_graph.vertices[a].first + i];

		assert_int_equal(e->from, a);
		if (e->relation == relation && e->to == b)
			return true;
	}
	return false;
}

static void an_empty_zone_has_an_empty_graph(void **state)
{
	(void)state;
	kit_graph_make();
	assert_int_equal(kit_graph.nvertices + kit_graph.nedges, 0);
}

static void records_are_edges(void **state)
{
	(void)state;
	zone_made_txt("n1.nodes", "state=up");
	zone_made_ptr("_runs.n1.nodes", "a._x._tcp");
	zone_made_ptr("_runs.n2.nodes", "a._x._tcp");
	zone_made_srv("a._x._tcp", 1, "n1.nodes");
	zone_made_txt("a._names.n1.nodes", "by=a._x._tcp");
	zone_made_txt("disk._resources", "by=a._x._tcp");
	zone_made_ptr("_uses.a._x._tcp", "b._x._tcp");
	zone_made_ptr("_uses.a._x._tcp", "disk._resources");
	kit_graph_make();
	assert_true(has_edge("n1.nodes", FLEET_GRAPH_RUNS, "a._x._tcp"));
	assert_true(has_edge("n2.nodes", FLEET_GRAPH_RUNS, "a._x._tcp"));
	assert_true(has_edge("a._x._tcp", FLEET_GRAPH_HOLDS, "a._names.n1.nodes"));
	assert_true(has_edge("a._x._tcp", FLEET_GRAPH_HOLDS, "disk._resources"));
	assert_true(has_edge("a._x._tcp", FLEET_GRAPH_USES, "b._x._tcp"));
	assert_int_equal(kit_graph.nedges, 5);
	assert_true(kit_graph.vertices[vertex_of("b._x._tcp")].is_missing);
	assert_true(kit_graph.vertices[vertex_of("n2.nodes")].is_missing);
	assert_false(kit_graph.vertices[vertex_of("a._x._tcp")].is_missing);
}

static void what_does_not_run_uses_what_it_declares(void **state)
{
	const struct fleet_graph_vertex *v;

	(void)state;
	zone_made_json("_spec.a-1._x._tcp",
		       "{\"name\":\"a\",\"run\":[\"a\"],\"type\":\"_x._tcp\",\"uses\":[{\"name\":"
		       "\"db\",\"type\":\"_db._tcp\"},{\"name\":\"mail\",\"type\":\"_m._tcp\"}]}");
	zone_made_json("_spec.db-1._db._tcp",
		       "{\"name\":\"db\",\"run\":[\"db\"],\"type\":\"_db._tcp\"}");
	kit_graph_make();
	assert_int_equal(kit_graph.nvertices, 4);
	v = &kit_graph.vertices[2];
	assert_int_equal(v->kind, FLEET_GRAPH_SERVICE);
	assert_string_equal(v->service_name, "db");
	assert_false(v->is_missing);
	assert_int_equal(v->nedges, 1);
	v = &kit_graph.vertices[3];
	assert_string_equal(v->service_name, "mail");
	assert_true(v->is_missing);
	assert_int_equal(kit_graph.nedges, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_empty_zone_has_an_empty_graph, kit_set_up,
						kit_tear_down),
		cmocka_unit_test_setup_teardown(records_are_edges, kit_set_up, kit_tear_down),
		cmocka_unit_test_setup_teardown(what_does_not_run_uses_what_it_declares, kit_set_up,
						kit_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
