/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The graph is made in two steps: all vertices that have a DNS name are collected and sorted, so
 * that edges find theirs; and edges are added, and services where these need them. */

#include "fleet/graph.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/grow.h"
#include "dns/name.h"
#include "dnssd/kind.h"

const char *fleet_graph_kind_to_text(enum fleet_graph_kind kind)
{
	static const char *const texts[] = {
		[FLEET_GRAPH_NODE] = "node",	     [FLEET_GRAPH_INSTANCE] = "instance",
		[FLEET_GRAPH_SERVICE] = "service",   [FLEET_GRAPH_NAME] = "name",
		[FLEET_GRAPH_RESOURCE] = "resource", [FLEET_GRAPH_OTHER] = "other",
	};

	return texts[kind];
}

const char *fleet_graph_relation_to_text(enum fleet_graph_relation relation)
{
	static const char *const texts[] = {
		[FLEET_GRAPH_RUNS] = "runs",
		[FLEET_GRAPH_HAS] = "has",
		[FLEET_GRAPH_USES] = "uses",
		[FLEET_GRAPH_HOLDS] = "holds",
	};

	return texts[relation];
}

/* ---- vertices ---- */

static struct fleet_graph_vertex *vertex_add(struct fleet_graph *g)
{
	struct fleet_graph_vertex *vertices =
		base_grow(g->vertices, g->nvertices, &g->vertices_room, sizeof(*vertices));

	if (vertices == NULL)
		return NULL;
	g->vertices = vertices;
	vertices[g->nvertices] = (struct fleet_graph_vertex){0};
	return &vertices[g->nvertices++];
}

static int name_add(struct fleet_graph *g, const uint8_t *name)
{
	struct fleet_graph_vertex *v = name == NULL ? NULL : vertex_add(g);

	if (v != NULL)
		v->name = name;
	return name != NULL && v == NULL ? -ENOMEM : 0;
}

static int vertex_compare(const void *one, const void *two)
{
	const struct fleet_graph_vertex *a = one, *b = two;

	return dns_name_compare(a->name, b->name);
}

static enum fleet_graph_kind kind_of(const uint8_t *name, const uint8_t *zone)
{
	switch (dnssd_kind_of(name, zone)) {
	case DNSSD_NODE:
		return FLEET_GRAPH_NODE;
	case DNSSD_INSTANCE:
		return FLEET_GRAPH_INSTANCE;
	case DNSSD_HELD:
		return FLEET_GRAPH_NAME;
	case DNSSD_RESOURCE:
		return FLEET_GRAPH_RESOURCE;
	default:
		return FLEET_GRAPH_OTHER;
	}
}

/* Fills in what a name is. What runs nowhere is missing to its users, but is there if it is
 * declared. */
static void vertex_judge(const struct fleet_graph *g, struct fleet_graph_vertex *v)
{
	const struct atlas *a = g->join->atlas;

	v->kind = kind_of(v->name, atlas_zone(a));
	v->row = fleet_join_get(g->join, v->name);
	if (v->kind == FLEET_GRAPH_INSTANCE)
		v->is_missing = v->row == NULL;
	else if (dns_name_is_under(v->name, atlas_zone(a)))
		v->is_missing = !atlas_has_name(a, v->name);
}

/* Collects all names. */
static int names_collect(struct fleet_graph *g)
{
	const struct atlas *a = g->join->atlas;
	size_t nnodes, nheld, nuses;
	const struct atlas_node *nodes = atlas_nodes(a, &nnodes);
	const struct atlas_held *held = atlas_held(a, &nheld);
	const struct atlas_use *uses = atlas_uses(a, &nuses);
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < nnodes; i++)
		ret = name_add(g, nodes[i].name);
	for (size_t i = 0; ret == 0 && i < g->join->n; i++) {
		ret = name_add(g, g->join->rows[i].name);
		if (ret == 0)
			ret = name_add(g, fleet_join_node(g->join, &g->join->rows[i]));
	}
	for (size_t i = 0; ret == 0 && i < nheld; i++) {
		ret = name_add(g, held[i].record->owner);
		if (ret == 0)
			ret = name_add(g, held[i].by_name);
	}
	for (size_t i = 0; ret == 0 && i < nuses; i++) {
		ret = name_add(g, uses[i].from);
		if (ret == 0)
			ret = name_add(g, uses[i].to);
	}
	return ret;
}

