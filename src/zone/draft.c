/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* How a draft becomes a version:
 *
 * 1. The first time an owner is touched it gets a draft_owner, which shares its sets with the old node. A set that is changed is opened: an
 *    array of pointers to records in order, so that adding one to a large set copies no records.
 * 2. Sealing compares each changed owner with its old node, which gives the changeset; what did not change after all is dropped. It
 *    raises the serial, makes the new nodes, puts them into the trie, and sees to it that the index has room.
 * 3. Publishing writes the stamps and the index, then the pointer to the snapshot, and hands over what is no longer used.
 *
 * A first version may be a load of millions of records. Nobody sees its trie and index yet, so what has been gathered is moved into them every
 * FLUSH_BYTES; a name that comes up again is opened again. */
#include "zone/draft.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/pages.h"
#include "dns/type.h"
#include "zone/zone_priv.h"

struct draft_rrset {
	uint16_t type;
	bool is_changed;
	uint32_t ttl;
	uint32_t count;
	uint32_t nbytes;        /* of the data, length octets included */
	uint32_t room;          /* of `record`; 0 while the set is not open */
	const uint8_t **record; /* each at the length octets before the rdata */
	const uint8_t *packed;  /* the data in one piece, or NULL if it must be made */
};

struct draft_owner {
	struct draft_owner *next;
	const struct zone_node *old;
	struct zone_node *fresh;
	uint64_t hash;
	struct draft_rrset *rrset;
	uint16_t nrrsets, room;
	uint8_t name_octets;
	bool is_changed;
	const uint8_t *spelled;
	uint8_t name[];
};

/* Bytes that grow. */
struct draft_bytes {
	uint8_t *bytes;
	size_t used, room;
	uint32_t nrecords;
};

struct zone_draft {
	struct zone *zone;
	const struct zone_snapshot *base;       /* NULL for the first version */
	uint64_t version;
	struct base_arena arena;
	struct draft_owner *first, **last;
	struct draft_owner *recent;     /* touched last: the next record is often of the same owner */
	uint64_t *table;                /* 16 bits of hash, 48 of pointer to a draft_owner; 0 is empty */
	uint64_t mask, nowners;
	bool is_short;                  /* a look-up lacked memory: what it found is not to be relied on */
	struct draft_bytes removed, added;

	/* made by sealing */
	struct zone_trie_edit edit;
	struct zone_snapshot *snapshot;
	struct zone_garbage *garbage;
	struct zone_index *index;       /* a larger one, or NULL */
	struct zone_stamps *stamps;     /* likewise */
	uint64_t names_added;
};

enum { TABLE_SMALL = 256, ARENA_BLOCK = 256 << 10, FLUSH_BYTES = 48 << 20 };

static struct zone_draft *draft_make(struct zone *zone)
{
	struct zone_draft *d = calloc(1, sizeof *d);

	if (d == NULL)
		return NULL;
	d->table = base_pages_alloc(TABLE_SMALL * sizeof *d->table);
	if (d->table == NULL) {
		free(d);
		return NULL;
	}
	d->mask = TABLE_SMALL - 1;
	d->zone = zone;
	d->last = &d->first;
	base_arena_init(&d->arena, ARENA_BLOCK);
	return d;
}

void zone_draft_free(struct zone_draft *d)
{
	if (d == NULL)
		return;
	base_arena_fini(&d->arena);
	base_pages_free(d->table, (d->mask + 1) * sizeof *d->table);
	free(d->removed.bytes);
	free(d->added.bytes);
	free(d);
}

struct zone_draft *zone_draft_new(struct zone *zone)
{
	struct zone_draft *d = zone->idle_draft != NULL ? zone->idle_draft : draft_make(zone);

	if (d == NULL)
		return NULL;
	assert(!zone->has_draft);
	zone->has_draft = true;
	zone->idle_draft = NULL;
	d->base = zone_current(zone);
	d->version = d->base == NULL ? 1 : d->base->version + 1;
	d->first = NULL;
	d->last = &d->first;
	d->is_short = false;
	return d;
}

struct zone *zone_draft_zone(struct zone_draft *d)
{
	return d->zone;
}

