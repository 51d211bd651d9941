/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "declare/place.h"

#include <string.h>
#include <strings.h>

#include "dnssd/fabric_name.h"

/* The instance that is placed. */
struct placing {
	const struct declare_place *asked;
	struct declare_plan *p;
	uint8_t name[DNS_NAME_MAX];
	const char *label, *type;
	const struct spec_service *service; /* NULL: it is not declared, or its record is wrong */
	uint8_t node[DNS_NAME_MAX];
	const char *node_label;
};

/* ---- which instance ---- */

/* Whether the text, with or without the zone, is the name. */
static bool is_named(const struct placing *pl, const uint8_t *name)
{
	uint8_t wire[DNS_NAME_MAX];
	const char *text = pl->asked->instance;
	const uint8_t *zone = atlas_zone(pl->p->atlas);

	return (dns_name_from_text(wire, text, strlen(text), zone) > 0 &&
		dns_name_equal(wire, name)) ||
	       (dns_name_from_text(wire, text, strlen(text), NULL) > 0 &&
		dns_name_equal(wire, name));
}

/* Finds the instance among those that are declared: by its label, or by its name. Returns how many
 * it may be. */
static unsigned spec_find(struct placing *pl)
{
	size_t n;
	const struct atlas_spec *specs = atlas_specs(pl->p->atlas, &n);
	unsigned nfound = 0;

	for (size_t i = 0; i < n; i++) {
		if (strcasecmp(specs[i].label, pl->asked->instance) != 0 &&
		    !is_named(pl, specs[i].name))
			continue;
		memcpy(pl->name, specs[i].name, dns_name_nbytes(specs[i].name));
		pl->label = specs[i].label;
		pl->type = specs[i].type;
		pl->service = specs[i].service;
		nfound++;
	}
	return nfound;
}

/* Finds the instance among those that are assigned: one that is declared no more can still be taken
 * from its node. */
static unsigned run_find(struct placing *pl)
{
	size_t n;
	const struct atlas_run *runs = atlas_runs(pl->p->atlas, &n);
	unsigned nfound = 0;

	for (size_t i = 0; i < n; i++) {
		char text[DNS_NAME_TEXT_MAX];
		size_t nlabel = strlen(pl->asked->instance);

		dns_name_to_text(text, runs[i].instance);
		if (!is_named(pl, runs[i].instance) &&
		    (strncasecmp(text, pl->asked->instance, nlabel) != 0 || text[nlabel] != '.'))
			continue;
		if (nfound > 0 && dns_name_equal(pl->name, runs[i].instance))
			continue;
		memcpy(pl->name, runs[i].instance, dns_name_nbytes(runs[i].instance));
		pl->label = pl->asked->instance;
		pl->type = "";
		nfound++;
	}
	return nfound;
}

static bool instance_find(struct placing *pl)
{
	const char *text = pl->asked->instance;
	unsigned nfound = spec_find(pl);

	if (nfound == 0 && pl->asked->node == NULL)
		nfound = run_find(pl);
	if (nfound == 1)
		return true;
	if (nfound > 1)
		declare_plan_error(pl->p, NULL,
				   "several instances are called %s: add the type, as in "
				   "%s._http._tcp",
				   text, text);
	else
		declare_plan_error(pl->p, NULL,
				   "no instance %s is declared: weft apply declares services, weft "
				   "service list shows those that are",
				   text);
	return false;
}

/* ---- which node ---- */

static bool node_find(struct placing *pl)
{
	const struct spec_service *s = pl->service;
	const char *node = pl->asked->node;
	const struct atlas_node *known = atlas_node_of_label(pl->p->atlas, node);

	if (dnssd_fabric_name_node(pl->node, node, atlas_zone(pl->p->atlas)) == 0) {
		declare_plan_error(pl->p, NULL, "%s is not a name of a node", node);
		return false;
	}
	pl->node_label = known != NULL ? known->label : node;
	if (s != NULL && !spec_service_may_run_on(s, node) && !pl->asked->is_forced) {
		declare_plan_error(pl->p, NULL,
				   "service %s may not run on %s, which is not in its `on`: add it "
				   "there, or use --force",
				   s->name, node);
		return false;
	}
	if (known == NULL || (known->nv4 == 0 && known->nv6 == 0))
		declare_plan_warn(pl->p, NULL,
				  "node %s is not registered: %s starts when its agent comes", node,
				  pl->label);
	return true;
}

/* Warns of another instance on the node with the same name resource. */
static void neighbours_check(struct placing *pl)
{
	const char *resource = pl->service != NULL ? spec_service_name_resource(pl->service) : NULL;
	size_t n;
	const struct atlas_run *runs = atlas_runs(pl->p->atlas, &n);

	for (size_t i = 0; i < n && resource != NULL; i++) {
		const struct atlas_spec *other;
		const char *its;

		if (!dns_name_equal(runs[i].node, pl->node) ||
		    dns_name_equal(runs[i].instance, pl->name))
			continue;
		other = atlas_spec(pl->p->atlas, runs[i].instance);
		its = other != NULL && other->service != NULL
			      ? spec_service_name_resource(other->service)
			      : NULL;
		if (its != NULL && strcmp(its, resource) == 0)
			declare_plan_warn(pl->p, NULL,
					  "%s is on %s, too, and holds the name %s: %s waits until "
					  "that is free",
					  other->label, pl->node_label, resource, pl->label);
	}
}

/* ---- the plan ---- */

static void assign(struct placing *pl)
{
	struct declare_item item = {
		.kind = DECLARE_PLACE, .name = pl->label, .type = pl->type, .to = pl->node_label};

	if (declare_plan_move(pl->p, pl->name, pl->asked->node != NULL ? pl->node : NULL,
			      &item.from))
		item.action = DECLARE_CHANGED;
	*declare_plan_item(pl->p) = item;
}

void declare_place_plan(void *arg, struct declare_plan *p)
{
	struct placing pl = {.asked = arg, .p = p};

	if (!instance_find(&pl) || (pl.asked->node != NULL && !node_find(&pl)))
		return;
	if (pl.asked->node != NULL)
		neighbours_check(&pl);
	/* The sets of other nodes must not get the instance meanwhile. */
	p->is_exclusive = true;
	assign(&pl);
}
