/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fleet/graph.h - the resource graph of a fabric: nodes, services, instances, names and resources,
 * and what each runs, uses and holds.
 *
 * An instance uses what its `_uses` records name; one that has none, because it does not run yet,
 * uses what it declares. What is used but is not there is in the graph, too, as missing. Borrows
 * the atlas. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fleet/join.h"

enum fleet_graph_kind {
	FLEET_GRAPH_NODE,
	FLEET_GRAPH_INSTANCE,
	FLEET_GRAPH_SERVICE, /* a declared service, or one that is used by a declaration */
	FLEET_GRAPH_NAME,    /* a name resource of a node */
	FLEET_GRAPH_RESOURCE,
	FLEET_GRAPH_OTHER, /* something else that is used */
};

enum fleet_graph_relation {
	FLEET_GRAPH_RUNS,  /* a node: an instance that is assigned to it or registered by it */
	FLEET_GRAPH_HAS,   /* a service: its instances */
	FLEET_GRAPH_USES,  /* an instance: another one, or a service */
	FLEET_GRAPH_HOLDS, /* an instance: a name or a resource */
};

struct fleet_graph_vertex {
	enum fleet_graph_kind kind;
	const uint8_t *name;		     /* NULL: of a service */
	const struct atlas_service *service; /* of a service that is declared */
	const char *service_name, *type;     /* of a service; `type` NULL: not known */
	const struct fleet_row *row;	     /* of an instance; NULL: it is only used */
	bool is_missing;		     /* it is used or holds something, but is not there */
	size_t first, nedges;		     /* its edges */
};

struct fleet_graph_edge {
	size_t from, to; /* indexes of vertices */
	enum fleet_graph_relation relation;
};

/* Vertices that use each other, in a circle. */
struct fleet_graph_cycle {
	size_t first, n; /* in `members` */
};

struct fleet_graph {
	const struct fleet_join *join;
	struct fleet_graph_vertex *vertices; /* nodes, names in canonical order, services */
	struct fleet_graph_edge *edges;	     /* by `from`, relation and `to` */
	size_t nvertices, nedges;

	/* by fleet_cycle_find */
	size_t *members; /* of cycles: vertices in the order in which they use each other */
	struct fleet_graph_cycle *cycles;
	size_t ncycles;

	/* private */
	size_t nnamed, vertices_room, edges_room;
};

/* Makes the graph. `j` is borrowed until the end. Returns 0, or -ENOMEM with nothing to free. */
int fleet_graph_make(struct fleet_graph *g, const struct fleet_join *j);

void fleet_graph_free(struct fleet_graph *g);

/* Returns what an enumerator is called. */
const char *fleet_graph_kind_to_text(enum fleet_graph_kind kind);
const char *fleet_graph_relation_to_text(enum fleet_graph_relation relation);
