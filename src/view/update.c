/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "view/update.h"

#include <stdlib.h>

#include "dns/type.h"
#include "dns/update.h"
#include "dnssd/kind.h"
#include "view/address.h"
#include "view/browse.h"
#include "view/drain.h"
#include "view/flip.h"
#include "view/live.h"
#include "view/mark.h"
#include "view/reverse.h"
#include "view/subtype.h"
#include "view/suspect.h"
#include "view/type_srv.h"
#include "zone/draft.h"

enum { INSTANCES_OF_LOOK = 4 }; /* that are passed in a walk through a zone's */

/* ---- which names a change concerns ---- */

/* Returns whether a name belongs to a zone with a view. */
static bool is_ours(const struct view_pass *p, const uint8_t *owner)
{
	return p->rule != NULL && dns_name_is_under(owner, p->zone);
}

static bool is_address(uint16_t type)
{
	return type == DNS_TYPE_A || type == DNS_TYPE_AAAA;
}

/* Notes where a CNAME or a delegation is gone that may have barred derived records: all instances
 * of a type, or all types of the list, are concerned. */
static void collect_bar(struct view_pass *p, const uint8_t *owner)
{
	enum dnssd_kind kind = dnssd_kind_of(owner, p->zone);

	if (kind == DNSSD_TYPE || kind == DNSSD_SUBTYPE) {
		view_pass_note(p, &p->types, dnssd_kind_type(owner, p->zone));
		view_pass_note(p, &p->barred, dnssd_kind_type(owner, p->zone));
	} else if (view_browse_is_list(p, owner)) {
		p->has_touched_lists = true;
		view_pass_note(p, &p->barred, owner);
	}
}

/* Any client may add or remove a record at a type or in a list. Yet an SRV that is implied is there
 * while it has a place, and a type is listed while it has PTRs, of whatever target. */
static void collect_other(struct view_pass *p, const struct dns_record *r)
{
	if (dnssd_kind_of(r->owner, p->zone) == DNSSD_TYPE)
		view_pass_note(p, &p->types, r->owner);
	if (r->type != DNS_TYPE_PTR || !view_browse_is_list(p, r->owner))
		return;
	p->has_touched_lists = true;
	if (r->rdata != NULL && view_browse_is_type(p, r->rdata))
		view_pass_note(p, &p->types, r->rdata);
}

static void collect(struct view_pass *p, const struct dns_record *r, bool is_added)
{
	const uint8_t *target = view_target(p->zone, r->owner, r->type, r->rdata);

	if (target == NULL) {
		if (dnssd_kind_of(r->owner, p->zone) == DNSSD_INSTANCE)
			view_pass_touch(p, r->owner);
		else if (r->type == DNS_TYPE_PTR || r->type == DNS_TYPE_SRV)
			collect_other(p, r);
		return;
	}
	view_pass_touch(p, target);
	if (dnssd_kind_of(r->owner, p->zone) != DNSSD_SUBTYPE)
		return;
	view_pass_fail_if(p, is_added ? view_subtype_add(p->view, p->zone, target, r->owner)
				      : view_subtype_remove(p->view, p->zone, target, r->owner));
	view_pass_fail_if(p, undo_names_append(&p->pointers, r->owner));
	view_pass_fail_if(p, undo_names_append(&p->pointers, target));
}

void view_update_removed(struct view_pass *p, const struct dns_record *record)
{
	if (!is_ours(p, record->owner))
		return;
	collect(p, record, false);
	if (record->rdata == NULL)
		return;
	if (record->type == DNS_TYPE_CNAME || record->type == DNS_TYPE_NS)
		collect_bar(p, record->owner);
	view_flip_touch(p, record->owner, record->type);
	if (is_address(record->type))
		view_pass_fail_if(p, view_reverse_removed(p, record));
}

void view_update_added(struct view_pass *p, const struct dns_record *record)
{
	if (!is_ours(p, record->owner))
		return;
	collect(p, record, true);
	view_flip_touch(p, record->owner, record->type);
	if (is_address(record->type))
		view_reverse_touch(p, record->owner);
}

