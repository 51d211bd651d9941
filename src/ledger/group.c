/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "ledger/group.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "dns/name.h"
#include "dns/record.h"
#include "dns/type.h"
#include "dns/update.h"
#include "dnssd/kind.h"
#include "ledger/content.h"
#include "ledger/lease.h"

/* An update with more services than SERVICES_MAX gets no shared records: each record then belongs
 * to the lease named after its own owner. So does each record of an update whose leases would hold,
 * all together, more than SHARED_FACTOR times its records: what leases cost stays in proportion. */
enum { SERVICES_MAX = 64, SHARED_FACTOR = 4 };

static int reserve(struct ledger_groups *g, size_t n)
{
	size_t nslots = 4;

	if (n <= g->capacity)
		return 0;
	while (nslots < 2 * n)
		nslots *= 2;
	ledger_groups_fini(g);
	*g = (struct ledger_groups){
		.hashes = malloc(n * sizeof(*g->hashes)),
		.records = malloc(n * sizeof(*g->records)),
		.sorted = malloc(n * sizeof(struct ledger_group_record *)),
		.slots = malloc(nslots * sizeof(*g->slots)),
	};
	g->capacity =
		g->hashes == NULL || g->records == NULL || g->sorted == NULL || g->slots == NULL
			? 0
			: n;
	return g->capacity == 0 ? -ENOMEM : 0;
}

/* ---- the name of each record's lease ---- */

/* Returns the name of a record's lease. What an instance uses is part of its registration; the
 * PTRs at the set of a node are the set's. */
static const uint8_t *name_of(const struct dns_update_record *r, const uint8_t *zone)
{
	if (r->type != DNS_TYPE_PTR || r->owner[0] == 0 || r->owner[1] != '_')
		return r->owner;
	if (dnssd_kind_of(r->owner, zone) == DNSSD_USES)
		return dns_name_strip(r->owner, 1);
	if (dnssd_kind_of(r->owner, zone) == DNSSD_RUNS || !dns_name_is_under(r->rdata, zone))
		return r->owner;
	return r->rdata;
}

/* Returns the index of the first record with the name of the last one. An update may have thousands
 * of records and of names: each name is looked up in a table with `mask` + 1 slots. */
static uint32_t first_of_name(const struct ledger_groups *g, size_t mask, uint64_t seed)
{
	const uint8_t *name = g->records[g->nrecords].name;
	uint8_t lower[DNS_NAME_MAX];
	size_t at = base_hash(lower, dns_name_lower(lower, name), seed) & mask;

	for (; g->slots[at] != 0; at = (at + 1) & mask)
		if (dns_name_equal(g->records[g->slots[at] - 1].name, name))
			return g->slots[at] - 1;
	g->slots[at] = (uint32_t)g->nrecords + 1;
	return (uint32_t)g->nrecords;
}

/* Notes the added records. Returns the number of services among their names. */
static size_t read_all(struct ledger_groups *g, uint64_t seed, const uint8_t *zone,
		       const struct dns_update_record *records, size_t nrecords, bool has_key)
{
	size_t nslots = 4, nservices = 0;

	while (nslots < 2 * nrecords)
		nslots *= 2;
	memset(g->slots, 0, nslots * sizeof(*g->slots));
	for (size_t i = 0; i < nrecords; i++) {
		const struct dns_update_record *r = &records[i];
		const struct dns_record record = {r->owner, r->type, r->ttl, r->rdata, r->nbytes};
		struct ledger_group_record *read = &g->records[g->nrecords];

		if (!dns_update_is_added(r))
			continue;
		*read = (struct ledger_group_record){
			.record = r,
			.name = name_of(r, zone),
			.hash = ledger_content_hash(seed, &record),
			.number = has_key && r->type == DNS_TYPE_KEY ? LEDGER_LEASE_NAME
								     : LEDGER_LEASE_RECORDS,
		};
		read->first = first_of_name(g, nslots - 1, seed);
		if (r->type == DNS_TYPE_SRV && !g->records[read->first].is_service) {
			g->records[read->first].is_service = true;
			nservices++;
		}
		g->nrecords++;
	}
	return nservices;
}

/* ---- groups ---- */

static bool is_shared(const struct ledger_groups *g, const struct ledger_group_record *r)
{
	return r->number == LEDGER_LEASE_RECORDS && r->record->type != DNS_TYPE_PTR &&
	       !g->records[r->first].is_service;
}

/* Gives the records that no service owns to all services. */
static void share(struct ledger_groups *g, size_t nservices)
{
	size_t nshared = 0;

	if (nservices == 0 || nservices > SERVICES_MAX)
		return;
	for (size_t i = 0; i < g->nrecords; i++)
		nshared += is_shared(g, &g->records[i]);
	if (nservices * nshared > SHARED_FACTOR * g->nrecords)
		return;
	g->nshared = nshared;
	for (size_t i = 0; i < g->nrecords; i++)
		if (is_shared(g, &g->records[i]))
			g->records[i].name = NULL;
}

/* Leases are in the order of their names' first records. */
static int compare(const void *left, const void *right)
{
	const struct ledger_group_record *a = *(struct ledger_group_record *const *)left;
	const struct ledger_group_record *b = *(struct ledger_group_record *const *)right;

	if (a->name == NULL || b->name == NULL)
		return (a->name != NULL) - (b->name != NULL);
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return (int)a->number - (int)b->number;
}

int ledger_groups_make(struct ledger_groups *g, uint64_t seed, const uint8_t *zone,
		       const struct dns_update_record *records, size_t nrecords, bool has_key)
{
	g->nrecords = g->nshared = 0;
	if (reserve(g, nrecords + 1) < 0)
		return -ENOMEM;
	share(g, read_all(g, seed, zone, records, nrecords, has_key));
	for (size_t i = 0; i < g->nrecords; i++)
		g->sorted[i] = &g->records[i];
	qsort(g->sorted, g->nrecords, sizeof(*g->sorted), compare);
	return 0;
}

bool ledger_groups_next(const struct ledger_groups *g, size_t *at, struct ledger_group *group)
{
	size_t begin = *at == 0 ? g->nshared : *at, end = begin + 1;

	if (begin >= g->nrecords)
		return false;
	while (end < g->nrecords && compare(&g->sorted[begin], &g->sorted[end]) == 0)
		end++;
	*group = (struct ledger_group){
		.own = g->sorted + begin,
		.nown = end - begin,
		.shared = g->sorted,
		/* A name's second lease holds its KEY records alone. */
		.nshared = g->sorted[begin]->number == LEDGER_LEASE_NAME ? 0 : g->nshared,
	};
	*at = end;
	return true;
}

void ledger_groups_fini(struct ledger_groups *g)
{
	free(g->hashes);
	free(g->records);
	free(g->sorted);
	free(g->slots);
}
