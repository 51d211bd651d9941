/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The heap is lazy: a refresh only moves the lease's end; when the place in the heap comes up, the lease is put back to where it then
 * belongs. So a refresh costs no more than the look-ups that show it to be one. */
#include "registry/lease.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/hash.h"
#include "base/rcu.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "registry/message.h"
#include "zone/draft.h"
#include "zone/zone.h"

/* With more services in one update than this, each name has a lease of its own records alone. */
enum { SERVICES_MAX = 64, NOTE_VERSION = 1 };

static void content_free(void *content)
{
	free(content);
}

int registry_leases_init(struct registry_leases *l, uint64_t seed)
{
	int ret;

	memset(l, 0, sizeof *l);
	ret = registry_table_init(&l->table, sizeof(struct registry_lease), seed, content_free, base_rcu_defer);
	if (ret == 0)
		ret = registry_refreshes_init(&l->refreshes, seed);
	return ret == 0 ? registry_holds_init(&l->holds) : ret;
}

void registry_leases_fini(struct registry_leases *l)
{
	registry_table_fini(&l->table);
	registry_refreshes_fini(&l->refreshes);
	registry_holds_fini(&l->holds);
	free(l->heap);
	free(l->dirty);
	free(l->items);
	free(l->sorted);
	free(l->scratch);
}

static uint32_t between(uint32_t value, uint32_t least, uint32_t most)
{
	return value < least ? least : value > most ? most : value;
}

struct registry_lease_terms registry_lease_grant(const struct registry_lease_rule *rule, const struct registry_lease_terms *asked)
{
	struct registry_lease_terms t = *asked;

	if (!asked->is_present) {
		t.lease_s = t.key_lease_s = rule->default_s;
		return t;
	}
	t.lease_s = between(asked->lease_s, rule->minimum_s, rule->maximum_s);
	/* The name is kept no shorter than what is at it. */
	t.key_lease_s = asked->has_key ? between(asked->key_lease_s, t.lease_s, rule->key_maximum_s) : t.lease_s;
	if (t.key_lease_s < t.lease_s)
		t.key_lease_s = t.lease_s;
	return t;
}

/* ---- the heap ---- */

static void heap_put(struct registry_leases *l, size_t place, struct registry_lease *lease)
{
	l->heap[place] = lease;
	lease->heap_place = (uint32_t)place;
}

static void heap_up(struct registry_leases *l, size_t place, struct registry_lease *lease)
{
	for (; place > 0 && l->heap[(place - 1) / 2]->heap_ms > lease->heap_ms; place = (place - 1) / 2)
		heap_put(l, place, l->heap[(place - 1) / 2]);
	heap_put(l, place, lease);
}

static void heap_down(struct registry_leases *l, size_t place, struct registry_lease *lease)
{
	for (size_t child; (child = place * 2 + 1) < l->nheap; place = child) {
		if (child + 1 < l->nheap && l->heap[child + 1]->heap_ms < l->heap[child]->heap_ms)
			child++;
		if (l->heap[child]->heap_ms >= lease->heap_ms)
			break;
		heap_put(l, place, l->heap[child]);
	}
	heap_put(l, place, lease);
}

static void heap_remove(struct registry_leases *l, struct registry_lease *lease)
{
	size_t place = lease->heap_place;
	struct registry_lease *last;

	if (place == REGISTRY_NOWHERE)
		return;
	lease->heap_place = REGISTRY_NOWHERE;
	last = l->heap[--l->nheap];
	if (last == lease)
		return;
	heap_down(l, place, last);
	if (last->heap_place == place)
		heap_up(l, place, last);
}

int registry_leases_again(struct registry_leases *l, struct registry_lease *lease, uint64_t at_ms)
{
	struct registry_lease **heap;

	if (lease->heap_place != REGISTRY_NOWHERE && at_ms >= lease->heap_ms)
		return 0;
	heap_remove(l, lease);
	heap = base_grow(l->heap, l->nheap, &l->heap_room, sizeof(struct registry_lease *));
	if (heap == NULL)
		return -ENOMEM;
	l->heap = heap;
	lease->heap_ms = at_ms;
	heap_up(l, l->nheap++, lease);
	return 0;
}

uint64_t registry_leases_next(const struct registry_leases *l)
{
	return l->nheap == 0 ? UINT64_MAX : l->heap[0]->heap_ms;
}

static uint64_t expires_of(const struct registry_lease *lease)
{
	return atomic_load_explicit(&lease->expires_ms, memory_order_acquire);
}

