/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "answer/lookup.h"

#include "zone/catalog.h"
#include "zone/prepared.h"
#include "zone/read.h"

void answer_lookup_begin(struct answer_lookup *l, const struct zone_catalog *catalog,
			 const struct dns_question *q)
{
	l->question = q;
	l->catalog = catalog;
	l->node = NULL;
	l->snapshot = NULL;
	l->peer = NULL;
	l->is_do = false;
	l->zone = zone_catalog_find(catalog, q, DNS_LABELS_MAX);
	if (l->zone == NULL)
		return;
	l->snapshot = zone_snapshot_current(l->zone);
	l->name_nbytes = (uint8_t)(q->nbytes - zone_read_name_nbytes(l->zone));
	l->hash = zone_hash(l->zone, q->lower, l->name_nbytes);
	if (l->snapshot != NULL)
		zone_index_prefetch(zone_read_index(l->zone), l->hash);
}

void answer_lookup_node(struct answer_lookup *l)
{
	uint64_t at = 0;

	if (l->snapshot == NULL)
		return;
	l->node = zone_index_find(zone_read_index(l->zone), l->hash, &at);
	if (l->node == NULL)
		return;
	__builtin_prefetch(l->node);
	__builtin_prefetch((const char *)l->node + 64);
}

void answer_lookup_prepared(const struct answer_lookup *l)
{
	const struct zone_prepared *p;

	if (l->node == NULL)
		return;
	p = atomic_load_explicit(&l->node->prepared, memory_order_acquire);
	if (p == NULL) {
		__builtin_prefetch((const char *)l->node + 128);
		return;
	}
	__builtin_prefetch(p);
	__builtin_prefetch((const char *)p + 64);
	__builtin_prefetch((const char *)p + 128);
}

void answer_lookup_stamps(const struct answer_lookup *l)
{
	const struct zone_prepared *p;
	const struct zone_stamps *t;

	if (l->node == NULL ||
	    (p = atomic_load_explicit(&l->node->prepared, memory_order_acquire)) == NULL)
		return;
	t = zone_read_stamps(l->zone);
	for (unsigned i = 0; i < p->ndepends && i < 4; i++)
		__builtin_prefetch((const void *)&t->version[p->depends[i] & t->mask]);
}
