/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "declare/remove.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "declare/future.h"
#include "dnssd/fabric_name.h"

static const char schema_prefix[] = "schema/";

void declare_remove_instance(struct declare_plan *p, const struct atlas_spec *spec)
{
	uint8_t owner[DNS_NAME_MAX];
	size_t nruns;
	const struct atlas_run *runs = atlas_runs_of(p->atlas, spec->name, &nruns);

	if (dnssd_fabric_name_write(owner, DNSSD_FABRIC_SPEC, NULL, spec->name) > 0)
		declare_plan_erase(p, owner);
	for (size_t i = 0; i < nruns; i++)
		declare_plan_withdraw(p, &runs[i]);
}

void declare_remove_service(struct declare_plan *p, const struct atlas_service *s)
{
	struct declare_item *item = declare_plan_item(p);

	item->kind = DECLARE_SERVICE;
	item->action = DECLARE_DELETED;
	item->name = s->name;
	item->type = s->type;
	item->before = s->service;
	item->nbefore = (uint32_t)s->nspecs;
	p->is_exclusive = true;
	p->ndeleted++;
	for (size_t i = 0; i < s->nspecs; i++)
		declare_remove_instance(p, &s->specs[i]);
}

void declare_remove_schema(struct declare_plan *p, const struct atlas_schema *s)
{
	struct declare_item *item = declare_plan_item(p);

	item->kind = DECLARE_SCHEMA;
	item->action = DECLARE_DELETED;
	item->name = s->name;
	item->text_before = s->text;
	p->is_exclusive = true;
	p->ndeleted++;
	declare_plan_erase(p, s->record->owner);
}

/* ---- weft delete ---- */

/* What of the zone is to go; an item for each service and schema of the atlas. */
struct going {
	const struct declare_remove *asked;
	struct declare_plan *p;
	const struct atlas_service *services;
	const struct atlas_schema *schemas;
	size_t nservices, nschemas;
	bool *is_service_going, *is_schema_going;
};

static bool is_ending_dot(const char *text, size_t n)
{
	return n > 0 && text[n - 1] == '.';
}

/* Whether the name of the command line is that of a type: with or without the zone. */
static bool is_type(const struct going *g, const char *name, const char *type)
{
	char zone[DNS_NAME_TEXT_MAX];
	size_t n = strlen(type), rest, nzone = dns_name_to_text(zone, atlas_zone(g->p->atlas));

	if (strncasecmp(name, type, n) != 0)
		return false;
	name += n;
	rest = strlen(name);
	if (is_ending_dot(name, rest))
		rest--;
	if (rest == 0)
		return true;
	return nzone > 1 && *name == '.' && rest == nzone &&
	       strncasecmp(name + 1, zone, rest - 1) == 0;
}

static bool schema_find(struct going *g, const char *name)
{
	for (size_t i = 0; i < g->nschemas; i++)
		if (strcasecmp(g->schemas[i].name, name) == 0) {
			g->is_schema_going[i] = true;
			return true;
		}
	return false;
}

static bool services_find(struct going *g, const char *name)
{
	bool is_found = false;

	for (size_t i = 0; i < g->nservices; i++) {
		const struct atlas_service *s = &g->services[i];

		if (strcasecmp(s->name, name) != 0 && !is_type(g, name, s->type))
			continue;
		g->is_service_going[i] = true;
		is_found = true;
	}
	return is_found;
}

/* Finds what has a name of the command line. */
static void name_find(struct going *g, const char *name, bool *was_found)
{
	size_t n = sizeof(schema_prefix) - 1;
	bool is_schema = strncmp(name, schema_prefix, n) == 0;

	if (is_schema ? schema_find(g, name + n) : services_find(g, name))
		*was_found = true;
	else if (!*was_found && is_schema)
		declare_plan_error(g->p, NULL, "the zone has no schema %s", name + n);
	else if (!*was_found)
		declare_plan_error(g->p, NULL,
				   "no service is declared with the name or type %s; weft service "
				   "list shows what is",
				   name);
}

/* Reports those that stay and use what goes. */
static void users_check(struct going *g)
{
	struct declare_future future = {0};

	for (size_t i = 0; i < g->nservices; i++)
		if (!g->is_service_going[i] && g->services[i].service != NULL &&
		    declare_future_add(&future, g->services[i].name, g->services[i].type,
				       g->services[i].service, false) < 0)
			g->p->is_short = true;
	declare_future_sort(&future);
	for (size_t i = 0; i < g->nservices; i++)
		if (g->is_service_going[i])
			declare_future_check_users(&future, g->p, g->services[i].name,
						   g->services[i].type);
	for (size_t i = 0; i < g->nschemas; i++)
		for (size_t j = 0; g->is_schema_going[i] && j < future.count; j++) {
			const struct spec_service *s = future.items[j].service;

			if (s->schema != NULL && strcmp(s->schema, g->schemas[i].name) == 0)
				declare_plan_error(g->p, NULL,
						   "schema %s is used by service %s: delete that "
						   "first, or use --force",
						   s->schema, s->name);
		}
	declare_future_fini(&future);
}

void declare_remove_plan(void *arg, struct declare_plan *p)
{
	struct going g = {.asked = arg, .p = p};

	g.services = atlas_services(p->atlas, &g.nservices);
	g.schemas = atlas_schemas(p->atlas, &g.nschemas);
	g.is_service_going = calloc(g.nservices + 1, sizeof(bool));
	g.is_schema_going = calloc(g.nschemas + 1, sizeof(bool));
	if (g.is_service_going == NULL || g.is_schema_going == NULL) {
		p->is_short = true;
	} else {
		for (size_t i = 0; i < g.asked->nnames; i++)
			name_find(&g, g.asked->names[i], &g.asked->was_found[i]);
		if (!g.asked->is_forced)
			users_check(&g);
		for (size_t i = 0; i < g.nservices; i++)
			if (g.is_service_going[i])
				declare_remove_service(p, &g.services[i]);
		for (size_t i = 0; i < g.nschemas; i++)
			if (g.is_schema_going[i])
				declare_remove_schema(p, &g.schemas[i]);
	}
	free(g.is_service_going);
	free(g.is_schema_going);
}
