/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What a live instance implies is stored (view->srvs), so that a change can remove what the
 * instance implied until then. Two instances may imply the same record: VIEW_IMPLIES counts them.
 */

#include "view/type_srv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "undo/list.h"
#include "view/mark.h"
#include "view/reverse.h"
#include "view/waiting.h"
#include "zone/draft.h"

enum { LAST_MAX = 64 }; /* records at the end of a set that are searched for an implied one */

enum {
	SRV_WEIGHT = 2,
	SRV_TARGET = 6, /* offsets in the rdata (RFC 2782) */
	PRIORITY_LAST = 65535,
};

static uint64_t srv_hash(const struct view *v, const uint8_t *type, const uint8_t *rdata,
			 size_t nbytes)
{
	return view_hash(v, VIEW_IMPLIES, type) ^
	       dns_rdata_hash(DNS_TYPE_SRV, rdata, nbytes, v->srvs.seed);
}

/* A list of view->srvs has the form of an RRset's data. */
static const struct zone_rrset nothing = {.type = DNS_TYPE_SRV, .data = (const uint8_t *)""};

static struct zone_rrset set_over(const struct undo_list *l)
{
	struct zone_rrset set = nothing;

	if (l != NULL) {
		set.data = l->bytes;
		set.nbytes = (uint32_t)l->nbytes;
	}
	return set;
}

static struct zone_rrset srvs_of(const struct view_pass *p, const uint8_t *instance)
{
	return set_over(undo_list_of(&p->view->srvs, p->zone, instance));
}

/* Returns the SRVs of an instance as they are at the type, each after its length, malloc'd: weights
 * multiplied by the scale, a demoted suspect with the last priority. NULL if memory is short. */
static uint8_t *implied(const struct view_pass *p, const uint8_t *instance, uint32_t *nbytes)
{
	bool is_last = p->rule->suspect.then == VIEW_DEMOTE &&
		       view_mark_is_suspect(p->view, p->zone, instance);
	struct zone_rrset set;
	struct zone_rdata one;
	const uint8_t *at;
	uint8_t *bytes;

	*nbytes = 0;
	if (!zone_draft_find(p->draft, instance, DNS_TYPE_SRV, &set))
		return malloc(1);
	bytes = malloc(set.nbytes + 1);
	if (bytes == NULL)
		return NULL;
	at = set.data;
	while (zone_rrset_next(&set, &at, &one)) {
		uint64_t weight =
			(uint64_t)base_load16(one.bytes + SRV_WEIGHT) * p->rule->weight_scale;
		uint8_t *rdata = bytes + *nbytes + 2;

		if (one.bytes[SRV_TARGET] == 0)
			continue;
		base_store16(rdata - 2, one.nbytes);
		memcpy(rdata, one.bytes, one.nbytes);
		base_store16(rdata + SRV_WEIGHT,
			     weight > UINT16_MAX ? UINT16_MAX : (uint16_t)weight);
		if (is_last)
			base_store16(rdata, PRIORITY_LAST);
		*nbytes += 2u + one.nbytes;
	}
	return bytes;
}

bool view_type_srv_has_target(const struct view_pass *p, const uint8_t *instance)
{
	struct zone_rrset set;
	struct zone_rdata one;
	const uint8_t *at;

	if (!zone_draft_find(p->draft, instance, DNS_TYPE_SRV, &set))
		return false;
	at = set.data;
	while (zone_rrset_next(&set, &at, &one))
		if (one.bytes[SRV_TARGET] != 0)
			return true;
	return false;
}

/* ---- the set at the type ---- */

bool view_type_srv_is_implied(const struct view *v, const uint8_t *type, const uint8_t *rdata,
			      size_t nbytes)
{
	return undo_pairs_count(&v->pairs, srv_hash(v, type, rdata, nbytes)) > 0;
}

/* Returns the worst record of the set that instances imply: the last in canonical order, by
 * priority. An administrator's own record is never it. `bytes` is NULL if there is none. */