void view_update_mentioned(struct view_pass *p, const struct dns_update_record *r)
{
	const struct dns_record record = {r->owner, r->type, r->ttl, r->rdata, r->nbytes};

	if (!is_ours(p, r->owner))
		return;
	if (r->rrclass != DNS_CLASS_ANY)
		collect(p, &record, r->rrclass == DNS_CLASS_IN);
	else if (dnssd_kind_of(r->owner, p->zone) == DNSSD_INSTANCE)
		view_pass_touch(p, r->owner);
	if (r->nadded == 0 || r->rrclass != DNS_CLASS_IN)
		return;
	view_flip_touch(p, r->owner, r->type);
	if (is_address(r->type))
		view_reverse_touch(p, r->owner);
	if (view_target(p->zone, r->owner, r->type, r->rdata) != NULL)
		view_pass_point(p, r->rdata);
}

/* ---- making the derived records agree ---- */

static int report_gone(const struct view_pass *p, const uint8_t *owner, const uint8_t *instance)
{
	const struct dns_record pointer = {
		.owner = owner,
		.type = DNS_TYPE_PTR,
		.rdata = instance,
		.nbytes = (uint16_t)dns_name_nbytes(instance),
	};

	return p->view->on_gone == NULL ? 0
					: p->view->on_gone(p->view->gone_arg, p->zone, &pointer);
}

/* Forgets an instance without records: if it is registered again, its subtypes and mark are those
 * that it gets then. Its PTRs are nobody's from now on. */
static int forget_gone(struct view_pass *p, const uint8_t *instance)
{
	const uint8_t *label, *type = dnssd_kind_type(instance, p->zone);
	const struct undo_list *subtypes = view_subtype_list(p->view, p->zone, instance);
	uint8_t subtype[DNS_NAME_MAX];
	int ret;

	/* PTRs may be registered before the instance. */
	if (view_pass_is_pointed(p, instance))
		return 0;
	ret = report_gone(p, type, instance);
	for (size_t at = 0; ret == 0 && (label = view_subtype_next(subtypes, &at)) != NULL;)
		if (view_subtype_name(subtype, label, type))
			ret = report_gone(p, subtype, instance);
	if (ret == 0)
		ret = view_subtype_clear(p->view, p->zone, instance);
	return ret == 0 ? view_mark_put(p->view, p->zone, instance, &view_mark_none, NULL) : ret;
}

static int update_instance(struct view_pass *p, const uint8_t *instance)
{
	bool is_ready = view_live_is_ready(p, instance);
	bool is_up = is_ready && view_type_srv_has_target(p, instance);
	int ret = view_address_update(p, instance, is_ready);

	if (ret < 0)
		return ret;
	if (is_up && !view_mark_is_suspect(p->view, p->zone, instance))
		view_suspect_note_healthy(p, instance);
	if (!is_up || !view_suspect_is_withdrawn(p, view_mark_of(p->view, p->zone, instance)))
		ret = view_live_set(p, instance, is_up);
	return ret == 0 && zone_draft_count(p->draft, instance) == 0 ? forget_gone(p, instance)
								     : ret;
}

/* Updates an instance that the change names. */
static int update_named(struct view_pass *p, const uint8_t *instance)
{
	int ret = update_instance(p, instance);
	const uint8_t *target = view_address_missing(p->view, p->zone, instance);

	if (target != NULL) {
		p->notice.is_unaddressed = true;
		dns_name_lower(p->notice.target, target);
	}
	return ret;
}

static int update_type(struct view_pass *p, const uint8_t *type)
{
	int ret = p->is_reconciling ? view_type_srv_trim(p, type) : 0;

	return ret == 0 ? view_browse_list(p, type) : ret;
}

/* Calls `each` with the names of a set from the offset `at` on, those included that it adds itself.
 */
static int for_each_from(struct view_pass *p, const struct undo_names *names, size_t at,
			 int (*each)(struct view_pass *p, const uint8_t *name))
{
	uint8_t name[DNS_NAME_MAX];
	int ret = 0;

	for (; at < names->nbytes && ret == 0; at += dns_name_nbytes(name)) {
		dns_name_lower(name, names->bytes + at);
		ret = each(p, name);
	}
	return ret;
}

static int for_each(struct view_pass *p, const struct undo_names *names,
		    int (*each)(struct view_pass *p, const uint8_t *name))
{
	return for_each_from(p, names, 0, each);
}

/* Updates the instances whose nodes have got an address or lost it, after those that the change
 * names, which are right then. They are not of the key that made the change. */
static int update_flipped(struct view_pass *p)
{
	const uint8_t *key = p->key;
	size_t at = p->touched.nbytes;
	int ret = view_flip_collect(p);

	p->key = NULL;
	if (ret == 0)
		ret = for_each_from(p, &p->touched, at, update_instance);
	p->key = key;
	return ret;
}