/* Makes the draft ready for more owners. */
static void owners_forget(struct zone_draft *d)
{
	base_arena_reset(&d->arena);
	memset(d->table, 0, (d->mask + 1) * sizeof *d->table);
	d->nowners = 0;
	d->recent = NULL;
	d->first = NULL;
	d->last = &d->first;
	d->names_added = 0;
}

/* Keeps an ordinary draft's memory for the next, gives an extraordinary one's back. */
static void draft_end(struct zone_draft *d)
{
	struct zone *zone = d->zone;

	zone->has_draft = false;
	if (d->mask + 1 > 1 << 16 || d->added.room > 4 << 20 || d->removed.room > 4 << 20) {
		zone_draft_free(d);
		return;
	}
	owners_forget(d);
	d->removed.used = d->added.used = 0;
	d->removed.nrecords = d->added.nrecords = 0;
	memset(&d->edit, 0, sizeof d->edit);
	d->snapshot = NULL;
	d->garbage = NULL;
	d->index = NULL;
	d->stamps = NULL;
	zone->idle_draft = d;
}

void zone_draft_abort(struct zone_draft *d)
{
	if (d->edit.slab != NULL) {
		zone_trie_undo(d->edit.slab, d->edit.root, d->version);
		free(d->edit.retired);
	}
	free(d->snapshot);
	zone_garbage_free(d->garbage);
	zone_index_free(d->index);
	free(d->stamps);
	draft_end(d);
}

/* ---- owners ---- */

static struct draft_owner *slot_owner(uint64_t slot)
{
	return (struct draft_owner *)(uintptr_t)(slot & 0xffffffffffff);
}

static uint64_t slot_value(const struct draft_owner *o)
{
	return o->hash >> 48 << 48 | (uint64_t)(uintptr_t)o;
}

/* Where the owner is, or belongs. */
static uint64_t *table_slot(const struct zone_draft *d, uint64_t hash, const uint8_t *name, size_t octets)
{
	uint64_t i = hash & d->mask;

	for (; d->table[i] != 0; i = (i + 1) & d->mask) {
		const struct draft_owner *o = slot_owner(d->table[i]);

		if (d->table[i] >> 48 == hash >> 48 && o->hash == hash && o->name_octets == octets
		    && memcmp(o->name, name, octets) == 0)
			break;
	}
	return &d->table[i];
}

static int table_grow(struct zone_draft *d)
{
	uint64_t mask = d->mask * 4 + 3;
	uint64_t *table = base_pages_alloc((mask + 1) * sizeof *table);

	if (table == NULL)
		return -ENOMEM;
	for (const struct draft_owner *o = d->first; o != NULL; o = o->next) {
		uint64_t i = o->hash & mask;

		while (table[i] != 0)
			i = (i + 1) & mask;
		table[i] = slot_value(o);
	}
	base_pages_free(d->table, (d->mask + 1) * sizeof *table);
	d->table = table;
	d->mask = mask;
	return 0;
}

/* The index is always as new as the current version when the writer reads it, so here a miss does mean that there is no such name. */
static const struct zone_node *base_node(const struct zone_draft *d, uint64_t hash, const uint8_t *name, size_t octets)
{
	const struct zone_index *x = d->base == NULL ? d->index : atomic_load_explicit(&d->zone->index, memory_order_relaxed);
	const struct zone_node *n;

	if (x == NULL)
		return NULL;
	for (uint64_t at = 0; (n = zone_index_find(x, hash, &at)) != NULL; at++)
		if (n->name_octets == octets && memcmp(zone_node_name(n), name, octets) == 0)
			return n;
	return NULL;
}

static struct draft_owner *owner_make(struct zone_draft *d, const uint8_t *lower, const uint8_t *spelled, size_t octets, uint64_t hash)
{
	bool is_spelled = memcmp(lower, spelled, octets) != 0;
	struct draft_owner *o = base_arena_alloc(&d->arena, sizeof *o + octets * (is_spelled ? 2 : 1));

	if (o == NULL)
		return NULL;
	memset(o, 0, sizeof *o);
	o->hash = hash;
	o->name_octets = (uint8_t)octets;
	memcpy(o->name, lower, octets);
	o->spelled = o->name;
	if (is_spelled) {
		memcpy(o->name + octets, spelled, octets);
		o->spelled = o->name + octets;
	}
	return o;
}

