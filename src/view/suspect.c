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
	int ret = view_pass_look(p, view_live_looks(p, instance));

	if (ret < 0)
		return ret;
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

/* ---- panics ---- */

static uint64_t panic_hash(const struct view_pass *p, const uint8_t *type)
{
	return view_hash(p->view, VIEW_PANIC, type);
}

static uint64_t healthy_hash(const struct view_pass *p, const uint8_t *type)
{
	return ~panic_hash(p, type);
}

void view_suspect_note_healthy(struct view_pass *p, const uint8_t *instance)
{
	if (p->view->marks.count > 0 && is_withdrawing(p))
		view_pass_fail_if(
			p, base_seen_add(&p->seen,
					 healthy_hash(p, dnssd_kind_type(instance, p->zone))));
}

struct waiting {
	const struct view_pass *p;
	const uint8_t *type;
};

/* Returns 1, which ends a walk, at an instance that is healthy; 0; or -ECANCELED. */
static int stop_at_healthy(const struct view_pass *p, const uint8_t *instance)
{
	int ret = view_pass_look(p, 1);

	return ret < 0 ? ret : is_healthy(p, instance);
}

static int stop_at_waiting(void *arg, const struct place_candidate *c, bool is_chosen)
{
	const struct waiting *w = arg;
	uint8_t instance[DNS_NAME_MAX];

	(void)is_chosen;
	return dns_name_join(instance, c->spelled, c->nbytes, w->type) > 0
		       ? stop_at_healthy(w->p, instance)
		       : 0;
}

/* Returns whether the type has an instance that is live without being suspect, or -ECANCELED. All
 * live instances are browsed or wait for that; usually the first one examined is healthy. */
static int has_healthy(struct view_pass *p, const uint8_t *type)
{
	const struct place_set *places =
		place_find(&p->view->places, p->zone, type, PLACE_POINTERS);
	struct waiting w = {p, type};
	struct zone_rrset set;
	struct zone_rdata one;
	const uint8_t *at;
	int ret = base_seen_has(&p->seen, healthy_hash(p, type));

	if (ret == 0 && zone_draft_find(p->draft, type, DNS_TYPE_PTR, &set)) {
		at = set.data;
		while (ret == 0 && zone_rrset_next(&set, &at, &one))
			ret = stop_at_healthy(p, one.bytes);
	}
	return ret == 0 && places != NULL ? place_each(places, PLACE_WAITING, stop_at_waiting, &w)
					  : ret;
}

/* Finds the suspect of a type that is up and became suspect last (of several at once, the last by
 * name); NULL: none is up. Returns 0 or -ECANCELED. */
static int last_of(const struct view_pass *p, const uint8_t *type, const struct undo_entry **last)
{
	uint32_t n = view_mark_suspects(p->view, type);
	int ret = view_pass_look(p, n);

	*last = NULL;
	for (uint32_t i = 0; ret == 0 && i < n; i++) {
		const struct undo_entry *e = view_mark_suspect(p->view, type, i);
		const struct view_mark *a = e->content,
				       *b = *last == NULL ? NULL : (*last)->content;

		if (!view_live_is_up(p, undo_entry_name(e)))
			continue;
		if (b == NULL || a->suspect_ms > b->suspect_ms ||
		    (a->suspect_ms == b->suspect_ms &&
		     dns_name_compare(undo_entry_name(e), undo_entry_name(*last)) > 0))
			*last = e;
	}
	return ret;
}

/* Returns what is stored of the panic of a type, so that an update need not look at all suspects:
 * 0: it is in none; panic_hash: all suspects are live; else the entry of the one that is. */
static uint64_t panic_of(const struct view_pass *p, const uint8_t *type)
{
	uint64_t key = panic_hash(p, type);

	return undo_pairs_count(&p->view->listed, key) == 0
		       ? 0
		       : undo_pairs_member(&p->view->listed, key, 0);
}

static int set_panic(struct view_pass *p, const uint8_t *type, uint64_t before, uint64_t next)
{
	uint64_t key = panic_hash(p, type);
	int ret = 0;

	if (before != 0 && before != next)
		ret = undo_pairs_remove(&p->view->listed, key, before);
	return ret == 0 && next != 0 ? undo_pairs_add(&p->view->listed, key, next) : ret;
}

