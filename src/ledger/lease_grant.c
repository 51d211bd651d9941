/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What an update with a lease means (ledger/lease.h): which leases its records belong to, and
 * whether it makes them, changes them or only moves their end. */
#include "ledger/lease_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dns/rdata.h"
#include "dns/type.h"
#include "dns/update.h"
#include "zone/draft.h"
#include "zone/zone.h"

/* With more services in one update than this, each name has a lease of its own records alone. */
enum { SERVICES_MAX = 64 };

static uint32_t between(uint32_t value, uint32_t least, uint32_t most)
{
	return value < least ? least : value > most ? most : value;
}

struct ledger_lease_terms ledger_lease_grant(const struct ledger_lease_rule *rule,
					     const struct ledger_lease_terms *asked)
{
	struct ledger_lease_terms t = *asked;

	if (!asked->is_present) {
		t.lease_s = t.key_lease_s = rule->default_s;
		return t;
	}
	t.lease_s = between(asked->lease_s, rule->minimum_s, rule->maximum_s);
	/* The name is kept no shorter than what is at it. */
	t.key_lease_s = asked->has_key ? between(asked->key_lease_s, t.lease_s, rule->key_maximum_s)
				       : t.lease_s;
	if (t.key_lease_s < t.lease_s)
		t.key_lease_s = t.lease_s;
	return t;
}

/* ---- an update's records, by the leases that they belong to ---- */

struct ledger_lease_item {
	const struct dns_update_record *record;
	const uint8_t *name; /* of the lease; NULL: all services of the update share the record */
	uint64_t hash;
	uint8_t number;
};

static int compare_items(const void *left, const void *right)
{
	const struct ledger_lease_item *a = *(struct ledger_lease_item *const *)left;
	const struct ledger_lease_item *b = *(struct ledger_lease_item *const *)right;
	int d;

	if (a->name == NULL || b->name == NULL)
		return (a->name != NULL) - (b->name != NULL);
	d = dns_name_compare(a->name, b->name);
	return d != 0 ? d : (int)a->number - (int)b->number;
}

/* A PTR of DNS-SD belongs to the instance that it points to: its owner, the service type, is
 * everybody's (RFC 6763 section 4.1). */
