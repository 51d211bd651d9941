/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What is assigned and what runs: `_runs`, nodes, instances, and what these hold and use. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "atlas/atlas_priv.h"
#include "atlas/text.h"
#include "base/buf.h"
#include "base/grow.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "dnssd/kind.h"

/* ---- nodes ---- */

/* Adds a node without records. Returns it, or NULL if memory is short. */
static struct atlas_node *node_add(struct atlas *a, const uint8_t *name)
{
	struct atlas_node *nodes = base_grow(a->nodes, a->nnodes, &a->nodes_room, sizeof(*nodes));
	unsigned nlabels;

	if (nodes == NULL)
		return NULL;
	a->nodes = nodes;
	dns_name_relative(name, a->zone, &nlabels);
	nodes[a->nnodes] = (struct atlas_node){
		.name = name,
		.label = atlas_text_labels(&a->arena, name, nlabels - 1),
	};
	return nodes[a->nnodes].label == NULL ? NULL : &nodes[a->nnodes++];
}

int atlas_running_node(struct atlas *a, const struct dns_record *records, size_t n)
{
	struct atlas_node *node = a->nnodes > 0 ? &a->nodes[a->nnodes - 1] : NULL;
	struct base_arena *arena = &a->arena;

	if (dnssd_kind_node(records->owner) != records->owner)
		return 0; /* what a node answers ACME */
	if (node == NULL || !dns_name_equal(node->name, records->owner))
		node = node_add(a, records->owner);
	if (node == NULL)
		return -ENOMEM;
	if (records->type == DNS_TYPE_A) {
		node->v4 = records;
		node->nv4 = n;
	} else if (records->type == DNS_TYPE_AAAA) {
		node->v6 = records;
		node->nv6 = n;
	} else if (records->type == DNS_TYPE_TXT) {
		node->txt = records;
		node->age = atlas_text_number(records, "age");
		if (atlas_text_key(&node->state, arena, records, "state") < 0 ||
		    atlas_text_key(&node->boot, arena, records, "boot") < 0 ||
		    atlas_text_key(&node->rev, arena, records, "rev") < 0 ||
		    atlas_text_key(&node->manage, arena, records, "manage") < 0)
			return -ENOMEM;
	}
	return 0;
}

static int node_compare(const void *one, const void *two)
{
	const struct atlas_node *a = one, *b = two;

	return dns_name_compare(a->name, b->name);
}

/* Adds the nodes that are not registered, but have something to run. */
static int nodes_finish(struct atlas *a)
{
	size_t nregistered = a->nnodes;

	for (size_t i = 0; i < a->nruns; i++) {
		struct atlas_node key = {.name = a->runs[i].node};

		if (nregistered > 0 &&
		    bsearch(&key, a->nodes, nregistered, sizeof(key), node_compare) != NULL)
			continue;
		if (a->nnodes > nregistered &&
		    dns_name_equal(a->nodes[a->nnodes - 1].name, key.name))
			continue;
		if (node_add(a, key.name) == NULL)
			return -ENOMEM;
	}
	if (a->nnodes > nregistered)
		qsort(a->nodes, a->nnodes, sizeof(*a->nodes), node_compare);
	return 0;
}

/* ---- assigned ---- */

int atlas_running_runs(struct atlas *a, const struct dnssd_fabric_name *f,
		       const struct dns_record *records, size_t n)
{
	for (size_t i = 0; records->type == DNS_TYPE_PTR && i < n; i++) {
		struct atlas_run *runs = base_grow(a->runs, a->nruns, &a->runs_room, sizeof(*runs));

		if (runs == NULL)
			return -ENOMEM;
		a->runs = runs;
		runs[a->nruns++] = (struct atlas_run){
			.instance = records[i].rdata, .node = f->base, .record = &records[i]};
	}
	return 0;
}

static int run_compare(const void *one, const void *two)
{
	const struct atlas_run *a = one, *b = two;
	int order = dns_name_compare(a->instance, b->instance);

	return order != 0 ? order : dns_name_compare(a->node, b->node);
}

/* ---- instances ---- */

