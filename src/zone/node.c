/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "zone/node.h"

#include <string.h>

#include "base/slab.h"
#include "dns/type.h"

static uint8_t flags_of(const struct zone_node_plan *plan)
{
	uint8_t flags = 0;

	for (unsigned i = 0; i < plan->nrrsets; i++) {
		uint16_t type = plan->rrset[i].type;

		if (type == DNS_TYPE_DNAME || (type == DNS_TYPE_NS && plan->name_nbytes > 0))
			flags |= ZONE_NODE_CUT;
		if (type == DNS_TYPE_CNAME)
			flags |= ZONE_NODE_CNAME;
	}
	if (memcmp(plan->name, plan->spelled, plan->name_nbytes) != 0)
		flags |= ZONE_NODE_SPELLED;
	return flags;
}

struct zone_node *zone_node_new(struct base_slab *s, const struct zone_node_plan *plan,
				uint64_t born)
{
	uint8_t flags = flags_of(plan);
	size_t names = (size_t)plan->name_nbytes * (flags & ZONE_NODE_SPELLED ? 2 : 1);
	size_t nbytes =
		sizeof(struct zone_node) + plan->nrrsets * sizeof(struct zone_node_entry) + names;
	struct zone_node *n;
	uint8_t *p;

	for (unsigned i = 0; i < plan->nrrsets; i++)
		nbytes += plan->rrset[i].nbytes;
	if (plan->nrrsets > UINT16_MAX || nbytes > UINT32_MAX ||
	    (n = base_slab_alloc(s, nbytes)) == NULL)
		return NULL;
	n->born = born;
	atomic_init(&n->prepared, NULL);
	n->nbytes = (uint32_t)nbytes;
	n->nentries = (uint16_t)plan->nrrsets;
	n->flags = flags;
	n->name_nbytes = plan->name_nbytes;
	p = (uint8_t *)&n->entry[plan->nrrsets];
	memcpy(p, plan->name, plan->name_nbytes);
	p += plan->name_nbytes;
	if (flags & ZONE_NODE_SPELLED) {
		memcpy(p, plan->spelled, plan->name_nbytes);
		p += plan->name_nbytes;
	}
	for (unsigned i = 0; i < plan->nrrsets; i++) {
		const struct zone_rrset *r = &plan->rrset[i];

		n->entry[i] = (struct zone_node_entry){r->type, 0, r->ttl, r->count, r->nbytes};
		if (r->data != NULL)
			memcpy(p, r->data, r->nbytes);
		p += r->nbytes;
	}
	return n;
}

void zone_node_free(struct base_slab *s, struct zone_node *n)
{
	zone_prepared_free(atomic_load_explicit(&n->prepared, memory_order_acquire));
	base_slab_free(s, n, n->nbytes);
}

struct zone_rrset zone_node_rrset(const struct zone_node *n, unsigned i)
{
	const uint8_t *data = zone_node_data(n);

	for (unsigned k = 0; k < i; k++)
		data += n->entry[k].nbytes;
	return (struct zone_rrset){n->entry[i].type, n->entry[i].ttl, n->entry[i].count,
				   n->entry[i].nbytes, data};
}

uint32_t zone_node_records(const struct zone_node *n)
{
	uint32_t count = 0;

	for (unsigned i = 0; i < n->nentries; i++)
		count += n->entry[i].count;
	return count;
}
