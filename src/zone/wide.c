/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "zone/wide.h"

#include <errno.h>
#include <stdio.h>

#include "dns/type.h"
#include "zone/draft_priv.h"
#include "zone/trie.h"

static uint32_t count_before(const struct draft_owner *o, uint16_t type)
{
	struct zone_rrset before;

	return o->old != NULL && zone_node_find(o->old, type, &before) ? before.count : 0;
}

static void owner_report(const struct zone_draft *d, const struct draft_owner *o, uint16_t type,
			 uint32_t count, zone_wide_fn fn, void *arg)
{
	uint8_t owner[DNS_NAME_MAX];
	struct zone_wide wide = {
		.owner = owner, .type = type, .count = count, .hash = o->hash + type};

	dns_name_join(owner, o->spelled, o->name_nbytes, d->zone->name);
	fn(arg, &wide);
}

void zone_wide_in_draft(const struct zone_draft *d, zone_wide_fn fn, void *arg)
{
	for (const struct draft_owner *o = d->first; o != NULL; o = o->next) {
		if (!o->is_changed)
			continue;
		if (o->nrrsets > ZONE_WIDE_TYPES &&
		    (o->old == NULL || o->old->nentries <= ZONE_WIDE_TYPES))
			owner_report(d, o, 0, o->nrrsets, fn, arg);
		for (unsigned i = 0; i < o->nrrsets; i++)
			if (o->rrset[i].count > ZONE_WIDE_RECORDS &&
			    count_before(o, o->rrset[i].type) <= ZONE_WIDE_RECORDS)
				owner_report(d, o, o->rrset[i].type, o->rrset[i].count, fn, arg);
	}
}

static void node_report(const struct zone_snapshot *s, const struct zone_node *n, uint16_t type,
			uint32_t count, zone_wide_fn fn, void *arg)
{
	uint8_t owner[DNS_NAME_MAX];
	struct zone_wide wide = {.owner = owner, .type = type, .count = count};

	dns_name_join(owner, zone_node_spelled(n), n->name_nbytes, s->zone->name);
	fn(arg, &wide);
}

int zone_wide_in_snapshot(const struct zone_snapshot *s, zone_wide_fn fn, void *arg)
{
	struct zone_trie_walk *walk = zone_trie_walk_new(s->root);
	const struct zone_node *n;

	if (walk == NULL)
		return -ENOMEM;
	while ((n = zone_trie_walk_next(walk)) != NULL) {
		if (n->nentries > ZONE_WIDE_TYPES)
			node_report(s, n, 0, n->nentries, fn, arg);
		for (unsigned i = 0; i < n->nentries; i++)
			if (n->entry[i].count > ZONE_WIDE_RECORDS)
				node_report(s, n, n->entry[i].type, n->entry[i].count, fn, arg);
	}
	zone_trie_walk_free(walk);
	return 0;
}

const char *zone_wide_text(char out[static ZONE_WIDE_TEXT_MAX], const struct zone_wide *wide)
{
	char owner[DNS_NAME_TEXT_MAX], type[DNS_TYPE_TEXT_MAX];

	dns_name_to_text(owner, wide->owner);
	if (wide->type == 0)
		snprintf(out, ZONE_WIDE_TEXT_MAX,
			 "%s has more than %d types: secondaries with BIND refuse the zone unless "
			 "max-types-per-name is raised",
			 owner, ZONE_WIDE_TYPES);
	else
		snprintf(out, ZONE_WIDE_TEXT_MAX,
			 "%s %s has more than %d records: secondaries with BIND refuse the zone "
			 "unless max-records-per-type is raised",
			 owner, dns_type_to_text(type, wide->type), ZONE_WIDE_RECORDS);
	return out;
}