/* A name that is in the zone keeps the spelling which it came with. */
static int owner_share(struct zone_draft *d, struct draft_owner *o, const struct zone_node *old)
{
	o->old = old;
	o->spelled = zone_node_spelled(old);
	o->nrrsets = old->nentries;
	o->room = (uint16_t)(old->nentries + 2);
	o->rrset = base_arena_alloc(&d->arena, o->room * sizeof *o->rrset);
	if (o->rrset == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < old->nentries; i++) {
		struct zone_rrset r = zone_node_rrset(old, i);

		o->rrset[i] = (struct draft_rrset){ .type = r.type, .ttl = r.ttl, .count = r.count,
		                                    .nbytes = r.nbytes, .packed = r.data };
	}
	return 0;
}

static struct draft_owner *owner_add(struct zone_draft *d, uint64_t *slot, const uint8_t *lower,
                                     const uint8_t *spelled, size_t octets, uint64_t hash)
{
	const struct zone_node *old = base_node(d, hash, lower, octets);
	struct draft_owner *o = owner_make(d, lower, spelled, octets, hash);

	if (o == NULL || (old != NULL && owner_share(d, o, old) < 0))
		return NULL;
	*slot = slot_value(o);
	*d->last = o;
	d->last = &o->next;
	d->nowners++;
	return o;
}

/* ---- nodes ---- */

static int compare_types(const void *a, const void *b)
{
	return (int)((const struct draft_rrset *)a)->type - (int)((const struct draft_rrset *)b)->type;
}

static void node_fill(struct zone_node *n, const struct draft_owner *o)
{
	uint8_t *p = (uint8_t *)zone_node_data(n);

	for (unsigned i = 0; i < o->nrrsets; i++) {
		const struct draft_rrset *r = &o->rrset[i];

		if (r->packed != NULL) {
			memcpy(p, r->packed, r->nbytes);
			p += r->nbytes;
			continue;
		}
		for (uint32_t k = 0; k < r->count; k++) {
			size_t nbytes = 2u + base_load16(r->record[k]);

			memcpy(p, r->record[k], nbytes);
			p += nbytes;
		}
	}
}

static int node_make(struct zone_draft *d, struct draft_owner *o)
{
	struct zone_rrset few[16], *rrset = few;
	struct zone_node_plan plan = { o->name, o->spelled, o->name_octets, o->nrrsets, few };

	if (o->nrrsets > 16) {
		rrset = base_arena_alloc(&d->arena, o->nrrsets * sizeof *rrset);
		if (rrset == NULL)
			return -ENOMEM;
		plan.rrset = rrset;
	}
	if (o->nrrsets > 1)
		qsort(o->rrset, o->nrrsets, sizeof *o->rrset, compare_types);
	for (unsigned i = 0; i < o->nrrsets; i++)
		rrset[i] = (struct zone_rrset){ o->rrset[i].type, o->rrset[i].ttl, o->rrset[i].count,
		                                o->rrset[i].nbytes, NULL };
	o->fresh = zone_node_new(&d->zone->slab, &plan, d->version);
	if (o->fresh == NULL)
		return -ENOMEM;
	node_fill(o->fresh, o);
	return 0;
}

static int owner_seal(struct zone_draft *d, struct draft_owner *o)
{
	struct zone_key key;
	int r = 0;

	/* In a first version the trie frees the old node at once. */
	zone_snapshot_count(d->snapshot, o->old, -1);
	if (o->nrrsets > 0) {
		r = node_make(d, o);
		if (r == 0 && (r = zone_trie_put(&d->edit, o->fresh)) < 0) {
			zone_node_free(&d->zone->slab, o->fresh);
			return r;
		}
	} else if (o->old != NULL) {
		zone_key_make(&key, o->name, o->name_octets);
		r = zone_trie_remove(&d->edit, &key);
	}
	if (r < 0)
		return r;
	zone_snapshot_count(d->snapshot, o->fresh, 1);
	d->names_added += o->old == NULL && o->fresh != NULL;
	return 0;
}

/* Sees to it that the index has room for the names added. A larger one gets all nodes below `root` here. */
static int index_grow(struct zone_draft *d, const struct zone_index *old, zone_link root)
{
	struct zone_index *larger;

	if (old != NULL && zone_index_has_room(old, d->names_added))
		return 0;
	larger = zone_index_larger(d->zone, old, root, d->snapshot->nnames + d->names_added);
	if (larger == NULL)
		return -ENOMEM;
	zone_index_free(d->index);
	d->index = larger;
	return 0;
}

