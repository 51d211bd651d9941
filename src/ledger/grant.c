/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What an update means for its leases, one group of records after the other:
 *
 * 1. The lease of the group is found, or made: of its name, and of the key that signed the update.
 * 2. If the update repeats what the lease covers, the lease's end is moved, and that is all.
 * 3. Else the lease gets another content: the records that it held before and that are still in the
 *    zone, and those of the update. Its end is counted from now.
 * 4. If the name has a second lease, or is to get one (the 8-byte form), steps 1 to 3 are done for
 *    it, without records. */
#include "ledger/grant.h"

#include <errno.h>
#include <stdlib.h>

#include "base/budget.h"
#include "dns/record.h"
#include "dns/update.h"
#include "ledger/leases.h"
#include "ledger/release.h"
#include "zone/changeset.h"
#include "zone/draft.h"
#include "zone/zone.h"

/* ---- terms ---- */

static uint32_t between(uint32_t value, uint32_t minimum, uint32_t maximum)
{
	return value < minimum ? minimum : value > maximum ? maximum : value;
}

struct ledger_lease_terms ledger_grant_terms(const struct ledger_lease_rule *rule,
					     const struct ledger_lease_terms *asked)
{
	struct ledger_lease_terms t = *asked;

	if (!asked->is_present) {
		t.lease_s = t.key_lease_s = rule->default_s;
		return t;
	}
	t.lease_s = between(asked->lease_s, rule->minimum_s, rule->maximum_s);
	t.key_lease_s = asked->has_key ? between(asked->key_lease_s, t.lease_s, rule->key_maximum_s)
				       : t.lease_s;
	/* Also if the rule's maximum is lower: a name is never free while records are at it. */
	if (t.key_lease_s < t.lease_s)
		t.key_lease_s = t.lease_s;
	return t;
}

/* ---- deciding ---- */

enum { BYTES_OF_LOOK = 1024 }; /* of a content, that are copied in the time of a look */

/* What one lease gets from an update. */
struct grant {
	struct ledger_leases *l;
	struct zone_draft *draft;
	const uint8_t *key; /* that signed the update; NULL: unsigned */
	struct ledger_group group;
	uint32_t granted_s;
	uint64_t now_ms;
	bool is_changed; /* the update has changed the zone */
};

static size_t group_size(const struct grant *g)
{
	return g->group.nown + g->group.nshared;
}

