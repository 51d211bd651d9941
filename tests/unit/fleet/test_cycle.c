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
#include "atlas/atlas.h"
#include "fleet/cycle.h"
#include "fleet/graph.h"

static struct atlas *atlas;
static struct fleet_join join;
static struct fleet_graph graph;

static int set_up(void **state)
{
	(void)state;
	zone_made_clear();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fleet_graph_free(&graph);
	fleet_join_free(&join);
	atlas_free(atlas);
	return 0;
}

static void graph_make(void)
{
	atlas = zone_made_atlas();
	assert_int_equal(fleet_join_make(&join, atlas), 0);
	assert_int_equal(fleet_graph_make(&graph, &join), 0);
	assert_int_equal(fleet_cycle_find(&graph), 0);
}

/* Adds an edge between two instances of one letter. */
static void uses(const char *pair)
{
	char from[32], to[32];

	snprintf(from, sizeof(from), "_uses.%c._x._tcp", pair[0]);
	snprintf(to, sizeof(to), "%c._x._tcp", pair[1]);
	zone_made_ptr(from, to);
}

/* Returns the members of the cycles, as letters, with a blank after each. */
static const char *cycles_text(void)
{
	static char text[64];
	size_t n = 0;

	for (size_t i = 0; i < graph.ncycles; i++) {
		for (size_t k = 0; k < graph.cycles[i].n; k++)
			text[n++] = (char)graph.vertices[graph.members[graph.cycles[i].first + k]]
					    .name[1];
		text[n++] = ' ';
	}
	text[n] = '\0';
	return text;
}

static void cycles_are_found_once(void **state)
{
	static const struct {
		const char *edges, *cycles;
	} cases[] = {
		{"ab bc", ""},
		{"aa", "a "},
		{"ab ba", "ab "},
		{"ab bc ca", "abc "},
		{"ab bc ca ac", "ac "},
		{"ab ba cd dc", "ab cd "},
		{"ab ba bc cd dc", "ab cd "},
		{"ab bc cd db", "bcd "},
		{"ab ac bd cd de", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		for (const char *at = cases[i].edges; *at != '\0'; at += 2 + (at[2] == ' '))
			uses(at);
		graph_make();
		assert_string_equal(cycles_text(), cases[i].cycles);
		tear_down(state);
		set_up(state);
	}
}

static void an_empty_graph_has_no_cycle(void **state)
{
	graph_make();
	assert_int_equal(graph.ncycles, 0);
	tear_down(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(cycles_are_found_once, set_up),
		cmocka_unit_test_setup(an_empty_graph_has_no_cycle, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
