/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A draft and changesets: the difference to the parent is written as one, and one is applied. */

#include "zone/draft_priv.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "zone/zone.h"

/* ---- the difference ---- */

enum { MORE = 2048 }; /* bytes beyond the first record, so that few changes grow once */

static int bytes_add(struct draft_bytes *b, const struct dns_record *record)
{
	size_t need = zone_changeset_nbytes(record);
	struct base_out o;

	if (b->used + need > b->capacity) {
		uint8_t *bytes = base_grow_bytes(b->bytes, b->used, &b->capacity, need + MORE);

		if (bytes == NULL)
			return -ENOMEM;
		b->bytes = bytes;
	}
	o = base_out_over(b->bytes + b->used, need);
	zone_changeset_write(&o, record);
	assert(!o.is_full);
	b->used += need;
	b->nrecords++;
	return 0;
}

/* A walk over the records of a set, which are in one piece, or at pointers if the set is open. */
struct walk {
	uint16_t type;
	uint32_t ttl;
	uint32_t left;
	const uint8_t *at;
	const uint8_t *const *record; /* NULL: in one piece at `at` */
};

static struct walk walk_before(const struct zone_rrset *set)
{
	return (struct walk){set->type, set->ttl, set->count, set->data, NULL};
}

static struct walk walk_after(const struct draft_rrset *r)
{
	return (struct walk){r->type, r->ttl, r->count, r->packed,
			     r->capacity > 0 ? r->record : NULL};
}

static bool walk_next(struct walk *w, struct zone_rdata *rdata)
{
	const uint8_t *at = w->record != NULL && w->left > 0 ? *w->record++ : w->at;

	if (w->left == 0)
		return false;
	rdata->nbytes = base_load16(at);
	rdata->bytes = at + 2;
	w->at = at + 2 + rdata->nbytes;
	w->left--;
	return true;
}

/* Writes the records of `rrset` that `other` does not have; all of them if `other` is NULL. Records
 * that an open set shares with the old node are the same memory, so of a large set only the few
 * that changed are compared octet by octet. */
static int difference(struct draft_bytes *b, const uint8_t *owner, struct walk rrset,
		      struct walk *other)
{
	struct zone_rdata rdata, against = {NULL, 0};
	bool has_other = other != NULL && walk_next(other, &against);