/* Takes the end of a lease from the workers, if it is `before` still. */
static bool seize(struct registry_lease *lease, uint64_t before)
{
	if (!atomic_compare_exchange_strong_explicit(&lease->expires_ms, &before, REGISTRY_LEASE_ENDED, memory_order_acq_rel,
	                                             memory_order_relaxed))
		return false;
	lease->ended_ms = before;
	return true;
}

/* Gives it back to them. */
static void revive(struct registry_lease *lease)
{
	if (expires_of(lease) == REGISTRY_LEASE_ENDED)
		atomic_store_explicit(&lease->expires_ms, lease->ended_ms, memory_order_release);
}

struct registry_lease *registry_leases_due(struct registry_leases *l, uint64_t now_ms)
{
	while (l->nheap > 0 && l->heap[0]->heap_ms <= now_ms) {
		struct registry_lease *lease = l->heap[0];
		uint64_t expires_ms = expires_of(lease);

		if (expires_ms <= now_ms && seize(lease, expires_ms)) {
			heap_remove(l, lease);
			return lease;
		}
		lease->heap_ms = expires_of(lease);
		heap_down(l, 0, lease);
	}
	return NULL;
}

int registry_leases_put_back(struct registry_leases *l, struct registry_lease *lease)
{
	revive(lease);
	return registry_leases_again(l, lease, expires_of(lease));
}

/* ---- what a lease holds ---- */

static const struct registry_lease_content *content_of(const struct registry_lease *lease)
{
	return lease->entry.content;
}

static struct base_buf records_of(const struct registry_lease_content *c)
{
	return base_buf_over(c->bytes + c->nholder, c->nbytes);
}

static uint64_t record_hash(const struct registry_leases *l, const uint8_t *owner, uint16_t type, const uint8_t *rdata, size_t nbytes)
{
	uint8_t name[DNS_NAME_MAX];
	size_t n = dns_name_lower(name, owner);

	return base_hash(name, n, l->table.seed ^ type) ^ dns_rdata_hash(type, rdata, nbytes, l->table.seed + type);
}

static bool is_in(struct zone_draft *draft, const uint8_t *owner, uint16_t type, const uint8_t *rdata, size_t nbytes)
{
	struct zone_rrset rrset;
	struct zone_rdata one;
	const uint8_t *at;

	if (!zone_draft_find(draft, owner, type, &rrset))
		return false;
	at = rrset.data;
	while (zone_rrset_next(&rrset, &at, &one))
		if (dns_rdata_compare(type, rdata, nbytes, one.bytes, one.nbytes) == 0)
			return true;
	return false;
}

/* ---- an update's records, by the leases that they belong to ---- */

struct registry_lease_item {
	const struct registry_record *record;
	const uint8_t *name;            /* of the lease; NULL: all services of the update share the record */
	uint64_t hash;
	uint8_t number;
};

static int compare_items(const void *left, const void *right)
{
	const struct registry_lease_item *a = *(struct registry_lease_item *const *)left;
	const struct registry_lease_item *b = *(struct registry_lease_item *const *)right;
	int d;

	if (a->name == NULL || b->name == NULL)
		return (a->name != NULL) - (b->name != NULL);
	d = dns_name_compare(a->name, b->name);
	return d != 0 ? d : (int)a->number - (int)b->number;
}

static bool is_add(const struct registry_record *r)
{
	return r->rrclass == DNS_CLASS_IN && r->type != DNS_TYPE_SOA;
}

/* A PTR of DNS-SD belongs to the instance that it points to: its owner, the service type, is everybody's (RFC 6763 section 4.1). */
static const uint8_t *name_of(const struct registry_record *r)
{
	return r->type == DNS_TYPE_PTR && r->owner[0] > 0 && r->owner[1] == '_' ? r->rdata : r->owner;
}

struct services {
	const uint8_t *name[SERVICES_MAX];
	size_t count;
	bool are_too_many;
};

static bool is_service(const struct services *s, const uint8_t *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (dns_name_equal(s->name[i], name))
			return true;
	return false;
}

static void services_find(struct services *s, const struct registry_record *records, size_t nrecords)
{
	s->count = 0;
	s->are_too_many = false;
	for (size_t i = 0; i < nrecords && !s->are_too_many; i++) {
		if (!is_add(&records[i]) || records[i].type != DNS_TYPE_SRV || is_service(s, records[i].owner))
			continue;
		s->are_too_many = s->count == SERVICES_MAX;
		if (!s->are_too_many)
			s->name[s->count++] = records[i].owner;
	}
	if (s->are_too_many)
		s->count = 0;
}

