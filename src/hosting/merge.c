/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A merge is applied in this order, so that a record may replace another of the same file:
 *
 * 1. Records that left the file are removed, except NS records of the apex.
 * 2. Records that are new in the file are added, unless the CNAME rule bars them (zone_draft_bars).
 * 3. NS records of the apex that left the file are removed, except the last one.
 * 4. Names get the spelling that the file has now.
 * 5. The SOA is updated. */

#include "hosting/merge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "hosting/record.h"
#include "zone/cursor.h"
#include "zone/draft.h"
#include "zone/zone.h"

enum { OWNERS_BLOCK = 64 << 10 };

/* ---- taking ---- */

static int list_add(struct hosting_merge *m, struct hosting_merge_list *l,
		    const struct dns_record *record)
{
	struct dns_record *items = base_grow(l->items, l->count, &l->capacity, sizeof(*items));
	uint8_t *owner;

	if (items == NULL)
		return -ENOMEM;
	l->items = items;
	/* The owner is valid only until the cursor moves; the rdata is the snapshot's. */
	owner = base_arena_copy(&m->owners, record->owner, dns_name_nbytes(record->owner));
	if (owner == NULL)
		return -ENOMEM;
	l->items[l->count] = *record;
	l->items[l->count++].owner = owner;
	return 0;
}

/* Takes a record that only one version has (the other argument is NULL), or both. */
static int take_one(struct hosting_merge *m, const struct dns_record *before,
		    const struct dns_record *after)
{
	if (after == NULL)
		return list_add(m, &m->removed, before);
	if (after->type == DNS_TYPE_SOA) {
		m->soa = *after;
		m->is_serial_changed =
			before == NULL || dns_soa_read(before->rdata, before->nbytes).serial !=
						  dns_soa_read(after->rdata, after->nbytes).serial;
		m->is_soa_changed = before == NULL || before->ttl != after->ttl ||
				    before->nbytes != after->nbytes ||
				    memcmp(before->rdata, after->rdata, after->nbytes) != 0;
		return 0;
	}
	if (before != NULL &&
	    memcmp(before->owner, after->owner, dns_name_nbytes(after->owner)) != 0 &&
	    list_add(m, &m->respelled, after) < 0)
		return -ENOMEM;
	/* Adding a record again sets the TTL and the case of names in it. */
	if (before == NULL || before->ttl != after->ttl || before->nbytes != after->nbytes ||
	    memcmp(before->rdata, after->rdata, after->nbytes) != 0)
		return list_add(m, &m->added, after);
	return 0;
}

/* Walks both versions side by side in canonical order. */
static int take_all(struct hosting_merge *m, struct zone_cursor *before, struct zone_cursor *after)
{
	struct dns_record a, b;
	bool has_a = zone_cursor_next(before, &a), has_b = zone_cursor_next(after, &b);
	int ret = 0;

	while ((has_a || has_b) && ret == 0) {
		int order = !has_a ? 1 : !has_b ? -1 : zone_cursor_order(&a, &b);

		ret = take_one(m, order <= 0 ? &a : NULL, order >= 0 ? &b : NULL);
		if (order <= 0)
			has_a = zone_cursor_next(before, &a);
		if (order >= 0)
			has_b = zone_cursor_next(after, &b);
	}
	return ret;
}

int hosting_merge_take(struct hosting_merge *m, const struct zone_snapshot *before,
		       const struct zone_snapshot *after)
{
	struct zone_cursor *a = zone_cursor_new(before), *b = zone_cursor_new(after);
	int ret = -ENOMEM;

	*m = (struct hosting_merge){.nbarred = 0};
	base_arena_init(&m->owners, OWNERS_BLOCK);
	if (a != NULL && b != NULL)
		ret = take_all(m, a, b);
	zone_cursor_free(a);
	zone_cursor_free(b);
	if (ret < 0)
		hosting_merge_fini(m);
	return ret;
}

void hosting_merge_fini(struct hosting_merge *m)
{
	free(m->removed.items);
	free(m->added.items);
	free(m->respelled.items);
	base_arena_fini(&m->owners);
	*m = (struct hosting_merge){.nbarred = 0};
}

/* ---- applying ---- */

enum part { ALL_BUT_APEX_NS, APEX_NS };

