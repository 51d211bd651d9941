/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "view/reconcile.h"

#include <errno.h>
#include <stdlib.h>

#include "dns/type.h"
#include "dnssd/kind.h"
#include "view/address.h"
#include "view/browse.h"
#include "view/drain.h"
#include "view/flip.h"
#include "view/mark.h"
#include "view/reverse.h"
#include "view/subtype.h"
#include "view/suspect.h"
#include "view/type_srv.h"
#include "view/update.h"
#include "zone/cursor.h"
#include "zone/draft.h"
#include "zone/zone.h"

enum { TOUCHED_NBYTES = 4096 }; /* names of instances that are updated together */

/* Subtypes come first: an instance is updated with all of its subtypes. Returns 1 if the walk is
 * not over after `nrecords`, 0, or a negative errno. */
static int read_subtypes(struct view_pass *p, struct zone_cursor *c, size_t nrecords)
{
	struct dns_record r;

	for (; nrecords > 0 && p->error == 0; nrecords--) {
		const uint8_t *instance;

		if (!zone_cursor_next(c, &r))
			return 0;
		instance = view_target(p->zone, r.owner, r.type, r.rdata);
		if (instance != NULL && dnssd_kind_of(r.owner, p->zone) == DNSSD_SUBTYPE)
			view_pass_fail_if(p, view_subtype_add(p->view, p->zone, instance, r.owner));
	}
	return p->error < 0 ? p->error : 1;
}

/* Returns as read_subtypes. */
static int update_instances(struct view_pass *p, struct view_reconciling *w, size_t nrecords)
{
	struct dns_record r;
	int ret = 0;
	bool is_over = false;

	for (; ret == 0 && nrecords > 0; nrecords--) {
		is_over = !zone_cursor_next(w->cursor, &r);
		if (is_over)
			break;
		if (dns_name_equal(r.owner, w->last))
			continue;
		dns_name_lower(w->last, r.owner);
		if (dnssd_kind_of(w->last, p->zone) == DNSSD_TYPE) {
			view_pass_note(p, &p->types, w->last);
			if (view_pass_has(p, w->last, DNS_TYPE_SRV))
				view_pass_fail_if(p, undo_names_append(&w->types, w->last));
		}
		if (dnssd_kind_of(w->last, p->zone) != DNSSD_INSTANCE)
			continue;
		/* Types and lists are updated once for many instances. */
		if (p->touched.nbytes > TOUCHED_NBYTES)
			ret = view_update(p);
		view_pass_touch(p, w->last);
		/* A zone that was restored from its file and changes may have a drained instance's
		 * TXT of the file beside the overlay. */
		view_drain_restore(p, w->last);
	}
	if (ret == 0)
		ret = view_update(p);
	return ret < 0 ? ret : !is_over;
}

/* Returns as read_subtypes. */
static int prune_types(struct view_pass *p, struct view_reconciling *w, size_t ntypes)
{
	int ret = 0;

	for (; ret == 0 && ntypes > 0 && w->types_at < w->types.nbytes; ntypes--) {
		const uint8_t *type = w->types.bytes + w->types_at;

		w->types_at += dns_name_nbytes(type);
		ret = view_type_srv_prune(p, type);
	}
	return ret < 0 ? ret : w->types_at < w->types.nbytes;
}

/* Removes marks of instances that went while the zone had no view. */
static int prune_marks(struct view_pass *p)
{
	struct undo_entry *e = NULL;
	int ret = 0;

	while (ret == 0 && (e = undo_table_next_in(&p->view->marks, p->zone, e)) != NULL)
		if (zone_draft_count(p->draft, undo_entry_name(e)) == 0)
			ret = view_mark_put(p->view, p->zone, undo_entry_name(e), &view_mark_none,
					    NULL);
	return ret;
}

/* Begins a walk for a stage. Returns 0 or -ENOMEM. */
static int rewind_walk(struct view_reconciling *w)
{
	zone_cursor_free(w->cursor);
	w->cursor = zone_cursor_new(w->snapshot);
	return w->cursor == NULL ? -ENOMEM : 0;
}