static int items_make_room(struct registry_leases *l, size_t n)
{
	if (n <= l->items_room)
		return 0;
	free(l->items);
	free(l->sorted);
	l->items = malloc(n * sizeof *l->items);
	l->sorted = malloc(n * sizeof(struct registry_lease_item *));
	l->items_room = l->items == NULL || l->sorted == NULL ? 0 : n;
	return l->items_room == 0 ? -ENOMEM : 0;
}

/* Makes an item of each added record, sorted by lease, the shared ones first. Returns how many, or -ENOMEM. */
static ssize_t items_make(struct registry_leases *l, const struct registry_record *records, size_t nrecords, bool has_key)
{
	struct services services;
	size_t n = 0;

	if (items_make_room(l, nrecords + 1) < 0)
		return -ENOMEM;
	services_find(&services, records, nrecords);
	for (size_t i = 0; i < nrecords; i++) {
		const struct registry_record *r = &records[i];
		bool is_key = has_key && r->type == DNS_TYPE_KEY;

		if (!is_add(r))
			continue;
		l->items[n] = (struct registry_lease_item){
			.record = r,
			.name = is_key ? r->owner : name_of(r),
			.hash = record_hash(l, r->owner, r->type, r->rdata, r->nbytes),
			.number = is_key ? REGISTRY_LEASE_NAME : REGISTRY_LEASE_RECORDS,
		};
		if (services.count > 0 && !is_key && r->type != DNS_TYPE_PTR && !is_service(&services, r->owner))
			l->items[n].name = NULL;
		l->sorted[n] = &l->items[n];
		n++;
	}
	qsort(l->sorted, n, sizeof *l->sorted, compare_items);
	return (ssize_t)n;
}

/* ---- contents ---- */

static int scratch_make_room(struct registry_leases *l, size_t n)
{
	uint8_t *more;

	if (n <= l->scratch_room)
		return 0;
	more = realloc(l->scratch, n * 2);
	if (more == NULL)
		return -ENOMEM;
	l->scratch = more;
	l->scratch_room = n * 2;
	return 0;
}

static int scratch_add(struct registry_leases *l, size_t *used, const struct zone_record *record)
{
	struct base_out o;
	size_t n = zone_changeset_octets(record);

	if (scratch_make_room(l, *used + n) < 0)
		return -ENOMEM;
	o = base_out_over(l->scratch + *used, n);
	zone_changeset_write(&o, record);
	*used += n;
	return 0;
}

static struct registry_lease_content *content_new(const uint8_t *key, uint32_t granted_s, const uint8_t *records, size_t nbytes,
                                                  uint32_t nrecords)
{
	size_t nholder = key == NULL ? 0 : dns_name_length(key);
	struct registry_lease_content *c = malloc(sizeof *c + nholder + nbytes);

	if (c == NULL)
		return NULL;
	c->granted_s = granted_s;
	c->nrecords = nrecords;
	c->nbytes = (uint32_t)nbytes;
	c->nholder = (uint8_t)nholder;
	if (nholder > 0)
		dns_name_lower(c->bytes, key);
	if (nbytes > 0)
		memcpy(c->bytes + nholder, records, nbytes);
	return c;
}

/* ---- records that are leased no more ---- */

/* Takes the record out of what the lease says, so that a restart does not bring it back. */
static int take_out(struct registry_leases *l, struct registry_lease *lease, uint64_t hash)
{
	const struct registry_lease_content *c = content_of(lease);
	struct base_buf b = records_of(c);
	struct registry_lease_content *next;
	struct zone_record r;
	uint32_t count = 0;
	size_t used = 0;

	if (registry_holds_drop(&l->holds, hash, lease->entry.hash) < 0)
		return -ENOMEM;
	while (zone_changeset_next(&b, &r)) {
		if (record_hash(l, r.owner, r.type, r.rdata, r.nbytes) == hash)
			continue;
		if (scratch_add(l, &used, &r) < 0)
			return -ENOMEM;
		count++;
	}
	if (count == 0 && registry_entry_number(&lease->entry) == REGISTRY_LEASE_RECORDS)
		return registry_table_put(&l->table, &lease->entry, NULL);
	/* The next refresh leases it again. */
	registry_refresh_forget(&l->refreshes, lease);
	next = content_new(c->nholder == 0 ? NULL : c->bytes, c->granted_s, l->scratch, used, count);
	return next == NULL ? -ENOMEM : registry_table_put(&l->table, &lease->entry, next);
}