static const uint8_t *name_of(const struct dns_update_record *r)
{
	return r->type == DNS_TYPE_PTR && r->owner[0] > 0 && r->owner[1] == '_' ? r->rdata
										: r->owner;
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

static void services_find(struct services *s, const struct dns_update_record *records,
			  size_t nrecords)
{
	s->count = 0;
	s->are_too_many = false;
	for (size_t i = 0; i < nrecords && !s->are_too_many; i++) {
		if (!dns_update_is_added(&records[i]) || records[i].type != DNS_TYPE_SRV ||
		    is_service(s, records[i].owner))
			continue;
		s->are_too_many = s->count == SERVICES_MAX;
		if (!s->are_too_many)
			s->name[s->count++] = records[i].owner;
	}
	if (s->are_too_many)
		s->count = 0;
}

static int items_make_room(struct ledger_leases *l, size_t n)
{
	if (n <= l->items_room)
		return 0;
	free(l->items);
	free(l->sorted);
	l->items = malloc(n * sizeof(*l->items));
	l->sorted = malloc(n * sizeof(struct ledger_lease_item *));
	l->items_room = l->items == NULL || l->sorted == NULL ? 0 : n;
	return l->items_room == 0 ? -ENOMEM : 0;
}

/* Makes an item of each added record, sorted by lease, the shared ones first. Returns how many, or
 * -ENOMEM. */
static ssize_t items_make(struct ledger_leases *l, const struct dns_update_record *records,
			  size_t nrecords, bool has_key)
{
	struct services services;
	size_t n = 0;

	if (items_make_room(l, nrecords + 1) < 0)
		return -ENOMEM;
	services_find(&services, records, nrecords);
	for (size_t i = 0; i < nrecords; i++) {
		const struct dns_update_record *r = &records[i];
		bool is_key = has_key && r->type == DNS_TYPE_KEY;

		if (!dns_update_is_added(r))
			continue;
		l->items[n] = (struct ledger_lease_item){
			.record = r,
			.name = is_key ? r->owner : name_of(r),
			.hash = ledger_lease_hash(l, r->owner, r->type, r->rdata, r->nbytes),
			.number = is_key ? LEDGER_LEASE_NAME : LEDGER_LEASE_RECORDS,
		};
		if (services.count > 0 && !is_key && r->type != DNS_TYPE_PTR &&
		    !is_service(&services, r->owner))
			l->items[n].name = NULL;
		l->sorted[n] = &l->items[n];
		n++;
	}
	qsort(l->sorted, n, sizeof(*l->sorted), compare_items);
	return (ssize_t)n;
}

/* ---- contents ---- */

static int scratch_make_room(struct ledger_leases *l, size_t n)
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

static int scratch_add(struct ledger_leases *l, size_t *used, const struct dns_record *record)
{
	struct base_out o;
	size_t n = zone_changeset_nbytes(record);

	if (scratch_make_room(l, *used + n) < 0)
		return -ENOMEM;
	o = base_out_over(l->scratch + *used, n);
	zone_changeset_write(&o, record);
	*used += n;
	return 0;
}

/* ---- records that are leased no more ---- */

/* Takes the record out of what the lease says, so that a restart does not bring it back. */
static int take_out(struct ledger_leases *l, struct ledger_lease *lease, uint64_t hash)
{
	const struct ledger_lease_content *c = ledger_lease_said(lease);
	struct base_buf b = ledger_lease_records(c);
	struct ledger_lease_content *next;
	struct dns_record r;
	uint32_t count = 0;
	size_t used = 0;

	if (undo_pairs_remove(&l->holds, hash, lease->entry.hash) < 0)
		return -ENOMEM;
	while (zone_changeset_next(&b, &r)) {
		if (ledger_lease_hash(l, r.owner, r.type, r.rdata, r.nbytes) == hash)
			continue;
		if (scratch_add(l, &used, &r) < 0)
			return -ENOMEM;
		count++;
	}
	if (count == 0 && undo_entry_number(&lease->entry) != LEDGER_LEASE_NAME)
		return undo_table_put(&l->table, &lease->entry, NULL);
	/* The next refresh leases it again. */
	ledger_refresh_forget(&l->refreshes, lease);
	next = ledger_lease_content_new(c->nholder == 0 ? NULL : c->bytes, c->granted_s, l->scratch,
					used, count);
	return next == NULL ? -ENOMEM : undo_table_put(&l->table, &lease->entry, next);
}

/* The same for the leases of that name, if they hold the record. */
static int take_out_of(struct ledger_leases *l, const uint8_t *zone, const uint8_t *name,
		       uint64_t hash)
{
	struct ledger_lease *leases[LEDGER_LEASES_OF_NAME];
	unsigned n = ledger_leases_of(l, zone, name, leases);
	int ret = 0;

	for (unsigned i = 0; i < n && ret == 0; i++)
		if (undo_pairs_has(&l->holds, hash, leases[i]->entry.hash))
			ret = take_out(l, leases[i], hash);
	return ret;
}

/* Most records are held by the lease that is named after them; who else holds one is looked for
 * only when somebody does. */
int ledger_leases_release(struct ledger_leases *l, const uint8_t *zone, const struct dns_record *r)
{
	struct undo_entry *e = NULL;
	uint64_t hash;
	int ret;

	if (l->holds.used == 0)
		return 0;
	hash = ledger_lease_hash(l, r->owner, r->type, r->rdata, r->nbytes);
	if (undo_pairs_count(&l->holds, hash) == 0)
		return 0;
	ret = take_out_of(l, zone, r->owner, hash);
	if (ret == 0 && r->type == DNS_TYPE_PTR)
		ret = take_out_of(l, zone, r->rdata, hash);
	while (ret == 0 && undo_pairs_count(&l->holds, hash) > 0 &&
	       (e = undo_table_next(&l->table, e)) != NULL)
		if (undo_pairs_has(&l->holds, hash, e->hash))
			ret = take_out(l, (struct ledger_lease *)e, hash);
	return ret;
}

static int release_adds(struct ledger_leases *l, const uint8_t *zone,
			const struct dns_update_record *records, size_t nrecords)
{
	int ret = 0;

	for (size_t i = 0; i < nrecords && ret == 0; i++) {
		const struct dns_update_record *r = &records[i];

		if (dns_update_is_added(r))
			ret = ledger_leases_release(l, zone,
						    &(struct dns_record){r->owner, r->type, r->ttl,
									 r->rdata, r->nbytes});
	}
	return ret;
}

static int release_part(struct ledger_leases *l, const uint8_t *zone, const uint8_t *bytes,
			size_t nbytes)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	struct dns_record r;
	int ret = 0;

	while (ret == 0 && zone_changeset_next(&b, &r))
		ret = ledger_leases_release(l, zone, &r);
	return ret;
}

