/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "view/view.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "undo/list.h"

int view_init(struct view *v, uint64_t seed)
{
	struct undo_table *tables[] = {&v->subtypes, &v->srvs, &v->marks};
	int ret = 0;

	memset(v, 0, sizeof(*v));
	for (unsigned i = 0; i < sizeof(tables) / sizeof(*tables) && ret == 0; i++)
		ret = undo_table_init(tables[i], sizeof(struct undo_entry), seed, free, free);
	if (ret == 0)
		ret = view_reserves_init(&v->reserves, seed);
	return ret == 0 ? undo_pairs_init(&v->pairs) : ret;
}

void view_fini(struct view *v)
{
	undo_table_fini(&v->subtypes);
	undo_table_fini(&v->srvs);
	undo_table_fini(&v->marks);
	undo_pairs_fini(&v->pairs);
	view_reserves_fini(&v->reserves);
	free(v->waiting.bytes);
	free(v->known_full.bytes);
	free(v->reverse);
}

void view_set_reverse(struct view *v, struct zone **zones, size_t count)
{
	free(v->reverse);
	v->reverse = zones;
	v->nreverse = count;
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

unsigned view_subtypes(const struct view *v, const uint8_t *zone, const uint8_t *instance,
		       const uint8_t *subtype)
{
	const struct undo_list *l = undo_list_of(&v->subtypes, zone, instance);
	unsigned n = 0;

	for (size_t at = 0; l != NULL && at < l->nbytes; at += dns_name_nbytes(l->bytes + at)) {
		if (dns_name_equal(l->bytes + at, subtype))
			return 0;
		n++;
	}
	return n + 1;
}

/* Marks are few: they are counted anew when one has changed. */
static void count_marks(struct view *v)
{
	struct undo_entry *e = NULL;

	v->stats.nsuspects = v->stats.ndrained = 0;
	while ((e = undo_table_next(&v->marks, e)) != NULL) {
		const struct view_mark *mark = e->content;

		v->stats.nsuspects += mark->is_suspect;
		v->stats.ndrained += mark->is_drained;
	}
}

void view_commit(struct view *v)
{
	bool is_changed = v->marks.nchanged > 0;

	undo_table_commit(&v->subtypes, NULL, NULL);
	undo_table_commit(&v->srvs, NULL, NULL);
	undo_table_commit(&v->marks, NULL, NULL);
	view_reserves_commit(&v->reserves);
	undo_pairs_commit(&v->pairs);
	v->stats.nwaiting = v->nwaiting;
	if (is_changed)
		count_marks(v);
}

void view_undo(struct view *v)
{
	undo_table_undo(&v->subtypes, NULL, NULL);
	undo_table_undo(&v->srvs, NULL, NULL);
	undo_table_undo(&v->marks, NULL, NULL);
	view_reserves_undo(&v->reserves);
	undo_pairs_undo(&v->pairs);
	v->nwaiting = v->stats.nwaiting;
}
