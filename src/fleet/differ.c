/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fleet/differ.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/text.h"
#include "dns/name.h"
#include "dnssd/fabric_name.h"
#include "dnssd/kind.h"
#include "fleet/join.h"
#include "fleet/name.h"

struct differ {
	const struct fleet_join *join;
	const struct atlas *atlas;
	const uint8_t *zone;
	uint8_t node[DNS_NAME_MAX]; /* of the agent */
	const char *node_text;
	const json_t *instances;
	json_t *found;
};

/* Adds a difference. */
__attribute__((format(printf, 3, 4))) static void add(struct differ *d, const char *of,
						      const char *format, ...)
{
	char text[1024];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (n < 0)
		return;
	n = (size_t)n < sizeof(text) ? n : (int)sizeof(text) - 1;
	json_array_append_new(d->found,
			      json_pack("{s:o, s:o}", "of", cli_text_to_json(of, strlen(of)),
					"what", cli_text_to_json(text, (size_t)n)));
}

static const char *text_of(const json_t *o, const char *field)
{
	const char *text = json_string_value(json_object_get(o, field));

	return text != NULL && *text != '\0' ? text : NULL;
}

/* Makes the name of an instance that the agent has. Returns whether it is one of the zone. */
static bool name_of(const struct differ *d, const json_t *o, uint8_t out[static DNS_NAME_MAX])
{
	const char *text = text_of(o, "instance");

	return text != NULL && dns_name_from_text(out, text, strlen(text), NULL) > 0 &&
	       dns_name_is_under(out, d->zone);
}

/* Returns what the agent has of an instance, or NULL. */
static const json_t *instance_of(const struct differ *d, const uint8_t *name)
{
	uint8_t other[DNS_NAME_MAX];
	const json_t *o;
	size_t i;

	json_array_foreach(d->instances, i,
			   o) if (name_of(d, o, other) && dns_name_equal(other, name)) return o;
	return NULL;
}

/* Returns whether the instance has a process, or is to have one at once. */
static bool is_active(const json_t *o)
{
	static const char *const states[] = {"preparing", "starting", "up", "draining"};
	const char *state = text_of(o, "state");

	for (size_t i = 0; state != NULL && i < sizeof(states) / sizeof(*states); i++)
		if (strcmp(state, states[i]) == 0)
			return true;
	return false;
}

static bool is_assigned_here(const struct differ *d, const struct fleet_row *r)
{
	for (size_t i = 0; r != NULL && i < r->nruns; i++)
		if (dns_name_equal(r->runs[i].node, d->node))
			return true;
	return false;
}

/* Returns whether the registration is of this node. */
static bool is_of_node(const struct differ *d, const struct atlas_instance *i)
{
	return dns_name_equal(i->target, d->node) ||
	       (i->node != NULL && strcasecmp(i->node, d->node_text) == 0);
}

/* ---- the registration of an instance ---- */

static void text_compare(struct differ *d, const char *of, const char *field, const json_t *o,
			 const char *registered)
{
	const char *runs = text_of(o, field);

	if (runs == NULL || (registered != NULL && strcmp(runs, registered) == 0))
		return;
	if (registered == NULL)
		add(d, of, "%s is %s, and is not in its record", field, runs);
	else
		add(d, of, "%s is %s, but %s in its record", field, runs, registered);
}

static void number_compare(struct differ *d, const char *of, const char *field, const json_t *o,
			   uint64_t registered)
{
	const json_t *value = json_object_get(o, field);

	if (json_is_integer(value) && (uint64_t)json_integer_value(value) != registered)
		add(d, of, "%s is %llu, but %llu in its record", field,
		    (unsigned long long)json_integer_value(value), (unsigned long long)registered);
}