static struct zone_rdata worst_of(const struct view_pass *p, const uint8_t *type,
				  const struct zone_rrset *set)
{
	struct zone_rdata last[LAST_MAX], one;
	const uint8_t *at = set->data;
	size_t n = 0;

	while (zone_rrset_next(set, &at, &one))
		last[n++ % LAST_MAX] = one;
	for (size_t i = n; i > 0 && i + LAST_MAX > n; i--) {
		one = last[(i - 1) % LAST_MAX];
		if (view_type_srv_is_implied(p->view, type, one.bytes, one.nbytes))
			return one;
	}
	return (struct zone_rdata){NULL, 0};
}

/* Returns whether an SRV is worse than every record of the set that it could replace. */
static bool is_worse(const struct view_pass *p, const uint8_t *type, const struct zone_rrset *set,
		     const uint8_t *rdata, size_t nbytes)
{
	struct zone_rdata worst = worst_of(p, type, set);

	return worst.bytes == NULL ||
	       dns_rdata_compare(DNS_TYPE_SRV, rdata, nbytes, worst.bytes, worst.nbytes) > 0;
}

/* Removes the worst SRV and puts it first in the reserve. Returns the number removed, or -ENOMEM.
 */
static int remove_worst(struct view_pass *p, const uint8_t *type, const struct zone_rrset *set)
{
	struct zone_rdata worst = worst_of(p, type, set);
	uint8_t copy[SRV_TARGET + DNS_NAME_MAX];

	if (worst.bytes == NULL)
		return 0;
	memcpy(copy, worst.bytes, worst.nbytes);
	view_reserve_push(&p->view->reserves, p->zone, type, copy, worst.nbytes);
	return zone_draft_remove(p->draft, type, DNS_TYPE_SRV, copy, worst.nbytes);
}

/* Adds an SRV to the set if it is among the best, else to the reserve. */
static int add_srv(struct view_pass *p, const uint8_t *type, const uint8_t *rdata, size_t nbytes)
{
	struct zone_rrset set;
	bool is_full;
	int n = 0;

	if (!p->rule->has_srv)
		n = p->is_reconciling
			    ? zone_draft_remove(p->draft, type, DNS_TYPE_SRV, rdata, nbytes)
			    : 0;
	if (!p->rule->has_srv)
		return n < 0 ? n : 0;
	is_full = zone_draft_find(p->draft, type, DNS_TYPE_SRV, &set) &&
		  set.count >= p->rule->srv_max;
	if (is_full && is_worse(p, type, &set, rdata, nbytes)) {
		view_reserve_add(&p->view->reserves, p->zone, type, rdata, nbytes);
		return 0;
	}
	if (zone_draft_has(p->draft, type, DNS_TYPE_SRV, rdata, nbytes)) {
		n = view_pass_retime(p, p->draft, type, DNS_TYPE_SRV, rdata, nbytes);
		return n < 0 ? n : 0;
	}
	if (is_full)
		n = remove_worst(p, type, &set);
	if (n >= 0)
		n = view_pass_add(p, p->draft, type, DNS_TYPE_SRV, rdata, nbytes);
	return n < 0 ? n : 0;
}

int view_type_srv_trim(struct view_pass *p, const uint8_t *type)
{
	struct zone_rrset set;
	int n = 1;

	while (n > 0 && zone_draft_find(p->draft, type, DNS_TYPE_SRV, &set) &&
	       set.count > p->rule->srv_max)
		n = remove_worst(p, type, &set);
	return n < 0 ? n : 0;
}

static int add_srvs_of(struct view_pass *p, const uint8_t *type, const uint8_t *instance)
{
	const struct zone_rrset set = srvs_of(p, instance);
	const uint8_t *at = set.data;
	struct zone_rdata one;
	int ret = 0;

	while (ret == 0 && zone_rrset_next(&set, &at, &one))
		ret = add_srv(p, type, one.bytes, one.nbytes);
	return ret;
}

static int add_waiting(void *arg, const uint8_t *instance)
{
	struct view_pass *p = arg;

	return add_srvs_of(p, dnssd_kind_type(instance, p->zone), instance);
}

