/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What an update adds at least is found in three steps:
 *
 * 1. If all its records could be new and still fit, nothing else is looked at: the usual case.
 * 2. Else its records are sorted by name. Of each name that is the key's, what it holds is known;
 *    what the deletes could remove is taken off, and what will be there afterwards is added: each
 *    record once, and only if no delete follows it.
 * 3. The leases and reports that such a name has, or will get, are counted likewise; so are the
 *    PTRs at subtypes, which are their instances'.
 *
 * Where the order of an update's records makes more possible, less is assumed: then the comparison
 * after the update has been applied refuses it. */
#include "update/quota.h"

#include <errno.h>
#include <stdio.h>

#include "dns/rdata.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "ledger/grant.h"
#include "update/fail.h"
#include "update/policy.h"
#include "update/sort.h"
#include "update/update_priv.h"
#include "view/view.h"
#include "zone/draft.h"

/* Octets of a record beside its rdata, at most: the longest owner, type, class, TTL, length. */
enum { RECORD_HEAD_MAX = DNS_NAME_MAX + 12 };

static int refuse(struct update *u, enum ledger_kind kind,
		  int (*with)(struct update *u, enum update_bound bound, const char *text))
{
	char key[DNS_NAME_TEXT_MAX], text[UPDATE_TEXT_MAX];

	key[dns_name_to_text(key, u->key) - 1] = '\0';
	snprintf(text, sizeof(text), "quota of %.200s: %llu %s", key,
		 (unsigned long long)u->quota->max[kind], ledger_kind_text(kind));
	return with(u, UPDATE_BOUND_QUOTA, text);
}

/* ---- the usual case ---- */

/* Returns whether the key stays within its quota even if all that the update adds is new. */
static bool has_room(const struct update *u)
{
	const struct dns_update *m = &u->message;
	uint64_t n = 0, nbytes = 0;
	struct ledger_amounts most;

	for (unsigned i = 0; i < m->nupdates; i++)
		if (dns_update_is_added(&m->update[i])) {
			n++;
			nbytes += RECORD_HEAD_MAX + (uint64_t)m->update[i].nbytes;
		}
	/* Each record makes at most a lease of the records and one of the name. */
	most = (struct ledger_amounts){{n, n, nbytes, 2 * n, n}};
	for (unsigned k = 0; k < LEDGER_KINDS; k++)
		if (u->quota->max[k] != 0 && u->before.of[k] + most.of[k] > u->quota->max[k])
			return false;
	return true;
}

/* ---- one name after the other ---- */

/* What an update is known to change. */
struct growth {
	int64_t of[LEDGER_KINDS];
};

/* The sorted records of one name: its deletes, then what is added. */
struct group {
	const struct dns_update_record *const *deletes, *const *adds;
	size_t ndeletes, nadds;
};

/* What the records of a group do. */
struct effect {
	uint64_t nremoved, removed_nbytes; /* at most */
	uint64_t nadded, added_nbytes;	   /* at least */
	bool is_added;
};

static struct group group_at(const struct dns_update_record *const *sorted, size_t n)
{
	struct group g = {.deletes = sorted};
	size_t i = 0;

	for (; i < n && dns_name_equal(sorted[i]->owner, sorted[0]->owner); i++)
		*(dns_update_is_added(sorted[i]) ? &g.nadds : &g.ndeletes) += 1;
	g.adds = sorted + g.ndeletes;
	return g;
}

static void remove_all(struct update *u, struct effect *e, const uint8_t *name)
{
	const struct zone_draft_sum sum = zone_draft_sum(u->draft, name);

	e->nremoved = sum.nrecords;
	e->removed_nbytes = sum.nbytes;
}

/* Takes off what the deletes could remove. */
static void look_at_deletes(struct update *u, const struct group *g, struct effect *e)
{
	const uint8_t *name = g->ndeletes > 0 ? g->deletes[0]->owner : NULL;
	uint16_t last = 0;

	for (size_t i = 0; i < g->ndeletes; i++) {
		const struct dns_update_record *r = g->deletes[i];
		struct zone_rrset set;

		if (r->type == DNS_TYPE_ANY) {
			remove_all(u, e, name);
			return;
		}
		if (r->type != last && zone_draft_measure(u->draft, name, r->type, &set)) {
			e->nremoved += set.count;
			e->removed_nbytes += zone_limit_nbytes(set.count, set.nbytes);
		}
		last = r->type;
	}
}

/* Returns whether the record may take the place of another. */
static bool replaces(uint16_t type)
{
	return type == DNS_TYPE_CNAME || type == DNS_TYPE_DNAME || type == DNS_TYPE_WKS;
}

/* Adds what will be there: of the group's records each once, unless a delete of the name follows
 * it, or it is there and no delete of its type removes it. */
