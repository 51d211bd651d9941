/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The SRVs at a type (RFC 2782): those of its live instances, the best of them where there are more
 * than the rule allows. The next best are in reserve (view/reserve.h): all that is implied is
 * in the set, or in the reserve, or behind the last of that.
 *
 * Of each live instance it is kept what it implies, so that a change takes away what it implied
 * before. Two instances may imply the same record; who does is counted. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "view/view_priv.h"
#include "zone/draft.h"

enum { LAST_MAX = 64 }; /* of a set, so many are looked through for one that instances imply */

enum {
	SRV_WEIGHT = 2,
	SRV_TARGET = 6,
	PRIORITY_LAST = 65535
}; /* offsets in the rdata (RFC 2782); the last resort */

static uint64_t srv_hash(const struct view *s, const uint8_t *type, const uint8_t *rdata,
			 size_t nbytes)
{
	return view_hash(s, 't', type) ^ dns_rdata_hash(DNS_TYPE_SRV, rdata, nbytes, s->srvs.seed);
}

/* What is kept of an instance has the form of an RRset's data. */
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

static struct zone_rrset srvs_of(const struct view *s, const uint8_t *instance)
{
	return set_over(undo_list_of(&s->srvs, s->zone, instance));
}

/* The SRVs of an instance as they are at the type: their weights times the scale, a suspect's of
 * the last priority. Each with its length before it; NULL when memory is short. */
