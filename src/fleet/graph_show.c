/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fleet/graph_show.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "cli/cli.h"
#include "cli/fail.h"
#include "cli/output.h"
#include "cli/text.h"
#include "dns/name.h"
#include "fleet/cycle.h"
#include "fleet/graph.h"
#include "fleet/name.h"
#include "fleet/zone.h"

enum { ID_MAX = DNS_NAME_TEXT_MAX + 260 };

/* Writes what a vertex is called: unique among all. Returns `out`. */
static const char *id_of(char out[static ID_MAX], const struct fleet_graph *g,
			 const struct fleet_graph_vertex *v)
{
	char name[DNS_NAME_TEXT_MAX];

	if (v->kind == FLEET_GRAPH_SERVICE)
		snprintf(out, ID_MAX, "service %.250s%s%.250s", v->service_name,
			 v->type != NULL ? "." : "", v->type != NULL ? v->type : "");
	else
		snprintf(out, ID_MAX, "%s",
			 fleet_name_to_text(name, v->name, atlas_zone(g->join->atlas)));
	return out;
}

/* Returns whether an instance of a service that is there can be contacted. */
static bool is_up(const struct fleet_graph_vertex *v)
{
	const struct atlas_instance *i = v->row == NULL ? NULL : v->row->instance;

	return i != NULL && (i->state == NULL || strcmp(i->state, "up") == 0);
}

static bool service_is_up(const struct fleet_graph *g, const struct fleet_graph_vertex *v)
{
	if (v->service == NULL)
		return !v->is_missing;
	for (size_t i = 0; i < v->nedges; i++)
		if (g->edges[v->first + i].relation == FLEET_GRAPH_HAS &&
		    is_up(&g->vertices[g->edges[v->first + i].to]))
			return true;
	return false;
}

/* Returns the state of a vertex, or NULL if its kind has none. */
static const char *state_of(const struct fleet_graph *g, const struct fleet_graph_vertex *v)
{
	const struct atlas_node *node;

	if (v->is_missing)
		return "missing";
	switch (v->kind) {
	case FLEET_GRAPH_INSTANCE:
		return fleet_join_state(v->row);
	case FLEET_GRAPH_SERVICE:
		return service_is_up(g, v) ? "up" : "not up";
	case FLEET_GRAPH_NODE:
		node = atlas_node(g->join->atlas, v->name);
		if (node == NULL || (node->txt == NULL && node->nv4 + node->nv6 == 0))
			return "not registered";
		return node->state != NULL ? node->state : "up";
	default:
		return NULL;
	}
}

/* ---- JSON ---- */

static json_t *addresses_of(const struct atlas_node *node)
{
	json_t *list = json_array();
	char text[INET6_ADDRSTRLEN];

	for (size_t i = 0; node != NULL && i < node->nv4; i++)
		json_array_append_new(list, json_string(inet_ntop(AF_INET, node->v4[i].rdata, text,
								  sizeof(text))));
	for (size_t i = 0; node != NULL && i < node->nv6; i++)
		json_array_append_new(list, json_string(inet_ntop(AF_INET6, node->v6[i].rdata, text,
								  sizeof(text))));
	return list;
}

static json_t *vertex_to_json(const struct fleet_graph *g, const struct fleet_graph_vertex *v)
{
	const struct atlas *a = g->join->atlas;
	const char *state = state_of(g, v);
	char id[ID_MAX];
	json_t *o = json_object();

	json_object_set_new(o, "id", cli_text_to_json(id, strlen(id_of(id, g, v))));
	json_object_set_new(o, "kind", json_string(fleet_graph_kind_to_text(v->kind)));
	json_object_set_new(o, "state", fleet_name_text_to_json(state));
	json_object_set_new(o, "missing", json_boolean(v->is_missing));
	if (v->kind == FLEET_GRAPH_NODE)
		json_object_set_new(o, "addresses", addresses_of(atlas_node(a, v->name)));
	if (v->kind == FLEET_GRAPH_INSTANCE && v->row != NULL) {
		const uint8_t *node = fleet_join_node(g->join, v->row);

		json_object_set_new(o, "node", fleet_name_node_to_json(node, atlas_zone(a)));
		if (v->row->instance != NULL)
			json_object_set_new(o, "port", json_integer(v->row->instance->port));
	}
	return o;
}