static int version_begin(struct zone_draft *d)
{
	if (d->snapshot != NULL)
		return 0;
	d->snapshot = calloc(1, sizeof *d->snapshot);
	d->garbage = zone_garbage_new();
	if (d->snapshot == NULL || d->garbage == NULL)
		return -ENOMEM;
	if (d->base != NULL)
		*d->snapshot = (struct zone_snapshot){
			.root = d->base->root, .ncuts = d->base->ncuts,
			.nnames = d->base->nnames, .nrecords = d->base->nrecords,
		};
	d->snapshot->zone = d->zone;
	d->edit = (struct zone_trie_edit){ .slab = &d->zone->slab, .version = d->version, .root = d->snapshot->root };
	return 0;
}

static int owners_seal(struct zone_draft *d)
{
	for (struct draft_owner *o = d->first; o != NULL; o = o->next)
		if (o->is_changed && owner_seal(d, o) < 0)
			return -ENOMEM;
	return 0;
}

/* Moves what has been gathered of a first version into its trie and index. An opened name leaves the index before the trie frees its
 * node, whose memory may come up again under another name. */
static int flush(struct zone_draft *d)
{
	if (version_begin(d) < 0)
		return -ENOMEM;
	for (const struct draft_owner *o = d->first; o != NULL; o = o->next)
		if (o->is_changed && o->old != NULL)
			zone_index_replace(d->index, o->hash, o->old, NULL);
	if (owners_seal(d) < 0)
		return -ENOMEM;
	if (d->index == NULL || !zone_index_has_room(d->index, d->nowners)) {
		if (index_grow(d, NULL, d->edit.root) < 0)
			return -ENOMEM;
	} else {
		for (const struct draft_owner *o = d->first; o != NULL; o = o->next)
			if (o->is_changed && o->fresh != NULL)
				zone_index_add(d->index, o->hash, o->fresh);
	}
	owners_forget(d);
	return 0;
}

/* The draft's record of `owner`, made if needed. NULL when memory is short. */
static struct draft_owner *owner_get(struct zone_draft *d, const uint8_t *owner)
{
	uint8_t lower[DNS_NAME_MAX];
	size_t octets = dns_name_lower(lower, owner) - d->zone->name_octets;
	struct draft_owner *o = d->recent;
	uint64_t hash, *slot;

	if (o != NULL && o->name_octets == octets && memcmp(o->name, lower, octets) == 0)
		return o;
	if ((d->base == NULL && d->arena.total > FLUSH_BYTES && flush(d) < 0)
	    || ((d->nowners + 1) * 3 > (d->mask + 1) * 2 && table_grow(d) < 0)) {
		d->is_short = true;
		return NULL;
	}
	hash = zone_hash(d->zone, lower, octets);
	slot = table_slot(d, hash, lower, octets);
	o = *slot != 0 ? slot_owner(*slot) : owner_add(d, slot, lower, owner, octets, hash);
	d->is_short |= o == NULL;
	d->recent = o;
	return o;
}

/* ---- sets ---- */

static struct draft_rrset *rrset_find(const struct draft_owner *o, uint16_t type)
{
	for (unsigned i = 0; i < o->nrrsets; i++)
		if (o->rrset[i].type == type)
			return &o->rrset[i];
	return NULL;
}

static struct draft_rrset *rrset_add(struct zone_draft *d, struct draft_owner *o, uint16_t type)
{
	if (o->nrrsets == o->room) {
		uint16_t room = (uint16_t)(o->room == 0 ? 2 : o->room + o->room / 2 + 1);
		struct draft_rrset *r = base_arena_alloc(&d->arena, room * sizeof *r);

		if (r == NULL)
			return NULL;
		if (o->nrrsets > 0)
			memcpy(r, o->rrset, o->nrrsets * sizeof *r);
		o->rrset = r;
		o->room = room;
	}
	o->rrset[o->nrrsets] = (struct draft_rrset){ .type = type };
	return &o->rrset[o->nrrsets++];
}