int ledger_leases_release_all(struct ledger_leases *l, const uint8_t *zone,
			      const struct zone_changeset *changes)
{
	int ret = release_part(l, zone, changes->removed, changes->nremoved_bytes);

	return ret == 0 ? release_part(l, zone, changes->added, changes->nadded_bytes) : ret;
}

/* ---- making and moving ---- */

/* What one lease gets from an update. */
struct grant {
	struct ledger_leases *l;
	struct zone_draft *draft;
	const uint8_t *key; /* NULL: unsigned */
	struct ledger_lease_item **own, **shared;
	size_t nown, nshared;
	uint32_t granted_s;
	uint64_t now_ms;
	bool is_changed;
};

static const struct ledger_lease_item *item_at(const struct grant *g, size_t i)
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

static bool is_holder(const struct ledger_lease_content *c, const uint8_t *key)
{
	return key == NULL ? c->nholder == 0 : c->nholder > 0 && dns_name_equal(c->bytes, key);
}

struct ledger_lease *ledger_leases_held_by(const struct ledger_leases *l, const uint8_t *zone,
					   const uint8_t *name, const uint8_t *key)
{
	struct ledger_lease *leases[LEDGER_LEASES_OF_NAME];
	unsigned n = ledger_leases_of(l, zone, name, leases);

	for (unsigned i = 0; i < n; i++)
		if (undo_entry_number(&leases[i]->entry) != LEDGER_LEASE_NAME &&
		    is_holder(ledger_lease_said(leases[i]), key))
			return leases[i];
	return NULL;
}

bool ledger_leases_is_only_holder(const struct ledger_leases *l, const struct ledger_lease *lease,
				  const struct dns_record *r)
{
	uint64_t hash = ledger_lease_hash(l, r->owner, r->type, r->rdata, r->nbytes);

	return undo_pairs_has(&l->holds, hash, lease->entry.hash) &&
	       undo_pairs_count(&l->holds, hash) == 1;
}

/* Whether the update adds that record. */
static bool is_added(const struct dns_update_record *records, size_t nrecords,
		     const struct dns_record *r)
{
	for (size_t i = 0; i < nrecords; i++)
		if (dns_update_is_added(&records[i]) && records[i].type == r->type &&
		    dns_name_equal(records[i].owner, r->owner) &&
		    dns_rdata_compare(r->type, records[i].rdata, records[i].nbytes, r->rdata,
				      r->nbytes) == 0)
			return true;
	return false;
}