/* Makes the PTRs at subtypes agree that the change concerns itself. An instance that became live or
 * ceased to be has its PTRs, or not, at all of its subtypes already. */
static int update_pointers(struct view_pass *p)
{
	const struct undo_names *l = &p->pointers;
	int ret = 0;

	for (size_t at = 0; at < l->nbytes && ret == 0;) {
		const uint8_t *owner = l->bytes + at, *instance = owner + dns_name_nbytes(owner);

		at += dns_name_nbytes(owner) + dns_name_nbytes(instance);
		ret = view_live_point(p, owner, instance);
	}
	return ret;
}

/* Updates each type of a touched instance once. */
static int update_types(struct view_pass *p)
{
	struct undo_names types = {0};
	int ret = 0;

	for (size_t at = 0; at < p->touched.nbytes && ret >= 0;
	     at += dns_name_nbytes(p->touched.bytes + at)) {
		const uint8_t *type = dnssd_kind_type(p->touched.bytes + at, p->zone);

		ret = base_seen_add(&p->seen, view_hash(p->view, VIEW_PANIC, type));
		if (ret > 0)
			ret = undo_names_append(&types, type);
	}
	if (ret >= 0 && p->view->listed.used > 0 && !p->is_reconciling) {
		ret = for_each(p, &types, view_suspect_update);
		if (ret == 0)
			ret = for_each(p, &p->touched, view_suspect_update_touched);
	}
	if (ret >= 0)
		ret = for_each(p, &types, update_type);
	free(types.bytes);
	return ret;
}

/* While reconciling, its instances are all updated themselves. */
static int remake_type(struct view_pass *p, const uint8_t *type)
{
	int ret = p->is_reconciling ? 0 : view_type_srv_reconcile(p, type);

	return ret == 0 ? view_browse_list(p, type) : ret;
}

/* Notes a live instance of a barred type, or its type if the list was barred. */
static int collect_instance(struct view_pass *p, const uint8_t *instance, bool is_listing)
{
	const uint8_t *type = dnssd_kind_type(instance, p->zone);
	int ret = 0;

	if (view_pass_is_noted(p, &p->barred, type)) {
		ret = view_pass_look(p, view_live_looks(p, instance));
		view_pass_touch(p, instance);
	}
	if (is_listing)
		view_pass_note(p, &p->types, type);
	return ret;
}

/* Notes what is concerned because a name no longer bars derived records, in one walk for all such
 * names. A list has PTRs of types without live instances, too. */
static int collect_barred(struct view_pass *p)
{
	bool is_listing = view_browse_is_barred(p);
	struct undo_entry *e = NULL;
	int ret = view_pass_look(p, p->view->srvs.count / INSTANCES_OF_LOOK);

	while (ret == 0 && (e = undo_table_next_in(&p->view->srvs, p->zone, e)) != NULL)
		ret = collect_instance(p, undo_entry_name(e), is_listing);
	return ret == 0 && is_listing ? view_browse_collect(p) : ret;
}

static int update_drain(struct view_pass *p, const uint8_t *instance)
{
	int ret = view_drain_update(p, instance);

	return ret < 0 ? ret : 0;
}

int view_update(struct view_pass *p)
{
	int ret = p->error;

	if (ret == 0 && p->barred.nbytes > 0)
		ret = collect_barred(p);
	if (ret == 0 && (p->view->nodes.count > 0 || p->is_reconciling))
		ret = for_each(p, &p->touched, update_drain);
	if (ret == 0)
		ret = for_each(p, &p->restored, view_drain_overlay);
	if (ret == 0)
		ret = for_each(p, &p->touched, update_named);
	if (ret == 0 && !p->is_reconciling)
		ret = update_flipped(p);
	if (ret == 0)
		ret = update_pointers(p);
	if (ret == 0)
		ret = update_types(p);
	if (ret == 0)
		ret = for_each(p, &p->types, remake_type);
	if (ret == 0 && p->has_touched_lists)
		ret = view_browse_domains(p);
	if (ret == 0)
		ret = for_each(p, &p->nodes, view_reverse_update);
	view_pass_clear(p);
	return ret == 0 ? p->error : ret;
}

bool view_update_is_waiting(const struct view *v, const uint8_t *zone, const uint8_t *owner,
			    const uint8_t *target)
{
	return v->places.nwaiting > 0 && view_target(zone, owner, DNS_TYPE_PTR, target) != NULL &&
	       view_browse_is_waiting(v, zone, owner, target);
}
