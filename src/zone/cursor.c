/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "zone/cursor.h"

#include <stdlib.h>
#include <string.h>

#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "zone/zone_priv.h"

struct zone_cursor {
	const struct zone_snapshot *snapshot;
	struct zone_trie_walk *walk;
	const struct zone_node *node;
	unsigned entry;
	const uint8_t *at;
	struct zone_rrset rrset;
	bool is_soa_done;
	uint8_t owner[DNS_NAME_MAX];
};

struct zone_cursor *zone_cursor_new(const struct zone_snapshot *s)
{
	struct zone_cursor *c = calloc(1, sizeof(*c));

	if (c == NULL || (c->walk = zone_trie_walk_new(s->root)) == NULL) {
		free(c);
		return NULL;
	}
	c->snapshot = s;
	return c;
}

void zone_cursor_free(struct zone_cursor *c)
{
	if (c != NULL)
		zone_trie_walk_free(c->walk);
	free(c);
}

static void cursor_rrset(struct zone_cursor *c)
{
	c->rrset = zone_node_rrset(c->node, c->entry);
	c->at = c->rrset.data;
}

/* Moves to the next set, except the SOA, which came first. Returns false after the last. */
static bool cursor_advance(struct zone_cursor *c)
{
	do {
		if (c->node != NULL && ++c->entry < c->node->nentries) {
			cursor_rrset(c);
			continue;
		}
		c->node = zone_trie_walk_next(c->walk);
		if (c->node == NULL)
			return false;
		c->entry = 0;
		dns_name_join(c->owner, zone_node_spelled(c->node), c->node->name_nbytes,
			      c->snapshot->zone->name);
		cursor_rrset(c);
	} while (c->rrset.type == DNS_TYPE_SOA && c->node == c->snapshot->apex);
	return true;
}

bool zone_cursor_next(struct zone_cursor *c, struct dns_record *record)
{
	struct zone_rdata rdata;

	if (!c->is_soa_done) {
		c->is_soa_done = true;
		c->rrset = c->snapshot->soa;
		c->at = c->rrset.data;
		memcpy(c->owner, c->snapshot->zone->name, c->snapshot->zone->name_nbytes);
	}
	while (!zone_rrset_next(&c->rrset, &c->at, &rdata))
		if (!cursor_advance(c))
			return false;
	*record = (struct dns_record){.owner = c->owner,
				      .type = c->rrset.type,
				      .ttl = c->rrset.ttl,
				      .rdata = rdata.bytes,
				      .nbytes = rdata.nbytes};
	return true;
}

int zone_cursor_order(const struct dns_record *a, const struct dns_record *b)
{
	int d = dns_name_compare(a->owner, b->owner);

	if (d != 0)
		return d;
	if (a->type == DNS_TYPE_SOA || b->type == DNS_TYPE_SOA)
		return a->type == b->type ? 0 : a->type == DNS_TYPE_SOA ? -1 : 1;
	if (a->type != b->type)
		return (int)a->type - (int)b->type;
	return dns_rdata_compare(a->type, a->rdata, a->nbytes, b->rdata, b->nbytes);
}