int ledger_leases_replace(struct ledger_leases *l, const struct ledger_lease *lease,
			  struct zone_draft *draft, const struct dns_update_record *records,
			  size_t nrecords)
{
	struct base_buf b = ledger_lease_records(ledger_lease_said(lease));
	struct dns_record r;
	int n = 0, sum = 0;

	while (n >= 0 && zone_changeset_next(&b, &r)) {
		bool is_only = ledger_leases_is_only_holder(l, lease, &r);

		if (is_added(records, nrecords, &r))
			continue;
		n = undo_pairs_remove(&l->holds,
				      ledger_lease_hash(l, r.owner, r.type, r.rdata, r.nbytes),
				      lease->entry.hash);
		if (n == 0 && is_only)
			n = zone_draft_remove(draft, r.owner, r.type, r.rdata, r.nbytes);
		sum += 1;
	}
	return n < 0 ? n : sum;
}

/* Whether the update says again what the lease says already. */
static bool is_refresh(const struct grant *g, const struct ledger_lease *lease)
{
	const struct ledger_lease_content *c = ledger_lease_said(lease);

	if (g->is_changed || c == NULL || c->granted_s != g->granted_s || !is_holder(c, g->key))
		return false;
	for (size_t i = 0; i < g->nown + g->nshared; i++)
		if (!undo_pairs_has(&g->l->holds, item_at(g, i)->hash, lease->entry.hash))
			return false;
	return true;
}

/* Records that the lease held before, are still there, and are not said again. */
static int keep_old(struct grant *g, struct ledger_lease *lease, size_t *used, uint32_t *count)
{
	struct ledger_leases *l = g->l;
	struct dns_record r;
	struct base_buf b = ledger_lease_records(ledger_lease_said(lease));
	int ret = 0;

	while (ret == 0 && zone_changeset_next(&b, &r)) {
		uint64_t hash = ledger_lease_hash(l, r.owner, r.type, r.rdata, r.nbytes);

		if (has_item(g, hash))
			continue;
		if (!undo_pairs_has(&l->holds, hash, lease->entry.hash) ||
		    !zone_draft_has(g->draft, r.owner, r.type, r.rdata, r.nbytes)) {
			ret = undo_pairs_remove(&l->holds, hash, lease->entry.hash);
			continue;
		}
		ret = scratch_add(l, used, &r);
		++*count;
	}
	return ret;
}

/* Records of the update. What was added without effect (beside a CNAME) is not there, and not held.
 */
static int add_new(struct grant *g, struct ledger_lease *lease, size_t *used, uint32_t *count)
{
	for (size_t i = 0; i < g->nown + g->nshared; i++) {
		const struct ledger_lease_item *item = item_at(g, i);
		const struct dns_update_record *r = item->record;
		struct dns_record record = {r->owner, r->type, r->ttl, r->rdata, r->nbytes};

		if (r->nadded == 0 &&
		    !zone_draft_has(g->draft, r->owner, r->type, r->rdata, r->nbytes)) {
			if (undo_pairs_remove(&g->l->holds, item->hash, lease->entry.hash) < 0)
				return -ENOMEM;
			continue;
		}
		if (scratch_add(g->l, used, &record) < 0 ||
		    undo_pairs_add(&g->l->holds, item->hash, lease->entry.hash) < 0)
			return -ENOMEM;
		++*count;
	}
	return 0;
}

static int make_or_change(struct grant *g, struct ledger_lease *lease)
{
	struct ledger_leases *l = g->l;
	struct ledger_lease_content *c;
	uint32_t count = 0;
	size_t used = 0;
	int ret = keep_old(g, lease, &used, &count);

	if (ret == 0)
		ret = add_new(g, lease, &used, &count);
	if (ret < 0)
		return ret;
	/* A name can be kept without a record, a registration cannot. */
	if (count == 0 && undo_entry_number(&lease->entry) != LEDGER_LEASE_NAME)
		return undo_table_put(&l->table, &lease->entry, NULL);
	if (lease->before_ms == 0) {
		lease->before_ms = ledger_lease_expires(lease);
		lease->before_stamp_ms = lease->stamp_ms;
	}
	c = ledger_lease_content_new(g->key, g->granted_s, l->scratch, used, count);
	if (c == NULL || undo_table_put(&l->table, &lease->entry, c) < 0)
		return -ENOMEM;
	ledger_lease_unmark(l, lease);
	ledger_refresh_forget(&l->refreshes, lease);
	l->stats.granted++;
	return ledger_lease_set_time(l, lease, g->now_ms + g->granted_s * 1000ull, g->now_ms);
}