static void registration_compare(struct differ *d, const char *of, const json_t *o,
				 const struct fleet_row *r)
{
	const struct atlas_instance *i = r == NULL ? NULL : r->instance;
	bool is_registered = json_is_true(json_object_get(o, "registered"));
	char text[DNS_NAME_TEXT_MAX];

	if (i == NULL || !is_of_node(d, i)) {
		if (i == NULL && (is_registered || is_active(o)))
			add(d, of, "is %s, but is not registered",
			    text_of(o, "state") != NULL ? text_of(o, "state") : "there");
		else if (i != NULL && is_active(o))
			add(d, of, "runs, but is registered by %.300s",
			    fleet_name_node_to_text(text, i->target, d->zone));
		return;
	}
	if (!dns_name_equal(i->target, d->node))
		add(d, of, "its target is %.300s", fleet_name_to_text(text, i->target, d->zone));
	text_compare(d, of, "state", o, i->state != NULL ? i->state : "up");
	text_compare(d, of, "id", o, i->id);
	text_compare(d, of, "cfg", o, i->cfg);
	text_compare(d, of, "ver", o, i->ver);
	number_compare(d, of, "inc", o, i->inc);
	if (is_active(o))
		number_compare(d, of, "port", o, i->port);
}

/* ---- what an instance holds and uses ---- */

/* Returns what is held with this label, on the node or in the cluster, by the instance. */
static const struct atlas_held *held_find(const struct differ *d, const char *label,
					  bool is_of_the_node, const uint8_t *by)
{
	size_t n;
	const struct atlas_held *held = atlas_held(d->atlas, &n);

	for (size_t i = 0; i < n; i++)
		if ((held[i].node != NULL) == is_of_the_node &&
		    (held[i].node == NULL || dns_name_equal(held[i].node, d->node)) &&
		    strcasecmp(held[i].label, label) == 0 && held[i].by_name != NULL &&
		    dns_name_equal(held[i].by_name, by))
			return &held[i];
	return NULL;
}

static void held_compare(struct differ *d, const char *of, const json_t *o, const uint8_t *name)
{
	const char *label = text_of(o, "name");
	const json_t *resources = json_object_get(o, "resources"), *resource;
	const struct atlas_held *held;
	size_t i;

	held = label == NULL ? NULL : held_find(d, label, true, name);
	if (label != NULL && held == NULL)
		add(d, of, "holds the name %s, which has no record of it", label);
	else if (held != NULL && held->pid != 0 &&
		 json_integer_value(json_object_get(o, "pid")) != 0) /* else it starts again */
		number_compare(d, of, "pid", o, held->pid);
	json_array_foreach(resources, i, resource)
	{
		label = json_string_value(resource);
		if (label != NULL && held_find(d, label, false, name) == NULL)
			add(d, of, "holds the resource %s, which has no record of it", label);
	}
}

static void uses_compare(struct differ *d, const char *of, const json_t *o, const uint8_t *name)
{
	const json_t *uses = json_object_get(o, "uses"), *use;
	size_t nfound = 0, n, nrecords = 0, i;
	const struct atlas_use *all = atlas_uses_of(d->atlas, name, &n);

	json_array_foreach(uses, i, use) nfound += text_of(use, "address") != NULL;
	for (i = 0; i < n; i++)
		nrecords += dnssd_kind_of(all[i].to, d->zone) == DNSSD_INSTANCE;
	if (nfound != nrecords)
		add(d, of, "uses %zu instances, but has %zu records of that", nfound, nrecords);
}

/* Compares what the agent has of an instance with the zone. */
static void instance_compare(struct differ *d, const json_t *o)
{
	const char *given = text_of(o, "instance");
	const struct fleet_row *r;
	uint8_t name[DNS_NAME_MAX];
	char of[DNS_NAME_TEXT_MAX];

	if (!name_of(d, o, name)) {
		add(d, given != NULL ? given : "?", "is not in the zone");
		return;
	}
	r = fleet_join_get(d->join, name);
	fleet_name_to_text(of, name, d->zone);
	if (is_active(o) && !is_assigned_here(d, r))
		add(d, of, "runs, but is not assigned to %s", d->node_text);
	registration_compare(d, of, o, r);
	if (json_is_true(json_object_get(o, "registered")) || is_active(o)) {
		held_compare(d, of, o, name);
		uses_compare(d, of, o, name);
	}
}

/* ---- what the zone has beside ---- */