static int compare_hashes(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

/* Sorts the hashes of the group's records, for has_record. */
static void sort_hashes(const struct grant *g)
{
	uint64_t *hashes = g->l->groups.hashes;

	for (size_t i = 0; i < group_size(g); i++)
		hashes[i] = ledger_group_record(&g->group, i)->hash;
	if (group_size(g) > 1)
		qsort(hashes, group_size(g), sizeof(*hashes), compare_hashes);
}

static bool has_record(const struct grant *g, uint64_t hash)
{
	return group_size(g) > 0 && bsearch(&hash, g->l->groups.hashes, group_size(g), sizeof(hash),
					    compare_hashes) != NULL;
}

/* Returns whether the update repeats what the lease covers. */
static bool is_refresh(const struct grant *g, const struct ledger_lease *lease)
{
	const struct ledger_content *c = ledger_lease_content(lease);

	if (g->is_changed || c == NULL || c->granted_s != g->granted_s ||
	    !ledger_content_is_held_by(c, g->key))
		return false;
	for (size_t i = 0; i < group_size(g); i++)
		if (!undo_pairs_has(&g->l->holders, ledger_group_record(&g->group, i)->hash,
				    lease->entry.hash))
			return false;
	return true;
}

/* Returns the number of the key's lease of the records of `name`: of the one that it has, or the
 * first that is free. */
static uint8_t number_for(const struct grant *g, const uint8_t *name)
{
	const uint8_t *zone = zone_name(zone_draft_zone(g->draft));
	int vacant = -1;

	for (uint8_t number = LEDGER_LEASE_RECORDS; number <= LEDGER_LEASE_LAST; number += 2) {
		const struct ledger_lease *lease = ledger_leases_find(g->l, zone, name, number);

		if (lease != NULL && ledger_content_is_held_by(ledger_lease_content(lease), g->key))
			return number;
		if (lease == NULL && vacant < 0)
			vacant = number;
		if (vacant >= 0 && !g->l->has_others)
			break;
	}
	return vacant < 0 ? LEDGER_LEASE_LAST : (uint8_t)vacant;
}

/* ---- a new content ---- */

/* Collects the records that the lease held before, that are still in the zone, and that the update
 * does not repeat. */
static int collect_old(struct grant *g, struct ledger_lease *lease)
{
	struct ledger_leases *l = g->l;
	struct dns_record r;
	const struct ledger_content *c = ledger_lease_content(lease);
	struct base_buf b = ledger_content_records(c);
	int ret = 0;

	if (c == NULL)
		return 0;
	if (l->budget != NULL &&
	    !base_budget_take(l->budget, c->nrecords + c->nbytes / BYTES_OF_LOOK))
		return -ECANCELED;
	sort_hashes(g);
	while (ret == 0 && zone_changeset_next(&b, &r)) {
		uint64_t hash = ledger_content_hash(l->table.seed, &r);

		if (has_record(g, hash))
			continue;
		if (undo_pairs_has(&l->holders, hash, lease->entry.hash) &&
		    zone_draft_has(g->draft, r.owner, r.type, r.rdata, r.nbytes))
			ret = ledger_scratch_add(&l->scratch, &r);
		else
			ret = undo_pairs_remove(&l->holders, hash, lease->entry.hash);
	}
	return ret;
}

/* Collects the records of the update. A record that was not added, because a CNAME is at its name
 * (RFC 2136 section 3.4.2.2), is not in the zone: the lease does not hold it. */
static int collect_new(struct grant *g, struct ledger_lease *lease)
{
	struct ledger_leases *l = g->l;

	for (size_t i = 0; i < group_size(g); i++) {
		const struct ledger_group_record *decided = ledger_group_record(&g->group, i);
		const struct dns_update_record *r = decided->record;
		struct dns_record record = {r->owner, r->type, r->ttl, r->rdata, r->nbytes};

		if (r->nadded == 0 &&
		    !zone_draft_has(g->draft, r->owner, r->type, r->rdata, r->nbytes)) {
			if (undo_pairs_remove(&l->holders, decided->hash, lease->entry.hash) < 0)
				return -ENOMEM;
			continue;
		}
		if (ledger_scratch_add(&l->scratch, &record) < 0 ||
		    undo_pairs_add(&l->holders, decided->hash, lease->entry.hash) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Returns whether a lease would hold too much. One that does already, in an old store, may shrink.
 */
static bool is_too_large(const struct ledger_lease *lease, const struct ledger_scratch *s)
{
	const struct ledger_content *c = ledger_lease_content(lease);

	return s->nbytes > LEDGER_CONTENT_MAX && (c == NULL || s->nbytes > c->nbytes);
}

static int make_or_change(struct grant *g, struct ledger_lease *lease)
{
	struct ledger_leases *l = g->l;
	struct ledger_scratch *s = &l->scratch;
	struct ledger_content *c;
	int ret;

	ledger_scratch_clear(s);
	ret = collect_old(g, lease);
	if (ret == 0)
		ret = collect_new(g, lease);
	if (ret < 0)
		return ret;
	if (is_too_large(lease, s)) {
		l->too_large = undo_entry_name(&lease->entry);
		return -E2BIG;
	}
	/* A lease of the name needs no record, a lease of records does. */
	if (s->nrecords == 0 && undo_entry_number(&lease->entry) != LEDGER_LEASE_NAME)
		return undo_table_put(&l->table, &lease->entry, NULL);
	if (lease->undo_expires_ms == 0) {
		lease->undo_expires_ms = ledger_lease_expires(lease);
		lease->undo_stamp_ms = lease->stamp_ms;
	}
	c = ledger_content_new(g->key, g->granted_s, s->bytes, s->nbytes, s->nrecords);
	if (c == NULL || undo_table_put(&l->table, &lease->entry, c) < 0)
		return -ENOMEM;
	ledger_schedule_unmark(&l->schedule, lease);
	ledger_refresh_forget(&l->refreshes, lease);
	l->stats.granted++;
	return ledger_schedule_set_end(&l->schedule, lease, g->now_ms + g->granted_s * 1000ull,
				       g->now_ms);
}

/* ---- one group ---- */

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
	lease = ledger_leases_take(l, &key, zone);
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
	if (ledger_schedule_set_end(&l->schedule, lease, g->now_ms + g->granted_s * 1000ull,
				    g->now_ms) < 0)
		return -ENOMEM;
	return ledger_schedule_mark(&l->schedule, lease);
}

/* Grants the lease of the group and, where there is to be one, the second lease of its name. An
 * update with the 4-byte form moves a second lease that exists: its one duration is meant for both
 * (RFC 9664 section 4.3). */
static int grant_group(struct grant *g, const struct ledger_lease_terms *granted)
{
	const struct ledger_group_record *first = g->group.own[0];
	const uint8_t *zone = zone_name(zone_draft_zone(g->draft));
	bool is_second = first->number == LEDGER_LEASE_NAME;
	int ret;

	g->granted_s = is_second ? granted->key_lease_s : granted->lease_s;
	ret = grant_one(g, first->name, first->number);
	if (ret < 0 || is_second ||
	    (!granted->has_key &&
	     ledger_leases_find(g->l, zone, first->name, LEDGER_LEASE_NAME) == NULL))
		return ret;
	g->group.nown = g->group.nshared = 0;
	g->granted_s = granted->key_lease_s;
	return grant_one(g, first->name, LEDGER_LEASE_NAME);
}

int ledger_grant_update(struct ledger_leases *l, struct zone_draft *draft,
			const struct dns_update_record *records, size_t nrecords,
			const uint8_t *key, const struct ledger_lease_terms *granted,
			bool is_changed, uint64_t now_ms)
{
	struct grant g = {
		.l = l, .draft = draft, .key = key, .now_ms = now_ms, .is_changed = is_changed};
	size_t at = 0;
	int ret;

	l->ntouched = 0;
	l->is_refresh = true;
	if (granted->lease_s == 0)
		return ledger_release_added(l, records, nrecords);
	ret = ledger_groups_make(&l->groups, l->table.seed, zone_name(zone_draft_zone(draft)),
				 records, nrecords, granted->has_key);
	while (ret == 0 && ledger_groups_next(&l->groups, &at, &g.group))
		ret = grant_group(&g, granted);
	return ret;
}

struct ledger_refresh *ledger_grant_refresh(const struct ledger_leases *l, struct zone *zone,
					    uint64_t policy_number,
					    const struct ledger_fingerprint *print,
					    const struct dns_update_record *records,
					    size_t nrecords,
					    const struct ledger_lease_terms *granted)
{
	if (!l->is_refresh || l->ntouched > LEDGER_REFRESH_LEASES_MAX)
		return NULL;
	return ledger_refresh_new(zone, policy_number, print, records, nrecords, l->touched,
				  l->ntouched, granted);
}
