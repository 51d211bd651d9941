/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "declare/apply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "declare/future.h"
#include "declare/remove.h"
#include "declare/schemas.h"
#include "dnssd/fabric_name.h"
#include "spec/instance.h"
#include "spec/json.h"

/* The planning of a set. */
struct applying {
	const struct declare_apply *asked;
	struct declare_plan *p;
	struct spec_service **wanted;	      /* copies, in the order of the files */
	const struct atlas_service **in_zone; /* by name */
	size_t nin_zone;
	struct declare_future future;
	bool has_read_runs;
};

/* ---- what there is, and will be ---- */

static int zone_compare(const void *a, const void *b)
{
	const struct atlas_service *const *sa = a, *const *sb = b;

	return strcmp((*sa)->name, (*sb)->name);
}

/* Returns the first of the zone's services of that name; those of other types follow it. */
static const struct atlas_service **zone_find(const struct applying *a, const char *name)
{
	size_t low = 0, high = a->nin_zone;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(a->in_zone[middle]->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return a->in_zone + low;
}

static bool is_of(const struct applying *a, const struct atlas_service **s, const char *name)
{
	return s < a->in_zone + a->nin_zone && strcmp((*s)->name, name) == 0;
}

static bool zone_gather(struct applying *a)
{
	const struct atlas_service *all = atlas_services(a->p->atlas, &a->nin_zone);

	a->in_zone = calloc(a->nin_zone + 1, sizeof(*a->in_zone));
	if (a->in_zone == NULL)
		return false;
	for (size_t i = 0; i < a->nin_zone; i++)
		a->in_zone[i] = &all[i];
	if (a->nin_zone > 0)
		qsort(a->in_zone, a->nin_zone, sizeof(*a->in_zone), zone_compare);
	return true;
}

/* Copies the services: the plan completes their `uses`. */
static bool wanted_gather(struct applying *a)
{
	const struct spec_set *set = a->asked->set;
	struct base_arena *arena = &a->p->arena;

	a->wanted = base_arena_alloc(arena, (set->nservices + 1) * sizeof(*a->wanted));
	if (a->wanted == NULL)
		return false;
	for (size_t i = 0; i < set->nservices; i++) {
		struct spec_service *s =
			base_arena_copy(arena, set->services[i], sizeof(**set->services));

		if (s == NULL)
			return false;
		if (s->uses.count > 0)
			s->uses.items = base_arena_copy(arena, s->uses.items,
							s->uses.count * sizeof(*s->uses.items));
		if (s->uses.count > 0 && s->uses.items == NULL)
			return false;
		a->wanted[i] = s;
		if (declare_future_add(&a->future, s->name, s->type, s, true) < 0)
			return false;
	}
	declare_future_sort(&a->future);
	return true;
}

/* Adds the zone's services that are not wanted and remain. */
static bool rest_gather(struct applying *a)
{
	size_t nwanted = a->future.count;

	for (size_t i = 0; i < a->nin_zone && !a->asked->is_pruned; i++) {
		const struct atlas_service *s = a->in_zone[i];
		const struct declare_future wanted = {.items = a->future.items, .count = nwanted};

		if (declare_future_find(&wanted, s->name, NULL, NULL) == NULL &&
		    declare_future_add(&a->future, s->name, s->type, s->service, false) < 0)
			return false;
	}
	declare_future_sort(&a->future);
	return true;
}

/* ---- places ---- */

static struct declare_item *place_item(struct applying *a, const struct spec_service *s,
				       const char *label)
{
	struct declare_item *item = declare_plan_item(a->p);

	item->kind = DECLARE_PLACE;
	item->action = DECLARE_CHANGED;
	item->name = declare_plan_text(a->p, label);
	item->type = s->type;
	return item;
}

/* Assigns an instance to the only node that it may be on. */
static void instance_place(struct applying *a, const struct spec_service *s, const uint8_t *name,
			   const char *label)
{
	uint8_t node[DNS_NAME_MAX];
	const char *from;
	struct declare_item *item;

	if (dnssd_fabric_name_node(node, s->on.items[0], atlas_zone(a->p->atlas)) == 0) {
		declare_plan_error(a->p, &s->at, "service %s: the name of node %s is too long",
				   s->name, s->on.items[0]);
		return;
	}
	if (!declare_plan_move(a->p, name, node, &from))
		return;
	if (from == NULL && !a->has_read_runs) {
		declare_plan_read_runs(a->p);
		a->has_read_runs = true;
	}
	item = place_item(a, s, label);
	item->from = from;
	item->to = s->on.items[0];
}

/* Warns of an instance that was placed where the service may not be any more. */
static void instance_check_place(struct applying *a, const struct spec_service *s,
				 const uint8_t *name, const char *label)
{
	size_t nruns;
	const struct atlas_run *runs = atlas_runs_of(a->p->atlas, name, &nruns);

	for (size_t i = 0; i < nruns; i++) {
		const char *node = declare_plan_node(a->p, runs[i].node);

		if (!spec_service_may_run_on(s, node))
			declare_plan_warn(a->p, &s->at,
					  "%s is placed on %s, which is not in `on`; weft place %s "
					  "NODE moves it",
					  label, node, label);
	}
}

/* ---- a service ---- */

/* Removes instances that are too many. Returns whether there are any. */
static bool surplus_remove(struct applying *a, const struct spec_service *s,
			   const struct atlas_service *in_zone)
{
	bool has_removed = false;

	for (size_t i = 0; i < in_zone->nspecs; i++) {
		uint32_t number = in_zone->specs[i].number;

		if (number >= 1 && number <= s->count)
			continue;
		declare_remove_instance(a->p, &in_zone->specs[i]);
		has_removed = true;
	}
	return has_removed;
}

/* Removes the services of the same name and another type: the name is only one service's. */
static void others_remove(struct applying *a, const struct spec_service *s)
{
	for (const struct atlas_service **o = zone_find(a, s->name); is_of(a, o, s->name); o++) {
		if (strcmp((*o)->type, s->type) == 0)
			continue;
		if (!a->asked->is_forced)
			declare_future_check_users(&a->future, a->p, s->name, (*o)->type);
		declare_remove_service(a->p, *o);
	}
}

/* Writes the records of the instances. Returns whether anything changes. */
static bool instances_write(struct applying *a, const struct spec_service *s, const uint8_t *rdata,
			    size_t nbytes)
{
	const uint8_t *zone = atlas_zone(a->p->atlas);
	bool has_changed = false;

	for (uint32_t number = 1; number <= s->count; number++) {
		uint8_t name[DNS_NAME_MAX], owner[DNS_NAME_MAX];
		char label[SPEC_INSTANCE_MAX];

		spec_instance_label(label, s, number);
		if (spec_instance_name(name, s, number, zone) == 0 ||
		    dnssd_fabric_name_write(owner, DNSSD_FABRIC_SPEC, NULL, name) == 0) {
			declare_plan_error(a->p, &s->at,
					   "service %s: the name of instance %s is too long",
					   s->name, label);
			break;
		}
		has_changed = declare_plan_write(a->p, owner, rdata, nbytes) || has_changed;
		if (s->on.count == 1)
			instance_place(a, s, name, label);
		else
			instance_check_place(a, s, name, label);
	}
	return has_changed;
}

static bool is_assigned(const struct applying *a, const struct atlas_service *in_zone)
{
	for (size_t i = 0; in_zone != NULL && i < in_zone->nspecs; i++) {
		size_t nruns;

		if (atlas_runs_of(a->p->atlas, in_zone->specs[i].name, &nruns) != NULL ||
		    atlas_instance(a->p->atlas, in_zone->specs[i].name) != NULL)
			return true;
	}
	return false;
}

static void service_plan(struct applying *a, struct spec_service *s)
{
	const struct atlas_service *in_zone = atlas_service(a->p->atlas, s->name, s->type, NULL);
	struct declare_item item = {
		.kind = DECLARE_SERVICE, .name = s->name, .type = s->type, .after = s};
	const char *text = "";
	const uint8_t *rdata;
	size_t nbytes;
	bool has_changed;
	int ret = spec_json_write(&text, &a->p->arena, s);

	if (ret == -ENOMEM)
		a->p->is_short = true;
	if (ret == -EMSGSIZE)
		declare_plan_error(a->p, &s->at, "service %s has more than %d characters as JSON",
				   s->name, SPEC_JSON_MAX);
	if (ret < 0)
		return;
	rdata = declare_plan_rdata(a->p, &s->at, "service", s->name, text, &nbytes);
	if (rdata == NULL)
		return;
	has_changed = instances_write(a, s, rdata, nbytes);
	item.nafter = s->count;
	item.is_assigned = is_assigned(a, in_zone);
	if (in_zone != NULL) {
		has_changed = surplus_remove(a, s, in_zone) || has_changed;
		item.before = in_zone->service;
		item.nbefore = (uint32_t)in_zone->nspecs;
	}
	item.action = in_zone == NULL ? DECLARE_CREATED
		      : has_changed   ? DECLARE_CHANGED
				      : DECLARE_UNCHANGED;
	if (item.before != NULL && has_changed &&
	    spec_diff_find(item.before, s, NULL, NULL, &item.consequence) < 0)
		a->p->is_short = true;
	*declare_plan_item(a->p) = item;
}

/* ---- what is not in the files ---- */

static bool is_schema_used(const struct applying *a, const char *name)
{
	for (size_t i = 0; i < a->asked->set->nschemas; i++)
		if (strcmp(a->asked->set->schemas[i]->name, name) == 0)
			return true;
	for (size_t i = 0; i < a->future.count; i++) {
		const struct spec_service *s = a->future.items[i].service;

		if (s != NULL && s->schema != NULL && strcmp(s->schema, name) == 0)
			return true;
	}
	return false;
}

static void prune(struct applying *a)
{
	size_t nschemas;
	const struct atlas_schema *schemas = atlas_schemas(a->p->atlas, &nschemas);

	for (size_t i = 0; i < a->nin_zone; i++) {
		const struct atlas_service *s = a->in_zone[i];

		if (declare_future_find(&a->future, s->name, NULL, NULL) != NULL)
			continue;
		if (!a->asked->is_forced)
			declare_future_check_users(&a->future, a->p, s->name, s->type);
		declare_remove_service(a->p, s);
	}
	for (size_t i = 0; i < nschemas; i++)
		if (!is_schema_used(a, schemas[i].name))
			declare_remove_schema(a->p, &schemas[i]);
}

static void plan(struct applying *a)
{
	const struct spec_set *set = a->asked->set;

	for (size_t i = 0; i < set->nservices; i++) {
		declare_future_resolve(&a->future, a->p, a->wanted[i]);
		declare_schemas_check(a->p, set, a->wanted[i]);
	}
	declare_future_check_circles(&a->future, a->p);
	declare_schemas_plan(a->p, set, &a->future);
	for (size_t i = 0; i < set->nservices; i++) {
		others_remove(a, a->wanted[i]);
		service_plan(a, a->wanted[i]);
	}
	if (a->asked->is_pruned)
		prune(a);
}

void declare_apply_plan(void *arg, struct declare_plan *p)
{
	struct applying a = {.asked = arg, .p = p};

	if (zone_gather(&a) && wanted_gather(&a) && rest_gather(&a))
		plan(&a);
	else
		p->is_short = true;
	declare_future_fini(&a.future);
	free((void *)a.in_zone);
}