static void rrset_drop(struct draft_owner *o, struct draft_rrset *r)
{
	*r = o->rrset[--o->nrrsets];
}

/* Makes room for one more record, opening the set if it is not open. */
static int rrset_open(struct zone_draft *d, struct draft_rrset *r)
{
	uint32_t room = r->count < 2 ? 2 : r->count + r->count / 2;
	const uint8_t **record;

	if (r->room > r->count)
		return 0;
	record = base_arena_alloc(&d->arena, room * sizeof *record);
	if (record == NULL)
		return -ENOMEM;
	if (r->room > 0)
		memcpy(record, r->record, r->count * sizeof *record);
	else
		for (uint32_t i = 0, at = 0; i < r->count; i++) {
			record[i] = r->packed + at;
			at += 2u + base_load16(record[i]);
		}
	r->record = record;
	r->room = room;
	return 0;
}

static int record_compare(const struct draft_rrset *r, uint32_t i, const uint8_t *rdata, size_t nbytes)
{
	return dns_rdata_compare(r->type, r->record[i] + 2, base_load16(r->record[i]), rdata, nbytes);
}

/* Where the record is, or belongs. Records mostly arrive in order, so the end is looked at first. */
static uint32_t record_place(const struct draft_rrset *r, const uint8_t *rdata, size_t nbytes, bool *is_there)
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

static void mark_changed(struct draft_owner *o, struct draft_rrset *r)
{
	o->is_changed = true;
	if (r != NULL) {
		r->is_changed = true;
		r->packed = NULL;
	}
}

int zone_draft_add(struct zone_draft *d, const uint8_t *owner, uint16_t type, uint32_t ttl,
                   const uint8_t *rdata, size_t nbytes)
{
	struct draft_owner *o = owner_get(d, owner);
	struct draft_rrset *r;
	uint8_t *record;
	uint32_t place;
	bool is_there, is_new_ttl;

	if (o == NULL)
		return -ENOMEM;
	r = rrset_find(o, type);
	if ((r == NULL && (r = rrset_add(d, o, type)) == NULL) || rrset_open(d, r) < 0)
		return -ENOMEM;
	place = record_place(r, rdata, nbytes, &is_there);
	is_new_ttl = r->ttl != ttl;
	if (is_there && !is_new_ttl)
		return 0;
	if (!is_there) {
		record = base_arena_alloc(&d->arena, nbytes + 2);
		if (record == NULL)
			return -ENOMEM;
		base_store16(record, (uint16_t)nbytes);
		memcpy(record + 2, rdata, nbytes);
		memmove(r->record + place + 1, r->record + place, (r->count - place) * sizeof *r->record);
		r->record[place] = record;
		r->count++;
		r->nbytes += (uint32_t)nbytes + 2;
	}
	r->ttl = ttl;
	mark_changed(o, r);
	return 1;
}

int zone_draft_remove(struct zone_draft *d, const uint8_t *owner, uint16_t type, const uint8_t *rdata, size_t nbytes)
{
	struct draft_owner *o = owner_get(d, owner);
	struct draft_rrset *r;
	uint32_t place;
	bool is_there;

	if (o == NULL)
		return -ENOMEM;
	r = rrset_find(o, type);
	if (r == NULL)
		return 0;
	if (rrset_open(d, r) < 0)
		return -ENOMEM;
	place = record_place(r, rdata, nbytes, &is_there);
	if (!is_there)
		return 0;
	r->nbytes -= 2u + base_load16(r->record[place]);
	memmove(r->record + place, r->record + place + 1, (r->count - place - 1) * sizeof *r->record);
	r->count--;
	mark_changed(o, r);
	if (r->count == 0)
		rrset_drop(o, r);
	return 1;
}

int zone_draft_remove_rrset(struct zone_draft *d, const uint8_t *owner, uint16_t type)
{
	struct draft_owner *o = owner_get(d, owner);
	struct draft_rrset *r;
	int count;

	if (o == NULL)
		return -ENOMEM;
	r = rrset_find(o, type);
	if (r == NULL)
		return 0;
	count = (int)r->count;
	mark_changed(o, NULL);
	rrset_drop(o, r);
	return count;
}