void view_reconcile_begin(struct view_reconciling *w, const struct view_rule *rule,
			  uint32_t ttl_before_s, const struct zone_snapshot *snapshot)
{
	*w = (struct view_reconciling){
		.rule = *rule, .ttl_before_s = ttl_before_s, .snapshot = snapshot};
}

void view_reconcile_end(struct view_reconciling *w)
{
	zone_cursor_free(w->cursor);
	w->cursor = NULL;
	free(w->types.bytes);
	w->types = (struct undo_names){0};
}

static int begin_tables(struct view_pass *p)
{
	int ret = view_browse_forget_places(p->view, p->zone);

	if (ret == 0)
		ret = view_flip_forget(p->view, p->zone);
	return ret == 0 ? prune_marks(p) : ret;
}

static int end_tables(struct view_pass *p)
{
	int ret = view_suspect_update_all(p);

	if (ret == 0)
		ret = view_update(p); /* of nodes whose suspects a panic has made live */
	if (ret == 0)
		ret = view_browse_prune(p);
	return ret == 0 ? view_reverse_prune(p) : ret;
}

int view_reconcile_step(struct view_reconciling *w, struct view_pass *p, struct zone_draft *draft,
			size_t nrecords)
{
	int ret = 0;

	view_pass_begin(p, &w->rule, draft);
	p->is_reconciling = true;
	p->ttl_before_s = w->ttl_before_s;
	switch (w->stage) {
	case VIEW_RECONCILE_BEGIN:
		ret = begin_tables(p);
		break;
	case VIEW_RECONCILE_SUBTYPES:
		ret = read_subtypes(p, w->cursor, nrecords);
		break;
	case VIEW_RECONCILE_INSTANCES:
		ret = update_instances(p, w, nrecords);
		break;
	case VIEW_RECONCILE_TYPES:
		ret = prune_types(p, w, nrecords);
		break;
	case VIEW_RECONCILE_END:
		return end_tables(p);
	}
	/* The next stage walks through the zone from its beginning. */
	if (ret == 0) {
		w->stage++;
		ret = rewind_walk(w);
	}
	return ret < 0 ? ret : 1;
}

int view_reconcile(struct view_pass *p, const struct view_rule *rule, uint32_t ttl_before_s,
		   const struct zone_snapshot *snapshot, struct zone_draft *draft)
{
	struct view_reconciling walk;
	int ret;

	view_reconcile_begin(&walk, rule, ttl_before_s, snapshot);
	do
		ret = view_reconcile_step(&walk, p, draft, SIZE_MAX);
	while (ret > 0);
	view_reconcile_end(&walk);
	return ret;
}

int view_reconcile_reverse(struct view_pass *p, const struct view_rule *rule,
			   struct zone_draft *draft)
{
	struct undo_entry *e = NULL;
	int ret = 0;

	view_pass_begin(p, rule, draft);
	p->is_reconciling = true;
	p->ttl_before_s = rule->ttl_s;
	while (p->rule != NULL && ret == 0 &&
	       (e = undo_table_next_in(&p->view->srvs, p->zone, e)) != NULL) {
		ret = view_type_srv_ref_nodes(p, undo_entry_name(e));
		if (ret == 0)
			ret = view_update(p);
	}
	return ret == 0 && p->rule != NULL ? view_reverse_prune(p) : ret;
}

int view_reconcile_forget(struct view *v, const uint8_t *zone)
{
	int ret = view_browse_forget_places(v, zone);

	if (ret == 0)
		ret = view_type_srv_forget(v, zone);
	if (ret == 0)
		ret = view_address_forget(v, zone);
	if (ret == 0)
		ret = view_flip_forget(v, zone);
	if (ret == 0)
		ret = view_mark_forget(v, zone);
	return ret == 0 ? undo_table_forget(&v->subtypes, zone) : ret;
}
