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
#include "base/hash.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "undo/list.h"
#include "view/address.h"
#include "view/mark.h"
#include "view/reverse.h"
#include "zone/draft.h"

enum {
	/* of an entry of view->srvs, before the SRVs: a hash of the owner in four octets, and 1 if
	 * a target has no address of its own, but is covered (view/address.h) */
	HEAD_NBYTES = 5,
	HEAD_COVERED = 4,
	PRIORITY_LAST = 65535,
	LOOKS_OF_CANDIDATE = 2,
	TOUCHED_BYTES_OF_LOOK = 128,
};

static uint64_t srv_hash(const struct view *v, const uint8_t *type, const uint8_t *rdata,
			 size_t nbytes)
{
	return view_hash(v, VIEW_IMPLIES, type) ^
	       dns_rdata_hash(DNS_TYPE_SRV, rdata, nbytes, v->srvs.seed);
}

/* Returns the hash of an instance's entry of view->srvs. */
static uint64_t id_of(const struct view *v, const uint8_t *zone, const uint8_t *instance)
{
	struct undo_key key;

	undo_table_key(&v->srvs, &key, zone, instance, 0);
	return key.hash;
}

/* After its head, a list of view->srvs has the form of an RRset's data. */
static const struct zone_rrset nothing = {.type = DNS_TYPE_SRV, .data = (const uint8_t *)""};

static struct zone_rrset set_over(const struct undo_list *l)
{
	struct zone_rrset set = nothing;

	if (l != NULL && l->nbytes >= HEAD_NBYTES) {
		set.data = l->bytes + HEAD_NBYTES;
		set.nbytes = (uint32_t)(l->nbytes - HEAD_NBYTES);
	}
	return set;
}

bool view_type_srv_owner(const struct view *v, const uint8_t *zone, const uint8_t *instance,
			 uint32_t *owner)
{
	const struct undo_list *l = undo_list_of(&v->srvs, zone, instance);

	*owner = l == NULL || l->nbytes < HEAD_NBYTES ? 0 : base_load32(l->bytes);
	return l != NULL;
}

static struct zone_rrset srvs_of(const struct view_pass *p, const uint8_t *instance)
{
	return set_over(undo_list_of(&p->view->srvs, p->zone, instance));
}

/* Returns the entry of a live instance for view->srvs, malloc'd: its head, then its SRVs as they
 * are at the type: weights multiplied by the scale, a demoted suspect with the last priority. Those
 * whose targets have no address are not there. Of many SRVs the first VIEW_SRVS_MAX count: an RRset
 * is sorted, so they have the lowest priorities. NULL if memory is short. */
