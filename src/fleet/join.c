/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fleet/join.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/name.h"
#include "dnssd/kind.h"
#include "fleet/name.h"

static int name_compare(const void *one, const void *two)
{
	const struct fleet_row *a = one, *b = two;

	return dns_name_compare(a->name, b->name);
}

/* Collects the names of all instances, each as often as it is there. Returns NULL if memory is
 * short. */
static struct fleet_row *names_collect(const struct atlas *a, size_t *n)
{
	size_t nspecs, nruns, ninstances;
	const struct atlas_spec *specs = atlas_specs(a, &nspecs);
	const struct atlas_run *runs = atlas_runs(a, &nruns);
	const struct atlas_instance *instances = atlas_instances(a, &ninstances);
	struct fleet_row *rows = calloc(nspecs + nruns + ninstances + 1, sizeof(*rows));

	*n = 0;
	for (size_t i = 0; rows != NULL && i < nspecs; i++)
		rows[(*n)++].name = specs[i].name;
	for (size_t i = 0; rows != NULL && i < nruns; i++)
		rows[(*n)++].name = runs[i].instance;
	for (size_t i = 0; rows != NULL && i < ninstances; i++)
		rows[(*n)++].name = instances[i].name;
	return rows;
}

int fleet_join_make(struct fleet_join *j, const struct atlas *a)
{
	size_t n, kept = 0;
	struct fleet_row *rows = names_collect(a, &n);

	if (rows == NULL)
		return -ENOMEM;
	qsort(rows, n, sizeof(*rows), name_compare);
	for (size_t i = 0; i < n; i++) {
		struct fleet_row *r = &rows[kept];

		if (kept > 0 && dns_name_equal(rows[kept - 1].name, rows[i].name))
			continue;
		*r = (struct fleet_row){.name = rows[i].name};
		r->spec = atlas_spec(a, r->name);
		r->runs = atlas_runs_of(a, r->name, &r->nruns);
		r->instance = atlas_instance(a, r->name);
		kept++;
	}
	*j = (struct fleet_join){.atlas = a, .rows = rows, .n = kept};
	return 0;
}

void fleet_join_free(struct fleet_join *j)
{
	free(j->rows);
	j->rows = NULL;
	j->n = 0;
}

const struct fleet_row *fleet_join_get(const struct fleet_join *j, const uint8_t *name)
{
	struct fleet_row key = {.name = name};

	return j->n == 0 ? NULL : bsearch(&key, j->rows, j->n, sizeof(key), name_compare);
}

size_t fleet_join_find(const struct fleet_join *j, const char *text, const struct fleet_row **out)
{
	const uint8_t *zone = atlas_zone(j->atlas);
	uint8_t name[DNS_NAME_MAX];
	size_t n = 0;

	*out = NULL;
	for (int is_whole = 0; is_whole < 2; is_whole++) {
		if (dns_name_from_text(name, text, strlen(text), is_whole ? NULL : zone) > 0)
			*out = fleet_join_get(j, name);
		if (*out != NULL)
			return 1;
	}
	for (size_t i = 0; i < j->n; i++) {
		if (!fleet_name_has_label(j->rows[i].name, text))
			continue;
		if (n++ == 0)
			*out = &j->rows[i];
	}
	return n;
}

const char *fleet_join_state(const struct fleet_row *r)
{
	if (r->instance != NULL)
		return r->instance->state != NULL ? r->instance->state : "up";
	return r->nruns > 0 ? "assigned" : "declared";
}

const uint8_t *fleet_join_node(const struct fleet_join *j, const struct fleet_row *r)
{
	if (r->instance != NULL &&
	    dnssd_kind_of(r->instance->target, atlas_zone(j->atlas)) == DNSSD_NODE)
		return r->instance->target;
	return r->nruns > 0 ? r->runs[0].node : NULL;
}

/* Returns whether it is assigned to the node on which it is registered. */
static bool is_where_assigned(const struct fleet_row *r)
{
	for (size_t i = 0; i < r->nruns; i++)
		if (dns_name_equal(r->runs[i].node, r->instance->target))
			return true;
	return false;
}

const char *fleet_join_why(char out[static FLEET_JOIN_WHY_MAX], const struct fleet_join *j,
			   const struct fleet_row *r)
{
	const uint8_t *zone = atlas_zone(j->atlas);
	const struct atlas_node *node = r->nruns > 0 ? atlas_node(j->atlas, r->runs[0].node) : NULL;
	char a[DNS_NAME_TEXT_MAX], b[DNS_NAME_TEXT_MAX];

	out[0] = '\0';
	if (r->spec != NULL && r->spec->service == NULL)
		snprintf(out, FLEET_JOIN_WHY_MAX, "bad declaration: %s", r->spec->why);
	else if (r->instance != NULL && r->instance->why != NULL)
		snprintf(out, FLEET_JOIN_WHY_MAX, "%.1000s", r->instance->why);
	else if (r->nruns > 1)
		snprintf(out, FLEET_JOIN_WHY_MAX, "is assigned to %.300s and %.300s%s",
			 fleet_name_node_to_text(a, r->runs[0].node, zone),
			 fleet_name_node_to_text(b, r->runs[1].node, zone),
			 r->nruns > 2 ? ", and more" : "");
	else if (r->nruns > 0 && r->spec == NULL)
		snprintf(out, FLEET_JOIN_WHY_MAX, "is assigned, but not declared");
	else if (r->nruns > 0 && r->instance != NULL && !is_where_assigned(r))
		snprintf(out, FLEET_JOIN_WHY_MAX, "is assigned to %.300s, but registered by %.300s",
			 fleet_name_node_to_text(a, r->runs[0].node, zone),
			 fleet_name_node_to_text(b, r->instance->target, zone));
	else if (r->nruns == 0 && r->spec != NULL && r->instance != NULL)
		snprintf(out, FLEET_JOIN_WHY_MAX, "is registered, but not assigned");
	else if (r->nruns > 0 && r->instance == NULL && node != NULL && node->txt == NULL)
		snprintf(out, FLEET_JOIN_WHY_MAX, "the node %.300s is not registered",
			 fleet_name_node_to_text(a, node->name, zone));
	return out;
}
