/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "zone/draft_priv.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/grow.h"
#include "base/pages.h"
#include "dns/rdata.h"
#include "dns/type.h"

enum { FLUSH_BYTES = 48 << 20, SEARCH_FEW = 8 };

/* ---- owners ---- */

static struct draft_owner *slot_owner(uint64_t slot)
{
	return (struct draft_owner *)(uintptr_t)(slot & 0xffffffffffff);
}

static uint64_t slot_value(const struct draft_owner *o)
{
	return o->hash >> 48 << 48 | (uint64_t)(uintptr_t)o;
}

/* Returns the slot of the owner, or the empty one where it belongs. */
static uint64_t *table_slot(const struct zone_draft *d, uint64_t hash, const uint8_t *name,
			    size_t nbytes)
{
	uint64_t i = hash & d->mask;

	for (; d->table[i] != 0; i = (i + 1) & d->mask) {
		const struct draft_owner *o = slot_owner(d->table[i]);

		if (d->table[i] >> 48 == hash >> 48 && o->hash == hash &&
		    o->name_nbytes == nbytes && memcmp(o->name, name, nbytes) == 0)
			break;
	}
	return &d->table[i];
}

static int table_grow(struct zone_draft *d)
{
	uint64_t mask = d->mask * 4 + 3;
	uint64_t *table = base_pages_alloc((mask + 1) * sizeof(*table));

	if (table == NULL)
		return -ENOMEM;
	for (const struct draft_owner *o = d->first; o != NULL; o = o->next) {
		uint64_t i = o->hash & mask;

		while (table[i] != 0)
			i = (i + 1) & mask;
		table[i] = slot_value(o);
	}
	base_pages_free(d->table, (d->mask + 1) * sizeof(*table));
	d->table = table;
	d->mask = mask;
	return 0;
}

/* Returns the parent's node of the name, or NULL. The writer sees an index that is exactly as new
 * as the current version, so here a miss does mean that there is no such name. */
static const struct zone_node *parent_node(const struct zone_draft *d, uint64_t hash,
					   const uint8_t *name, size_t nbytes)
{
	const struct zone_index *x =
		d->parent == NULL ? d->index
				  : atomic_load_explicit(&d->zone->index, memory_order_relaxed);
	const struct zone_node *n;

	if (x == NULL)
		return NULL;
	for (uint64_t at = 0; (n = zone_index_find(x, hash, &at)) != NULL; at++)
		if (n->name_nbytes == nbytes && memcmp(zone_node_name(n), name, nbytes) == 0)
			return n;
	return NULL;
}

static struct draft_owner *owner_make(struct zone_draft *d, const uint8_t *lower,
				      const uint8_t *spelled, size_t nbytes, uint64_t hash)
{
	bool is_spelled = memcmp(lower, spelled, nbytes) != 0;
	struct draft_owner *o =
		base_arena_alloc(&d->arena, sizeof(*o) + nbytes * (is_spelled ? 2 : 1));

	if (o == NULL)
		return NULL;
	memset(o, 0, sizeof(*o));
	o->hash = hash;
	o->name_nbytes = (uint8_t)nbytes;
	memcpy(o->name, lower, nbytes);
	o->spelled = o->name;
	if (is_spelled) {
		memcpy(o->name + nbytes, spelled, nbytes);
		o->spelled = o->name + nbytes;
	}
	return o;
}

/* Makes the owner share the sets of its old node. Its name keeps the spelling that it came with. */
static int owner_share(struct zone_draft *d, struct draft_owner *o, const struct zone_node *old)
{
	o->old = old;
	o->spelled = zone_node_spelled(old);
	o->nrrsets = old->nentries;
	o->capacity = old->nentries + 2u;
	o->rrset = base_arena_alloc(&d->arena, o->capacity * sizeof(*o->rrset));
	if (o->rrset == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < old->nentries; i++) {
		struct zone_rrset r = zone_node_rrset(old, i);

		o->rrset[i] = (struct draft_rrset){.type = r.type,
						   .ttl = r.ttl,
						   .count = r.count,
						   .nbytes = r.nbytes,
						   .packed = r.data};
		o->nbytes += zone_limit_nbytes(r.count, r.nbytes);
	}
	return 0;
}