/* The same for the lease of that name, if it holds the record. */
static int take_out_of(struct registry_leases *l, const uint8_t *zone, const uint8_t *name, uint8_t number, uint64_t hash)
{
	struct registry_lease *lease = registry_leases_find(l, zone, name, number);

	if (lease == NULL || !registry_holds_has(&l->holds, hash, lease->entry.hash))
		return 0;
	return take_out(l, lease, hash);
}

/* Most records are held by the lease that is named after them; who else holds one is looked for only when somebody does. */
int registry_leases_release(struct registry_leases *l, const uint8_t *zone, const struct zone_record *r)
{
	struct registry_entry *e = NULL;
	uint64_t hash;
	int ret;

	if (l->holds.used == 0)
		return 0;
	hash = record_hash(l, r->owner, r->type, r->rdata, r->nbytes);
	if (registry_holds_count(&l->holds, hash) == 0)
		return 0;
	ret = take_out_of(l, zone, r->owner, r->type == DNS_TYPE_KEY ? REGISTRY_LEASE_NAME : REGISTRY_LEASE_RECORDS, hash);
	if (ret == 0 && r->type == DNS_TYPE_PTR)
		ret = take_out_of(l, zone, r->rdata, REGISTRY_LEASE_RECORDS, hash);
	while (ret == 0 && registry_holds_count(&l->holds, hash) > 0 && (e = registry_table_next(&l->table, e)) != NULL)
		if (registry_holds_has(&l->holds, hash, e->hash))
			ret = take_out(l, (struct registry_lease *)e, hash);
	return ret;
}

static int release_adds(struct registry_leases *l, const uint8_t *zone, const struct registry_record *records, size_t nrecords)
{
	int ret = 0;

	for (size_t i = 0; i < nrecords && ret == 0; i++) {
		const struct registry_record *r = &records[i];

		if (is_add(r))
			ret = registry_leases_release(l, zone, &(struct zone_record){ r->owner, r->type, r->ttl, r->rdata, r->nbytes });
	}
	return ret;
}

static int release_part(struct registry_leases *l, const uint8_t *zone, const uint8_t *bytes, size_t nbytes)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	struct zone_record r;
	int ret = 0;

	while (ret == 0 && zone_changeset_next(&b, &r))
		ret = registry_leases_release(l, zone, &r);
	return ret;
}

int registry_leases_release_all(struct registry_leases *l, const uint8_t *zone, const struct zone_changeset *changes)
{
	int ret = release_part(l, zone, changes->removed, changes->nremoved_bytes);

	return ret == 0 ? release_part(l, zone, changes->added, changes->nadded_bytes) : ret;
}

/* ---- making and moving ---- */

/* What one lease gets from an update. */
struct grant {
	struct registry_leases *l;
	struct zone_draft *draft;
	const uint8_t *key;             /* NULL: unsigned */
	struct registry_lease_item **own, **shared;
	size_t nown, nshared;
	uint32_t granted_s;
	uint64_t now_ms;
	bool is_changed;
};

static const struct registry_lease_item *item_at(const struct grant *g, size_t i)
{
	return i < g->nown ? g->own[i] : g->shared[i - g->nown];
}

static bool has_item(const struct grant *g, uint64_t hash)
{
	for (size_t i = 0; i < g->nown + g->nshared; i++)
		if (item_at(g, i)->hash == hash)
			return true;
	return false;
}

static bool is_holder(const struct registry_lease_content *c, const uint8_t *key)
{
	return key == NULL ? c->nholder == 0 : c->nholder > 0 && dns_name_equal(c->bytes, key);
}

/* Whether the update says again what the lease says already. */
static bool is_refresh(const struct grant *g, const struct registry_lease *lease)
{
	const struct registry_lease_content *c = content_of(lease);

	if (g->is_changed || c == NULL || c->granted_s != g->granted_s || !is_holder(c, g->key))
		return false;
	for (size_t i = 0; i < g->nown + g->nshared; i++)
		if (!registry_holds_has(&g->l->holds, item_at(g, i)->hash, lease->entry.hash))
			return false;
	return true;
}

static int set_time(struct registry_leases *l, struct registry_lease *lease, uint64_t expires_ms, uint64_t now_ms)
{
	atomic_store_explicit(&lease->expires_ms, expires_ms, memory_order_release);
	atomic_store_explicit(&lease->stamp_ms, now_ms, memory_order_relaxed);
	return registry_leases_again(l, lease, expires_ms);
}