static json_t *cycles_to_json(const struct fleet_graph *g)
{
	json_t *cycles = json_array();
	char id[ID_MAX];

	for (size_t i = 0; i < g->ncycles; i++) {
		json_t *cycle = json_array();

		for (size_t k = 0; k < g->cycles[i].n; k++) {
			const struct fleet_graph_vertex *v =
				&g->vertices[g->members[g->cycles[i].first + k]];

			json_array_append_new(cycle, cli_text_to_json(id, strlen(id_of(id, g, v))));
		}
		json_array_append_new(cycles, cycle);
	}
	return cycles;
}

static int json_show(const struct fleet_graph *g, const struct cli_options *options)
{
	const struct atlas *a = g->join->atlas;
	json_t *vertices = json_array(), *edges = json_array(), *whole;
	char from[ID_MAX], to[ID_MAX];
	int status;

	for (size_t i = 0; i < g->nvertices; i++)
		json_array_append_new(vertices, vertex_to_json(g, &g->vertices[i]));
	for (size_t i = 0; i < g->nedges; i++) {
		const struct fleet_graph_edge *e = &g->edges[i];

		id_of(from, g, &g->vertices[e->from]);
		id_of(to, g, &g->vertices[e->to]);
		json_array_append_new(edges,
				      json_pack("{s:o, s:s, s:o}", "from",
						cli_text_to_json(from, strlen(from)), "relation",
						fleet_graph_relation_to_text(e->relation), "to",
						cli_text_to_json(to, strlen(to))));
	}
	whole = json_pack("{s:o, s:I, s:o, s:o, s:o}", "zone",
			  fleet_name_to_json(atlas_zone(a), atlas_zone(a)), "serial",
			  (json_int_t)atlas_serial(a), "vertices", vertices, "edges", edges,
			  "cycles", cycles_to_json(g));
	status = cli_output_result(options, whole);
	json_decref(whole);
	return status;
}

/* ---- for dot(1) ---- */

/* Writes a text in quotes. */
static void dot_quote(const char *text)
{
	size_t left = strlen(text), n;

	putchar('"');
	for (; left > 0; text += n, left -= n) {
		n = cli_text_character((const uint8_t *)text, left);
		if (*text == '"' || *text == '\\')
			putchar('\\');
		if (n > 0)
			fwrite(text, 1, n, stdout);
		else
			putchar('?');
		n = n > 0 ? n : 1;
	}
	putchar('"');
}

static void dot_vertex(const struct fleet_graph *g, const struct fleet_graph_vertex *v)
{
	static const char *const shapes[] = {
		[FLEET_GRAPH_NODE] = "box3d",	     [FLEET_GRAPH_INSTANCE] = "box",
		[FLEET_GRAPH_SERVICE] = "ellipse",   [FLEET_GRAPH_NAME] = "note",
		[FLEET_GRAPH_RESOURCE] = "cylinder", [FLEET_GRAPH_OTHER] = "plaintext",
	};
	const char *state = state_of(g, v);
	char id[ID_MAX], label[ID_MAX + 40];

	id_of(id, g, v);
	snprintf(label, sizeof(label), "%s%s%.30s%s", id, state != NULL ? " (" : "",
		 state != NULL ? state : "", state != NULL ? ")" : "");
	printf("\t");
	dot_quote(id);
	printf(" [shape=%s, label=", shapes[v->kind]);
	dot_quote(label);
	printf("%s];\n", v->is_missing ? ", style=dashed, color=red" : "");
}