static struct draft_owner *owner_add(struct zone_draft *d, uint64_t *slot, const uint8_t *lower,
				     const uint8_t *spelled, size_t nbytes, uint64_t hash)
{
	const struct zone_node *old = parent_node(d, hash, lower, nbytes);
	struct draft_owner *o = owner_make(d, lower, spelled, nbytes, hash);

	if (o == NULL || (old != NULL && owner_share(d, o, old) < 0))
		return NULL;
	*slot = slot_value(o);
	*d->last = o;
	d->last = &o->next;
	d->nowners++;
	return o;
}

/* A first version may be a load of millions of owners, so those before are flushed first. */
struct draft_owner *zone_draft_owner(struct zone_draft *d, const uint8_t *owner)
{
	const struct zone *z = d->zone;
	uint8_t lower[DNS_NAME_MAX];
	size_t nbytes = dns_name_lower(lower, owner);
	struct draft_owner *o = d->recent;
	uint64_t hash, *slot;

	/* Callers compare names with the zone's before they come here. */
	assert(nbytes >= z->name_nbytes &&
	       memcmp(lower + nbytes - z->name_nbytes, z->name, z->name_nbytes) == 0);
	nbytes -= z->name_nbytes;
	if (o != NULL && o->name_nbytes == nbytes && memcmp(o->name, lower, nbytes) == 0)
		return o;
	if ((d->parent == NULL && d->arena.total > FLUSH_BYTES && zone_draft_flush(d) < 0) ||
	    ((d->nowners + 1) * 3 > (d->mask + 1) * 2 && table_grow(d) < 0)) {
		d->is_short = true;
		return NULL;
	}
	hash = zone_hash(d->zone, lower, nbytes);
	slot = table_slot(d, hash, lower, nbytes);
	o = *slot != 0 ? slot_owner(*slot) : owner_add(d, slot, lower, owner, nbytes, hash);
	d->is_short |= o == NULL;
	d->recent = o;
	return o;
}

/* ---- sets ---- */

struct draft_rrset *zone_draft_rrset(const struct draft_owner *o, uint16_t type)
{
	for (unsigned i = 0; i < o->nrrsets; i++)
		if (o->rrset[i].type == type)
			return &o->rrset[i];
	return NULL;
}

static struct draft_rrset *rrset_add(struct zone_draft *d, struct draft_owner *o, uint16_t type)
{
	if (o->nrrsets == o->capacity) {
		uint32_t capacity =
			base_grow_capacity32(o->capacity, o->nrrsets + 2ull, sizeof(*o->rrset));
		struct draft_rrset *r =
			capacity == 0 ? NULL : base_arena_alloc(&d->arena, capacity * sizeof(*r));

		if (r == NULL)
			return NULL;
		if (o->nrrsets > 0)
			memcpy(r, o->rrset, o->nrrsets * sizeof(*r));
		o->rrset = r;
		o->capacity = capacity;
	}
	o->rrset[o->nrrsets] = (struct draft_rrset){.type = type};
	return &o->rrset[o->nrrsets++];
}

/* Opens the set, if it is not open, with capacity for `nmore` further records. */
static int rrset_open(struct zone_draft *d, struct draft_rrset *r, uint32_t nmore)
{
	uint64_t need = (uint64_t)r->count + nmore;
	uint32_t capacity;
	const uint8_t **record;

	if (r->capacity > 0 && r->capacity >= need)
		return 0;
	capacity = base_grow_capacity32(r->count, need < 2 ? 2 : need, sizeof(*record));
	record = capacity == 0 ? NULL : base_arena_alloc(&d->arena, capacity * sizeof(*record));
	if (record == NULL)
		return -ENOMEM;
	if (r->capacity > 0)
		memcpy(record, r->record, r->count * sizeof(*record));
	else
		for (uint32_t i = 0, at = 0; i < r->count; i++) {
			record[i] = r->packed + at;
			at += 2u + base_load16(record[i]);
		}
	r->record = record;
	r->capacity = capacity;
	return 0;
}