static int mark_dirty(struct registry_leases *l, struct registry_lease *lease)
{
	struct registry_lease **dirty;

	if (lease->dirty_place != REGISTRY_NOWHERE)
		return 0;
	dirty = base_grow(l->dirty, l->ndirty, &l->dirty_room, sizeof(struct registry_lease *));
	if (dirty == NULL)
		return -ENOMEM;
	l->dirty = dirty;
	lease->dirty_place = (uint32_t)l->ndirty;
	l->dirty[l->ndirty++] = lease;
	return 0;
}

static void unmark_dirty(struct registry_leases *l, struct registry_lease *lease)
{
	struct registry_lease *last;

	if (lease->dirty_place == REGISTRY_NOWHERE)
		return;
	last = l->dirty[--l->ndirty];
	l->dirty[lease->dirty_place] = last;
	last->dirty_place = lease->dirty_place;
	lease->dirty_place = REGISTRY_NOWHERE;
}

/* Records that the lease held before, are still there, and are not said again. */
static int keep_old(struct grant *g, struct registry_lease *lease, size_t *used, uint32_t *count)
{
	struct registry_leases *l = g->l;
	struct zone_record r;
	struct base_buf b;
	int ret = 0;

	if (content_of(lease) == NULL)
		return 0;
	b = records_of(content_of(lease));
	while (ret == 0 && zone_changeset_next(&b, &r)) {
		uint64_t hash = record_hash(l, r.owner, r.type, r.rdata, r.nbytes);

		if (has_item(g, hash))
			continue;
		if (!registry_holds_has(&l->holds, hash, lease->entry.hash)
		    || !is_in(g->draft, r.owner, r.type, r.rdata, r.nbytes)) {
			ret = registry_holds_drop(&l->holds, hash, lease->entry.hash);
			continue;
		}
		ret = scratch_add(l, used, &r);
		++*count;
	}
	return ret;
}

/* Records of the update. What was added without effect (beside a CNAME) is not there, and not held. */
static int add_new(struct grant *g, struct registry_lease *lease, size_t *used, uint32_t *count)
{
	for (size_t i = 0; i < g->nown + g->nshared; i++) {
		const struct registry_lease_item *item = item_at(g, i);
		const struct registry_record *r = item->record;
		struct zone_record record = { r->owner, r->type, r->ttl, r->rdata, r->nbytes };

		if (r->nadded == 0 && !is_in(g->draft, r->owner, r->type, r->rdata, r->nbytes)) {
			if (registry_holds_drop(&g->l->holds, item->hash, lease->entry.hash) < 0)
				return -ENOMEM;
			continue;
		}
		if (scratch_add(g->l, used, &record) < 0 || registry_holds_add(&g->l->holds, item->hash, lease->entry.hash) < 0)
			return -ENOMEM;
		++*count;
	}
	return 0;
}

static struct registry_lease *lease_take(struct registry_leases *l, const struct registry_key *key, struct zone *zone)
{
	struct registry_lease *lease = (struct registry_lease *)registry_table_take(&l->table, key);

	if (lease != NULL && lease->entry.content == NULL && !lease->entry.is_changed)
		lease->heap_place = lease->dirty_place = REGISTRY_NOWHERE;
	if (lease != NULL)
		lease->zone = zone;
	return lease;
}

static int make_or_change(struct grant *g, struct registry_lease *lease)
{
	struct registry_leases *l = g->l;
	struct registry_lease_content *c;
	uint32_t count = 0;
	size_t used = 0;
	int ret = keep_old(g, lease, &used, &count);

	if (ret == 0)
		ret = add_new(g, lease, &used, &count);
	if (ret < 0)
		return ret;
	/* A name can be kept without a record, a registration cannot. */
	if (count == 0 && registry_entry_number(&lease->entry) == REGISTRY_LEASE_RECORDS)
		return registry_table_put(&l->table, &lease->entry, NULL);
	if (lease->before_ms == 0) {
		lease->before_ms = expires_of(lease);
		lease->before_stamp_ms = lease->stamp_ms;
	}
	c = content_new(g->key, g->granted_s, l->scratch, used, count);
	if (c == NULL || registry_table_put(&l->table, &lease->entry, c) < 0)
		return -ENOMEM;
	unmark_dirty(l, lease);
	registry_refresh_forget(&l->refreshes, lease);
	l->stats.granted++;
	return set_time(l, lease, g->now_ms + g->granted_s * 1000ull, g->now_ms);
}

