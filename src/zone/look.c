/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "zone/look.h"

#include <assert.h>

#include "zone/find.h"

/* Writes the name in lower case to `lower`. Returns its octets before the zone's name. */
static size_t relative(const struct zone_snapshot *s, const uint8_t *owner,
		       uint8_t lower[static DNS_NAME_MAX])
{
	size_t nbytes = dns_name_lower(lower, owner);

	assert(nbytes >= s->zone->name_nbytes);
	return nbytes - s->zone->name_nbytes;
}

bool zone_look_find(struct zone_look *l, const struct zone_snapshot *s, const uint8_t *owner)
{
	uint8_t lower[DNS_NAME_MAX];
	size_t nbytes = relative(s, owner, lower);

	l->snapshot = s;
	l->node = zone_find_node(s, lower, nbytes, zone_hash(s->zone, lower, nbytes));
	l->next = 0;
	return l->node != NULL;
}

bool zone_look_next(struct zone_look *l, struct zone_rrset *rrset)
{
	if (l->node == NULL || l->next == l->node->nentries)
		return false;
	*rrset = zone_node_rrset(l->node, l->next++);
	return true;
}

bool zone_look_rrset(const struct zone_look *l, uint16_t type, struct zone_rrset *rrset)
{
	return l->node != NULL && zone_node_find(l->node, type, rrset);
}

void zone_look_spelling(const struct zone_look *l, uint8_t out[static DNS_NAME_MAX])
{
	dns_name_join(out, zone_node_spelled(l->node), l->node->name_nbytes,
		      l->snapshot->zone->name);
}

uint64_t zone_look_changed(const struct zone_snapshot *s, const uint8_t *owner)
{
	const struct zone_stamps *t = atomic_load_explicit(&s->zone->stamps, memory_order_acquire);
	uint8_t lower[DNS_NAME_MAX];
	size_t nbytes = relative(s, owner, lower);

	return zone_stamps_get(t, zone_hash(s->zone, lower, nbytes));
}

enum zone_authority zone_look_authority(const struct zone_snapshot *s, const uint8_t *owner)
{
	uint8_t lower[DNS_NAME_MAX];
	size_t nbytes = relative(s, owner, lower);
	const struct zone_node *cut;

	if (s->ncuts == 0)
		return ZONE_AUTHORITY;
	cut = zone_find_all(s, lower, nbytes).cut;
	if (cut == NULL || !zone_is_delegation(cut))
		return ZONE_AUTHORITY;
	return cut->name_nbytes == nbytes ? ZONE_AUTHORITY_CUT : ZONE_AUTHORITY_BELOW;
}
