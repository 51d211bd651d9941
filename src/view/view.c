/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "view/view.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "dns/type.h"
#include "dnssd/kind.h"

int view_init(struct view *v, uint64_t seed)
{
	int ret;

	memset(v, 0, sizeof(*v));
	ret = undo_table_init(&v->subtypes, sizeof(struct view_subtype_entry), seed, free, free);
	if (ret == 0)
		ret = undo_table_init(&v->srvs, sizeof(struct undo_entry), seed, free, free);
	if (ret == 0)
		ret = undo_table_init(&v->marks, sizeof(struct undo_entry), seed, free, free);
	if (ret == 0)
		ret = undo_table_init(&v->nodes, sizeof(struct undo_entry), seed, free, free);
	if (ret == 0)
		ret = undo_table_init(&v->unaddressed, sizeof(struct undo_entry), seed, free, free);
	if (ret == 0)
		ret = undo_table_init(&v->flips, sizeof(struct undo_entry), seed, free, free);
	if (ret == 0)
		ret = place_init(&v->places, seed);
	if (ret == 0)
		ret = undo_pairs_init(&v->pairs, false);
	return ret == 0 ? undo_pairs_init(&v->listed, true) : ret;
}

void view_fini(struct view *v)
{
	undo_table_fini(&v->subtypes);
	undo_table_fini(&v->srvs);
	undo_table_fini(&v->marks);
	undo_table_fini(&v->nodes);
	undo_table_fini(&v->unaddressed);
	undo_table_fini(&v->flips);
	undo_pairs_fini(&v->pairs);
	undo_pairs_fini(&v->listed);
	place_fini(&v->places);
	free(v->known_full.bytes);
	free(v->reverse);
	free(v->inner.slot);
}

void view_set_reverse(struct view *v, struct zone **zones, size_t count)
{
	free(v->reverse);
	v->reverse = zones;
	v->nreverse = count;
}

bool view_set_inner(struct view *v, const struct base_seen *inner)
{
	bool has_changed = inner->count != v->inner.count;

	for (size_t i = 0; inner->slot != NULL && i <= inner->mask && !has_changed; i++)
		has_changed = inner->slot[i] != 0 && !base_seen_has(&v->inner, inner->slot[i]);
	free(v->inner.slot);
	v->inner = *inner;
	return has_changed;
}

bool view_is_reverse(const struct view *v, const struct zone *zone)
{
	for (size_t i = 0; i < v->nreverse; i++)
		if (v->reverse[i] == zone)
			return true;
	return false;
}

uint64_t view_hash(const struct view *v, enum view_relation relation, const uint8_t *name)
{
	uint8_t lower[DNS_NAME_MAX];
	size_t n = dns_name_lower(lower, name);

	return base_hash(lower, n, v->srvs.seed + relation);
}

const uint8_t *view_target(const uint8_t *zone, const uint8_t *owner, uint16_t type,
			   const uint8_t *rdata)
{
	enum dnssd_kind kind;

	if (type != DNS_TYPE_PTR || rdata == NULL || !dns_name_is_under(owner, zone) ||
	    !dns_name_is_under(rdata, zone))
		return NULL;
	kind = dnssd_kind_of(owner, zone);
	if ((kind != DNSSD_TYPE && kind != DNSSD_SUBTYPE) ||
	    dnssd_kind_of(rdata, zone) != DNSSD_INSTANCE ||
	    !dns_name_equal(dnssd_kind_type(owner, zone), dnssd_kind_type(rdata, zone)))
		return NULL;
	return rdata;
}

/* The store has the entry's subtypes as items of their own from now on. */
static void end_subtypes(void *arg, struct undo_entry *e)
{
	(void)arg;
	((struct view_subtype_entry *)e)->is_old_item = false;
}

void view_commit(struct view *v)
{
	undo_table_commit(&v->subtypes, end_subtypes, NULL);
	undo_table_commit(&v->srvs, NULL, NULL);
	undo_table_commit(&v->marks, NULL, NULL);
	undo_table_commit(&v->nodes, NULL, NULL);
	undo_table_commit(&v->unaddressed, NULL, NULL);
	undo_table_commit(&v->flips, NULL, NULL);
	place_commit(&v->places);
	undo_pairs_commit(&v->pairs);
	undo_pairs_commit(&v->listed);
	v->stats = (struct view_stats){v->places.nwaiting, v->nsuspects, v->ndrained, v->srvs.count,
				       v->nunaddressed};
}

void view_undo(struct view *v)
{
	undo_table_undo(&v->subtypes, NULL, NULL);
	undo_table_undo(&v->srvs, NULL, NULL);
	undo_table_undo(&v->marks, NULL, NULL);
	undo_table_undo(&v->nodes, NULL, NULL);
	undo_table_undo(&v->unaddressed, NULL, NULL);
	undo_table_undo(&v->flips, NULL, NULL);
	place_undo(&v->places);
	undo_pairs_undo(&v->pairs);
	undo_pairs_undo(&v->listed);
	v->places.nwaiting = v->stats.nwaiting;
	v->nsuspects = v->stats.nsuspects;
	v->ndrained = v->stats.ndrained;
	v->nunaddressed = v->stats.nunaddressed;
}
