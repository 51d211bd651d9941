/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What becomes of suspects where they are withdrawn: they are no longer browsed, unless that would
 * leave their type without an instance. */

#include <stdlib.h>

#include "dns/type.h"
#include "dnssd/kind.h"
#include "view/view_priv.h"
#include "zone/draft.h"

static bool is_withdrawing(const struct view *s)
{
	return s->rule->suspect.then == VIEW_WITHDRAW;
}

bool view_suspect_is_withdrawn(const struct view *s, const struct view_mark *mark)
{
	return mark != NULL && mark->is_suspect && is_withdrawing(s);
}

static int is_sound(struct view *s, const uint8_t *instance)
{
	return dns_name_is_under(instance, s->zone) &&
	       dnssd_kind_of(instance, s->zone) == DNSSD_INSTANCE &&
	       !view_is_suspect(s, s->zone, instance) && view_is_up(s, instance);
}

/* Whether an instance of the type is live without being suspect. They are all browsed, or wait for
 * it: mostly the first that is looked at is one. */
static bool has_sound(struct view *s, const uint8_t *type)
{
	struct zone_rrset set;
	struct zone_rdata one;
	const uint8_t *at;

	if (zone_draft_find(s->draft, type, DNS_TYPE_PTR, &set)) {
		at = set.data;
		while (zone_rrset_next(&set, &at, &one))
			if (is_sound(s, one.bytes))
				return true;
	}
	return view_browse_each_waiting(s, type, is_sound) > 0;
}

/* Whether an instance of that mark is a suspect of the type, and would be live. */
static bool is_of(const struct view *s, const struct view_mark *mark, const uint8_t *instance,
		  const uint8_t *type)
{
	return mark != NULL && mark->is_suspect &&
	       dns_name_equal(dnssd_kind_type(instance, s->zone), type) && view_is_up(s, instance);
}

/* The one that became suspect last; of two at once the one whose name comes last. NULL: there is
 * none. */
static const struct undo_entry *last_of(const struct view *s, const uint8_t *type)
{
	const struct undo_entry *e = NULL, *last = NULL;

	while ((e = undo_table_next_in(&s->marks, s->zone, e)) != NULL) {
		const struct view_mark *a = e->content, *b = last == NULL ? NULL : last->content;

		if (!is_of(s, a, undo_entry_name(e), type))
			continue;
		if (b == NULL || a->suspect_ms > b->suspect_ms ||
		    (a->suspect_ms == b->suspect_ms &&
		     dns_name_compare(undo_entry_name(e), undo_entry_name(last)) > 0))
			last = e;
	}
	return last;
}

/* That a type is in panic is kept, so that an update of a sound instance need not look at all
 * suspects. */
static int set_panic(struct view *s, const uint8_t *type, bool is_panic)
{
	uint64_t hash = view_hash(s, 'p', type);

	return is_panic ? undo_pairs_add(&s->holds, hash, hash)
			: undo_pairs_drop(&s->holds, hash, hash);
}

static bool was_panic(const struct view *s, const uint8_t *type)
{
	return undo_pairs_count(&s->holds, view_hash(s, 'p', type)) > 0;
}

/* The suspects that the update touches. */
static int withdraw_touched(struct view *s, const uint8_t *type)
{
	uint8_t name[DNS_NAME_MAX];
	int ret = 0;

	for (size_t at = 0; at < s->touched.nbytes && ret == 0; at += dns_name_nbytes(name)) {
		dns_name_lower(name, s->touched.bytes + at);
		if (is_of(s, view_mark_of(s, s->zone, name), name, type))
			ret = view_set_live(s, name, false);
	}
	return ret;
}

static int set_all(struct view *s, const uint8_t *type, bool is_panic)
{
	const struct undo_entry *e = NULL, *last;
	uint32_t panic = s->rule->suspect.panic;
	int ret = 0;

	last = is_panic && panic == VIEW_PANIC_LAST ? last_of(s, type) : NULL;
	while (ret == 0 && (e = undo_table_next_in(&s->marks, s->zone, e)) != NULL)
		if (is_of(s, e->content, undo_entry_name(e), type))
			ret = view_set_live(s, undo_entry_name(e),
					    is_panic && (panic == VIEW_PANIC_ALL || e == last));
	return ret;
}

int view_suspect_update(struct view *s, const uint8_t *type)
{
	bool is_panic = is_withdrawing(s) && s->rule->suspect.panic != VIEW_PANIC_NONE &&
			!has_sound(s, type);
	bool is_same = !s->is_following && !is_panic && !was_panic(s, type);
	int ret = set_panic(s, type, is_panic);

	if (ret < 0 || !is_withdrawing(s))
		return ret;
	return is_same ? withdraw_touched(s, type) : set_all(s, type, is_panic);
}

int view_suspect_update_all(struct view *s)
{
	struct undo_names types = {0};
	struct undo_entry *e = NULL;
	int ret = 0;

	while (ret >= 0 && (e = undo_table_next_in(&s->marks, s->zone, e)) != NULL)
		ret = undo_names_note(&types, dnssd_kind_type(undo_entry_name(e), s->zone));
	for (size_t at = 0; ret >= 0 && at < types.nbytes;
	     at += dns_name_nbytes(types.bytes + at)) {
		ret = view_suspect_update(s, types.bytes + at);
		if (ret == 0)
			ret = view_browse_list(s, types.bytes + at);
	}
	free(types.bytes);
	return ret < 0 ? ret : 0;
}