static int dot_show(const struct fleet_graph *g)
{
	char id[ID_MAX];

	printf("digraph fabric {\n\trankdir=LR;\n");
	for (size_t i = 0; i < g->nvertices; i++)
		dot_vertex(g, &g->vertices[i]);
	for (size_t i = 0; i < g->nedges; i++) {
		const struct fleet_graph_edge *e = &g->edges[i];

		printf("\t");
		dot_quote(id_of(id, g, &g->vertices[e->from]));
		printf(" -> ");
		dot_quote(id_of(id, g, &g->vertices[e->to]));
		printf(" [label=%s%s];\n", fleet_graph_relation_to_text(e->relation),
		       g->vertices[e->to].is_missing ? ", style=dashed, color=red" : "");
	}
	printf("}\n");
	return fflush(stdout) == 0 ? CLI_OK : CLI_FAILURE;
}

/* ---- the tree ---- */

/* What a vertex is, after its name: its state, where it is, what is wrong. */
static void instance_show(const struct fleet_graph *g, const struct fleet_graph_vertex *v)
{
	const struct atlas_instance *i = v->row == NULL ? NULL : v->row->instance;
	char why[FLEET_JOIN_WHY_MAX];

	printf("  ");
	cli_text_print(stdout, state_of(g, v));
	if (i != NULL && i->port > 0)
		printf(" :%u", i->port);
	if (v->row != NULL && *fleet_join_why(why, g->join, v->row) != '\0') {
		printf("  ! ");
		cli_text_print(stdout, why);
	}
	putchar('\n');
}

static const char *const branches[2] = {"├─ ", "└─ "}, *const stems[2] = {"│  ", "   "};

/* Shows something that an instance uses or holds. */
static void used_show(const struct fleet_graph *g, const struct fleet_graph_edge *e,
		      const char *stem, bool is_last)
{
	const struct fleet_graph_vertex *v = &g->vertices[e->to];
	const uint8_t *zone = atlas_zone(g->join->atlas), *node;
	const char *state = state_of(g, v);
	char text[ID_MAX];

	printf("%s%s%s ", stem, branches[is_last], fleet_graph_relation_to_text(e->relation));
	cli_text_print(stdout,
		       v->kind == FLEET_GRAPH_SERVICE ? v->service_name : id_of(text, g, v));
	if (v->is_missing)
		printf("  MISSING");
	else if (state != NULL) {
		printf("  ");
		cli_text_print(stdout, state);
	}
	node = v->row == NULL ? NULL : fleet_join_node(g->join, v->row);
	if (node != NULL)
		printf(", on %s", fleet_name_node_to_text(text, node, zone));
	putchar('\n');
}

/* Shows an instance with what it uses and holds. */
static void branch_show(const struct fleet_graph *g, size_t index, const char *stem, bool is_last)
{
	const struct fleet_graph_vertex *v = &g->vertices[index];
	char id[ID_MAX], below[32];

	printf("%s%s%s", stem, branches[is_last], id_of(id, g, v));
	instance_show(g, v);
	snprintf(below, sizeof(below), "%s%s", stem, stems[is_last]);
	for (size_t i = 0; i < v->nedges; i++)
		used_show(g, &g->edges[v->first + i], below, i + 1 == v->nedges);
}

static void node_show(const struct fleet_graph *g, const struct fleet_graph_vertex *v, bool is_last)
{
	const struct atlas *a = g->join->atlas;
	char text[DNS_NAME_TEXT_MAX];
	json_t *addresses = addresses_of(atlas_node(a, v->name)), *address;
	size_t i;

	printf("%s%s  ", branches[is_last], fleet_name_node_to_text(text, v->name, atlas_zone(a)));
	cli_text_print(stdout, state_of(g, v));
	json_array_foreach(addresses, i, address)
		printf("%s%s", i == 0 ? "  " : ", ", json_string_value(address));
	putchar('\n');
	json_decref(addresses);
	for (i = 0; i < v->nedges; i++)
		branch_show(g, g->edges[v->first + i].to, stems[is_last], i + 1 == v->nedges);
}