/* The set's data in one piece. */
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
	r->packed = p;
	for (uint32_t i = 0; i < r->count; i++) {
		size_t n = 2u + base_load16(r->record[i]);

		memcpy(p, r->record[i], n);
		p += n;
	}
	return 0;
}

static bool rrset_view(struct zone_draft *d, struct draft_rrset *r, struct zone_rrset *view)
{
	if (rrset_pack(d, r) < 0)
		return false;
	*view = (struct zone_rrset){ r->type, r->ttl, r->count, r->nbytes, r->packed };
	return true;
}

bool zone_draft_find(struct zone_draft *d, const uint8_t *owner, uint16_t type, struct zone_rrset *rrset)
{
	struct draft_owner *o = owner_get(d, owner);
	struct draft_rrset *r = o == NULL ? NULL : rrset_find(o, type);

	return r != NULL && rrset_view(d, r, rrset);
}

unsigned zone_draft_count(struct zone_draft *d, const uint8_t *owner)
{
	struct draft_owner *o = owner_get(d, owner);

	return o == NULL ? 0 : o->nrrsets;
}

struct zone_rrset zone_draft_at(struct zone_draft *d, const uint8_t *owner, unsigned i)
{
	struct draft_owner *o = owner_get(d, owner);
	struct zone_rrset view = { 0 };

	if (o != NULL && i < o->nrrsets && !rrset_view(d, &o->rrset[i], &view))
		view = (struct zone_rrset){ .type = o->rrset[i].type, .ttl = o->rrset[i].ttl };
	return view;
}

int zone_draft_set_soa(struct zone_draft *d, uint32_t ttl, const uint8_t *rdata, size_t nbytes)
{
	const uint8_t *apex = d->zone->name;
	struct zone_rrset old;
	int r;

	if (zone_draft_find(d, apex, DNS_TYPE_SOA, &old) && old.ttl == ttl && base_load16(old.data) == nbytes
	    && memcmp(old.data + 2, rdata, nbytes) == 0)
		return 0;
	r = zone_draft_remove_rrset(d, apex, DNS_TYPE_SOA);
	if (r >= 0)
		r = zone_draft_add(d, apex, DNS_TYPE_SOA, ttl, rdata, nbytes);
	return r < 0 ? r : 0;
}

bool zone_draft_is_short(const struct zone_draft *d)
{
	return d->is_short;
}

uint32_t zone_draft_serial(struct zone_draft *d)
{
	struct zone_rrset soa;

	if (!zone_draft_find(d, d->zone->name, DNS_TYPE_SOA, &soa))
		return 0;
	return dns_soa_read(soa.data + 2, base_load16(soa.data)).serial;
}

/* ---- sealing: the difference ---- */

static int bytes_add(struct draft_bytes *b, const struct zone_record *record)
{
	size_t need = zone_changeset_octets(record);
	struct base_out o;

	if (b->used + need > b->room) {
		size_t room = b->room == 0 ? 4096 : b->room * 2;
		uint8_t *bytes;

		while (room < b->used + need)
			room *= 2;
		bytes = realloc(b->bytes, room);
		if (bytes == NULL)
			return -ENOMEM;
		b->bytes = bytes;
		b->room = room;
	}
	o = base_out_over(b->bytes + b->used, need);
	zone_changeset_write(&o, record);
	assert(!o.full);
	b->used += need;
	b->nrecords++;
	return 0;
}

