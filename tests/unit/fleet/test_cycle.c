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
#include "fleet/cycle.h"
#include "kit.h"

static void cycles_find(void)
{
	kit_graph_make();
	assert_int_equal(fleet_cycle_find(&kit_graph), 0);
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

	for (size_t i = 0; i < kit_graph.ncycles; i++) {
		const size_t *members = kit_graph.members + kit_graph.cycles[i].first;

		for (size_t k = 0; k < kit_graph.cycles[i].n; k++)
			text[n++] = (char)kit_graph.vertices[members[k]].name[1];
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
		cycles_find();
		assert_string_equal(cycles_text(), cases[i].cycles);
		kit_tear_down(state);
		kit_set_up(state);
	}
}

static void an_empty_graph_has_no_cycle(void **state)
{
	cycles_find();
	assert_int_equal(kit_graph.ncycles, 0);
	kit_tear_down(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(cycles_are_found_once, kit_set_up),
		cmocka_unit_test_setup(an_empty_graph_has_no_cycle, kit_set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
