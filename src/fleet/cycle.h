/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fleet/cycle.h - vertices of the resource graph that use each other in a circle. One thread. */
#pragma once

struct fleet_graph;

/* Adds the cycles: one for each set of vertices that all reach each other by what they use (a
 * strongly connected component), the shortest one through its first vertex. Returns 0 or -ENOMEM.
 */
int fleet_cycle_find(struct fleet_graph *g);