static int grant_one(struct grant *g, const uint8_t *name, uint8_t number)
{
	struct registry_leases *l = g->l;
	struct zone *zone = zone_draft_zone(g->draft);
	struct registry_lease *lease;
	struct registry_key key;

	registry_table_key(&l->table, &key, zone_name(zone), name, number);
	lease = lease_take(l, &key, zone);
	if (lease == NULL)
		return -ENOMEM;
	if (l->ntouched < REGISTRY_REFRESH_LEASES_MAX)
		l->touched[l->ntouched] = lease;
	l->ntouched++;
	if (!is_refresh(g, lease)) {
		l->is_refresh = false;
		return make_or_change(g, lease);
	}
	l->stats.refreshed++;
	if (set_time(l, lease, g->now_ms + g->granted_s * 1000ull, g->now_ms) < 0)
		return -ENOMEM;
	return mark_dirty(l, lease);
}

/* One lease, or also the one of its name: in the 8-byte form, and where there is one of that form already, for the 4-byte form says the same
 * of both (RFC 9664 section 4.3). */
static int grant_group(struct grant *g, const struct registry_lease_terms *granted)
{
	const struct registry_lease_item *first = g->own[0];
	const uint8_t *zone = zone_name(zone_draft_zone(g->draft));
	int ret;

	g->granted_s = first->number == REGISTRY_LEASE_NAME ? granted->key_lease_s : granted->lease_s;
	if (first->number == REGISTRY_LEASE_NAME)
		g->nshared = 0;
	ret = grant_one(g, first->name, first->number);
	if (ret < 0 || first->number == REGISTRY_LEASE_NAME
	    || (!granted->has_key && registry_leases_find(g->l, zone, first->name, REGISTRY_LEASE_NAME) == NULL))
		return ret;
	g->nown = g->nshared = 0;
	g->granted_s = granted->key_lease_s;
	return grant_one(g, first->name, REGISTRY_LEASE_NAME);
}

int registry_leases_update(struct registry_leases *l, struct zone_draft *draft, const struct registry_record *records, size_t nrecords,
                           const uint8_t *key, const struct registry_lease_terms *granted, bool is_changed, uint64_t now_ms)
{
	struct grant g = { .l = l, .draft = draft, .key = key, .now_ms = now_ms, .is_changed = is_changed };
	size_t nshared = 0, end;
	ssize_t n;
	int ret = 0;

	l->ntouched = 0;
	l->is_refresh = true;
	if (granted->lease_s == 0)
		return release_adds(l, zone_name(zone_draft_zone(draft)), records, nrecords);
	n = items_make(l, records, nrecords, granted->has_key);
	if (n < 0)
		return -ENOMEM;
	while (nshared < (size_t)n && l->sorted[nshared]->name == NULL)
		nshared++;
	for (size_t i = nshared; i < (size_t)n && ret == 0; i = end) {
		for (end = i + 1; end < (size_t)n && compare_items(&l->sorted[i], &l->sorted[end]) == 0;)
			end++;
		g.own = &l->sorted[i];
		g.nown = end - i;
		g.shared = l->sorted;
		g.nshared = nshared;
		ret = grant_group(&g, granted);
	}
	return ret;
}

struct registry_lease *registry_leases_find(const struct registry_leases *l, const uint8_t *zone, const uint8_t *name, uint8_t number)
{
	struct registry_key key;
	struct registry_entry *e;

	registry_table_key(&l->table, &key, zone, name, number);
	e = registry_table_find(&l->table, &key);
	return e == NULL || e->content == NULL ? NULL : (struct registry_lease *)e;
}

struct registry_refresh *registry_leases_refresh(const struct registry_leases *l, struct zone *zone, const struct registry_policy *policy,
                                                 const struct registry_fingerprint *print, const struct registry_record *records,
                                                 size_t nrecords, const struct registry_lease_terms *granted)
{
	if (!l->is_refresh || l->ntouched > REGISTRY_REFRESH_LEASES_MAX)
		return NULL;
	return registry_refresh_new(zone, policy, print, records, nrecords, l->touched, l->ntouched, granted);
}

int registry_leases_collect(struct registry_leases *l)
{
	struct base_queue_link *link = base_queue_take(&l->refreshes.moved), *next;
	int ret = 0;

	for (; link != NULL; link = next) {
		struct registry_lease *lease =
			(struct registry_lease *)registry_table_find_hash(&l->table, ((struct registry_moved *)link)->lease);

		next = link->next;
		free(link);
		/* It may have ended since. What there is no memory to write down is only not written down. */
		if (lease == NULL || lease->entry.content == NULL || lease->zone == NULL)
			continue;
		if (mark_dirty(l, lease) < 0 || registry_leases_again(l, lease, expires_of(lease)) < 0)
			ret = -ENOMEM;
	}
	return ret;
}