/* Adds the SRVs of all browsed instances. Copies the set of PTRs: it is valid only until its owner,
 * where the SRVs are added, changes. */
static int add_browsed(struct view_pass *p, const uint8_t *type)
{
	struct zone_rrset set;
	struct zone_rdata one;
	const uint8_t *at;
	int ret = 0;

	if (!zone_draft_find(p->draft, type, DNS_TYPE_PTR, &set))
		return 0;
	at = malloc(set.nbytes);
	if (at == NULL)
		return -ENOMEM;
	set.data = memcpy((void *)at, set.data, set.nbytes);
	while (ret == 0 && zone_rrset_next(&set, &at, &one))
		if (dns_name_is_under(one.bytes, p->zone))
			ret = add_srvs_of(p, type, one.bytes);
	free((void *)set.data);
	return ret;
}

/* All live instances of a type are browsed, or wait for that. */
int view_type_srv_reconcile(struct view_pass *p, const uint8_t *type)
{
	struct zone_rrset set = {.count = 0};
	int ret;

	if (!p->rule->has_srv)
		return 0;
	zone_draft_measure(p->draft, type, DNS_TYPE_PTR, &set);
	ret = view_reserve_begin(&p->view->reserves, p->zone, type,
				 view_waiting_count(p->view, type) > 0 ? p->view->srvs.count
								       : set.count);
	if (ret == 0)
		ret = add_browsed(p, type);
	if (ret == 0)
		ret = view_waiting_each(p->view, p->zone, type, add_waiting, p);
	view_reserve_end(&p->view->reserves, p->zone, type);
	return ret;
}

/* Adds the best of the others after a full set has lost a record. */
static int refill(struct view_pass *p, const uint8_t *type)
{
	uint8_t next[SRV_TARGET + DNS_NAME_MAX];
	size_t nbytes;
	int n;

	if (!view_reserve_is_known(&p->view->reserves, p->zone, type))
		return view_type_srv_reconcile(p, type);
	nbytes = view_reserve_take(&p->view->reserves, p->zone, type, next);
	n = nbytes == 0 ? 0 : view_pass_add(p, p->draft, type, DNS_TYPE_SRV, next, nbytes);
	return n < 0 ? n : 0;
}

static int remove_srv(struct view_pass *p, const uint8_t *type, const uint8_t *rdata, size_t nbytes)
{
	struct zone_rrset set;
	bool was_full = zone_draft_measure(p->draft, type, DNS_TYPE_SRV, &set) &&
			set.count >= p->rule->srv_max;
	int n = zone_draft_remove(p->draft, type, DNS_TYPE_SRV, rdata, nbytes);

	if (n == 0)
		view_reserve_remove(&p->view->reserves, p->zone, type, rdata, nbytes);
	return n <= 0 || !was_full ? (n < 0 ? n : 0) : refill(p, type);
}

/* ---- what an instance implies ---- */

static bool has_srv(const struct zone_rrset *set, const struct zone_rdata *srv)
{
	const uint8_t *at = set->data;
	struct zone_rdata one;

	while (zone_rrset_next(set, &at, &one))
		if (one.nbytes == srv->nbytes && memcmp(one.bytes, srv->bytes, one.nbytes) == 0)
			return true;
	return false;
}

static bool has_node(const struct zone_rrset *set, const uint8_t *node)
{
	const uint8_t *at = set->data;
	struct zone_rdata one;

	while (zone_rrset_next(set, &at, &one))
		if (dns_name_equal(one.bytes + SRV_TARGET, node))
			return true;
	return false;
}

/* Adds what the instance implies from now on. */
static int add_implied(struct view_pass *p, const uint8_t *type, uint64_t id,
		       const struct zone_rrset *next)
{
	const uint8_t *at = next->data;
	struct zone_rdata one;
	int ret = 0;

	while (ret == 0 && zone_rrset_next(next, &at, &one)) {
		ret = undo_pairs_add(&p->view->pairs,
				     srv_hash(p->view, type, one.bytes, one.nbytes), id);
		if (ret == 0)
			ret = add_srv(p, type, one.bytes, one.nbytes);
		if (ret == 0)
			ret = view_reverse_ref(p, one.bytes + SRV_TARGET, id);
	}
	return ret;
}

