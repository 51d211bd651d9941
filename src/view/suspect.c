/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "view/suspect.h"

#include <stdlib.h>

#include "dns/type.h"
#include "dnssd/kind.h"
#include "view/browse.h"
#include "view/live.h"
#include "view/mark.h"
#include "zone/draft.h"

int view_suspect_set(struct view_pass *p, const uint8_t *instance, bool is_suspect, uint64_t now_ms)
{
	const struct view_mark *mark = view_mark_of(p->view, p->zone, instance);
	struct view_mark next = mark == NULL ? view_mark_none : *mark;

	next.is_suspect = is_suspect;
	next.suspect_ms = is_suspect ? now_ms : 0;
	view_pass_touch(p, instance);
	return view_mark_put(p->view, p->zone, instance, &next,
			     mark == NULL ? NULL : mark->owner_txt);
}

static bool is_withdrawing(const struct view_pass *p)
{
	return p->rule->suspect.then == VIEW_WITHDRAW;
}

bool view_suspect_is_withdrawn(const struct view_pass *p, const struct view_mark *mark)
{
	return mark != NULL && mark->is_suspect && is_withdrawing(p);
}

static bool is_healthy(const struct view_pass *p, const uint8_t *instance)
{
	return dns_name_is_under(instance, p->zone) &&
	       dnssd_kind_of(instance, p->zone) == DNSSD_INSTANCE &&
	       !view_mark_is_suspect(p->view, p->zone, instance) && view_live_is_up(p, instance);
}

struct waiting {
	const struct view_pass *p;
	const uint8_t *type;
};

/* Returns 1, which ends a walk, at an instance that is healthy; else 0. */
static int stop_at_waiting(void *arg, const struct view_candidate *c, bool is_chosen)
{
	const struct waiting *w = arg;
	uint8_t instance[DNS_NAME_MAX];

	(void)is_chosen;
	return dns_name_join(instance, c->spelled, c->nbytes, w->type) > 0 &&
	       is_healthy(w->p, instance);
}

/* Returns whether the type has an instance that is live without being suspect. All live instances
 * are browsed or wait for that; usually the first one examined is healthy. */
static bool has_healthy(struct view_pass *p, const uint8_t *type)
{
	const struct view_place_set *places =
		view_place_find(&p->view->places, p->zone, type, VIEW_PLACE_POINTERS);
	struct waiting w = {p, type};
	struct zone_rrset set;
	struct zone_rdata one;
	const uint8_t *at;

	if (zone_draft_find(p->draft, type, DNS_TYPE_PTR, &set)) {
		at = set.data;
		while (zone_rrset_next(&set, &at, &one))
			if (is_healthy(p, one.bytes))
				return true;
	}
	if (places == NULL)
		return false;
	return view_place_each(places, true, stop_at_waiting, &w) > 0;
}

/* Returns whether an instance with that mark is a suspect of the type that is up. */
static bool is_suspect_of(const struct view_pass *p, const struct view_mark *mark,
			  const uint8_t *instance, const uint8_t *type)
{
	return mark != NULL && mark->is_suspect &&
	       dns_name_equal(dnssd_kind_type(instance, p->zone), type) &&
	       view_live_is_up(p, instance);
}

/* Returns the suspect of the type that became so last (of several at once, the last by name), or
 * NULL. */
static const struct undo_entry *last_of(const struct view_pass *p, const uint8_t *type)
{
	const struct undo_entry *e = NULL, *last = NULL;

	while ((e = undo_table_next_in(&p->view->marks, p->zone, e)) != NULL) {
		const struct view_mark *a = e->content, *b = last == NULL ? NULL : last->content;

		if (!is_suspect_of(p, a, undo_entry_name(e), type))
			continue;
		if (b == NULL || a->suspect_ms > b->suspect_ms ||
		    (a->suspect_ms == b->suspect_ms &&
		     dns_name_compare(undo_entry_name(e), undo_entry_name(last)) > 0))
			last = e;
	}
	return last;
}

/* The panic of a type is stored, so that an update of a healthy instance need not look at all
 * suspects. */
static int set_panic(struct view_pass *p, const uint8_t *type, bool is_panic)
{
	uint64_t hash = view_hash(p->view, VIEW_PANIC, type);

	return is_panic ? undo_pairs_add(&p->view->pairs, hash, hash)
			: undo_pairs_remove(&p->view->pairs, hash, hash);
}

static bool was_in_panic(const struct view_pass *p, const uint8_t *type)
{
	return undo_pairs_count(&p->view->pairs, view_hash(p->view, VIEW_PANIC, type)) > 0;
}

/* Withdraws the suspects that the update touches. */
static int withdraw_touched(struct view_pass *p, const uint8_t *type)
{
	uint8_t name[DNS_NAME_MAX];
	int ret = 0;

	for (size_t at = 0; at < p->touched.nbytes && ret == 0; at += dns_name_nbytes(name)) {
		dns_name_lower(name, p->touched.bytes + at);
		if (is_suspect_of(p, view_mark_of(p->view, p->zone, name), name, type))
			ret = view_live_set(p, name, false);
	}
	return ret;
}

static int set_all(struct view_pass *p, const uint8_t *type, bool is_panic)
{
	const struct undo_entry *e = NULL, *last;
	uint32_t panic = p->rule->suspect.panic;
	int ret = 0;

	last = is_panic && panic == VIEW_PANIC_LAST ? last_of(p, type) : NULL;
	while (ret == 0 && (e = undo_table_next_in(&p->view->marks, p->zone, e)) != NULL)
		if (is_suspect_of(p, e->content, undo_entry_name(e), type))
			ret = view_live_set(p, undo_entry_name(e),
					    is_panic && (panic == VIEW_PANIC_ALL || e == last));
	return ret;
}

int view_suspect_update(struct view_pass *p, const uint8_t *type)
{
	bool is_panic = is_withdrawing(p) && p->rule->suspect.panic != VIEW_PANIC_NONE &&
			!has_healthy(p, type);
	bool is_same = !p->is_reconciling && !is_panic && !was_in_panic(p, type);
	int ret = set_panic(p, type, is_panic);

	if (ret < 0 || !is_withdrawing(p))
		return ret;
	return is_same ? withdraw_touched(p, type) : set_all(p, type, is_panic);
}

int view_suspect_update_all(struct view_pass *p)
{
	struct undo_names types = {0};
	struct undo_entry *e = NULL;
	int ret = 0;

	while (ret >= 0 && (e = undo_table_next_in(&p->view->marks, p->zone, e)) != NULL)
		ret = undo_names_add(&types, dnssd_kind_type(undo_entry_name(e), p->zone));
	for (size_t at = 0; ret >= 0 && at < types.nbytes;
	     at += dns_name_nbytes(types.bytes + at)) {
		ret = view_suspect_update(p, types.bytes + at);
		if (ret == 0)
			ret = view_browse_list(p, types.bytes + at);
	}
	free(types.bytes);
	return ret < 0 ? ret : 0;
}