/* Instances that no node runs. */
enum homeless {
	NOT_HOMELESS,
	OF_ANOTHER_HOST, /* registered, with a host that is not a node */
	NOT_ASSIGNED,	 /* declared, or it uses or holds something */
	HOMELESS_KINDS,
};

static enum homeless homeless_kind(const struct fleet_graph *g, const struct fleet_graph_vertex *v)
{
	if (v->kind != FLEET_GRAPH_INSTANCE)
		return NOT_HOMELESS;
	if (v->row == NULL)
		return v->nedges > 0 ? NOT_ASSIGNED : NOT_HOMELESS;
	if (fleet_join_node(g->join, v->row) != NULL)
		return NOT_HOMELESS;
	return v->row->instance != NULL ? OF_ANOTHER_HOST : NOT_ASSIGNED;
}

static void homeless_show(const struct fleet_graph *g, enum homeless kind, size_t n, bool is_last)
{
	static const char *const titles[] = {
		[OF_ANOTHER_HOST] = "on other hosts", [NOT_ASSIGNED] = "not assigned"};

	printf("%s%s\n", branches[is_last], titles[kind]);
	for (size_t i = 0; i < g->nnamed; i++)
		if (homeless_kind(g, &g->vertices[i]) == kind)
			branch_show(g, i, stems[is_last], --n == 0);
}

static void cycles_show(const struct fleet_graph *g)
{
	char id[ID_MAX];

	for (size_t i = 0; i < g->ncycles; i++) {
		const struct fleet_graph_cycle *c = &g->cycles[i];

		printf("%scycle: ", i == 0 ? "\n" : "");
		for (size_t k = 0; k <= c->n; k++) {
			if (k > 0)
				printf(" -> ");
			cli_text_print(stdout,
				       id_of(id, g, &g->vertices[g->members[c->first + k % c->n]]));
		}
		putchar('\n');
	}
}

static int tree_show(const struct fleet_graph *g)
{
	const struct atlas *a = g->join->atlas;
	size_t nleft = 0, n[HOMELESS_KINDS] = {0};
	char zone[DNS_NAME_TEXT_MAX];

	for (size_t i = 0; i < g->nnamed; i++) {
		nleft += g->vertices[i].kind == FLEET_GRAPH_NODE;
		n[homeless_kind(g, &g->vertices[i])]++;
	}
	for (int k = OF_ANOTHER_HOST; k < HOMELESS_KINDS; k++)
		nleft += n[k] > 0;
	printf("%s  serial %u\n", fleet_name_to_text(zone, atlas_zone(a), atlas_zone(a)),
	       atlas_serial(a));
	for (size_t i = 0; i < g->nnamed; i++)
		if (g->vertices[i].kind == FLEET_GRAPH_NODE)
			node_show(g, &g->vertices[i], --nleft == 0);
	for (int k = OF_ANOTHER_HOST; k < HOMELESS_KINDS; k++)
		if (n[k] > 0)
			homeless_show(g, (enum homeless)k, n[k], --nleft == 0);
	cycles_show(g);
	return fflush(stdout) == 0 ? CLI_OK : CLI_FAILURE;
}

int fleet_graph_show(const struct cli_command *command, const struct cli_options *options,
		     int nargs, char **args)
{
	struct fleet_graph g = {0};
	struct fleet_join j = {0};
	struct fleet_zone z;
	int status = fleet_zone_load(&z, options, nargs > 0 ? args[0] : options->zone);

	(void)command;
	if (status != CLI_OK)
		return status;
	if (fleet_join_make(&j, z.atlas) < 0 || fleet_graph_make(&g, &j) < 0 ||
	    fleet_cycle_find(&g) < 0)
		status = cli_fail(options, CLI_FAILURE, "out of memory");
	else if (options->is_dot)
		status = dot_show(&g);
	else if (options->is_json)
		status = json_show(&g, options);
	else
		status = tree_show(&g);
	fleet_graph_free(&g);
	fleet_join_free(&j);
	fleet_zone_close(&z);
	return status;
}