int registry_leases_extend(struct registry_leases *l, struct registry_lease *lease, uint32_t left_s, uint64_t now_ms)
{
	int ret = set_time(l, lease, now_ms + left_s * 1000ull, now_ms);

	return ret == 0 ? mark_dirty(l, lease) : ret;
}

void registry_leases_stop(struct registry_leases *l, struct registry_lease *lease)
{
	heap_remove(l, lease);
	lease->zone = NULL;
}

/* ---- ending ---- */

/* Removes what the lease alone holds. */
static int end_records(struct registry_leases *l, const struct registry_lease *lease, struct zone_draft *draft)
{
	struct base_buf b = records_of(content_of(lease));
	struct zone_record r;
	int nremoved = 0;

	while (zone_changeset_next(&b, &r)) {
		uint64_t hash = record_hash(l, r.owner, r.type, r.rdata, r.nbytes);
		bool was_held = registry_holds_has(&l->holds, hash, lease->entry.hash);
		int n;

		if (registry_holds_drop(&l->holds, hash, lease->entry.hash) < 0)
			return -ENOMEM;
		if (!was_held || registry_holds_count(&l->holds, hash) > 0)
			continue;
		n = zone_draft_remove(draft, r.owner, r.type, r.rdata, r.nbytes);
		if (n < 0)
			return n;
		nremoved += n;
	}
	return nremoved;
}

int registry_leases_end(struct registry_leases *l, struct registry_lease *lease, struct zone_draft *draft)
{
	int n;

	while (expires_of(lease) != REGISTRY_LEASE_ENDED && !seize(lease, expires_of(lease)))
		;
	n = end_records(l, lease, draft);
	if (n >= 0 && registry_table_put(&l->table, &lease->entry, NULL) < 0)
		n = -ENOMEM;
	if (n < 0)
		revive(lease);
	return n;
}

/* An entry that is about to go is in no list; one that came back is in the heap. */
static void on_end(void *arg, struct registry_entry *e)
{
	struct registry_leases *l = arg;
	struct registry_lease *lease = (struct registry_lease *)e;

	if (e->content == NULL) {
		heap_remove(l, lease);
		unmark_dirty(l, lease);
		registry_refresh_forget(&l->refreshes, lease);
	} else if (lease->zone != NULL) {
		/* There was room for it before. */
		registry_leases_put_back(l, lease);
	}
}

static void on_commit(void *arg, struct registry_entry *e)
{
	struct registry_lease *lease = (struct registry_lease *)e;

	lease->before_ms = 0;
	atomic_store_explicit(&lease->noted_ms, 0, memory_order_relaxed);
	on_end(arg, e);
}

static void on_undo(void *arg, struct registry_entry *e)
{
	struct registry_lease *lease = (struct registry_lease *)e;

	if (lease->before_ms != 0) {
		atomic_store_explicit(&lease->expires_ms, lease->before_ms, memory_order_release);
		atomic_store_explicit(&lease->stamp_ms, lease->before_stamp_ms, memory_order_relaxed);
		lease->before_ms = 0;
	}
	on_end(arg, e);
}

void registry_leases_commit(struct registry_leases *l)
{
	registry_holds_commit(&l->holds);
	registry_table_commit(&l->table, on_commit, l);
}

void registry_leases_undo(struct registry_leases *l)
{
	registry_holds_undo(&l->holds);
	registry_table_undo(&l->table, on_undo, l);
}

/* ---- on disk ---- */

size_t registry_lease_note_size(const struct registry_lease *lease)
{
	const struct registry_lease_content *c = content_of(lease);

	return 1 + 8 + 8 + 4 + 4 + 1 + (size_t)c->nholder + c->nbytes;
}

size_t registry_lease_note_write(const struct registry_lease *lease, uint8_t *out)
{
	const struct registry_lease_content *c = content_of(lease);
	struct base_out o = base_out_over(out, registry_lease_note_size(lease));

	base_out_u8(&o, NOTE_VERSION);
	base_out_u64(&o, lease->stamp_ms);
	base_out_u64(&o, lease->expires_ms);
	base_out_u32(&o, c->granted_s);
	base_out_u32(&o, c->nrecords);
	base_out_u8(&o, c->nholder);
	base_out_bytes(&o, c->bytes, (size_t)c->nholder + c->nbytes);
	return base_out_length(&o);
}