static void look_at_adds(struct update *u, const struct group *g, struct effect *e)
{
	const struct dns_update_record *last_delete = NULL, *before = NULL;
	bool is_all = false;
	size_t d = 0;

	for (size_t i = 0; i < g->ndeletes; i++) {
		is_all |= g->deletes[i]->type == DNS_TYPE_ANY;
		if (last_delete == NULL || g->deletes[i] > last_delete)
			last_delete = g->deletes[i];
	}
	for (size_t i = 0; i < g->nadds; i++) {
		const struct dns_update_record *r = g->adds[i];
		bool is_same = before != NULL && before->type == r->type &&
			       dns_rdata_compare(r->type, before->rdata, before->nbytes, r->rdata,
						 r->nbytes) == 0;

		before = r;
		while (d < g->ndeletes && g->deletes[d]->type < r->type)
			d++;
		if (is_same || r < last_delete || replaces(r->type) ||
		    zone_draft_bars(u->draft, r->owner, r->type))
			continue;
		e->is_added = true;
		if (!is_all && (d == g->ndeletes || g->deletes[d]->type != r->type) &&
		    zone_draft_has(u->draft, r->owner, r->type, r->rdata, r->nbytes))
			continue;
		e->nadded++;
		e->added_nbytes += ZONE_LIMIT_RECORD_HEAD + (uint64_t)r->nbytes;
	}
}

static bool is_emptied(const struct group *g)
{
	return g->ndeletes > 0 && g->nadds == 0;
}

static void grow_records(struct growth *all, const struct effect *e)
{
	all->of[LEDGER_RECORDS] += (int64_t)(e->nadded - e->nremoved);
	all->of[LEDGER_OCTETS] += (int64_t)(e->added_nbytes - e->removed_nbytes);
}

/* A name that is the key's, or will be. With an instance its PTRs at subtypes are removed too. */
static void grow_owned(const struct update *u, struct growth *all, const uint8_t *name,
		       const struct group *g, const struct effect *e)
{
	bool is_instance = dnssd_kind_of(name, u->zone) == DNSSD_INSTANCE;
	const struct ledger_owner *owner =
		undo_table_content(&u->ledger->owners.table, u->zone, name);

	if (owner != NULL && !dns_name_equal(owner->key, u->key))
		return;
	grow_records(all, e);
	if (owner == NULL && e->is_added)
		all->of[LEDGER_INSTANCES] += is_instance;
	if (owner == NULL || !is_emptied(g))
		return;
	all->of[LEDGER_INSTANCES] -= is_instance;
	all->of[LEDGER_RECORDS] -= owner->pointers.nrecords;
	all->of[LEDGER_OCTETS] -= owner->pointers.nbytes;
}

/* Returns whether a record is a PTR at a subtype to an instance that is the key's, or will be, and
 * which the view has or has not. */
static bool is_pointer(const struct update *u, const struct dns_update_record *r, bool is_present)
{
	const uint8_t *instance = view_target(u->zone, r->owner, r->type, r->rdata);
	const uint8_t *owner =
		instance == NULL ? NULL : ledger_owner_of(&u->ledger->owners, u->zone, instance);

	return instance != NULL && (owner == NULL || dns_name_equal(owner, u->key)) &&
	       (view_subtypes(u->pass.view, u->zone, instance, r->owner) == 0) == is_present;
}

/* A subtype: the view knows which PTRs there are, for it may withhold some of them from the zone.
 * `most` is what the deletes could remove of the zone's. */
static void grow_pointers(const struct update *u, struct growth *all, const struct group *g,
			  const struct effect *most)
{
	const struct dns_update_record *last_delete = NULL, *before = NULL;
	struct effect own = {0};
	bool is_all = false;

	for (size_t i = 0; i < g->ndeletes; i++) {
		const struct dns_update_record *r = g->deletes[i];

		if (last_delete == NULL || r > last_delete)
			last_delete = r;
		is_all |= r->rrclass == DNS_CLASS_ANY;
		if (r->rrclass == DNS_CLASS_ANY || !is_pointer(u, r, true))
			continue;
		own.nremoved++;
		own.removed_nbytes += ZONE_LIMIT_RECORD_HEAD + (uint64_t)r->nbytes;
	}
	own.nremoved += is_all ? most->nremoved : 0;
	own.removed_nbytes += is_all ? most->removed_nbytes : 0;
	for (size_t i = 0; i < g->nadds; i++) {
		const struct dns_update_record *r = g->adds[i];
		bool is_same = before != NULL && before->type == r->type &&
			       dns_name_equal(before->rdata, r->rdata);

		before = r;
		if (is_same || r < last_delete || !is_pointer(u, r, false) ||
		    zone_draft_bars(u->draft, r->owner, r->type))
			continue;
		own.nadded++;
		own.added_nbytes += ZONE_LIMIT_RECORD_HEAD + (uint64_t)r->nbytes;
	}
	grow_records(all, &own);
}