int view_type_srv_ref_nodes(struct view_pass *p, const uint8_t *instance)
{
	const struct zone_rrset set = srvs_of(p, instance);
	uint64_t id = view_hash(p->view, VIEW_INSTANCE, instance);
	const uint8_t *at = set.data;
	struct zone_rdata one;
	int ret = 0;

	while (ret == 0 && zone_rrset_next(&set, &at, &one))
		ret = view_reverse_ref(p, one.bytes + SRV_TARGET, id);
	return ret;
}

/* Removes what the instance implied until now and no longer does. */
static int remove_implied(struct view_pass *p, const uint8_t *type, uint64_t id,
			  const struct zone_rrset *before, const struct zone_rrset *next)
{
	const uint8_t *at = before->data;
	struct zone_rdata one;
	int ret = 0;

	while (ret == 0 && zone_rrset_next(before, &at, &one)) {
		uint64_t hash;

		if (has_srv(next, &one))
			continue;
		hash = srv_hash(p->view, type, one.bytes, one.nbytes);
		ret = undo_pairs_remove(&p->view->pairs, hash, id);
		if (ret == 0 && undo_pairs_count(&p->view->pairs, hash) == 0)
			ret = remove_srv(p, type, one.bytes, one.nbytes);
		if (ret == 0 && !has_node(next, one.bytes + SRV_TARGET))
			ret = view_reverse_unref(p, one.bytes + SRV_TARGET, id);
	}
	return ret;
}

static int replace_implied(struct view_pass *p, const uint8_t *type, const uint8_t *instance,
			   const struct zone_rrset *next)
{
	struct zone_rrset before = srvs_of(p, instance);
	uint64_t id = view_hash(p->view, VIEW_INSTANCE, instance);
	uint8_t *copy;
	int ret;

	/* Most updates change nothing here. */
	if (!p->is_reconciling && before.nbytes == next->nbytes &&
	    memcmp(before.data, next->data, next->nbytes) == 0)
		return 0;
	copy = malloc(before.nbytes + 1);
	if (copy == NULL)
		return -ENOMEM;
	before.data = memcpy(copy, before.data, before.nbytes);
	ret = undo_list_put(&p->view->srvs, p->zone, instance, next->data, next->nbytes);
	if (ret == 0)
		ret = add_implied(p, type, id, next);
	if (ret == 0)
		ret = remove_implied(p, type, id, &before, next);
	free(copy);
	return ret;
}

int view_type_srv_update(struct view_pass *p, const uint8_t *type, const uint8_t *instance,
			 bool is_live)
{
	struct zone_rrset next = nothing;
	uint8_t *bytes = NULL;
	int ret;

	if (is_live) {
		bytes = implied(p, instance, &next.nbytes);
		if (bytes == NULL)
			return -ENOMEM;
		next.data = bytes;
	}
	ret = replace_implied(p, type, instance, &next);
	free(bytes);
	return ret;
}

int view_type_srv_forget(struct view *v, const uint8_t *zone)
{
	struct undo_entry *e = NULL;
	struct zone_rdata one;
	int ret = 0;

	while (ret == 0 && (e = undo_table_next_in(&v->srvs, zone, e)) != NULL) {
		const struct zone_rrset set = set_over(e->content);
		const uint8_t *name = undo_entry_name(e), *at = set.data;
		const uint8_t *type = dnssd_kind_type(name, zone);
		uint64_t id = view_hash(v, VIEW_INSTANCE, name);

		while (ret == 0 && zone_rrset_next(&set, &at, &one)) {
			ret = undo_pairs_remove(&v->pairs, srv_hash(v, type, one.bytes, one.nbytes),
						id);
			if (ret == 0)
				ret = undo_pairs_remove(
					&v->pairs,
					view_hash(v, VIEW_RUNS_ON, one.bytes + SRV_TARGET), id);
		}
	}
	return ret == 0 ? undo_table_forget(&v->srvs, zone) : ret;
}
