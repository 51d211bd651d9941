/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Tarjan's algorithm (1972) finds the components, with a stack of its own: a zone may have chains
 * of any length. In each component of more than one vertex, or with an edge to itself, a search in
 * breadth from its first vertex back to it finds a shortest cycle. */

#include "fleet/cycle.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "fleet/graph.h"

enum { NONE = 0 }; /* of an order, which begins with 1 */

struct search {
	struct fleet_graph *g;
	size_t *order, *low;  /* of a vertex */
	size_t *component;    /* likewise; SIZE_MAX: not known yet */
	size_t *edge;	      /* the next one to follow */
	size_t *stack, *path; /* vertices without component; those being visited */
	size_t nstack, npath, norder, ncomponents;
	size_t *parent, *queue; /* of the search in breadth */
};

/* Returns whether the edge is one by which something depends on something. */
static bool is_followed(const struct fleet_graph_edge *e)
{
	return e->relation == FLEET_GRAPH_USES || e->relation == FLEET_GRAPH_HAS;
}

static void visit_begin(struct search *s, size_t v)
{
	s->order[v] = s->low[v] = ++s->norder;
	s->edge[v] = 0;
	s->stack[s->nstack++] = v;
	s->path[s->npath++] = v;
}

/* Ends the visit of the last vertex of the path; it may be the root of a component. */
static void visit_end(struct search *s)
{
	size_t v = s->path[--s->npath], w;

	if (s->npath > 0 && s->low[v] < s->low[s->path[s->npath - 1]])
		s->low[s->path[s->npath - 1]] = s->low[v];
	if (s->low[v] != s->order[v])
		return;
	do {
		w = s->stack[--s->nstack];
		s->component[w] = s->ncomponents;
	} while (w != v);
	s->ncomponents++;
}

static void components_find(struct search *s, size_t root)
{
	visit_begin(s, root);
	while (s->npath > 0) {
		size_t v = s->path[s->npath - 1];
		const struct fleet_graph_vertex *vertex = &s->g->vertices[v];
		const struct fleet_graph_edge *e;

		if (s->edge[v] == vertex->nedges) {
			visit_end(s);
			continue;
		}
		e = &s->g->edges[vertex->first + s->edge[v]++];
		if (!is_followed(e))
			continue;
		if (s->order[e->to] == NONE)
			visit_begin(s, e->to);
		else if (s->component[e->to] == SIZE_MAX && s->order[e->to] < s->low[v])
			s->low[v] = s->order[e->to];
	}
}

/* Finds the last vertex of a shortest cycle through `start`, with the way to it in `parent`;
 * SIZE_MAX: there is none. */
static size_t breadth(struct search *s, size_t start)
{
	size_t head = 0, tail = 0;

	s->parent[start] = start;
	s->queue[tail++] = start;
	while (head < tail) {
		size_t v = s->queue[head++];
		const struct fleet_graph_vertex *vertex = &s->g->vertices[v];

		for (size_t i = 0; i < vertex->nedges; i++) {
			const struct fleet_graph_edge *e = &s->g->edges[vertex->first + i];

			if (!is_followed(e) || s->component[e->to] != s->component[start])
				continue;
			if (e->to == start)
				return v;
			if (s->parent[e->to] != SIZE_MAX)
				continue;
			s->parent[e->to] = v;
			s->queue[tail++] = e->to;
		}
	}
	return SIZE_MAX;
}

static void cycle_add(struct search *s, size_t start, size_t last)
{
	struct fleet_graph *g = s->g;
	struct fleet_graph_cycle *c = &g->cycles[g->ncycles];
	size_t n = 1;

	for (size_t v = last; v != start; v = s->parent[v])
		n++;
	c->first = g->ncycles == 0 ? 0 : c[-1].first + c[-1].n;
	c->n = n;
	g->ncycles++;
	for (size_t v = last; n > 0; v = s->parent[v])
		g->members[c->first + --n] = v;
}

/* Adds the cycles, each component's once. */
static void cycles_add(struct search *s)
{
	size_t n = s->g->nvertices, *is_done = s->order; /* of a component; the order is over */

	for (size_t v = 0; v < n; v++) {
		s->parent[v] = SIZE_MAX;
		is_done[v] = 0;
	}
	for (size_t v = 0; v < n; v++) {
		size_t last;

		if (is_done[s->component[v]]++ > 0)
			continue;
		last = breadth(s, v);
		if (last != SIZE_MAX)
			cycle_add(s, v, last);
	}
}

int fleet_cycle_find(struct fleet_graph *g)
{
	size_t n = g->nvertices, *room = calloc(n + 1, 8 * sizeof(*room));
	struct search s = {.g = g};

	g->members = calloc(n + 1, sizeof(*g->members));
	g->cycles = calloc(n + 1, sizeof(*g->cycles));
	if (room == NULL || g->members == NULL || g->cycles == NULL) {
		free(room);
		return -ENOMEM;
	}
	s.order = room;
	s.low = room + n;
	s.component = room + 2 * n;
	s.edge = room + 3 * n;
	s.stack = room + 4 * n;
	s.path = room + 5 * n;
	s.parent = room + 6 * n;
	s.queue = room + 7 * n;
	for (size_t v = 0; v < n; v++)
		s.component[v] = SIZE_MAX;
	for (size_t v = 0; v < n; v++)
		if (s.order[v] == NONE)
			components_find(&s, v);
	cycles_add(&s);
	free(room);
	return 0;
}
