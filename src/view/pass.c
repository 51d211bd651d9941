/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "view/pass.h"

#include <errno.h>
#include <stdlib.h>

#include "base/budget.h"
#include "dns/type.h"
#include "zone/draft.h"
#include "zone/zone.h"

void view_pass_init(struct view_pass *p, struct view *view)
{
	*p = (struct view_pass){.view = view};
}

void view_pass_fini(struct view_pass *p)
{
	free(p->touched.bytes);
	free(p->types.bytes);
	free(p->barred.bytes);
	free(p->nodes.bytes);
	free(p->pointers.bytes);
	free(p->addressed.bytes);
	free(p->seen.slot);
	free(p->implied.slot);
	free(p->restored.bytes);
}

void view_pass_clear(struct view_pass *p)
{
	undo_names_clear(&p->touched);
	undo_names_clear(&p->types);
	undo_names_clear(&p->nodes);
	undo_names_clear(&p->pointers);
	undo_names_clear(&p->addressed);
	base_seen_clear(&p->seen);
	undo_names_clear(&p->restored);
	undo_names_clear(&p->barred);
	p->has_touched_lists = p->has_touched_cover = false;
}

void view_pass_begin(struct view_pass *p, const struct view_rule *rule, struct zone_draft *draft)
{
	p->rule = rule != NULL && rule->is_on ? rule : NULL;
	p->draft = draft;
	p->zone = zone_name(zone_draft_zone(draft));
	p->key = NULL;
	p->budget = NULL;
	view_pass_clear(p);
	p->nflip_looks = VIEW_FLIP_LOOKS;
	p->is_reconciling = false;
	p->error = 0;
	p->notice.has_grown = p->notice.is_full = p->notice.is_new = false;
	p->notice.is_unaddressed = false;
}

void view_pass_fail_if(struct view_pass *p, int ret)
{
	if (ret < 0 && p->error == 0)
		p->error = ret;
}

int view_pass_look(const struct view_pass *p, uint64_t n)
{
	return p->budget == NULL || base_budget_take(p->budget, n) ? 0 : -ECANCELED;
}

/* A name in two sets has two hashes. */
static uint64_t seen_hash(const struct view_pass *p, const struct undo_names *set,
			  const uint8_t *name)
{
	ptrdiff_t number = set == NULL ? -1 : set - &p->touched;

	return view_hash(p->view, VIEW_INSTANCE, name) + (uint64_t)number * 0x9e3779b97f4a7c15ull;
}

int view_pass_note(struct view_pass *p, struct undo_names *set, const uint8_t *name)
{
	int ret = base_seen_add(&p->seen, seen_hash(p, set, name));

	if (ret > 0)
		ret = undo_names_append(set, name);
	view_pass_fail_if(p, ret);
	return ret;
}

bool view_pass_is_noted(const struct view_pass *p, const struct undo_names *set,
			const uint8_t *name)
{
	return base_seen_has(&p->seen, seen_hash(p, set, name));
}

void view_pass_touch(struct view_pass *p, const uint8_t *instance)
{
	view_pass_note(p, &p->touched, instance);
}

void view_pass_point(struct view_pass *p, const uint8_t *instance)
{
	view_pass_fail_if(p, base_seen_add(&p->seen, seen_hash(p, NULL, instance)));
}

bool view_pass_is_pointed(const struct view_pass *p, const uint8_t *instance)
{
	return base_seen_has(&p->seen, seen_hash(p, NULL, instance));
}

uint32_t view_pass_owner(const struct view_pass *p, const uint8_t *instance)
{
	const struct view *v = p->view;
	const uint8_t *key =
		v->owner_of == NULL ? NULL : v->owner_of(v->owner_arg, p->zone, instance);

	if (key == NULL)
		key = p->key;
	return key == NULL ? 0 : (uint32_t)view_hash(v, VIEW_OWNER, key) | 1;
}

bool view_pass_has(const struct view_pass *p, const uint8_t *owner, uint16_t type)
{
	struct zone_rrset set;

	return zone_draft_measure(p->draft, owner, type, &set);
}

int view_pass_add(const struct view_pass *p, struct zone_draft *draft, const uint8_t *owner,
		  uint16_t type, const uint8_t *rdata, size_t nbytes)
{
	uint32_t ttl = p->rule->ttl_s;
	struct zone_rrset set;

	if (zone_draft_bars(draft, owner, type) || zone_draft_find(draft, owner, DNS_TYPE_NS, &set))
		return 0;
	/* An RRset has one TTL (RFC 2181 section 5.2). SRVs of the administrator at the type keep
	 * theirs, since only the TTL distinguishes his records from derived ones. */
	if (type == DNS_TYPE_SRV)
		ttl = zone_draft_ttl(draft, owner, type, ttl);
	return zone_draft_add(draft, owner, type, ttl, rdata, nbytes);
}

int view_pass_retime(const struct view_pass *p, struct zone_draft *draft, const uint8_t *owner,
		     uint16_t type, const uint8_t *rdata, size_t nbytes)
{
	if (!p->is_reconciling || p->ttl_before_s == p->rule->ttl_s ||
	    zone_draft_ttl(draft, owner, type, UINT32_MAX) != p->ttl_before_s)
		return 0;
	return zone_draft_add(draft, owner, type, p->rule->ttl_s, rdata, nbytes);
}

int view_pass_set(const struct view_pass *p, struct zone_draft *draft, const uint8_t *owner,
		  uint16_t type, const uint8_t *rdata, size_t nbytes, bool is_wanted)
{
	if (!is_wanted)
		return zone_draft_remove(draft, owner, type, rdata, nbytes);
	if (zone_draft_has(draft, owner, type, rdata, nbytes))
		return view_pass_retime(p, draft, owner, type, rdata, nbytes);
	return view_pass_add(p, draft, owner, type, rdata, nbytes);
}
