/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../atlas/zone_made.h"
#include "atlas/atlas.h"

struct fleet_join kit_join;
struct fleet_graph kit_graph;

static struct atlas *atlas;

int kit_set_up(void **state)
{
	(void)state;
	zone_made_clear();
	return 0;
}

int kit_tear_down(void **state)
{
	(void)state;
	fleet_graph_free(&kit_graph);
	fleet_join_free(&kit_join);
	atlas_free(atlas);
	atlas = NULL;
	return 0;
}

void kit_join_make(void)
{
	atlas = zone_made_atlas();
	assert_int_equal(fleet_join_make(&kit_join, atlas), 0);
}

void kit_graph_make(void)
{
	kit_join_make();
	assert_int_equal(fleet_graph_make(&kit_graph, &kit_join), 0);
}