/* The number of the key's own lease of a name's records: of the one that it has, or of the first
 * that nobody has. */
static uint8_t number_for(const struct grant *g, const uint8_t *name)
{
	const uint8_t *zone = zone_name(zone_draft_zone(g->draft));
	int vacant = -1;

	for (uint8_t number = LEDGER_LEASE_RECORDS; number <= LEDGER_LEASE_LAST; number += 2) {
		const struct ledger_lease *lease = ledger_leases_find(g->l, zone, name, number);

		if (lease != NULL && is_holder(ledger_lease_said(lease), g->key))
			return number;
		if (lease == NULL && vacant < 0)
			vacant = number;
		if (vacant >= 0 && !g->l->has_others)
			break;
	}
	return vacant < 0 ? LEDGER_LEASE_LAST : (uint8_t)vacant;
}

static int grant_one(struct grant *g, const uint8_t *name, uint8_t number)
{
	struct ledger_leases *l = g->l;
	struct zone *zone = zone_draft_zone(g->draft);
	struct ledger_lease *lease;
	struct undo_key key;

	if (number == LEDGER_LEASE_RECORDS)
		number = number_for(g, name);
	l->has_others |= number > LEDGER_LEASE_NAME;
	undo_table_key(&l->table, &key, zone_name(zone), name, number);
	lease = ledger_lease_take(l, &key, zone);
	if (lease == NULL)
		return -ENOMEM;
	if (l->ntouched < LEDGER_REFRESH_LEASES_MAX)
		l->touched[l->ntouched] = lease;
	l->ntouched++;
	if (!is_refresh(g, lease)) {
		l->is_refresh = false;
		return make_or_change(g, lease);
	}
	l->stats.refreshed++;
	if (ledger_lease_set_time(l, lease, g->now_ms + g->granted_s * 1000ull, g->now_ms) < 0)
		return -ENOMEM;
	return ledger_lease_mark(l, lease);
}

/* One lease, or also the one of its name: in the 8-byte form, and where there is one of that form
 * already, for the 4-byte form says the same of both (RFC 9664 section 4.3). */
static int grant_group(struct grant *g, const struct ledger_lease_terms *granted)
{
	const struct ledger_lease_item *first = g->own[0];
	const uint8_t *zone = zone_name(zone_draft_zone(g->draft));
	int ret;

	g->granted_s = first->number == LEDGER_LEASE_NAME ? granted->key_lease_s : granted->lease_s;
	if (first->number == LEDGER_LEASE_NAME)
		g->nshared = 0;
	ret = grant_one(g, first->name, first->number);
	if (ret < 0 || first->number == LEDGER_LEASE_NAME ||
	    (!granted->has_key &&
	     ledger_leases_find(g->l, zone, first->name, LEDGER_LEASE_NAME) == NULL))
		return ret;
	g->nown = g->nshared = 0;
	g->granted_s = granted->key_lease_s;
	return grant_one(g, first->name, LEDGER_LEASE_NAME);
}

int ledger_leases_update(struct ledger_leases *l, struct zone_draft *draft,
			 const struct dns_update_record *records, size_t nrecords,
			 const uint8_t *key, const struct ledger_lease_terms *granted,
			 bool is_changed, uint64_t now_ms)
{
	struct grant g = {
		.l = l, .draft = draft, .key = key, .now_ms = now_ms, .is_changed = is_changed};
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
		for (end = i + 1;
		     end < (size_t)n && compare_items(&l->sorted[i], &l->sorted[end]) == 0;)
			end++;
		g.own = &l->sorted[i];
		g.nown = end - i;
		g.shared = l->sorted;
		g.nshared = nshared;
		ret = grant_group(&g, granted);
	}
	return ret;
}