static int instance_add(struct atlas *a, const struct dns_record *srv)
{
	struct atlas_instance *instances, *i;

	if (memchr(srv->owner + 1, '\0', srv->owner[0]) != NULL)
		return 0;
	instances = base_grow(a->instances, a->ninstances, &a->instances_room, sizeof(*i));
	if (instances == NULL)
		return -ENOMEM;
	a->instances = instances;
	i = &instances[a->ninstances];
	*i = (struct atlas_instance){
		.name = srv->owner,
		.label = atlas_text_label(&a->arena, srv->owner),
		.type = atlas_text_labels(&a->arena, dns_name_strip(srv->owner, 1), 2),
		.target = srv->rdata + DNS_SRV_TARGET,
		.priority = base_load16(srv->rdata),
		.weight = base_load16(srv->rdata + DNS_SRV_WEIGHT),
		.port = base_load16(srv->rdata + DNS_SRV_PORT),
		.ttl = srv->ttl,
		.srv = srv,
	};
	if (i->label == NULL || i->type == NULL)
		return -ENOMEM;
	a->ninstances++;
	return 0;
}

/* Reads the keys of an instance. */
static int instance_keys(struct atlas *a, struct atlas_instance *i)
{
	const struct {
		const char **value, *key;
	} keys[] = {
		{&i->id, "id"},	  {&i->state, "state"}, {&i->node, "node"},
		{&i->ver, "ver"}, {&i->cfg, "cfg"},	{&i->why, "why"},
	};

	i->inc = atlas_text_number(i->txt, "inc");
	for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++)
		if (atlas_text_key(keys[k].value, &a->arena, i->txt, keys[k].key) < 0)
			return -ENOMEM;
	return 0;
}

/* A name without an SRV record is not an instance. */
int atlas_running_instance(struct atlas *a, const struct dns_record *records, size_t n)
{
	struct atlas_instance *i;
	int ret;

	(void)n;
	if (records->type != DNS_TYPE_SRV)
		return 0;
	ret = instance_add(a, records);
	if (ret < 0 || a->ninstances == 0)
		return ret;
	i = &a->instances[a->ninstances - 1];
	if (i->srv != records)
		return 0;
	i->txt = atlas_records_find(&a->records, records->owner, DNS_TYPE_TXT, &n);
	return instance_keys(a, i);
}

/* ---- held and used ---- */

static int held_add(struct atlas *a, const struct dnssd_fabric_name *f,
		    const struct dns_record *record)
{
	struct atlas_held *held = base_grow(a->held, a->nheld, &a->held_room, sizeof(*held)), *h;

	if (held == NULL)
		return -ENOMEM;
	a->held = held;
	h = &held[a->nheld];
	*h = (struct atlas_held){
		.label = atlas_text_label(&a->arena, f->label),
		.node = f->kind == DNSSD_FABRIC_HELD ? f->base : NULL,
		.pid = atlas_text_number(record, "pid"),
		.record = record,
	};
	if (h->label == NULL || atlas_text_key(&h->by, &a->arena, record, "by") < 0 ||
	    atlas_text_key(&h->boot, &a->arena, record, "boot") < 0)
		return -ENOMEM;
	if (h->by != NULL)
		h->by_name = atlas_text_instance(&a->arena, h->by, a->zone);
	a->nheld++;
	return 0;
}

int atlas_running_held(struct atlas *a, const struct dnssd_fabric_name *f,
		       const struct dns_record *records, size_t n)
{
	int ret = 0;

	if (records->type != DNS_TYPE_TXT || memchr(f->label + 1, '\0', f->label[0]) != NULL)
		return 0;
	for (size_t i = 0; ret == 0 && i < n; i++)
		ret = held_add(a, f, &records[i]);
	return ret;
}

static int held_compare(const void *one, const void *two)
{
	const struct atlas_held *a = one, *b = two;
	int order = 0;

	if (a->node == NULL || b->node == NULL)
		order = (a->node != NULL) - (b->node != NULL);
	else
		order = dns_name_compare(a->node, b->node);
	if (order == 0)
		order = strcasecmp(a->label, b->label);
	return order != 0 ? order : (a->record > b->record) - (a->record < b->record);
}

