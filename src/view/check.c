/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "view/check.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "dns/type.h"
#include "view/address.h"
#include "view/mark.h"
#include "view/node.h"
#include "view/pass.h"
#include "view/reconcile.h"
#include "view/subtype.h"
#include "zone/cursor.h"
#include "zone/draft.h"
#include "zone/zone.h"

/* Reports PTRs to instances without records. A client may have added them before these, so that
 * reconciling leaves them. */
static int report_stale(const struct view_pass *p, const struct zone_snapshot *snapshot,
			view_difference_fn on_difference, void *arg)
{
	struct zone_cursor *c = zone_cursor_new(snapshot);
	struct dns_record r;

	while (c != NULL && zone_cursor_next(c, &r))
		if (view_target(p->zone, r.owner, r.type, r.rdata) != NULL &&
		    zone_draft_count(p->draft, r.rdata) == 0)
			on_difference(arg, false, &r);
	zone_cursor_free(c);
	return c == NULL ? -ENOMEM : 0;
}

static void report_changes(const uint8_t *bytes, size_t nbytes, bool is_missing,
			   view_difference_fn on_difference, void *arg)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	struct dns_record r;

	while (zone_changeset_next(&b, &r))
		if (r.type != DNS_TYPE_SOA)
			on_difference(arg, is_missing, &r);
}

/* Reports what making the view again has changed in a draft. */
static int report_draft(struct zone_draft *draft, view_difference_fn on_difference, void *arg)
{
	struct zone_changeset changes;
	int ret = zone_draft_seal(draft, &changes);

	if (ret > 0) {
		report_changes(changes.added, changes.nadded_bytes, true, on_difference, arg);
		report_changes(changes.removed, changes.nremoved_bytes, false, on_difference, arg);
	}
	return ret < 0 ? ret : 0;
}

static int report_reverse(const struct view *v, view_difference_fn on_difference, void *arg)
{
	int ret = 0;

	for (size_t i = 0; i < v->nreverse && ret == 0; i++) {
		bool is_loaded = zone_current(v->reverse[i]) != NULL;
		struct zone_draft *draft =
			is_loaded ? v->draft_of(v->draft_arg, v->reverse[i]) : NULL;

		if (is_loaded)
			ret = draft == NULL ? -ENOMEM : report_draft(draft, on_difference, arg);
	}
	return ret;
}

int view_check_copy(struct view *fresh, const struct view *v, const uint8_t *zone)
{
	int ret = view_init(fresh, v->subtypes.seed);

	for (size_t i = 0; ret >= 0 && v->inner.slot != NULL && i <= v->inner.mask; i++)
		if (v->inner.slot[i] != 0)
			ret = base_seen_add(&fresh->inner, v->inner.slot[i]);
	if (ret >= 0)
		ret = view_mark_copy(fresh, v, zone);
	if (ret == 0)
		ret = view_node_copy(fresh, v);
	return ret == 0 ? view_subtype_copy(fresh, v, zone) : ret;
}

int view_check_run(struct view *fresh, const struct view_rule *rule,
		   const struct zone_snapshot *snapshot, struct zone_draft *draft,
		   view_difference_fn on_difference, void *arg)
{
	struct view_pass pass;
	int ret;

	view_pass_init(&pass, fresh);
	ret = view_reconcile(&pass, rule, rule->ttl_s, snapshot, draft);
	if (ret == 0)
		ret = report_stale(&pass, snapshot, on_difference, arg);
	if (ret == 0)
		ret = report_reverse(fresh, on_difference, arg);
	if (ret == 0)
		ret = report_draft(draft, on_difference, arg);
	view_pass_fini(&pass);
	return ret;
}

void view_check_unaddressed(const struct view *fresh, const uint8_t *zone, view_unaddressed_fn each,
			    void *arg)
{
	struct undo_entry *e = NULL;
	const uint8_t *target;

	while ((e = undo_table_next_in(&fresh->unaddressed, zone, e)) != NULL) {
		target = view_address_missing(fresh, zone, undo_entry_name(e));
		if (target != NULL)
			each(arg, undo_entry_name(e), target);
	}
}