static bool must_end(const struct hosting_merge *m)
{
	return m->must_end != NULL && atomic_load_explicit(m->must_end, memory_order_relaxed);
}

static bool is_apex_ns(struct zone_draft *d, const struct dns_record *r)
{
	return r->type == DNS_TYPE_NS && dns_name_equal(r->owner, zone_name(zone_draft_zone(d)));
}

/* NS records of the apex are removed after others were added, and never all of them: a zone needs
 * one (RFC 2136 section 3.4.2.4). */
static int remove_records(struct hosting_merge *m, struct zone_draft *d, enum part part)
{
	struct zone_rrset ns;

	int n;

	for (size_t i = 0; i < m->removed.count; i++) {
		const struct dns_record *r = &m->removed.items[i];

		if (is_apex_ns(d, r) != (part == APEX_NS) ||
		    (part == APEX_NS && zone_draft_find(d, r->owner, r->type, &ns) &&
		     ns.count == 1))
			continue;
		n = zone_draft_remove(d, r->owner, r->type, r->rdata, r->nbytes);
		if (n < 0)
			return -ENOMEM;
		m->nremoved += (size_t)n;
		if (must_end(m))
			return -ECANCELED;
	}
	return 0;
}

/* A name has at most one CNAME and one DNAME: the file's replaces a registered one. */
static int replace(struct zone_draft *d, const struct dns_record *r)
{
	if (r->type != DNS_TYPE_CNAME && r->type != DNS_TYPE_DNAME)
		return 0;
	return zone_draft_remove_rrset(d, r->owner, r->type);
}

static int add_records(struct hosting_merge *m, struct zone_draft *d)
{
	const struct zone_limits limits = zone_get_limits(zone_draft_zone(d));
	int ret;

	m->nbarred = 0;
	for (size_t i = 0; i < m->added.count; i++) {
		const struct dns_record *r = &m->added.items[i];

		if (zone_draft_bars(d, r->owner, r->type)) {
			if (m->nbarred++ == 0)
				m->barred = r;
			continue;
		}
		ret = replace(d, r);
		if (ret < 0)
			return ret;
		m->nremoved += (size_t)ret;
		m->over = r;
		ret = hosting_record_add(d, &limits, r, r->ttl, &m->limit);
		if (ret < 0)
			return ret;
		m->nadded += (size_t)ret;
		if (must_end(m))
			return -ECANCELED;
	}
	return 0;
}

static int respell(const struct hosting_merge *m, struct zone_draft *d)
{
	for (size_t i = 0; i < m->respelled.count; i++)
		if (zone_draft_spell(d, m->respelled.items[i].owner) < 0)
			return -ENOMEM;
	return 0;
}

/* A serial that was edited is set if it is newer than the zone's, as that of an UPDATE (RFC 2136
 * section 3.4.2.2); otherwise the zone's is kept, or raised if it must be. The zone's may have been
 * set back since (RFC 1982 section 7): then an old one in the file looks newer. */
static int update_soa(struct hosting_merge *m, struct zone_draft *d, bool must_raise)
{
	uint32_t serial = zone_draft_serial(d),
		 wanted = dns_soa_read(m->soa.rdata, m->soa.nbytes).serial;
	uint8_t rdata[2 * DNS_NAME_MAX + 20];

	if (!m->is_soa_changed && !must_raise)
		return 0;
	if (!m->is_serial_changed || !dns_serial_is_newer(wanted, serial))
		wanted = !must_raise ? serial : serial == UINT32_MAX ? 1 : serial + 1;
	memcpy(rdata, m->soa.rdata, m->soa.nbytes);
	dns_soa_set_serial(rdata, m->soa.nbytes, wanted);
	return zone_draft_set_soa(d, m->soa.ttl, rdata, m->soa.nbytes);
}

int hosting_merge_apply(struct hosting_merge *m, struct zone_draft *d, bool must_raise)
{
	int ret;

	m->nadded = m->nremoved = 0;
	ret = remove_records(m, d, ALL_BUT_APEX_NS);
	if (ret == 0)
		ret = add_records(m, d);
	if (ret == 0)
		ret = remove_records(m, d, APEX_NS);
	if (ret == 0)
		ret = respell(m, d);
	if (ret == 0)
		ret = update_soa(m, d, must_raise);
	return zone_draft_is_short(d) ? -ENOMEM : ret;
}