static void row_compare(struct differ *d, const struct fleet_row *r)
{
	char of[DNS_NAME_TEXT_MAX];

	if (instance_of(d, r->name) != NULL)
		return;
	fleet_name_to_text(of, r->name, d->zone);
	if (is_assigned_here(d, r))
		add(d, of, "is assigned to %s, but the agent does not have it", d->node_text);
	/* A program may register itself: its host is the node, but it is not declared. */
	if (r->instance != NULL && is_of_node(d, r->instance) &&
	    (r->spec != NULL || r->instance->node != NULL))
		add(d, of, "is registered for %s, but the agent does not have it", d->node_text);
}

/* Returns whether the agent's instance holds it. */
static bool is_held(const struct atlas_held *h, const json_t *o)
{
	const json_t *resource;
	size_t i;

	if (h->node != NULL)
		return text_of(o, "name") != NULL && strcasecmp(text_of(o, "name"), h->label) == 0;
	json_array_foreach(json_object_get(o, "resources"), i,
			   resource) if (json_is_string(resource) &&
					 strcasecmp(json_string_value(resource), h->label) ==
						 0) return true;
	return false;
}

static void claim_compare(struct differ *d, const struct atlas_held *h)
{
	const json_t *o = h->by_name == NULL ? NULL : instance_of(d, h->by_name);
	bool is_here = h->node != NULL && dns_name_equal(h->node, d->node);
	char of[DNS_NAME_TEXT_MAX];

	/* A resource may be another node's. */
	if ((h->node != NULL && !is_here) || (h->node == NULL && o == NULL))
		return;
	if (o != NULL && is_held(h, o))
		return;
	fleet_name_to_text(of, h->record->owner, d->zone);
	add(d, of, "is held by %s, which does not run here with it", h->by != NULL ? h->by : "?");
}

/* ---- the node ---- */

static bool has_address(const struct atlas_node *node, const char *text)
{
	char own[INET6_ADDRSTRLEN];

	for (size_t i = 0; i < node->nv4; i++)
		if (strcmp(inet_ntop(AF_INET, node->v4[i].rdata, own, sizeof(own)), text) == 0)
			return true;
	for (size_t i = 0; i < node->nv6; i++)
		if (strcmp(inet_ntop(AF_INET6, node->v6[i].rdata, own, sizeof(own)), text) == 0)
			return true;
	return false;
}

static void node_compare(struct differ *d, const json_t *status)
{
	const struct atlas_node *node = atlas_node(d->atlas, d->node);
	const json_t *addresses = json_object_get(status, "addresses"), *address;
	const char *boot = text_of(status, "boot");
	char text[128];
	size_t i;

	if (node == NULL || node->txt == NULL) {
		add(d, d->node_text, "the node is not registered%s%.500s",
		    text_of(status, "error") != NULL ? ": " : "",
		    text_of(status, "error") != NULL ? text_of(status, "error") : "");
		return;
	}
	if (node->state != NULL && strcmp(node->state, "up") != 0)
		add(d, d->node_text, "the node is registered as %s", node->state);
	if (boot != NULL && (node->boot == NULL || strcmp(boot, node->boot) != 0))
		add(d, d->node_text, "the node is registered with another boot");
	json_array_foreach(addresses, i, address)
	{
		snprintf(text, sizeof(text), "%s", json_string_value(address));
		text[strcspn(text, "@")] = '\0';
		if (!has_address(node, text))
			add(d, d->node_text, "the node's address %s is not registered", text);
	}
}

json_t *fleet_differ_find(const struct fleet_join *j, const json_t *status, const json_t *services)
{
	struct differ d = {
		.join = j,
		.atlas = j->atlas,
		.zone = atlas_zone(j->atlas),
		.node_text = text_of(status, "node"),
		.instances = json_object_get(services, "instances"),
		.found = json_array(),
	};
	const struct atlas_held *held;
	const json_t *o;
	size_t i, n;

	if (d.node_text == NULL || dnssd_fabric_name_node(d.node, d.node_text, d.zone) == 0) {
		add(&d, "agent", "has no node in this zone");
		return d.found;
	}
	node_compare(&d, status);
	json_array_foreach(d.instances, i, o) instance_compare(&d, o);
	for (i = 0; i < j->n; i++)
		row_compare(&d, &j->rows[i]);
	held = atlas_held(j->atlas, &n);
	for (i = 0; i < n; i++)
		claim_compare(&d, &held[i]);
	return d.found;
}
