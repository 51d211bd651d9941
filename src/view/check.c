/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Checking a service view: it is made anew from a version, and must come out as it is. */

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "view/view_priv.h"
#include "zone/draft.h"
#include "zone/zone.h"

/* The subtypes of an instance that is not live, and marks, are what a version does not say; all
 * else is made anew from it. */
static int copy(struct view *to, const struct view *from, const uint8_t *zone)
{
	struct undo_entry *e = NULL;
	int ret = view_mark_copy(to, from, zone);

	to->draft_of = from->draft_of;
	to->arg = from->arg;
	to->reverse = from->reverse;
	to->nreverse = from->nreverse;
	while (ret == 0 && (e = undo_table_next_in(&from->subtypes, zone, e)) != NULL) {
		const struct undo_list *l = e->content;

		ret = undo_list_put(&to->subtypes, zone, undo_entry_name(e), l->bytes, l->nbytes);
	}
	return ret;
}

/* A record of the kind that the registry makes, by its TTL, though no instance implies it. */
static bool is_stale(const struct view *s, const struct dns_record *r)
{
	if (r->ttl != s->rule->ttl_s)
		return false;
	if (r->type == DNS_TYPE_SRV && dnssd_kind_of(r->owner, s->zone) == DNSSD_TYPE)
		return !view_type_srv_is_implied(s, r->owner, r->rdata, r->nbytes);
	return r->type == DNS_TYPE_PTR && view_browse_is_list(s, r->owner) &&
	       dnssd_label_is(r->owner, "_services") && dns_name_is_under(r->rdata, s->zone) &&
	       !view_has(s, r->rdata, DNS_TYPE_PTR);
}

/* That, and PTRs of DNS-SD to instances that have no record at all. */
static int check_stale(const struct view *s, const struct zone_snapshot *snapshot,
		       view_difference_fn on_wrong, void *arg)
{
	struct zone_cursor *c = zone_cursor_new(snapshot);
	struct dns_record r;

	while (c != NULL && zone_cursor_next(c, &r))
		if ((view_target(s->zone, r.owner, r.type, r.rdata) != NULL &&
		     zone_draft_count(s->draft, r.rdata) == 0) ||
		    is_stale(s, &r))
			on_wrong(arg, false, &r);
	zone_cursor_free(c);
	return c == NULL ? -ENOMEM : 0;
}

static void tell_changes(const uint8_t *bytes, size_t nbytes, bool is_missing,
			 view_difference_fn on_wrong, void *arg)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	struct dns_record r;

	while (zone_changeset_next(&b, &r))
		if (r.type != DNS_TYPE_SOA)
			on_wrong(arg, is_missing, &r);
}

/* What making the view anew has changed in a draft. */
static int tell_draft(struct zone_draft *draft, view_difference_fn on_wrong, void *arg)
{
	struct zone_changeset changes;
	int ret = zone_draft_seal(draft, &changes);

	if (ret > 0) {
		tell_changes(changes.added, changes.nadded_bytes, true, on_wrong, arg);
		tell_changes(changes.removed, changes.nremoved_bytes, false, on_wrong, arg);
	}
	return ret < 0 ? ret : 0;
}

static int check_reverse(struct view *s, view_difference_fn on_wrong, void *arg)
{
	int ret = 0;

	for (size_t i = 0; i < s->nreverse && ret == 0; i++) {
		bool is_loaded = zone_current(s->reverse[i]) != NULL;
		struct zone_draft *draft = is_loaded ? s->draft_of(s->arg, s->reverse[i]) : NULL;

		if (is_loaded)
			ret = draft == NULL ? -ENOMEM : tell_draft(draft, on_wrong, arg);
	}
	return ret;
}

int view_check(const struct view *s, const struct view_rule *rule,
	       const struct zone_snapshot *snapshot, struct zone_draft *draft,
	       view_difference_fn on_wrong, void *arg)
{
	struct view fresh;
	int ret = view_init(&fresh, s->subtypes.seed);

	if (ret == 0)
		ret = copy(&fresh, s, zone_name(zone_draft_zone(draft)));
	if (ret == 0)
		ret = view_reconcile(&fresh, rule, rule->ttl_s, snapshot, draft);
	if (ret == 0)
		ret = check_stale(&fresh, snapshot, on_wrong, arg);
	if (ret == 0)
		ret = check_reverse(&fresh, on_wrong, arg);
	if (ret == 0)
		ret = tell_draft(draft, on_wrong, arg);
	fresh.reverse = NULL;
	view_fini(&fresh);
	return ret;
}