	while (walk_next(&rrset, &rdata)) {
		int c = -1;

		while (has_other && against.bytes != rdata.bytes &&
		       (c = dns_rdata_compare(rrset.type, against.bytes, against.nbytes,
					      rdata.bytes, rdata.nbytes)) < 0)
			has_other = walk_next(other, &against);
		if (has_other && (against.bytes == rdata.bytes ||
				  (c == 0 && against.nbytes == rdata.nbytes &&
				   memcmp(against.bytes, rdata.bytes, rdata.nbytes) == 0))) {
			has_other = walk_next(other, &against);
			continue;
		}
		struct dns_record record = {owner, rrset.type, rrset.ttl, rdata.bytes,
					    rdata.nbytes};

		if (bytes_add(b, &record) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Writes the difference in one type of an owner. Another TTL removes and adds the whole set. */
static int type_difference(struct zone_draft *d, struct draft_owner *o, const uint8_t *owner,
			   uint16_t type)
{
	struct draft_rrset *r = zone_draft_rrset(o, type);
	struct zone_rrset before = {0};
	bool was_there = o->old != NULL && zone_node_find(o->old, type, &before);
	bool has_same_ttl = was_there && r != NULL && before.ttl == r->ttl;
	struct walk w;
	int ret = 0;

	if (has_same_ttl && (r->packed == before.data))
		return 0;
	if (was_there) {
		w = r != NULL ? walk_after(r) : (struct walk){0};
		ret = difference(&d->removed, owner, walk_before(&before),
				 has_same_ttl ? &w : NULL);
	}
	if (r != NULL && ret == 0) {
		w = walk_before(&before);
		ret = difference(&d->added, owner, walk_after(r), has_same_ttl ? &w : NULL);
	}
	return ret;
}

static bool is_respelled(const struct draft_owner *o)
{
	const uint8_t *before = o->old == NULL ? o->spelled : zone_node_spelled(o->old);

	return before != o->spelled && memcmp(before, o->spelled, o->name_nbytes) != 0;
}

/* Writes all records of an owner: removed under the old spelling, added under the new one. */
static int respelled_difference(struct zone_draft *d, const struct draft_owner *o)
{
	uint8_t owner[DNS_NAME_MAX];
	int ret = 0;

	dns_name_join(owner, zone_node_spelled(o->old), o->name_nbytes, d->zone->name);
	for (unsigned i = 0; i < o->old->nentries && ret == 0; i++) {
		struct zone_rrset before = zone_node_rrset(o->old, i);

		ret = difference(&d->removed, owner, walk_before(&before), NULL);
	}
	dns_name_join(owner, o->spelled, o->name_nbytes, d->zone->name);
	for (unsigned i = 0; i < o->nrrsets && ret == 0; i++)
		ret = difference(&d->added, owner, walk_after(&o->rrset[i]), NULL);
	return ret;
}

static int owner_difference(struct zone_draft *d, struct draft_owner *o)
{
	uint32_t nbefore = d->removed.nrecords + d->added.nrecords;
	uint8_t owner[DNS_NAME_MAX];
	int ret = 0;

	if (is_respelled(o))
		return respelled_difference(d, o);
	dns_name_join(owner, o->spelled, o->name_nbytes, d->zone->name);
	for (unsigned i = 0; o->old != NULL && i < o->old->nentries && ret == 0; i++)
		if (o->name_nbytes > 0 || o->old->entry[i].type != DNS_TYPE_SOA)
			ret = type_difference(d, o, owner, o->old->entry[i].type);
	for (unsigned i = 0; i < o->nrrsets && ret == 0; i++) {
		struct zone_rrset before;

		if (o->old != NULL && zone_node_find(o->old, o->rrset[i].type, &before))
			continue;
		if (o->name_nbytes > 0 || o->rrset[i].type != DNS_TYPE_SOA)
			ret = type_difference(d, o, owner, o->rrset[i].type);
	}
	if (nbefore == d->removed.nrecords + d->added.nrecords)
		o->is_changed = false;
	return ret;
}

static bool soa_is_changed(struct zone_draft *d, const struct zone_rrset *soa)
{
	const struct zone_rrset *old = &d->parent->soa;

	return soa->ttl != old->ttl || soa->nbytes != old->nbytes ||
	       memcmp(soa->data, old->data, soa->nbytes) != 0;
}

/* Raises the serial, unless the draft already has a newer one: each change of data has a serial of
 * its own (RFC 2136 section 3.6; newer as in RFC 1982). A serial is set back by several steps, each
 * to a newer one (RFC 1982 section 7): of a draft that has taken several steps, by updates or from
 * the store, the last one counts. */
static int raise_serial(struct zone_draft *d)
{
	uint32_t before = d->parent->soa_fields.serial, serial = before + 1, set;
	uint8_t rdata[2 * DNS_NAME_MAX + 20];
	struct zone_rrset soa;
	size_t nbytes;

	if (!zone_draft_find(d, d->zone->name, DNS_TYPE_SOA, &soa))
		return -ENOMEM;
	nbytes = base_load16(soa.data);
	set = dns_soa_read(soa.data + 2, nbytes).serial;
	if (dns_serial_is_newer(set, before) || (d->has_new_serial && set != before))
		return 0;
	memcpy(rdata, soa.data + 2, nbytes);
	dns_soa_set_serial(rdata, nbytes, serial == 0 ? 1 : serial);
	return zone_draft_set_soa(d, soa.ttl, rdata, nbytes);
}

static int soa_record(struct draft_bytes *b, const uint8_t *owner, const struct zone_rrset *soa)
{
	struct dns_record record = {owner, DNS_TYPE_SOA, soa->ttl, soa->data + 2,
				    base_load16(soa->data)};

	return bytes_add(b, &record);
}

/* The SOAs are left out here, although they come first (RFC 1995 section 4): whether the serial is
 * raised depends on the rest. zone_draft_changes adds them. */
int zone_draft_difference(struct zone_draft *d)
{
	struct draft_owner *apex = zone_draft_owner(d, d->zone->name);
	struct zone_rrset soa;

	if (apex == NULL || !zone_draft_find(d, d->zone->name, DNS_TYPE_SOA, &soa))
		return -ENOMEM;
	for (struct draft_owner *o = d->first; o != NULL; o = o->next)
		if (o->is_changed && owner_difference(d, o) < 0)
			return -ENOMEM;
	if (d->removed.nrecords + d->added.nrecords == 0 && !soa_is_changed(d, &soa))
		return 0;
	if (raise_serial(d) < 0 || !zone_draft_find(d, d->zone->name, DNS_TYPE_SOA, &soa))
		return -ENOMEM;
	apex->is_changed = true;
	return 1;
}

/* Adds the SOA before all other records. */
static int soa_to_front(struct draft_bytes *b, const uint8_t *owner, const struct zone_rrset *soa)
{
	uint8_t record[3 * DNS_NAME_MAX + 32];
	size_t before = b->used, n;

	if (soa_record(b, owner, soa) < 0)
		return -ENOMEM;
	n = b->used - before;
	memcpy(record, b->bytes + before, n);
	memmove(b->bytes + n, b->bytes, before);
	memcpy(b->bytes, record, n);
	return 0;
}

int zone_draft_changes(struct zone_draft *d, struct zone_changeset *changes)
{
	struct zone_rrset soa = d->snapshot->soa;

	if (soa_to_front(&d->removed, d->zone->name, &d->parent->soa) < 0 ||
	    soa_to_front(&d->added, d->zone->name, &soa) < 0)
		return -ENOMEM;
	*changes = (struct zone_changeset){
		.from = d->parent->soa_fields.serial,
		.to = d->snapshot->soa_fields.serial,
		.removed = d->removed.bytes,
		.nremoved_bytes = d->removed.used,
		.nremoved = d->removed.nrecords,
		.added = d->added.bytes,
		.nadded_bytes = d->added.used,
		.nadded = d->added.nrecords,
	};
	return 0;
}

/* ---- applying one ---- */

static bool are_records(const uint8_t *zone, const uint8_t *bytes, size_t nbytes)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	struct dns_record r;

	while (zone_changeset_next(&b, &r))
		if (dns_type_is_meta(r.type) || !dns_name_is_under(r.owner, zone) ||
		    !dns_rdata_is_laid_out(r.type, r.rdata, r.nbytes))
			return false;
	return !b.has_failed;
}

/* The old SOA is not removed: the new one replaces it, so that the draft always has one. */
static int apply_removed(struct zone_draft *d, const uint8_t *bytes, size_t nbytes)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	struct dns_record r;
	int ret = 0;

	while (ret >= 0 && zone_changeset_next(&b, &r))
		if (r.type != DNS_TYPE_SOA)
			ret = zone_draft_remove(d, r.owner, r.type, r.rdata, r.nbytes);
	return ret < 0 ? ret : 0;
}

static int apply_added(struct zone_draft *d, const uint8_t *bytes, size_t nbytes)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	struct dns_record r;
	int ret = 0;

	while (ret >= 0 && zone_changeset_next(&b, &r)) {
		if (r.type == DNS_TYPE_SOA)
			ret = zone_draft_set_soa(d, r.ttl, r.rdata, r.nbytes);
		else
			ret = zone_draft_add(d, r.owner, r.type, r.ttl, r.rdata, r.nbytes);
	}
	return ret < 0 ? ret : 0;
}

int zone_draft_apply(struct zone_draft *d, const struct zone_changeset *changes)
{
	const uint8_t *zone = zone_name(zone_draft_zone(d));
	int ret;

	if (!are_records(zone, changes->removed, changes->nremoved_bytes) ||
	    !are_records(zone, changes->added, changes->nadded_bytes))
		return -EBADMSG;
	ret = apply_removed(d, changes->removed, changes->nremoved_bytes);
	return ret < 0 ? ret : apply_added(d, changes->added, changes->nadded_bytes);
}
