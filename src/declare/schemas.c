/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "declare/schemas.h"

#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "dns/type.h"
#include "dnssd/fabric_name.h"
#include "schema/schema.h"
#include "spec/parameters.h"

/* What errors of a check are reported as. */
struct place {
	struct declare_plan *p;
	const struct base_location *at;
	const struct spec_service *service; /* NULL: the schema itself is wrong */
	const char *schema;
	bool is_in_zone; /* the service */
};

static void place_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	struct place *place = arg;
	const char *pointer = error->at.file != NULL ? error->at.file : "";
	const char *colon = pointer[0] != '\0' ? ": " : "";

	(void)level;
	if (place->service == NULL)
		declare_plan_error(place->p, place->at, "schema %s: %s%s%s", place->schema, pointer,
				   colon, error->text);
	else if (place->is_in_zone)
		declare_plan_error(place->p, place->at,
				   "schema %s: service %s, which is declared in the zone, would be "
				   "invalid: %s%s%s; change it, too",
				   place->schema, place->service->name, pointer, colon,
				   error->text);
	else
		declare_plan_error(place->p, place->at, "service %s: %s%s%s", place->service->name,
				   pointer, colon, error->text);
}

static void service_check(struct place *place, const struct schema *schema,
			  struct spec_service *service)
{
	place->service = service;
	if (spec_parameters_check(service, &place->p->arena, schema, false, place_report, place) ==
	    -ENOMEM)
		place->p->is_short = true;
}

/* Checks the services of the zone that have the schema, which changes. */
static void users_check(struct declare_plan *p, const struct spec_declared_schema *declared,
			const struct declare_future *future)
{
	struct place place = {.p = p, .at = &declared->at, .schema = declared->name};
	json_t *document = json_loads(declared->json, JSON_DECODE_ANY, NULL);
	struct schema *schema = NULL;

	if (document == NULL || schema_read(&schema, document, place_report, &place) == -ENOMEM)
		p->is_short = true;
	json_decref(document);
	place.is_in_zone = true;
	for (size_t i = 0; schema != NULL && i < future->count; i++) {
		struct spec_service *s = future->items[i].service;

		if (!future->items[i].is_wanted && s != NULL && s->schema != NULL &&
		    strcmp(s->schema, declared->name) == 0)
			service_check(&place, schema, s);
	}
	schema_free(schema);
}

static void schema_plan(struct declare_plan *p, const struct spec_declared_schema *declared,
			const struct declare_future *future)
{
	const struct atlas_schema *before = atlas_schema(p->atlas, declared->name);
	uint8_t owner[DNS_NAME_MAX];
	struct declare_item *item;
	const uint8_t *rdata;
	size_t nbytes;

	if (dnssd_fabric_name_write(owner, DNSSD_FABRIC_SCHEMA, declared->name,
				    atlas_zone(p->atlas)) == 0) {
		declare_plan_error(p, &declared->at, "the name of schema %s is too long",
				   declared->name);
		return;
	}
	rdata = declare_plan_rdata(p, &declared->at, "schema", declared->name, declared->json,
				   &nbytes);
	if (rdata == NULL)
		return;
	item = declare_plan_item(p);
	item->kind = DECLARE_SCHEMA;
	item->name = declared->name;
	item->text_before = before != NULL ? before->text : NULL;
	item->text_after = declared->json;
	if (!declare_plan_write(p, owner, rdata, nbytes))
		return;
	item->action = before == NULL ? DECLARE_CREATED : DECLARE_CHANGED;
	if (before != NULL)
		p->is_exclusive = true;
	users_check(p, declared, future);
}

void declare_schemas_plan(struct declare_plan *p, const struct spec_set *set,
			  const struct declare_future *future)
{
	for (size_t i = 0; i < set->nschemas; i++)
		schema_plan(p, set->schemas[i], future);
}

static bool is_in_set(const struct spec_set *set, const char *name)
{
	for (size_t i = 0; i < set->nschemas; i++)
		if (strcmp(set->schemas[i]->name, name) == 0)
			return true;
	return false;
}

void declare_schemas_check(struct declare_plan *p, const struct spec_set *set,
			   struct spec_service *service)
{
	struct place place = {.p = p, .at = &service->at};
	const struct atlas_schema *s;

	/* By one of the files it was checked when these were read. */
	if (service->schema == NULL || is_in_set(set, service->schema))
		return;
	s = atlas_schema(p->atlas, service->schema);
	if (s == NULL) {
		declare_plan_error(p, &service->at,
				   "service %s: schema %s is neither in the files nor in the zone",
				   service->name, service->schema);
		return;
	}
	if (s->schema == NULL) {
		declare_plan_error(p, &service->at, "service %s: schema %s in the zone: %s",
				   service->name, service->schema, s->why);
		return;
	}
	service_check(&place, s->schema, service);
	declare_plan_read(p, s->record->owner, DNS_TYPE_TXT);
}