/* Writes the records of `rrset` that `other` (NULL: none) does not have. */
static int difference(struct draft_bytes *b, const uint8_t *owner, const struct zone_rrset *rrset, const struct zone_rrset *other)
{
	const uint8_t *at = rrset->data, *other_at = other == NULL ? NULL : other->data;
	struct zone_rdata rdata, against = { NULL, 0 };
	bool has_other = other != NULL && zone_rrset_next(other, &other_at, &against);

	while (zone_rrset_next(rrset, &at, &rdata)) {
		int c = -1;

		while (has_other && (c = dns_rdata_compare(rrset->type, against.bytes, against.nbytes,
		                                           rdata.bytes, rdata.nbytes)) < 0)
			has_other = zone_rrset_next(other, &other_at, &against);
		if (has_other && c == 0 && against.nbytes == rdata.nbytes
		    && memcmp(against.bytes, rdata.bytes, rdata.nbytes) == 0)
			continue;
		struct zone_record record = { owner, rrset->type, rrset->ttl, rdata.bytes, rdata.nbytes };

		if (bytes_add(b, &record) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Writes what changed in one set; `before` or `after` is NULL if there was or is none. */
static int rrset_difference(struct zone_draft *d, const uint8_t *owner, const struct zone_rrset *before, const struct zone_rrset *after)
{
	bool same_ttl = before != NULL && after != NULL && before->ttl == after->ttl;
	int r = 0;

	if (same_ttl && before->data == after->data)
		return 0;
	if (before != NULL)
		r = difference(&d->removed, owner, before, same_ttl ? after : NULL);
	if (after != NULL && r == 0)
		r = difference(&d->added, owner, after, same_ttl ? before : NULL);
	return r;
}

/* Writes what changed in one type of an owner. */
static int type_difference(struct zone_draft *d, struct draft_owner *o, const uint8_t *owner, uint16_t type)
{
	struct zone_rrset before, after;
	bool was = o->old != NULL && zone_node_find(o->old, type, &before);
	struct draft_rrset *r = rrset_find(o, type);

	if (was && r != NULL && !r->is_changed && r->packed == before.data)
		return 0;
	if (r != NULL && !rrset_view(d, r, &after))
		return -ENOMEM;
	return rrset_difference(d, owner, was ? &before : NULL, r != NULL ? &after : NULL);
}

static int owner_difference(struct zone_draft *d, struct draft_owner *o)
{
	uint32_t nbefore = d->removed.nrecords + d->added.nrecords;
	uint8_t owner[DNS_NAME_MAX];
	int r = 0;

	dns_name_join(owner, o->spelled, o->name_octets, d->zone->name);
	for (unsigned i = 0; o->old != NULL && i < o->old->nentries && r == 0; i++)
		if (o->name_octets > 0 || o->old->entry[i].type != DNS_TYPE_SOA)
			r = type_difference(d, o, owner, o->old->entry[i].type);
	for (unsigned i = 0; i < o->nrrsets && r == 0; i++) {
		struct zone_rrset before;

		if (o->old != NULL && zone_node_find(o->old, o->rrset[i].type, &before))
			continue;
		if (o->name_octets > 0 || o->rrset[i].type != DNS_TYPE_SOA)
			r = type_difference(d, o, owner, o->rrset[i].type);
	}
	if (nbefore == d->removed.nrecords + d->added.nrecords)
		o->is_changed = false;
	return r;
}

static bool soa_is_changed(struct zone_draft *d, const struct zone_rrset *soa)
{
	const struct zone_rrset *old = &d->base->soa;

	return soa->ttl != old->ttl || soa->nbytes != old->nbytes || memcmp(soa->data, old->data, soa->nbytes) != 0;
}

/* RFC 2136 section 3.6: the serial moves with the data; RFC 1982 says what newer means. */
static int raise_serial(struct zone_draft *d)
{
	uint32_t serial = d->base->soa_fields.serial + 1;
	uint8_t rdata[2 * DNS_NAME_MAX + 20];
	struct zone_rrset soa;
	size_t nbytes;

	if (!zone_draft_find(d, d->zone->name, DNS_TYPE_SOA, &soa))
		return -ENOMEM;
	nbytes = base_load16(soa.data);
	if (dns_serial_is_newer(dns_soa_read(soa.data + 2, nbytes).serial, d->base->soa_fields.serial))
		return 0;
	memcpy(rdata, soa.data + 2, nbytes);
	dns_soa_set_serial(rdata, nbytes, serial == 0 ? 1 : serial);
	return zone_draft_set_soa(d, soa.ttl, rdata, nbytes);
}

static int soa_record(struct draft_bytes *b, const uint8_t *owner, const struct zone_rrset *soa)
{
	struct zone_record record = { owner, DNS_TYPE_SOA, soa->ttl, soa->data + 2, base_load16(soa->data) };

	return bytes_add(b, &record);
}

/* Writes the differences of all owners behind the two SOAs (RFC 1995 section 4: the SOA is first). The space of the SOAs is taken first and
 * filled last, since whether the serial moves depends on the rest. Returns 1 if anything differs. */
static int write_difference(struct zone_draft *d)
{
	struct draft_owner *apex = owner_get(d, d->zone->name);
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

/* Moves the SOA that was written last to the front. */
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

static int stamps_grow(struct zone_draft *d, const struct zone_stamps *old)
{
	if (old != NULL && (old->mask + 1 >= d->snapshot->nnames / 16 || old->mask + 1 >= 1 << 19))
		return 0;
	d->stamps = zone_stamps_new(d->snapshot->nnames);
	if (d->stamps == NULL)
		return -ENOMEM;
	/* What changed when is not known of the new buckets: all of them now. */
	for (uint64_t i = 0; i <= d->stamps->mask; i++)
		atomic_init(&d->stamps->version[i], d->version);
	return 0;
}

static int version_make(struct zone_draft *d)
{
	struct zone *z = d->zone;
	int r;

	if (version_begin(d) < 0)
		return -ENOMEM;
	if (d->base == NULL)
		r = flush(d);
	else if ((r = owners_seal(d)) == 0)
		r = index_grow(d, atomic_load_explicit(&z->index, memory_order_relaxed), d->base->root);
	if (r < 0 || stamps_grow(d, atomic_load_explicit(&z->stamps, memory_order_relaxed)) < 0)
		return -ENOMEM;
	d->snapshot->root = d->edit.root;
	d->snapshot->version = d->version;
	zone_snapshot_fill(d->snapshot);
	return 0;
}

static int changes_finish(struct zone_draft *d, struct zone_changeset *changes)
{
	struct zone_rrset soa = d->snapshot->soa;

	if (soa_to_front(&d->removed, d->zone->name, &d->base->soa) < 0
	    || soa_to_front(&d->added, d->zone->name, &soa) < 0)
		return -ENOMEM;
	*changes = (struct zone_changeset){
		.from = d->base->soa_fields.serial, .to = d->snapshot->soa_fields.serial,
		.removed = d->removed.bytes, .nremoved_bytes = d->removed.used, .nremoved = d->removed.nrecords,
		.added = d->added.bytes, .nadded_bytes = d->added.used, .nadded = d->added.nrecords,
	};
	return 0;
}

int zone_draft_seal(struct zone_draft *d, struct zone_changeset *changes)
{
	int r = 1;

	/* A first version is all new: its changeset would be the whole zone, and nobody asks for it. */
	assert(d->base != NULL || changes == NULL);
	if (d->is_short)
		return -ENOMEM;
	if (d->base != NULL)
		r = write_difference(d);
	if (r <= 0)
		return r;
	if (version_make(d) < 0)
		return -ENOMEM;
	if (changes != NULL && changes_finish(d, changes) < 0)
		return -ENOMEM;
	return 1;
}

static void publish_owner(struct zone_draft *d, const struct draft_owner *o, struct zone_index *x, struct zone_stamps *t)
{
	if (o->old != NULL)
		zone_index_replace(x, o->hash, o->old, o->fresh);
	else if (o->fresh != NULL)
		zone_index_add(x, o->hash, o->fresh);
	atomic_store_explicit(&t->version[o->hash & t->mask], d->version, memory_order_release);
}

void zone_draft_publish(struct zone_draft *d)
{
	struct zone *z = d->zone;
	struct zone_index *old_index = NULL, *x = atomic_load_explicit(&z->index, memory_order_relaxed);
	struct zone_stamps *old_stamps = NULL, *t = atomic_load_explicit(&z->stamps, memory_order_relaxed);

	if (d->index != NULL) {
		old_index = x;
		x = d->index;
	}
	if (d->stamps != NULL) {
		old_stamps = t;
		t = d->stamps;
	}
	for (const struct draft_owner *o = d->first; o != NULL; o = o->next)
		if (o->is_changed)
			publish_owner(d, o, x, t);
	atomic_store_explicit(&z->index, x, memory_order_release);
	atomic_store_explicit(&z->stamps, t, memory_order_release);
	atomic_store_explicit(&z->current, d->snapshot, memory_order_release);
	if (d->base != NULL)
		zone_garbage_hand(z, d->garbage, d->version, d->edit.retired, d->edit.nretired,
		                  (struct zone_snapshot *)d->base, old_index, old_stamps);
	else
		zone_garbage_free(d->garbage);
	d->edit.retired = NULL;
	draft_end(d);
	zone_reclaim(z);
}