static int names_make(struct fleet_graph *g)
{
	size_t kept = 0;

	if (names_collect(g) < 0)
		return -ENOMEM;
	if (g->nvertices > 0)
		qsort(g->vertices, g->nvertices, sizeof(*g->vertices), vertex_compare);
	for (size_t i = 0; i < g->nvertices; i++)
		if (kept == 0 || vertex_compare(&g->vertices[kept - 1], &g->vertices[i]) != 0)
			g->vertices[kept++] = g->vertices[i];
	g->nvertices = g->nnamed = kept;
	for (size_t i = 0; i < kept; i++)
		vertex_judge(g, &g->vertices[i]);
	return 0;
}

/* Returns the index of a name that was collected. */
static size_t vertex_of(const struct fleet_graph *g, const uint8_t *name)
{
	struct fleet_graph_vertex key = {.name = name};
	const struct fleet_graph_vertex *found =
		bsearch(&key, g->vertices, g->nnamed, sizeof(key), vertex_compare);

	return (size_t)(found - g->vertices);
}

/* ---- edges ---- */

static int edge_add(struct fleet_graph *g, size_t from, enum fleet_graph_relation relation,
		    size_t to)
{
	struct fleet_graph_edge *edges =
		base_grow(g->edges, g->nedges, &g->edges_room, sizeof(*edges));

	if (edges == NULL)
		return -ENOMEM;
	g->edges = edges;
	edges[g->nedges++] = (struct fleet_graph_edge){from, to, relation};
	return 0;
}

/* The nodes of an instance: those that it is assigned to, and the one that has registered it. */
static int runs_add(struct fleet_graph *g, const struct fleet_row *r)
{
	size_t instance = vertex_of(g, r->name);
	const uint8_t *node = fleet_join_node(g->join, r);
	int ret = 0;

	if (r->instance != NULL && node != NULL)
		ret = edge_add(g, vertex_of(g, node), FLEET_GRAPH_RUNS, instance);
	for (size_t i = 0; ret == 0 && i < r->nruns; i++)
		if (r->instance == NULL || node == NULL || !dns_name_equal(r->runs[i].node, node))
			ret = edge_add(g, vertex_of(g, r->runs[i].node), FLEET_GRAPH_RUNS,
				       instance);
	return ret;
}

static int held_add(struct fleet_graph *g)
{
	size_t n;
	const struct atlas_held *held = atlas_held(g->join->atlas, &n);
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < n; i++)
		if (held[i].by_name != NULL)
			ret = edge_add(g, vertex_of(g, held[i].by_name), FLEET_GRAPH_HOLDS,
				       vertex_of(g, held[i].record->owner));
	return ret;
}

/* `_uses` names what an instance uses and what it owns. */
static int uses_add(struct fleet_graph *g)
{
	size_t n;
	const struct atlas_use *uses = atlas_uses(g->join->atlas, &n);
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < n; i++) {
		size_t to = vertex_of(g, uses[i].to);
		enum fleet_graph_kind kind = g->vertices[to].kind;
		bool is_held = kind == FLEET_GRAPH_NAME || kind == FLEET_GRAPH_RESOURCE;

		ret = edge_add(g, vertex_of(g, uses[i].from),
			       is_held ? FLEET_GRAPH_HOLDS : FLEET_GRAPH_USES, to);
	}
	return ret;
}

/* ---- services ---- */