void registry_lease_time_write(const struct registry_lease *lease, uint8_t out[static REGISTRY_LEASE_TIME_SIZE])
{
	base_store64(out, lease->stamp_ms);
	base_store64(out + 8, lease->expires_ms);
}

static bool is_key(const uint8_t *key, size_t nkey)
{
	struct base_buf b = base_buf_over(key, nkey);
	uint8_t name[DNS_NAME_MAX];

	if (nkey > REGISTRY_KEY_MAX)
		return false;
	dns_name_parse(&b, name);
	dns_name_parse(&b, name);
	return !b.bad && base_buf_left(&b) == 1 && base_buf_u8(&b) <= REGISTRY_LEASE_NAME;
}

/* The lease of a key that was read; its zone is not known yet. NULL when memory is short. */
static struct registry_lease *lease_read(struct registry_leases *l, const uint8_t *key, size_t nkey)
{
	struct registry_key k;

	registry_table_key_of(&l->table, &k, key, nkey);
	return lease_take(l, &k, NULL);
}

int registry_lease_time_read(struct registry_leases *l, const uint8_t *key, size_t nkey, const uint8_t *bytes, size_t nbytes)
{
	struct registry_lease *lease;

	if (!is_key(key, nkey) || (nbytes > 0 && nbytes != REGISTRY_LEASE_TIME_SIZE))
		return -EBADMSG;
	lease = lease_read(l, key, nkey);
	if (lease == NULL)
		return -ENOMEM;
	lease->has_time = nbytes > 0;
	if (nbytes > 0) {
		lease->stamp_ms = base_load64(bytes);
		lease->expires_ms = base_load64(bytes + 8);
	}
	return 0;
}

/* Takes what an older note of the same lease said back. */
static int forget(struct registry_leases *l, struct registry_lease *lease)
{
	struct zone_record r;
	struct base_buf b;
	int ret = 0;

	if (content_of(lease) == NULL)
		return 0;
	b = records_of(content_of(lease));
	while (ret == 0 && zone_changeset_next(&b, &r))
		ret = registry_holds_drop(&l->holds, record_hash(l, r.owner, r.type, r.rdata, r.nbytes), lease->entry.hash);
	free(lease->entry.content);
	lease->entry.content = NULL;
	registry_holds_commit(&l->holds);
	return ret;
}

static int records_hold(struct registry_leases *l, struct registry_lease *lease)
{
	struct base_buf b = records_of(content_of(lease));
	struct zone_record r;
	int ret = 0;

	while (ret == 0 && zone_changeset_next(&b, &r))
		ret = registry_holds_add(&l->holds, record_hash(l, r.owner, r.type, r.rdata, r.nbytes), lease->entry.hash);
	registry_holds_commit(&l->holds);
	return b.bad ? -EBADMSG : ret;
}

int registry_lease_note_read(struct registry_leases *l, const uint8_t *key, size_t nkey, const uint8_t *bytes, size_t nbytes)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	struct registry_lease *lease;
	uint64_t stamp_ms, expires_ms;
	uint32_t granted_s, nrecords;
	uint8_t version, nholder;
	const uint8_t *holder, *records;
	size_t left;

	if (!is_key(key, nkey))
		return -EBADMSG;
	lease = lease_read(l, key, nkey);
	if (lease == NULL || forget(l, lease) < 0)
		return -ENOMEM;
	if (nbytes == 0) {
		lease->stamp_ms = lease->expires_ms = 0;
		lease->has_time = false;
		return 0;
	}
	version = base_buf_u8(&b);
	stamp_ms = base_buf_u64(&b);
	expires_ms = base_buf_u64(&b);
	granted_s = base_buf_u32(&b);
	nrecords = base_buf_u32(&b);
	nholder = base_buf_u8(&b);
	holder = base_buf_take(&b, nholder);
	left = base_buf_left(&b);
	records = base_buf_take(&b, left);
	if (b.bad || version != NOTE_VERSION || (nholder > 0 && !dns_name_is_valid(holder, nholder)))
		return -EBADMSG;
	lease->entry.content = content_new(nholder == 0 ? NULL : holder, granted_s, records, left, nrecords);
	if (lease->entry.content == NULL)
		return -ENOMEM;
	/* A note of the time alone is there only if it is the later one, whichever of the two comes first. */
	if (!lease->has_time) {
		lease->stamp_ms = stamp_ms;
		lease->expires_ms = expires_ms;
	}
	return records_hold(l, lease);
}

void registry_leases_prune(struct registry_leases *l)
{
	registry_table_prune(&l->table);
	l->stats = (struct registry_lease_stats){ 0 };
}