int atlas_running_uses(struct atlas *a, const struct dnssd_fabric_name *f,
		       const struct dns_record *records, size_t n)
{
	for (size_t i = 0; records->type == DNS_TYPE_PTR && i < n; i++) {
		struct atlas_use *uses = base_grow(a->uses, a->nuses, &a->uses_room, sizeof(*uses));

		if (uses == NULL)
			return -ENOMEM;
		a->uses = uses;
		uses[a->nuses++] = (struct atlas_use){.from = f->base, .to = records[i].rdata};
	}
	return 0;
}

static int use_compare(const void *one, const void *two)
{
	const struct atlas_use *a = one, *b = two;
	int order = dns_name_compare(a->from, b->from);

	return order != 0 ? order : dns_name_compare(a->to, b->to);
}

/* The records come in canonical order of their owners, and so do instances and nodes. */
int atlas_running_finish(struct atlas *a)
{
	if (a->nheld > 0)
		qsort(a->held, a->nheld, sizeof(*a->held), held_compare);
	if (a->nuses > 0)
		qsort(a->uses, a->nuses, sizeof(*a->uses), use_compare);
	if (nodes_finish(a) < 0)
		return -ENOMEM;
	if (a->nruns > 0)
		qsort(a->runs, a->nruns, sizeof(*a->runs), run_compare);
	return 0;
}

/* ---- what was made ---- */

/* Every list below begins, in each item, with a pointer to the name that it is sorted by. */
static const uint8_t *name_at(const void *items, size_t size, size_t i)
{
	const uint8_t *name;

	memcpy(&name, (const char *)items + i * size, sizeof(name));
	return name;
}

/* Returns the index of the first item with the name, and their number in `n`. */
static size_t names_find(const void *items, size_t nitems, size_t size, const uint8_t *name,
			 size_t *n)
{
	size_t low = 0, high = nitems, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (dns_name_compare(name_at(items, size, middle), name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < nitems && dns_name_equal(name_at(items, size, end), name); end++)
		;
	*n = end - low;
	return low;
}

_Static_assert(offsetof(struct atlas_run, instance) == 0, "sorted by its first field");
_Static_assert(offsetof(struct atlas_use, from) == 0, "sorted by its first field");
_Static_assert(offsetof(struct atlas_node, name) == 0, "sorted by its first field");
_Static_assert(offsetof(struct atlas_instance, name) == 0, "sorted by its first field");

const struct atlas_run *atlas_runs(const struct atlas *a, size_t *n)
{
	*n = a->nruns;
	return a->runs;
}

const struct atlas_run *atlas_runs_of(const struct atlas *a, const uint8_t *instance, size_t *n)
{
	size_t at = names_find(a->runs, a->nruns, sizeof(*a->runs), instance, n);

	return *n > 0 ? &a->runs[at] : NULL;
}

const struct atlas_instance *atlas_instances(const struct atlas *a, size_t *n)
{
	*n = a->ninstances;
	return a->instances;
}

const struct atlas_instance *atlas_instance(const struct atlas *a, const uint8_t *name)
{
	size_t n, at = names_find(a->instances, a->ninstances, sizeof(*a->instances), name, &n);

	return n > 0 ? &a->instances[at] : NULL;
}

const struct atlas_node *atlas_nodes(const struct atlas *a, size_t *n)
{
	*n = a->nnodes;
	return a->nodes;
}

const struct atlas_node *atlas_node(const struct atlas *a, const uint8_t *name)
{
	size_t n, at = names_find(a->nodes, a->nnodes, sizeof(*a->nodes), name, &n);

	return n > 0 ? &a->nodes[at] : NULL;
}

const struct atlas_node *atlas_node_of_label(const struct atlas *a, const char *label)
{
	uint8_t name[DNS_NAME_MAX];

	return dnssd_fabric_name_node(name, label, a->zone) == 0 ? NULL : atlas_node(a, name);
}

const struct atlas_held *atlas_held(const struct atlas *a, size_t *n)
{
	*n = a->nheld;
	return a->held;
}

const struct atlas_use *atlas_uses(const struct atlas *a, size_t *n)
{
	*n = a->nuses;
	return a->uses;
}

const struct atlas_use *atlas_uses_of(const struct atlas *a, const uint8_t *from, size_t *n)
{
	size_t at = names_find(a->uses, a->nuses, sizeof(*a->uses), from, n);

	return *n > 0 ? &a->uses[at] : NULL;
}