/* Returns whether a registered instance is of that service. */
static bool is_registered(const struct fleet_graph *g, const char *name, const char *type)
{
	size_t n, nlabel = strlen(name);
	const struct atlas_instance *all = atlas_instances(g->join->atlas, &n);

	for (size_t i = 0; i < n; i++)
		if ((type == NULL || strcasecmp(all[i].type, type) == 0) &&
		    strncasecmp(all[i].label, name, nlabel) == 0 &&
		    (all[i].label[nlabel] == '\0' || all[i].label[nlabel] == '-'))
			return true;
	return false;
}

/* Returns the vertex of a service, which is added if need be; SIZE_MAX if memory is short. */
static size_t service_get(struct fleet_graph *g, const char *name, const char *type)
{
	const struct atlas_service *service = atlas_service(g->join->atlas, name, type, NULL);
	struct fleet_graph_vertex *v;

	for (size_t i = g->nnamed; i < g->nvertices; i++) {
		v = &g->vertices[i];
		if (service != NULL
			    ? v->service == service
			    : v->service == NULL && strcasecmp(v->service_name, name) == 0 &&
				      (type == NULL) == (v->type == NULL) &&
				      (type == NULL || strcasecmp(v->type, type) == 0))
			return i;
	}
	v = vertex_add(g);
	if (v == NULL)
		return SIZE_MAX;
	v->kind = FLEET_GRAPH_SERVICE;
	v->service = service;
	v->service_name = service != NULL ? service->name : name;
	v->type = service != NULL ? service->type : type;
	v->is_missing = service == NULL && !is_registered(g, name, type);
	for (size_t i = 0; service != NULL && i < service->nspecs; i++)
		if (edge_add(g, g->nvertices - 1, FLEET_GRAPH_HAS,
			     vertex_of(g, service->specs[i].name)) < 0)
			return SIZE_MAX;
	return g->nvertices - 1;
}

/* What an instance declares, if it has no `_uses` records. */
static int declared_add(struct fleet_graph *g, const struct fleet_row *r)
{
	const struct spec_service *s = r->spec == NULL ? NULL : r->spec->service;
	size_t n;

	atlas_uses_of(g->join->atlas, r->name, &n);
	for (size_t i = 0; s != NULL && n == 0 && i < s->uses.count; i++) {
		size_t to = service_get(g, s->uses.items[i].name, s->uses.items[i].type);

		if (to == SIZE_MAX || edge_add(g, vertex_of(g, r->name), FLEET_GRAPH_USES, to) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int edge_compare(const void *one, const void *two)
{
	const struct fleet_graph_edge *a = one, *b = two;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	if (a->relation != b->relation)
		return a->relation < b->relation ? -1 : 1;
	return (a->to > b->to) - (a->to < b->to);
}

static int edges_make(struct fleet_graph *g)
{
	size_t kept = 0;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < g->join->n; i++) {
		ret = runs_add(g, &g->join->rows[i]);
		if (ret == 0)
			ret = declared_add(g, &g->join->rows[i]);
	}
	if (ret == 0)
		ret = held_add(g);
	if (ret == 0)
		ret = uses_add(g);
	if (ret < 0)
		return ret;
	if (g->nedges > 0)
		qsort(g->edges, g->nedges, sizeof(*g->edges), edge_compare);
	for (size_t i = 0; i < g->nedges; i++)
		if (kept == 0 || edge_compare(&g->edges[kept - 1], &g->edges[i]) != 0)
			g->edges[kept++] = g->edges[i];
	g->nedges = kept;
	for (size_t i = 0; i < kept; i++) {
		struct fleet_graph_vertex *v = &g->vertices[g->edges[i].from];

		if (v->nedges++ == 0)
			v->first = i;
	}
	return 0;
}

/* ---- all ---- */

int fleet_graph_make(struct fleet_graph *g, const struct fleet_join *j)
{
	int ret;

	*g = (struct fleet_graph){.join = j};
	ret = names_make(g);
	if (ret == 0)
		ret = edges_make(g);
	if (ret < 0)
		fleet_graph_free(g);
	return ret;
}

void fleet_graph_free(struct fleet_graph *g)
{
	free(g->vertices);
	free(g->edges);
	free(g->members);
	free(g->cycles);
	*g = (struct fleet_graph){0};
}
