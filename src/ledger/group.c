/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "ledger/group.h"

#include <errno.h>
#include <stdlib.h>

#include "dns/name.h"
#include "dns/record.h"
#include "dns/type.h"
#include "dns/update.h"
#include "ledger/content.h"
#include "ledger/lease.h"

/* An update with more services than SERVICES_MAX gets no shared records: each record then belongs to
 * the lease named after its own owner. So does each record of an update whose leases would hold, all
 * together, more than SHARED_FACTOR times its records: what leases cost stays in proportion. */
enum { SERVICES_MAX = 64, SHARED_FACTOR = 4 };

/* ---- the services of an update ---- */

struct services {
	const uint8_t *name[SERVICES_MAX];
	size_t count;
	bool are_too_many;
};

static bool is_service(const struct services *s, const uint8_t *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (dns_name_equal(s->name[i], name))
			return true;
	return false;
}

static void services_find(struct services *s, const struct dns_update_record *records,
			  size_t nrecords)
{
	s->count = 0;
	s->are_too_many = false;
	for (size_t i = 0; i < nrecords && !s->are_too_many; i++) {
		if (!dns_update_is_added(&records[i]) || records[i].type != DNS_TYPE_SRV ||
		    is_service(s, records[i].owner))
			continue;
		s->are_too_many = s->count == SERVICES_MAX;
		if (!s->are_too_many)
			s->name[s->count++] = records[i].owner;
	}
	if (s->are_too_many)
		s->count = 0;
}

/* ---- groups ---- */

static int compare(const void *left, const void *right)
{
	const struct ledger_group_record *a = *(struct ledger_group_record *const *)left;
	const struct ledger_group_record *b = *(struct ledger_group_record *const *)right;
	int d;

	if (a->name == NULL || b->name == NULL)
		return (a->name != NULL) - (b->name != NULL);
	d = dns_name_compare(a->name, b->name);
	return d != 0 ? d : (int)a->number - (int)b->number;
}

static int reserve(struct ledger_groups *g, size_t n)
{
	if (n <= g->capacity)
		return 0;
	free(g->hashes);
	free(g->records);
	free(g->sorted);
	g->hashes = malloc(n * sizeof(*g->hashes));
	g->records = malloc(n * sizeof(*g->records));
	g->sorted = malloc(n * sizeof(struct ledger_group_record *));
	g->capacity = g->hashes == NULL || g->records == NULL || g->sorted == NULL ? 0 : n;
	return g->capacity == 0 ? -ENOMEM : 0;
}

static bool is_service_pointer(const struct dns_update_record *r, const uint8_t *zone)
{
	return r->type == DNS_TYPE_PTR && r->owner[0] > 0 && r->owner[1] == '_' &&
	       dns_name_is_under(r->rdata, zone);
}

static struct ledger_group_record decide(const struct services *services, uint64_t seed,
					 const uint8_t *zone, const struct dns_update_record *r,
					 bool has_key)
{
	const struct dns_record record = {r->owner, r->type, r->ttl, r->rdata, r->nbytes};
	struct ledger_group_record decided = {
		.record = r,
		.name = is_service_pointer(r, zone) ? r->rdata : r->owner,
		.hash = ledger_content_hash(seed, &record),
		.number = LEDGER_LEASE_RECORDS,
	};

	if (has_key && r->type == DNS_TYPE_KEY)
		decided.number = LEDGER_LEASE_NAME;
	else if (services->count > 0 && r->type != DNS_TYPE_PTR && !is_service(services, r->owner))
		decided.name = NULL;
	return decided;
}

static void decide_all(struct ledger_groups *g, const struct services *services, uint64_t seed,
		       const uint8_t *zone, const struct dns_update_record *records,
		       size_t nrecords, bool has_key)
{
	g->nrecords = g->nshared = 0;
	for (size_t i = 0; i < nrecords; i++) {
		struct ledger_group_record *r = &g->records[g->nrecords];

		if (!dns_update_is_added(&records[i]))
			continue;
		*r = decide(services, seed, zone, &records[i], has_key);
		g->nshared += r->name == NULL;
		g->sorted[g->nrecords++] = r;
	}
}

int ledger_groups_make(struct ledger_groups *g, uint64_t seed, const uint8_t *zone,
		       const struct dns_update_record *records, size_t nrecords, bool has_key)
{
	struct services services;

	g->nrecords = g->nshared = 0;
	if (reserve(g, nrecords + 1) < 0)
		return -ENOMEM;
	services_find(&services, records, nrecords);
	decide_all(g, &services, seed, zone, records, nrecords, has_key);
	if (services.count * g->nshared > SHARED_FACTOR * g->nrecords) {
		services.count = 0;
		decide_all(g, &services, seed, zone, records, nrecords, has_key);
	}
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
}