static uint8_t *implied(const struct view_pass *p, const uint8_t *instance, size_t *nbytes)
{
	bool is_last = p->rule->suspect.then == VIEW_DEMOTE &&
		       view_mark_is_suspect(p->view, p->zone, instance);
	struct zone_rrset set = nothing;
	struct zone_rdata one;
	unsigned left = VIEW_SRVS_MAX;
	const uint8_t *at;
	uint8_t *bytes;

	zone_draft_find(p->draft, instance, DNS_TYPE_SRV, &set);
	bytes = malloc(HEAD_NBYTES + set.nbytes);
	if (bytes == NULL)
		return NULL;
	base_store32(bytes, view_pass_owner(p, instance));
	bytes[HEAD_COVERED] = 0;
	*nbytes = HEAD_NBYTES;
	at = set.data;
	while (left > 0 && zone_rrset_next(&set, &at, &one)) {
		uint64_t weight =
			(uint64_t)base_load16(one.bytes + DNS_SRV_WEIGHT) * p->rule->weight_scale;
		uint8_t *rdata = bytes + *nbytes + 2;

		if (one.bytes[DNS_SRV_TARGET] == 0)
			continue;
		left--;
		if (!view_address_is_own(p, one.bytes + DNS_SRV_TARGET)) {
			if (!view_address_has(p, one.bytes + DNS_SRV_TARGET))
				continue;
			bytes[HEAD_COVERED] = 1;
		}
		base_store16(rdata - 2, one.nbytes);
		memcpy(rdata, one.bytes, one.nbytes);
		base_store16(rdata + DNS_SRV_WEIGHT,
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
		if (one.bytes[DNS_SRV_TARGET] != 0 &&
		    view_address_has(p, one.bytes + DNS_SRV_TARGET))
			return true;
	return false;
}

/* ---- the set at the type ---- */

bool view_type_srv_is_implied(const struct view *v, const uint8_t *type, const uint8_t *rdata,
			      size_t nbytes)
{
	return undo_pairs_count(&v->pairs, srv_hash(v, type, rdata, nbytes)) > 0;
}

/* One type's set of SRVs in the draft of a pass. */
struct at_type {
	struct view_pass *p;
	const uint8_t *type;
	struct place_set *places; /* NULL: it is not short of places */
};

static struct at_type at_type(struct view_pass *p, const uint8_t *type)
{
	return (struct at_type){p, type, place_find(&p->view->places, p->zone, type, PLACE_SRVS)};
}

/* An SRV got a place at the type or lost it. */
static int on_place(void *arg, const struct place_candidate *c, bool is_chosen)
{
	const struct at_type *t = arg;
	int n = view_pass_set(t->p, t->p->draft, t->type, DNS_TYPE_SRV, c->spelled, c->nbytes,
			      is_chosen);

	return n < 0 ? n : 0;
}

/* Makes the record of a candidate agree, of whichever owner has a place for it. */
static int restore_place(void *arg, const struct place_candidate *c, bool is_chosen)
{
	const struct at_type *t = arg;

	return on_place(arg, c, is_chosen || place_is_shown(t->places, c->spelled, c->nbytes));
}

/* Adds the SRVs of an instance to the candidates; those that it has ceased to imply are not in its
 * entry, and those that are yet to be added are not in VIEW_IMPLIES. */
static int add_candidates(struct at_type *t, const uint8_t *instance)
{
	struct view *v = t->p->view;
	uint64_t id = id_of(v, t->p->zone, instance);
	const struct zone_rrset set = srvs_of(t->p, instance);
	const uint8_t *at = set.data;
	struct zone_rdata one;
	uint32_t owner;
	int ret = 0;

	view_type_srv_owner(v, t->p->zone, instance, &owner);
	ret = view_pass_look(t->p, LOOKS_OF_CANDIDATE);
	while (ret == 0 && zone_rrset_next(&set, &at, &one)) {
		ret = view_pass_look(t->p, LOOKS_OF_CANDIDATE);
		if (ret == 0 &&
		    undo_pairs_has(&v->pairs, srv_hash(v, t->type, one.bytes, one.nbytes), id))
			ret = place_add(&v->places, t->places, owner, one.bytes, one.nbytes, 1,
					NULL, NULL);
	}
	return ret;
}

static int add_waiting(void *arg, const struct place_candidate *c, bool is_chosen)
{
	struct at_type *t = arg;
	uint8_t instance[DNS_NAME_MAX];

	(void)is_chosen;
	return dns_name_join(instance, c->spelled, c->nbytes, t->type) > 0
		       ? add_candidates(t, instance)
		       : 0;
}

/* Calls `visit` with each record of a type at the service type, until that does not return 0.
 * Copies the set: it is valid only until its owner changes. */
static int each_record(struct at_type *t, uint16_t type,
		       int (*visit)(struct at_type *t, const struct zone_rdata *r))
{
	struct zone_rrset set = {.data = NULL};
	struct zone_rdata one;
	const uint8_t *at;
	uint8_t *copy;
	int ret = 0;

	zone_draft_find(t->p->draft, t->type, type, &set);
	copy = malloc(set.nbytes + 1);
	if (copy == NULL)
		return -ENOMEM;
	if (set.nbytes > 0)
		memcpy(copy, set.data, set.nbytes);
	set.data = at = copy;
	while (ret == 0 && zone_rrset_next(&set, &at, &one))
		ret = visit(t, &one);
	free(copy);
	return ret;
}

static bool is_browsed(const struct at_type *t, const struct zone_rdata *pointer)
{
	return view_target(t->p->zone, t->type, DNS_TYPE_PTR, pointer->bytes) != NULL;
}

static int add_browsed(struct at_type *t, const struct zone_rdata *pointer)
{
	return is_browsed(t, pointer) ? add_candidates(t, pointer->bytes) : 0;
}

static bool is_waiting(const struct at_type *t, const struct place_set *pointers,
		       const uint8_t *instance)
{
	bool is_chosen;
	uint32_t owner;

	return pointers != NULL && view_type_srv_owner(t->p->view, t->p->zone, instance, &owner) &&
	       place_get(pointers, owner, instance, 1u + instance[0], &is_chosen) != NULL &&
	       !is_chosen;
}

/* Adds the SRVs of touched instances of the type whose PTRs the update has removed, so that they
 * are not browsed until they are updated. */
static int add_touched(struct at_type *t, const struct place_set *pointers)
{
	struct view_pass *p = t->p;
	const struct undo_names *l = &p->touched;
	int ret = view_pass_look(p, l->nbytes / TOUCHED_BYTES_OF_LOOK);

	for (size_t at = 0; at < l->nbytes && ret == 0; at += dns_name_nbytes(l->bytes + at)) {
		const uint8_t *name = l->bytes + at;

		if (dns_name_equal(dnssd_kind_type(name, p->zone), t->type) &&
		    !zone_draft_has(p->draft, t->type, DNS_TYPE_PTR, name, dns_name_nbytes(name)) &&
		    !is_waiting(t, pointers, name))
			ret = add_candidates(t, name);
	}
	return ret;
}

/* Adds the SRVs of all live instances of the type: they are browsed, wait for that, or are
 * touched. */
static int add_all(struct at_type *t)
{
	const struct place_set *pointers =
		place_find(&t->p->view->places, t->p->zone, t->type, PLACE_POINTERS);
	int ret = each_record(t, DNS_TYPE_PTR, add_browsed);

	if (ret == 0 && pointers != NULL)
		ret = place_each(pointers, PLACE_WAITING, add_waiting, t);
	return ret == 0 ? add_touched(t, pointers) : ret;
}

/* The set has become short of places: gives them to the candidates anew. */
static int begin(struct at_type *t)
{
	struct view *v = t->p->view;
	int ret;

	t->places = place_begin(&v->places, t->p->zone, t->type, PLACE_SRVS, t->p->rule->srv_max);
	if (t->places == NULL)
		return -ENOMEM;
	ret = add_all(t);
	return ret == 0 ? place_each(t->places, PLACE_ALL, restore_place, t) : ret;
}

static int end(struct at_type *t)
{
	t->places = NULL;
	return place_end(&t->p->view->places, t->p->zone, t->type, PLACE_SRVS);
}

/* Once begun, a set is maintained until it has no candidates: one that ended while the type has
 * many instances could be begun again and again at the cost of all of them. */
static int end_if_empty(struct at_type *t)
{
	return t->places != NULL && place_count(t->places) == 0 ? end(t) : 0;
}

/* Returns whether the type needs places with an SRV more: there are too many SRVs, or more
 * instances than places. Many may imply the same SRV, and all of them are looked at when the set
 * begins, so it begins before they are many. */
static bool is_short(const struct at_type *t, const uint8_t *rdata, size_t nbytes)
{
	struct zone_rrset srvs = {0}, pointers = {0};
	struct zone_draft *d = t->p->draft;
	uint32_t max = t->p->rule->srv_max;

	zone_draft_measure(d, t->type, DNS_TYPE_SRV, &srvs);
	zone_draft_measure(d, t->type, DNS_TYPE_PTR, &pointers);
	return srvs.count > max || pointers.count > max ||
	       (srvs.count == max && !zone_draft_has(d, t->type, DNS_TYPE_SRV, rdata, nbytes));
}

/* The type may have the record although it has no place: the administrator added it, or it had one
 * before a reload. */
static int add_to_places(struct at_type *t, uint32_t owner, const uint8_t *rdata, size_t nbytes,
			 bool is_new)
{
	struct view_pass *p = t->p;
	int n = 0;

	if (is_new)
		n = place_add(&p->view->places, t->places, owner, rdata, nbytes, 1, on_place, t);
	if (n == 0 && (is_new || p->is_reconciling))
		n = view_pass_set(p, p->draft, t->type, DNS_TYPE_SRV, rdata, nbytes,
				  place_is_shown(t->places, rdata, nbytes));
	return n < 0 ? n : 0;
}

/* Adds an SRV to the set, or to the candidates for it if it has not been there (`is_new`). */
static int add_srv(struct at_type *t, uint32_t owner, const uint8_t *rdata, size_t nbytes,
		   bool is_new)
{
	struct view_pass *p = t->p;
	int n;

	if (!p->rule->has_srv) {
		n = p->is_reconciling
			    ? zone_draft_remove(p->draft, t->type, DNS_TYPE_SRV, rdata, nbytes)
			    : 0;
		return n < 0 ? n : 0;
	}
	if (t->places != NULL)
		return add_to_places(t, owner, rdata, nbytes, is_new);
	if (is_short(t, rdata, nbytes))
		return begin(t);
	n = view_pass_set(p, p->draft, t->type, DNS_TYPE_SRV, rdata, nbytes, true);
	return n < 0 ? n : 0;
}

/* Begins with a set that is larger than the rule allows. */
int view_type_srv_trim(struct view_pass *p, const uint8_t *type)
{
	struct at_type t = at_type(p, type);
	struct zone_rrset set;

	return t.places == NULL && p->rule->has_srv &&
			       zone_draft_measure(p->draft, type, DNS_TYPE_SRV, &set) &&
			       set.count > p->rule->srv_max
		       ? begin(&t)
		       : 0;
}

static int restore_srvs(struct at_type *t, const struct zone_rdata *pointer)
{
	struct view_pass *p = t->p;
	struct zone_rrset srvs = nothing;
	struct zone_rdata srv;
	const uint8_t *at;
	uint32_t owner = 0;
	int ret = view_pass_look(p, 1);

	if (is_browsed(t, pointer) && view_type_srv_owner(p->view, p->zone, pointer->bytes, &owner))
		srvs = srvs_of(p, pointer->bytes);
	at = srvs.data;
	while (ret == 0 && zone_rrset_next(&srvs, &at, &srv))
		ret = add_srv(t, owner, srv.bytes, srv.nbytes, false);
	return ret;
}

/* Removes a record that an instance implies but has no place for. */
static int remove_waiting(struct at_type *t, const struct zone_rdata *srv)
{
	struct view_pass *p = t->p;
	int n = 0;

	if (view_type_srv_is_implied(p->view, t->type, srv->bytes, srv->nbytes) &&
	    !place_is_shown(t->places, srv->bytes, srv->nbytes))
		n = zone_draft_remove(p->draft, t->type, DNS_TYPE_SRV, srv->bytes, srv->nbytes);
	return n < 0 ? n : 0;
}

int view_type_srv_reconcile(struct view_pass *p, const uint8_t *type)
{
	struct at_type t = at_type(p, type);
	int ret = 0;

	if (!p->rule->has_srv)
		return 0;
	/* Not all candidates were browsed when the set began. */
	if (t.places != NULL && view_pass_is_noted(p, &p->barred, type))
		ret = end(&t);
	if (ret < 0)
		return ret;
	if (t.places == NULL)
		return each_record(&t, DNS_TYPE_PTR, restore_srvs);
	ret = place_each(t.places, PLACE_CHOSEN, restore_place, &t);
	return ret == 0 ? each_record(&t, DNS_TYPE_SRV, remove_waiting) : ret;
}

static int remove_stale(struct at_type *t, const struct zone_rdata *srv)
{
	struct view_pass *p = t->p;
	int n = 0;

	if (!view_type_srv_is_implied(p->view, t->type, srv->bytes, srv->nbytes))
		n = zone_draft_remove(p->draft, t->type, DNS_TYPE_SRV, srv->bytes, srv->nbytes);
	return n < 0 ? n : 0;
}

/* SRVs with another TTL than that of the rule are the administrator's. */
int view_type_srv_prune(struct view_pass *p, const uint8_t *type)
{
	uint32_t ttl_s = zone_draft_ttl(p->draft, type, DNS_TYPE_SRV, UINT32_MAX);
	struct at_type t = at_type(p, type);

	return ttl_s == p->rule->ttl_s || ttl_s == p->ttl_before_s
		       ? each_record(&t, DNS_TYPE_SRV, remove_stale)
		       : 0;
}

/* Removes an SRV of an owner; the record stays while another instance implies it, unless it has no
 * place. */
static int remove_srv(struct at_type *t, uint32_t owner, const uint8_t *rdata, size_t nbytes)
{
	struct view *v = t->p->view;
	int n = t->places == NULL
			? 0
			: place_remove(&v->places, t->places, owner, rdata, nbytes, on_place, t);

	if (n == 0 && undo_pairs_count(&v->pairs, srv_hash(v, t->type, rdata, nbytes)) == 0)
		n = zone_draft_remove(t->p->draft, t->type, DNS_TYPE_SRV, rdata, nbytes);
	return n < 0 ? n : 0;
}

/* ---- what an instance implies ---- */

static uint64_t node_hash(const struct view *v, const uint8_t *node)
{
	return view_hash(v, VIEW_RUNS_ON, node);
}

/* An SRV whose target comes to be written in another case is replaced. */
static uint64_t spelled_hash(const struct view *v, const struct zone_rdata *srv)
{
	return base_hash(srv->bytes, srv->nbytes, v->srvs.seed);
}

/* Makes p->implied the hashes of SRVs and their targets. */
static int note_implied(const struct at_type *t, const struct zone_rrset *set)
{
	struct view_pass *p = t->p;
	const uint8_t *at = set->data;
	struct zone_rdata one;
	int ret = 0;

	base_seen_clear(&p->implied);
	while (ret >= 0 && zone_rrset_next(set, &at, &one)) {
		ret = base_seen_add(&p->implied, spelled_hash(p->view, &one));
		if (ret >= 0)
			ret = base_seen_add(&p->implied,
					    node_hash(p->view, one.bytes + DNS_SRV_TARGET));
	}
	return ret < 0 ? ret : 0;
}

/* Refers the entry of an instance to a node as long as that has an address of its own. */
static int ref_node(struct view_pass *p, const uint8_t *node, uint64_t id)
{
	return view_address_is_own(p, node) ? view_reverse_ref(p, node, id)
					    : view_reverse_unref(p, node, id);
}

/* Adds what the instance implies from now on. */
static int add_implied(struct at_type *t, uint32_t owner, uint64_t id,
		       const struct zone_rrset *next)
{
	struct view *v = t->p->view;
	const uint8_t *at = next->data;
	struct zone_rdata one;
	int ret = 0;

	while (ret == 0 && zone_rrset_next(next, &at, &one)) {
		uint64_t hash = srv_hash(v, t->type, one.bytes, one.nbytes);
		bool is_new = !undo_pairs_has(&v->pairs, hash, id);

		ret = undo_pairs_add(&v->pairs, hash, id);
		if (ret == 0)
			ret = add_srv(t, owner, one.bytes, one.nbytes, is_new);
		if (ret == 0)
			ret = ref_node(t->p, one.bytes + DNS_SRV_TARGET, id);
	}
	return ret;
}

int view_type_srv_ref_nodes(struct view_pass *p, const uint8_t *instance)
{
	const struct zone_rrset set = srvs_of(p, instance);
	uint64_t id = id_of(p->view, p->zone, instance);
	const uint8_t *at = set.data;
	struct zone_rdata one;
	int ret = 0;

	while (ret == 0 && zone_rrset_next(&set, &at, &one))
		ret = ref_node(p, one.bytes + DNS_SRV_TARGET, id);
	return ret;
}

/* Removes what the instance implied until now and no longer does. */
static int remove_implied(struct at_type *t, uint32_t owner, uint64_t id,
			  const struct zone_rrset *before, const struct zone_rrset *next)
{
	struct view *v = t->p->view;
	const uint8_t *at = before->data;
	const struct base_seen *implied = &t->p->implied;
	struct zone_rdata one;
	int ret = before->nbytes == 0 ? 0 : note_implied(t, next);

	while (ret == 0 && zone_rrset_next(before, &at, &one)) {
		if (base_seen_has(implied, spelled_hash(v, &one)))
			continue;
		ret = undo_pairs_remove(&v->pairs, srv_hash(v, t->type, one.bytes, one.nbytes), id);
		if (ret == 0)
			ret = remove_srv(t, owner, one.bytes, one.nbytes);
		if (ret == 0 && !base_seen_has(implied, node_hash(v, one.bytes + DNS_SRV_TARGET)))
			ret = view_reverse_unref(t->p, one.bytes + DNS_SRV_TARGET, id);
	}
	return ret;
}

/* Replaces the entry of an instance; `before` is a copy of the old one. What the instance no longer
 * implies, all of it if the owner is another, is removed before the rest is added: if the set gets
 * short of places then, its candidates are those that hold. */
static int replace_implied(struct at_type *t, const uint8_t *instance,
			   const struct undo_list *before, const uint8_t *next, size_t nnext)
{
	struct view *v = t->p->view;
	uint64_t id = id_of(v, t->p->zone, instance);
	const struct zone_rrset old = set_over(before);
	struct zone_rrset new = nothing;
	uint32_t owner = nnext == 0 ? 0 : base_load32(next);
	uint32_t old_owner = before->nbytes == 0 ? owner : base_load32(before->bytes);
	int ret = undo_list_put(&v->srvs, t->p->zone, instance, next, nnext);

	if (nnext > 0) {
		new.data = next + HEAD_NBYTES;
		new.nbytes = (uint32_t)(nnext - HEAD_NBYTES);
	}
	if (ret == 0)
		ret = remove_implied(t, old_owner, id, &old, owner == old_owner ? &new : &nothing);
	if (ret == 0)
		ret = add_implied(t, owner, id, &new);
	return ret == 0 ? end_if_empty(t) : ret;
}

int view_type_srv_update(struct view_pass *p, const uint8_t *type, const uint8_t *instance,
			 bool is_live)
{
	const struct undo_list *before = undo_list_of(&p->view->srvs, p->zone, instance);
	struct at_type t = at_type(p, type);
	uint8_t *next = NULL;
	struct undo_list *copy;
	size_t nnext = 0, nbefore = before == NULL ? 0 : before->nbytes;
	int ret;

	if (is_live) {
		next = implied(p, instance, &nnext);
		if (next == NULL)
			return -ENOMEM;
	}
	/* Most updates change nothing here. A covered target may get an address of its own, which
	 * changes what node the instance runs on and no more. */
	if (!p->is_reconciling && nbefore == nnext &&
	    (nnext == 0 || (memcmp(before->bytes, next, nnext) == 0 && next[HEAD_COVERED] == 0))) {
		free(next);
		return 0;
	}
	copy = malloc(sizeof(*copy) + nbefore);
	if (copy == NULL) {
		free(next);
		return -ENOMEM;
	}
	copy->nbytes = nbefore;
	if (nbefore > 0)
		memcpy(copy->bytes, before->bytes, nbefore);
	ret = replace_implied(&t, instance, copy, next, nnext);
	free(copy);
	free(next);
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
		uint64_t id = e->hash;

		while (ret == 0 && zone_rrset_next(&set, &at, &one)) {
			ret = undo_pairs_remove(&v->pairs, srv_hash(v, type, one.bytes, one.nbytes),
						id);
			if (ret == 0)
				ret = undo_pairs_remove(
					&v->listed, node_hash(v, one.bytes + DNS_SRV_TARGET), id);
		}
	}
	return ret == 0 ? undo_table_forget(&v->srvs, zone) : ret;
}
