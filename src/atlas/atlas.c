/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "atlas/atlas.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "atlas/atlas_priv.h"
#include "atlas/transfer.h"
#include "base/clock.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "dnssd/kind.h"

/* ---- making ---- */

static const atlas_take_fn takers[] = {
	[DNSSD_FABRIC_RUNS] = atlas_running_runs,
	[DNSSD_FABRIC_HELD] = atlas_running_held,
	[DNSSD_FABRIC_SPEC] = atlas_declared_spec,
	[DNSSD_FABRIC_USES] = atlas_running_uses,
	[DNSSD_FABRIC_RESOURCE] = atlas_running_held,
	[DNSSD_FABRIC_SCHEMA] = atlas_declared_schema,
	[DNSSD_FABRIC_SESSION] = NULL,
	[DNSSD_FABRIC_LEADER] = atlas_cluster_leader,
	[DNSSD_FABRIC_RULES] = atlas_cluster_rules,
	[DNSSD_FABRIC_EVENT] = atlas_cluster_event,
};

/* Takes an RRset. */
static int rrset_take(struct atlas *a, const struct dns_record *records, size_t n)
{
	struct dnssd_fabric_name f;

	switch (dnssd_fabric_name_parse(&f, records->owner, a->zone)) {
	case DNSSD_FABRIC_OTHER:
		break;
	default:
		return takers[f.kind] == NULL ? 0 : takers[f.kind](a, &f, records, n);
	}
	switch (dnssd_kind_of(records->owner, a->zone)) {
	case DNSSD_NODE:
		return atlas_running_node(a, records, n);
	case DNSSD_INSTANCE:
		return atlas_running_instance(a, records, n);
	default:
		return 0;
	}
}

/* Returns how many records, from the first on, have its owner and type. */
static size_t rrset_length(const struct dns_record *first, const struct dns_record *end)
{
	size_t n = 1;

	while (first + n < end && first[n].type == first->type &&
	       (first[n].owner == first->owner || dns_name_equal(first[n].owner, first->owner)))
		n++;
	return n;
}

static int model_make(struct atlas *a)
{
	const struct dns_record *at, *end;
	int ret = 0;

	atlas_records_sort(&a->records);
	at = a->records.items;
	end = at + a->records.n;
	while (ret == 0 && at < end) {
		size_t n = rrset_length(at, end);

		ret = rrset_take(a, at, n);
		at += n;
	}
	if (ret == 0)
		ret = atlas_declared_finish(a);
	if (ret == 0)
		ret = atlas_running_finish(a);
	if (ret == 0)
		atlas_cluster_finish(a);
	return ret;
}

static struct atlas *atlas_empty(const uint8_t *zone)
{
	struct atlas *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	memcpy(a->zone, zone, dns_name_nbytes(zone));
	atlas_records_init(&a->records);
	base_arena_init(&a->arena, 1 << 16);
	return a;
}

int atlas_read(struct atlas **out, struct locate *l, struct resolve_events *events,
	       const uint8_t *zone, uint32_t timeout_ms, struct base_error *error)
{
	uint64_t deadline_ms = base_clock_steady_us() / 1000 + timeout_ms;
	struct atlas *a = atlas_empty(zone);
	int ret;

	if (a == NULL)
		return base_error_set(error, -ENOMEM, "not enough memory");
	ret = atlas_transfer_run(&a->records, l, events, zone, deadline_ms, error);
	if (ret == 0 && model_make(a) < 0)
		ret = base_error_set(error, -ENOMEM, "not enough memory");
	if (ret < 0)
		atlas_free(a);
	else
		*out = a;
	return ret;
}

int atlas_new(struct atlas **out, const uint8_t *zone, const struct dns_record *records, size_t n)
{
	struct atlas *a = atlas_empty(zone);
	int ret = a == NULL ? -ENOMEM : 0;

	for (size_t i = 0; ret == 0 && i < n; i++)
		if (dns_name_is_under(records[i].owner, zone))
			ret = atlas_records_add(&a->records, &records[i]);
	if (ret == 0)
		ret = model_make(a);
	if (ret < 0)
		atlas_free(a);
	else
		*out = a;
	return ret;
}

void atlas_free(struct atlas *a)
{
	if (a == NULL)
		return;
	atlas_declared_fini(a);
	free(a->runs);
	free(a->instances);
	free(a->nodes);
	free(a->held);
	free(a->uses);
	free(a->events);
	atlas_records_fini(&a->records);
	base_arena_fini(&a->arena);
	free(a);
}

const uint8_t *atlas_zone(const struct atlas *a)
{
	return a->zone;
}

uint32_t atlas_serial(const struct atlas *a)
{
	size_t n;
	const struct dns_record *soa = atlas_rrset(a, a->zone, DNS_TYPE_SOA, &n);

	return soa == NULL ? 0 : dns_soa_read(soa->rdata, soa->nbytes).serial;
}

/* ---- records ---- */

const struct dns_record *atlas_records(const struct atlas *a, size_t *n)
{
	*n = a->records.n;
	return a->records.items;
}

const struct dns_record *atlas_rrset(const struct atlas *a, const uint8_t *name, uint16_t type,
				     size_t *n)
{
	return atlas_records_find(&a->records, name, type, n);
}

bool atlas_has_name(const struct atlas *a, const uint8_t *name)
{
	size_t n;

	return atlas_records_find(&a->records, name, 0, &n) != NULL;
}

/* ---- declared ---- */

const struct atlas_spec *atlas_specs(const struct atlas *a, size_t *n)
{
	*n = a->nspecs;
	return a->specs;
}

const struct atlas_spec *atlas_spec(const struct atlas *a, const uint8_t *name)
{
	size_t low = 0, high = a->nspecs;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = dns_name_compare(a->specs_byname[middle]->name, name);

		if (order == 0)
			return a->specs_byname[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct atlas_service *atlas_services(const struct atlas *a, size_t *n)
{
	*n = a->nservices;
	return a->services;
}

const struct atlas_service *atlas_service(const struct atlas *a, const char *name, const char *type,
					  bool *is_ambiguous)
{
	const struct atlas_service *found = NULL;

	if (is_ambiguous != NULL)
		*is_ambiguous = false;
	for (size_t i = 0; i < a->nservices; i++) {
		const struct atlas_service *s = &a->services[i];

		if (strcasecmp(s->name, name) != 0 ||
		    (type != NULL && strcasecmp(s->type, type) != 0))
			continue;
		if (found != NULL) {
			if (is_ambiguous != NULL)
				*is_ambiguous = true;
			return NULL;
		}
		found = s;
	}
	return found;
}

const struct atlas_schema *atlas_schemas(const struct atlas *a, size_t *n)
{
	*n = a->nschemas;
	return a->schemas;
}

const struct atlas_schema *atlas_schema(const struct atlas *a, const char *name)
{
	for (size_t i = 0; i < a->nschemas; i++)
		if (strcasecmp(a->schemas[i].name, name) == 0)
			return &a->schemas[i];
	return NULL;
}

/* ---- assigned and running ---- */

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

/* ---- the cluster ---- */

const struct atlas_event *atlas_events(const struct atlas *a, size_t *n)
{
	*n = a->nevents;
	return a->events;
}

const char *atlas_leader(const struct atlas *a, uint64_t *term)
{
	*term = a->term;
	return a->leader;
}

const char *atlas_rules(const struct atlas *a, size_t *nchars)
{
	*nchars = a->nrules;
	return a->rules;
}