static uint8_t *implied(const struct view *s, const uint8_t *instance, uint32_t *nbytes)
{
	bool is_last =
		s->rule->suspect.then == VIEW_DEMOTE && view_is_suspect(s, s->zone, instance);
	struct zone_rrset set;
	struct zone_rdata one;
	const uint8_t *at;
	uint8_t *bytes;

	*nbytes = 0;
	if (!zone_draft_find(s->draft, instance, DNS_TYPE_SRV, &set))
		return malloc(1);
	bytes = malloc(set.nbytes + 1);
	if (bytes == NULL)
		return NULL;
	at = set.data;
	while (zone_rrset_next(&set, &at, &one)) {
		uint64_t weight =
			(uint64_t)base_load16(one.bytes + SRV_WEIGHT) * s->rule->weight_scale;
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

bool view_type_srv_is_somewhere(const struct view *s, const uint8_t *instance)
{
	struct zone_rrset set;
	struct zone_rdata one;
	const uint8_t *at;

	if (!zone_draft_find(s->draft, instance, DNS_TYPE_SRV, &set))
		return false;
	at = set.data;
	while (zone_rrset_next(&set, &at, &one))
		if (one.bytes[SRV_TARGET] != 0)
			return true;
	return false;
}

/* ---- the set at the type ---- */

bool view_type_srv_is_implied(const struct view *s, const uint8_t *type, const uint8_t *rdata,
			      size_t nbytes)
{
	return undo_pairs_count(&s->holds, srv_hash(s, type, rdata, nbytes)) > 0;
}

/* The last of the set that instances imply, in its canonical order: that of the worst priority. An
 * administrator's own record stays. Without bytes if there is none. */
static struct zone_rdata worst_of(const struct view *s, const uint8_t *type,
				  const struct zone_rrset *set)
{
	struct zone_rdata last[LAST_MAX], one;
	const uint8_t *at = set->data;
	size_t n = 0;

	while (zone_rrset_next(set, &at, &one))
		last[n++ % LAST_MAX] = one;
	for (size_t i = n; i > 0 && i + LAST_MAX > n; i--) {
		one = last[(i - 1) % LAST_MAX];
		if (view_type_srv_is_implied(s, type, one.bytes, one.nbytes))
			return one;
	}
	return (struct zone_rdata){NULL, 0};
}

/* Whether an SRV is behind all of the set that it could take the place of. */
static bool is_behind(const struct view *s, const uint8_t *type, const struct zone_rrset *set,
		      const uint8_t *rdata, size_t nbytes)
{
	struct zone_rdata worst = worst_of(s, type, set);

	return worst.bytes == NULL ||
	       dns_rdata_compare(DNS_TYPE_SRV, rdata, nbytes, worst.bytes, worst.nbytes) > 0;
}

/* It comes back first. Returns how many went. */
static int remove_worst(struct view *s, const uint8_t *type, const struct zone_rrset *set)
{
	struct zone_rdata worst = worst_of(s, type, set);
	uint8_t copy[SRV_TARGET + DNS_NAME_MAX];

	if (worst.bytes == NULL)
		return 0;
	memcpy(copy, worst.bytes, worst.nbytes);
	view_reserve_push(&s->reserves, s->zone, type, copy, worst.nbytes);
	return zone_draft_remove(s->draft, type, DNS_TYPE_SRV, copy, worst.nbytes);
}

/* Puts one into the set if it is among the best, else in reserve. */
static int join(struct view *s, const uint8_t *type, const uint8_t *rdata, size_t nbytes)
{
	struct zone_rrset set;
	bool is_full;
	int n = 0;

	if (!s->rule->has_srv)
		n = s->is_following ? zone_draft_remove(s->draft, type, DNS_TYPE_SRV, rdata, nbytes)
				    : 0;
	if (!s->rule->has_srv)
		return n < 0 ? n : 0;
	is_full = zone_draft_find(s->draft, type, DNS_TYPE_SRV, &set) &&
		  set.count >= s->rule->srv_max;
	if (is_full && is_behind(s, type, &set, rdata, nbytes)) {
		view_reserve_add(&s->reserves, s->zone, type, rdata, nbytes);
		return 0;
	}
	if (zone_draft_has(s->draft, type, DNS_TYPE_SRV, rdata, nbytes)) {
		n = view_retime(s, s->draft, type, DNS_TYPE_SRV, rdata, nbytes);
		return n < 0 ? n : 0;
	}
	if (is_full)
		n = remove_worst(s, type, &set);
	if (n >= 0)
		n = view_add(s, s->draft, type, DNS_TYPE_SRV, rdata, nbytes);
	return n < 0 ? n : 0;
}

int view_type_srv_trim(struct view *s, const uint8_t *type)
{
	struct zone_rrset set;
	int n = 1;

	while (n > 0 && zone_draft_find(s->draft, type, DNS_TYPE_SRV, &set) &&
	       set.count > s->rule->srv_max)
		n = remove_worst(s, type, &set);
	return n < 0 ? n : 0;
}

static int join_all(struct view *s, const uint8_t *type, const uint8_t *instance)
{
	const struct zone_rrset set = srvs_of(s, instance);
	const uint8_t *at = set.data;
	struct zone_rdata one;
	int ret = 0;

	while (ret == 0 && zone_rrset_next(&set, &at, &one))
		ret = join(s, type, one.bytes, one.nbytes);
	return ret;
}

static int join_waiting(struct view *s, const uint8_t *instance)
{
	return join_all(s, dnssd_kind_type(instance, s->zone), instance);
}

/* Those that are browsed. Nothing here changes the PTRs, but the view of a set is good until the
 * next change of its owner. */
static int join_browsed(struct view *s, const uint8_t *type)
{
	struct zone_rrset set;
	struct zone_rdata one;
	const uint8_t *at;
	int ret = 0;

	if (!zone_draft_find(s->draft, type, DNS_TYPE_PTR, &set))
		return 0;
	at = malloc(set.nbytes);
	if (at == NULL)
		return -ENOMEM;
	set.data = memcpy((void *)at, set.data, set.nbytes);
	while (ret == 0 && zone_rrset_next(&set, &at, &one))
		if (dns_name_is_under(one.bytes, s->zone))
			ret = join_all(s, type, one.bytes);
	free((void *)set.data);
	return ret;
}

/* Looks at all live instances of the type: they are browsed, or wait for it. Those that wait are
 * found among all there are. */
int view_type_srv_reconcile(struct view *s, const uint8_t *type)
{
	struct zone_rrset set = {.count = 0};
	int ret;

	if (!s->rule->has_srv)
		return 0;
	zone_draft_measure(s->draft, type, DNS_TYPE_PTR, &set);
	ret = view_reserve_begin(&s->reserves, s->zone, type,
				 view_browse_waiting(s, type) > 0 ? s->srvs.count : set.count);
	if (ret == 0)
		ret = join_browsed(s, type);
	if (ret == 0)
		ret = view_browse_each_waiting(s, type, join_waiting);
	view_reserve_end(&s->reserves, s->zone, type);
	return ret;
}

/* After one of a full set has gone: the best of the others comes in. */
static int replace(struct view *s, const uint8_t *type)
{
	uint8_t next[SRV_TARGET + DNS_NAME_MAX];
	size_t nbytes;
	int n;

	if (!view_reserve_is_known(&s->reserves, s->zone, type))
		return view_type_srv_reconcile(s, type);
	nbytes = view_reserve_take(&s->reserves, s->zone, type, next);
	n = nbytes == 0 ? 0 : view_add(s, s->draft, type, DNS_TYPE_SRV, next, nbytes);
	return n < 0 ? n : 0;
}

static int leave(struct view *s, const uint8_t *type, const uint8_t *rdata, size_t nbytes)
{
	struct zone_rrset set;
	bool was_full = zone_draft_measure(s->draft, type, DNS_TYPE_SRV, &set) &&
			set.count >= s->rule->srv_max;
	int n = zone_draft_remove(s->draft, type, DNS_TYPE_SRV, rdata, nbytes);

	if (n == 0)
		view_reserve_remove(&s->reserves, s->zone, type, rdata, nbytes);
	return n <= 0 || !was_full ? (n < 0 ? n : 0) : replace(s, type);
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

/* What the instance implies from now on. */
static int come(struct view *s, const uint8_t *type, uint64_t id, const struct zone_rrset *next)
{
	const uint8_t *at = next->data;
	struct zone_rdata one;
	int ret = 0;

	while (ret == 0 && zone_rrset_next(next, &at, &one)) {
		ret = undo_pairs_add(&s->holds, srv_hash(s, type, one.bytes, one.nbytes), id);
		if (ret == 0)
			ret = join(s, type, one.bytes, one.nbytes);
		if (ret == 0)
			ret = view_reverse_ref(s, one.bytes + SRV_TARGET, id, true);
	}
	return ret;
}

int view_type_srv_ref(struct view *s, const uint8_t *instance)
{
	const struct zone_rrset set = srvs_of(s, instance);
	uint64_t id = view_hash(s, 'i', instance);
	const uint8_t *at = set.data;
	struct zone_rdata one;
	int ret = 0;

	while (ret == 0 && zone_rrset_next(&set, &at, &one))
		ret = view_reverse_ref(s, one.bytes + SRV_TARGET, id, true);
	return ret;
}

/* What it implied before, as far as it is not in `next`. */
static int go(struct view *s, const uint8_t *type, uint64_t id, const struct zone_rrset *before,
	      const struct zone_rrset *next)
{
	const uint8_t *at = before->data;
	struct zone_rdata one;
	int ret = 0;

	while (ret == 0 && zone_rrset_next(before, &at, &one)) {
		uint64_t hash;

		if (has_srv(next, &one))
			continue;
		hash = srv_hash(s, type, one.bytes, one.nbytes);
		ret = undo_pairs_drop(&s->holds, hash, id);
		if (ret == 0 && undo_pairs_count(&s->holds, hash) == 0)
			ret = leave(s, type, one.bytes, one.nbytes);
		if (ret == 0 && !has_node(next, one.bytes + SRV_TARGET))
			ret = view_reverse_ref(s, one.bytes + SRV_TARGET, id, false);
	}
	return ret;
}

static int change(struct view *s, const uint8_t *type, const uint8_t *instance,
		  const struct zone_rrset *next)
{
	struct zone_rrset before = srvs_of(s, instance);
	uint64_t id = view_hash(s, 'i', instance);
	uint8_t *copy;
	int ret;

	/* Most updates change nothing of it. */
	if (!s->is_following && before.nbytes == next->nbytes &&
	    memcmp(before.data, next->data, next->nbytes) == 0)
		return 0;
	copy = malloc(before.nbytes + 1);
	if (copy == NULL)
		return -ENOMEM;
	before.data = memcpy(copy, before.data, before.nbytes);
	ret = undo_list_put(&s->srvs, s->zone, instance, next->data, next->nbytes);
	if (ret == 0)
		ret = come(s, type, id, next);
	if (ret == 0)
		ret = go(s, type, id, &before, next);
	free(copy);
	return ret;
}

int view_type_srv_update(struct view *s, const uint8_t *type, const uint8_t *instance, bool is_live)
{
	struct zone_rrset next = nothing;
	uint8_t *bytes = NULL;
	int ret;

	if (is_live) {
		bytes = implied(s, instance, &next.nbytes);
		if (bytes == NULL)
			return -ENOMEM;
		next.data = bytes;
	}
	ret = change(s, type, instance, &next);
	free(bytes);
	return ret;
}

int view_type_srv_forget(struct view *s, const uint8_t *zone)
{
	struct undo_entry *e = NULL;
	struct zone_rdata one;
	int ret = 0;

	while (ret == 0 && (e = undo_table_next_in(&s->srvs, zone, e)) != NULL) {
		const struct zone_rrset set = set_over(e->content);
		const uint8_t *name = undo_entry_name(e), *at = set.data;
		const uint8_t *type = dnssd_kind_type(name, zone);
		uint64_t id = view_hash(s, 'i', name);

		while (ret == 0 && zone_rrset_next(&set, &at, &one)) {
			ret = undo_pairs_drop(&s->holds, srv_hash(s, type, one.bytes, one.nbytes),
					      id);
			if (ret == 0)
				ret = undo_pairs_drop(
					&s->holds, view_hash(s, 'n', one.bytes + SRV_TARGET), id);
		}
	}
	return ret == 0 ? undo_table_forget(&s->srvs, zone) : ret;
}