static int record_compare(const struct draft_rrset *r, uint32_t i, const uint8_t *rdata,
			  size_t nbytes)
{
	return dns_rdata_compare(r->type, r->record[i] + 2, base_load16(r->record[i]), rdata,
				 nbytes);
}

/* Returns the position of the record, or where it belongs. Records mostly arrive in order, so the
 * end is compared first. */
static uint32_t record_position(const struct draft_rrset *r, const uint8_t *rdata, size_t nbytes,
				bool *is_there)
{
	uint32_t low = 0, high = r->count;

	*is_there = false;
	if (high > 0 && record_compare(r, high - 1, rdata, nbytes) < 0)
		return high;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		int d = record_compare(r, mid, rdata, nbytes);

		if (d == 0) {
			*is_there = true;
			return mid;
		}
		if (d < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* ---- look-ups ---- */

/* Writes the data of a set that was changed into one piece. */
static int rrset_pack(struct zone_draft *d, struct draft_rrset *r)
{
	uint8_t *p;

	if (r->packed != NULL)
		return 0;
	p = base_arena_alloc(&d->arena, r->nbytes);
	if (p == NULL) {
		d->is_short = true;
		return -ENOMEM;
	}
	zone_draft_write_rrset(r, p);
	r->packed = p;
	return 0;
}

/* Makes `view` a view of the set, its data in one piece. Returns false if memory is short. */
static bool rrset_view(struct zone_draft *d, struct draft_rrset *r, struct zone_rrset *view)
{
	if (rrset_pack(d, r) < 0)
		return false;
	*view = (struct zone_rrset){r->type, r->ttl, r->count, r->nbytes, r->packed};
	return true;
}

bool zone_draft_find(struct zone_draft *d, const uint8_t *owner, uint16_t type,
		     struct zone_rrset *rrset)
{
	struct draft_owner *o = zone_draft_owner(d, owner);
	struct draft_rrset *r = o == NULL ? NULL : zone_draft_rrset(o, type);

	return r != NULL && rrset_view(d, r, rrset);
}

bool zone_draft_measure(struct zone_draft *d, const uint8_t *owner, uint16_t type,
			struct zone_rrset *rrset)
{
	const struct draft_owner *o = zone_draft_owner(d, owner);
	const struct draft_rrset *r = o == NULL ? NULL : zone_draft_rrset(o, type);

	if (r == NULL)
		return false;
	*rrset = (struct zone_rrset){r->type, r->ttl, r->count, r->nbytes, NULL};
	return true;
}

/* Searches a set that is not open in its data. */
static bool packed_has(const struct draft_rrset *r, const uint8_t *rdata, size_t nbytes)
{
	const struct zone_rrset set = {r->type, r->ttl, r->count, r->nbytes, r->packed};
	const uint8_t *at = set.data;
	struct zone_rdata one;
	int c = -1;

	while (c < 0 && zone_rrset_next(&set, &at, &one))
		c = dns_rdata_compare(r->type, one.bytes, one.nbytes, rdata, nbytes);
	return c == 0;
}

bool zone_draft_has(struct zone_draft *d, const uint8_t *owner, uint16_t type, const uint8_t *rdata,
		    size_t nbytes)
{
	struct draft_owner *o = zone_draft_owner(d, owner);
	struct draft_rrset *r = o == NULL ? NULL : zone_draft_rrset(o, type);
	bool is_there = false;

	if (r == NULL)
		return false;
	if (r->capacity == 0 && r->count <= SEARCH_FEW)
		return packed_has(r, rdata, nbytes);
	if (rrset_open(d, r, 0) < 0)
		d->is_short = true;
	else
		record_position(r, rdata, nbytes, &is_there);
	return is_there;
}

bool zone_draft_is_spelled(struct zone_draft *d, const uint8_t *owner)
{
	const struct draft_owner *o = zone_draft_owner(d, owner);

	return o != NULL && memcmp(o->spelled, owner, o->name_nbytes) == 0;
}

void zone_draft_spelling(struct zone_draft *d, const uint8_t *owner,
			 uint8_t out[static DNS_NAME_MAX])
{
	const struct draft_owner *o = zone_draft_owner(d, owner);

	memcpy(out, owner, dns_name_nbytes(owner));
	if (o != NULL && o->nrrsets > 0)
		memcpy(out, o->spelled, o->name_nbytes);
}

unsigned zone_draft_count(struct zone_draft *d, const uint8_t *owner)
{
	struct draft_owner *o = zone_draft_owner(d, owner);

	return o == NULL ? 0 : o->nrrsets;
}

struct zone_rrset zone_draft_at(struct zone_draft *d, const uint8_t *owner, unsigned i)
{
	struct draft_owner *o = zone_draft_owner(d, owner);
	struct zone_rrset view = {0};

	if (o != NULL && i < o->nrrsets && !rrset_view(d, &o->rrset[i], &view))
		view = (struct zone_rrset){.type = o->rrset[i].type, .ttl = o->rrset[i].ttl};
	return view;
}

struct zone_draft_sum zone_draft_sum(struct zone_draft *d, const uint8_t *owner)
{
	const struct draft_owner *o = zone_draft_owner(d, owner);
	struct zone_draft_sum sum = {0, 0};

	if (o != NULL)
		sum.nbytes = o->nbytes;
	for (unsigned i = 0; o != NULL && i < o->nrrsets; i++)
		sum.nrecords += o->rrset[i].count;
	return sum;
}

uint32_t zone_draft_ttl(struct zone_draft *d, const uint8_t *owner, uint16_t type,
			uint32_t otherwise)
{
	const struct draft_owner *o = zone_draft_owner(d, owner);
	const struct draft_rrset *r = o == NULL ? NULL : zone_draft_rrset(o, type);

	return r == NULL ? otherwise : r->ttl;
}

uint32_t zone_draft_serial(struct zone_draft *d)
{
	struct zone_rrset soa;

	if (!zone_draft_find(d, d->zone->name, DNS_TYPE_SOA, &soa))
		return 0;
	return dns_soa_read(soa.data + 2, base_load16(soa.data)).serial;
}

bool zone_draft_has_changes(const struct zone_draft *d)
{
	for (const struct draft_owner *o = d->first; o != NULL; o = o->next)
		if (o->is_changed)
			return true;
	return false;
}

/* Returns whether records of `type` are allowed beside a CNAME (RFC 4035 section 2.5, RFC 2136
 * section 3.4.2.2). */
static bool is_beside_cname(uint16_t type)
{
	return type == DNS_TYPE_CNAME || type == DNS_TYPE_KEY || type == DNS_TYPE_RRSIG ||
	       type == DNS_TYPE_NSEC;
}

bool zone_draft_bars(struct zone_draft *draft, const uint8_t *owner, uint16_t type)
{
	const struct draft_owner *o = zone_draft_owner(draft, owner);

	if (o == NULL)
		return false;
	if (type != DNS_TYPE_CNAME)
		return !is_beside_cname(type) && zone_draft_rrset(o, DNS_TYPE_CNAME) != NULL;
	for (unsigned i = 0; i < o->nrrsets; i++)
		if (!is_beside_cname(o->rrset[i].type))
			return true;
	return false;
}

bool zone_draft_is_short(const struct zone_draft *d)
{
	return d->is_short;
}

/* ---- changes ---- */

static void rrset_drop(struct draft_owner *o, struct draft_rrset *r)
{
	o->nbytes -= zone_limit_nbytes(r->count, r->nbytes);
	*r = o->rrset[--o->nrrsets];
}

static void mark_changed(struct draft_owner *o, struct draft_rrset *r)
{
	o->is_changed = true;
	if (r != NULL)
		r->packed = NULL;
}

/* Gives the owner the spelling that `owner` has. */
static int owner_spell(struct zone_draft *d, struct draft_owner *o, const uint8_t *owner)
{
	const uint8_t *spelled;

	if (memcmp(o->spelled, owner, o->name_nbytes) == 0)
		return 0;
	spelled = base_arena_copy(&d->arena, owner, o->name_nbytes);
	if (spelled == NULL)
		return -ENOMEM;
	o->spelled = spelled;
	o->is_changed = true;
	return 1;
}

static bool has_octets(const uint8_t *record, const uint8_t *rdata, size_t nbytes)
{
	return base_load16(record) == nbytes && memcmp(record + 2, rdata, nbytes) == 0;
}

/* Replaces a record by one that is the same but for the case of names in its rdata. */
static int record_spell(struct zone_draft *d, const uint8_t **record, const uint8_t *rdata,
			size_t nbytes)
{
	uint8_t *copy = base_arena_alloc(&d->arena, nbytes + 2);

	if (copy == NULL)
		return -ENOMEM;
	assert(base_load16(*record) == nbytes);
	base_store16(copy, (uint16_t)nbytes);
	memcpy(copy + 2, rdata, nbytes);
	*record = copy;
	return 0;
}

/* Returns the limit that the name goes over with one more record of `nbytes` in its set `r`, NULL
 * if there is none yet. */
static enum zone_limit limit_over(const struct zone_limits *limits, const struct draft_owner *o,
				  const struct draft_rrset *r, size_t nbytes)
{
	uint64_t more = ZONE_LIMIT_RECORD_HEAD + (uint64_t)nbytes;
	uint64_t before = r == NULL ? 0 : zone_limit_nbytes(r->count, r->nbytes);

	if (r == NULL && o->nrrsets >= limits->rrsets)
		return ZONE_LIMIT_OF_RRSETS;
	if (r != NULL && r->count >= limits->records)
		return ZONE_LIMIT_OF_RECORDS;
	if (before + more > limits->rrset_nbytes)
		return ZONE_LIMIT_OF_RRSET_NBYTES;
	return o->nbytes + more > limits->name_nbytes ? ZONE_LIMIT_OF_NAME_NBYTES : ZONE_LIMIT_NONE;
}

/* Inserts a record into an open set with room for it. */
static int insert(struct zone_draft *d, struct draft_owner *o, struct draft_rrset *r,
		  uint32_t position, const uint8_t *rdata, size_t nbytes)
{
	uint8_t *record;

	assert(nbytes <= UINT16_MAX);
	/* No limit keeps what a store has below 4 GiB. */
	if (r->nbytes > UINT32_MAX - 2 - (uint32_t)nbytes)
		return -ENOMEM;
	record = base_arena_alloc(&d->arena, nbytes + 2);
	if (record == NULL)
		return -ENOMEM;
	base_store16(record, (uint16_t)nbytes);
	if (nbytes > 0) /* `rdata` may be NULL then */
		memcpy(record + 2, rdata, nbytes);
	memmove(r->record + position + 1, r->record + position,
		(r->count - position) * sizeof(*r->record));
	r->record[position] = record;
	r->count++;
	r->nbytes += (uint32_t)nbytes + 2;
	o->nbytes += ZONE_LIMIT_RECORD_HEAD + nbytes;
	return 0;
}

int zone_draft_add_within(struct zone_draft *d, const struct zone_limits *limits,
			  const uint8_t *owner, uint16_t type, uint32_t ttl, const uint8_t *rdata,
			  size_t nbytes, enum zone_limit *over)
{
	struct draft_owner *o = zone_draft_owner(d, owner);
	struct draft_rrset *r;
	uint32_t position = 0;
	bool is_there = false;

	if (o == NULL)
		return -ENOMEM;
	r = zone_draft_rrset(o, type);
	if (r != NULL) {
		if (rrset_open(d, r, 1) < 0)
			return -ENOMEM;
		position = record_position(r, rdata, nbytes, &is_there);
		if (is_there && r->ttl == ttl && has_octets(r->record[position], rdata, nbytes))
			return 0;
		if (is_there && record_spell(d, &r->record[position], rdata, nbytes) < 0)
			return -ENOMEM;
	}
	if (!is_there && limits != NULL &&
	    (*over = limit_over(limits, o, r, nbytes)) != ZONE_LIMIT_NONE)
		return -E2BIG;
	if (o->nrrsets == 0 && owner_spell(d, o, owner) < 0)
		return -ENOMEM;
	if (r == NULL && ((r = rrset_add(d, o, type)) == NULL || rrset_open(d, r, 1) < 0))
		return -ENOMEM;
	if (!is_there && insert(d, o, r, position, rdata, nbytes) < 0)
		return -ENOMEM;
	r->ttl = ttl;
	mark_changed(o, r);
	return 1;
}

int zone_draft_add(struct zone_draft *d, const uint8_t *owner, uint16_t type, uint32_t ttl,
		   const uint8_t *rdata, size_t nbytes)
{
	return zone_draft_add_within(d, NULL, owner, type, ttl, rdata, nbytes, NULL);
}

bool zone_draft_has_room(struct zone_draft *d, const struct zone_limits *limits,
			 const uint8_t *owner, uint16_t type, uint32_t nrecords, uint64_t nbytes)
{
	const struct draft_owner *o = zone_draft_owner(d, owner);
	const struct draft_rrset *r = o == NULL ? NULL : zone_draft_rrset(o, type);
	uint64_t before = r == NULL ? 0 : zone_limit_nbytes(r->count, r->nbytes);

	return o != NULL && (uint64_t)o->nrrsets + nrecords <= limits->rrsets &&
	       (r == NULL ? 0 : (uint64_t)r->count) + nrecords <= limits->records &&
	       before + nbytes <= limits->rrset_nbytes && o->nbytes + nbytes <= limits->name_nbytes;
}

uint64_t zone_draft_nbytes(struct zone_draft *d, const uint8_t *owner)
{
	const struct draft_owner *o = zone_draft_owner(d, owner);

	return o == NULL ? 0 : o->nbytes;
}

int zone_draft_spell(struct zone_draft *d, const uint8_t *owner)
{
	struct draft_owner *o = zone_draft_owner(d, owner);

	if (o == NULL)
		return -ENOMEM;
	return o->nrrsets == 0 ? 0 : owner_spell(d, o, owner);
}

int zone_draft_remove(struct zone_draft *d, const uint8_t *owner, uint16_t type,
		      const uint8_t *rdata, size_t nbytes)
{
	struct draft_owner *o = zone_draft_owner(d, owner);
	struct draft_rrset *r;
	uint32_t position;
	uint16_t n;
	bool is_there;

	if (o == NULL)
		return -ENOMEM;
	r = zone_draft_rrset(o, type);
	if (r == NULL)
		return 0;
	if (rrset_open(d, r, 0) < 0)
		return -ENOMEM;
	position = record_position(r, rdata, nbytes, &is_there);
	if (!is_there)
		return 0;
	n = base_load16(r->record[position]);
	r->nbytes -= 2u + n;
	o->nbytes -= ZONE_LIMIT_RECORD_HEAD + n;
	memmove(r->record + position, r->record + position + 1,
		(r->count - position - 1) * sizeof(*r->record));
	r->count--;
	mark_changed(o, r);
	if (r->count == 0)
		rrset_drop(o, r);
	return 1;
}

int zone_draft_remove_rrset(struct zone_draft *d, const uint8_t *owner, uint16_t type)
{
	struct draft_owner *o = zone_draft_owner(d, owner);
	struct draft_rrset *r;
	int count;

	if (o == NULL)
		return -ENOMEM;
	r = zone_draft_rrset(o, type);
	if (r == NULL)
		return 0;
	count = (int)r->count;
	mark_changed(o, NULL);
	rrset_drop(o, r);
	return count;
}

int zone_draft_set_soa(struct zone_draft *d, uint32_t ttl, const uint8_t *rdata, size_t nbytes)
{
	const uint8_t *apex = d->zone->name;
	struct zone_rrset old;
	int ret;

	if (zone_draft_find(d, apex, DNS_TYPE_SOA, &old)) {
		const uint8_t *before = old.data + 2;
		size_t nbefore = base_load16(old.data);

		if (old.ttl == ttl && nbefore == nbytes && memcmp(before, rdata, nbytes) == 0)
			return 0;
		d->has_new_serial |= dns_serial_is_newer(dns_soa_read(rdata, nbytes).serial,
							 dns_soa_read(before, nbefore).serial);
	}
	ret = zone_draft_remove_rrset(d, apex, DNS_TYPE_SOA);
	if (ret >= 0)
		ret = zone_draft_add(d, apex, DNS_TYPE_SOA, ttl, rdata, nbytes);
	return ret < 0 ? ret : 0;
}