/* Finds what the panic of a type is now, as panic_of returns it. Returns 0 or -ECANCELED. */
static int find_panic(struct view_pass *p, const uint8_t *type, uint64_t *panic)
{
	enum view_panic rule = p->rule->suspect.panic;
	const struct undo_entry *last;
	int ret;

	*panic = 0;
	if (!is_withdrawing(p) || rule == VIEW_PANIC_NONE || view_mark_suspects(p->view, type) == 0)
		return 0;
	ret = has_healthy(p, type);
	if (ret != 0)
		return ret < 0 ? ret : 0;
	if (rule == VIEW_PANIC_ALL) {
		*panic = panic_hash(p, type);
		return 0;
	}
	ret = last_of(p, type, &last);
	if (ret == 0 && last != NULL)
		*panic = last->hash;
	return ret;
}

/* ---- withdrawing ---- */

static bool is_live_in(const struct view_pass *p, const uint8_t *type, uint64_t panic,
		       uint64_t entry)
{
	return panic != 0 && (panic == entry || panic == panic_hash(p, type));
}

/* Withdraws a suspect, or makes it live. */
static int set_suspect(struct view_pass *p, const uint8_t *type, uint64_t panic,
		       const struct undo_entry *e)
{
	const struct view_mark *mark = e == NULL ? NULL : e->content;
	int ret;

	if (mark == NULL || !mark->is_suspect || !view_live_is_up(p, undo_entry_name(e)))
		return view_pass_look(p, 1);
	ret = view_pass_look(p, view_live_looks(p, undo_entry_name(e)));
	return ret == 0 ? view_live_set(p, undo_entry_name(e), is_live_in(p, type, panic, e->hash))
			: ret;
}

static int set_all(struct view_pass *p, const uint8_t *type, uint64_t panic)
{
	int ret = 0;

	for (uint32_t i = 0, n = view_mark_suspects(p->view, type); ret == 0 && i < n; i++)
		ret = set_suspect(p, type, panic, view_mark_suspect(p->view, type, i));
	return ret;
}

/* Sets the one suspect that a panic makes live; 0: there is none. */
static int set_one(struct view_pass *p, const uint8_t *type, uint64_t panic, uint64_t hash)
{
	return hash == 0 ? 0
			 : set_suspect(p, type, panic, undo_table_find_hash(&p->view->marks, hash));
}

int view_suspect_update(struct view_pass *p, const uint8_t *type)
{
	uint64_t before = panic_of(p, type), all = panic_hash(p, type), next;
	int ret = find_panic(p, type, &next);

	if (ret == 0)
		ret = set_panic(p, type, before, next);
	if (ret < 0 || !is_withdrawing(p) || (next == before && !p->is_reconciling))
		return ret;
	if (p->is_reconciling || before == all || next == all)
		return set_all(p, type, next);
	ret = set_one(p, type, next, before);
	return ret == 0 ? set_one(p, type, next, next) : ret;
}

int view_suspect_update_touched(struct view_pass *p, const uint8_t *instance)
{
	const uint8_t *type = dnssd_kind_type(instance, p->zone);
	struct undo_key key;

	if (p->view->marks.count == 0 || !is_withdrawing(p) ||
	    !view_suspect_is_withdrawn(p, view_mark_of(p->view, p->zone, instance)) ||
	    !view_live_is_up(p, instance))
		return 0;
	undo_table_key(&p->view->marks, &key, p->zone, instance, 0);
	return view_live_set(p, instance, is_live_in(p, type, panic_of(p, type), key.hash));
}

int view_suspect_update_all(struct view_pass *p)
{
	struct undo_names types = {0};
	struct undo_entry *e = NULL;
	int ret = 0;

	while (ret >= 0 && (e = undo_table_next_in(&p->view->marks, p->zone, e)) != NULL) {
		const uint8_t *type = dnssd_kind_type(undo_entry_name(e), p->zone);

		ret = base_seen_add(&p->seen, panic_hash(p, type));
		if (ret > 0)
			ret = undo_names_append(&types, type);
	}
	for (size_t at = 0; ret >= 0 && at < types.nbytes;
	     at += dns_name_nbytes(types.bytes + at)) {
		ret = view_suspect_update(p, types.bytes + at);
		if (ret == 0)
			ret = view_browse_list(p, types.bytes + at);
	}
	free(types.bytes);
	return ret < 0 ? ret : 0;
}
