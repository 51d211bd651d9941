/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "atlas/atlas.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

/* Returns how many records, from the first of `left` on, have its owner and type. */
static size_t rrset_length(const struct dns_record *first, size_t left)
{
	size_t n = 1;

	while (n < left && first[n].type == first->type &&
	       (first[n].owner == first->owner || dns_name_equal(first[n].owner, first->owner)))
		n++;
	return n;
}

static int model_make(struct atlas *a)
{
	size_t n;
	int ret = 0;

	atlas_records_sort(&a->records);
	for (size_t i = 0; ret == 0 && i < a->records.n; i += n) {
		const struct dns_record *first = &a->records.items[i];

		n = rrset_length(first, a->records.n - i);
		ret = rrset_take(a, first, n);
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

const struct dns_record *atlas_all(const struct atlas *a, size_t *n)
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
