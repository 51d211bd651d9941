/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* tests/unit/fleet/kit.h - the rows and the graph of the zone that a test makes by
 * tests/unit/atlas/zone_made.h. Any function fails the running test on an error. */
#pragma once

#include "fleet/graph.h"
#include "fleet/join.h"

extern struct fleet_join kit_join;
extern struct fleet_graph kit_graph;

/* Empty the zone, and free what was made of it. They fit cmocka_unit_test_setup_teardown. */
int kit_set_up(void **state);
int kit_tear_down(void **state);

/* Make the rows of the zone; and also the graph. */
void kit_join_make(void);
void kit_graph_make(void);