/* A report replaces the one that the key has made at the same name. */
static void grow_report(const struct update *u, struct growth *all, const uint8_t *name,
			const struct group *g, const struct effect *e)
{
	const struct ledger_lease *lease =
		ledger_leases_find_by_holder(&u->ledger->leases, u->zone, name, u->key);

	if (lease != NULL) {
		struct ledger_amounts before = {{0}};

		ledger_usage_add_report(&before, ledger_lease_content(lease));
		all->of[LEDGER_RECORDS] -= (int64_t)before.of[LEDGER_RECORDS];
		all->of[LEDGER_OCTETS] -= (int64_t)before.of[LEDGER_OCTETS];
	}
	if (e->is_added) {
		all->of[LEDGER_RECORDS] += (int64_t)e->nadded;
		all->of[LEDGER_OCTETS] += (int64_t)e->added_nbytes;
		all->of[LEDGER_REPORTS] += lease == NULL;
	} else if (is_emptied(g)) {
		all->of[LEDGER_REPORTS] -= lease != NULL;
	}
}

/* Returns whether the records that a group adds get a lease of their name, rather than of the
 * services that the update registers (ledger/group.h). */
static bool has_lease_of_name(const struct group *g, bool has_services)
{
	for (size_t i = 0; i < g->nadds; i++)
		if (g->adds[i]->type == DNS_TYPE_SRV ||
		    (!has_services && g->adds[i]->type != DNS_TYPE_PTR))
			return true;
	return false;
}

static void grow_leases(const struct update *u, struct growth *all, const uint8_t *name,
			const struct group *g, const struct effect *e, bool has_services)
{
	const struct ledger_leases *l = &u->ledger->leases;
	const struct ledger_lease_terms *t = &u->terms;
	bool has_records, has_name;

	if (u->request->lease_rule == NULL)
		return;
	has_records = ledger_leases_find_by_holder(l, u->zone, name, u->key) != NULL;
	has_name = ledger_leases_find(l, u->zone, name, LEDGER_LEASE_NAME) != NULL;
	if (is_emptied(g))
		all->of[LEDGER_LEASES] -= has_records + has_name;
	else if (e->is_added && t->lease_s > 0 && has_lease_of_name(g, has_services))
		all->of[LEDGER_LEASES] += !has_records + (t->has_key && !has_name);
}

static void grow(struct update *u, struct growth *all, const struct group *g, bool has_services)
{
	const uint8_t *name = g->deletes[0]->owner;
	enum dnssd_kind kind = dnssd_kind_of(name, u->zone);
	bool is_fabric = update_policy_fabric(u->request->policy) != NULL;
	struct effect e = {0};

	look_at_deletes(u, g, &e);
	look_at_adds(u, g, &e);
	if (kind == DNSSD_REPORT) {
		grow_report(u, all, name, g, &e);
		return;
	}
	if (is_fabric && ledger_is_owned(kind))
		grow_owned(u, all, name, g, &e);
	else if (is_fabric && kind == DNSSD_NODE)
		grow_records(all, &e);
	else if (is_fabric && kind == DNSSD_SUBTYPE && u->pass.rule != NULL)
		grow_pointers(u, all, g, &e);
	grow_leases(u, all, name, g, &e, has_services);
}

int update_quota_check(struct update *u)
{
	const struct dns_update *m = &u->message;
	const struct dns_update_record **sorted;
	struct growth all = {{0}};
	bool has_services = false;

	u->quota = u->has_key ? update_policy_quota(u->request->policy, u->key) : NULL;
	if (u->quota == NULL)
		return DNS_RCODE_NOERROR;
	u->before = ledger_usage_of(&u->ledger->usages, u->zone, u->key);
	if (has_room(u)) {
		u->quota = NULL;
		return DNS_RCODE_NOERROR;
	}
	sorted = base_arena_alloc(&u->message.arena, (m->nupdates + 1) * sizeof(*sorted));
	if (sorted == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < m->nupdates; i++) {
		sorted[i] = &m->update[i];
		has_services |= dns_update_is_added(sorted[i]) && sorted[i]->type == DNS_TYPE_SRV;
	}
	update_sort(sorted, m->nupdates);
	for (size_t i = 0; i < m->nupdates;) {
		struct group g = group_at(sorted + i, m->nupdates - i);

		grow(u, &all, &g, has_services);
		i += g.ndeletes + g.nadds;
	}
	for (unsigned k = 0; k < LEDGER_KINDS; k++)
		if (u->quota->max[k] != 0 && all.of[k] > 0 &&
		    u->before.of[k] + (uint64_t)all.of[k] > u->quota->max[k])
			return refuse(u, (enum ledger_kind)k, update_refuse);
	return DNS_RCODE_NOERROR;
}

/* ---- afterwards ---- */

int update_quota_finish(struct update *u)
{
	struct ledger_amounts now;

	if (u->quota == NULL)
		return 0;
	now = ledger_usage_of(&u->ledger->usages, u->zone, u->key);
	for (unsigned k = 0; k < LEDGER_KINDS; k++)
		if (u->quota->max[k] != 0 && now.of[k] > u->before.of[k] &&
		    now.of[k] > u->quota->max[k])
			return refuse(u, (enum ledger_kind)k, update_refuse_late);
	return 0;
}
