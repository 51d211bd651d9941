/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "view/reconcile.h"

#include <errno.h>

#include "dns/type.h"
#include "dnssd/kind.h"
#include "view/browse.h"
#include "view/drain.h"
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

/* Subtypes come first: an instance is updated with all of its subtypes. */
static int read_subtypes(struct view_pass *p, const struct zone_snapshot *snapshot)
{
	struct zone_cursor *c = zone_cursor_new(snapshot);
	struct dns_record r;

	while (c != NULL && p->error == 0 && zone_cursor_next(c, &r)) {
		const uint8_t *instance = view_target(p->zone, r.owner, r.type, r.rdata);

		if (instance != NULL && dnssd_kind_of(r.owner, p->zone) == DNSSD_SUBTYPE)
			view_pass_fail_if(p, view_subtype_add(p->view, p->zone, instance, r.owner));
	}
	if (c == NULL)
		return -ENOMEM;
	zone_cursor_free(c);
	return p->error;
}

static int update_instances(struct view_pass *p, const struct zone_snapshot *snapshot)
{
	struct zone_cursor *c = zone_cursor_new(snapshot);
	uint8_t last[DNS_NAME_MAX] = {0};
	struct dns_record r;
	int ret = c == NULL ? -ENOMEM : 0;

	while (ret == 0 && zone_cursor_next(c, &r)) {
		if (dns_name_equal(r.owner, last))
			continue;
		dns_name_lower(last, r.owner);
		if (dnssd_kind_of(last, p->zone) == DNSSD_TYPE)
			view_pass_note(p, &p->types, last);
		if (dnssd_kind_of(last, p->zone) != DNSSD_INSTANCE)
			continue;
		/* Types and lists are updated once for many instances. */
		if (p->touched.nbytes > TOUCHED_NBYTES)
			ret = view_update(p);
		view_pass_touch(p, last);
		/* A zone that was restored from its file and changes may have a drained instance's
		 * TXT of the file beside the overlay. */
		view_drain_restore(p, last);
	}
	zone_cursor_free(c);
	return ret == 0 ? view_update(p) : ret;
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

int view_reconcile(struct view_pass *p, const struct view_rule *rule, uint32_t ttl_before_s,
		   const struct zone_snapshot *snapshot, struct zone_draft *draft)
{
	int ret;

	view_pass_begin(p, rule, draft);
	p->is_reconciling = true;
	p->ttl_before_s = ttl_before_s;
	ret = view_browse_forget_places(p->view, p->zone);
	if (ret == 0)
		ret = prune_marks(p);
	if (ret == 0)
		ret = read_subtypes(p, snapshot);
	if (ret == 0)
		ret = update_instances(p, snapshot);
	if (ret == 0)
		ret = view_suspect_update_all(p);
	if (ret == 0)
		ret = view_update(p); /* of nodes whose suspects a panic has made live */
	if (ret == 0)
		ret = view_browse_prune(p);
	return ret == 0 ? view_reverse_prune(p) : ret;
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
		ret = view_mark_forget(v, zone);
	return ret == 0 ? undo_table_forget(&v->subtypes, zone) : ret;
}
