/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "view/live.h"

#include "dns/type.h"
#include "dnssd/kind.h"
#include "view/browse.h"
#include "view/instance.h"
#include "view/mark.h"
#include "view/subtype.h"
#include "view/type_srv.h"
#include "zone/draft.h"

bool view_live_is_ready(const struct view_pass *p, const uint8_t *instance)
{
	const struct view_mark *mark = view_mark_of(p->view, p->zone, instance);

	return (mark == NULL || !mark->is_drained) && view_pass_has(p, instance, DNS_TYPE_SRV) &&
	       view_instance_state(p->draft, instance) == DNSSD_UP;
}

bool view_live_is_up(const struct view_pass *p, const uint8_t *instance)
{
	return view_live_is_ready(p, instance) && view_type_srv_has_target(p, instance);
}

static int set_pointer(struct view_pass *p, const uint8_t *owner, const uint8_t *instance,
		       bool is_live)
{
	return is_live ? view_browse_add(p, owner, instance)
		       : view_browse_remove(p, owner, instance);
}

static int set_subtypes(struct view_pass *p, const uint8_t *type, const uint8_t *instance,
			bool is_live)
{
	const struct undo_list *subtypes = view_subtype_list(p->view, p->zone, instance);
	uint8_t subtype[DNS_NAME_MAX];
	const uint8_t *label;
	int ret = 0;

	for (size_t at = 0; ret == 0 && (label = view_subtype_next(subtypes, &at)) != NULL;)
		if (view_subtype_name(subtype, label, type))
			ret = set_pointer(p, subtype, instance, is_live);
	return ret;
}

/* Counts the instance of a type and owner in place of what it was before. */
static int ref_type(struct view_pass *p, const uint8_t *type, const uint8_t *instance,
		    bool was_live, uint32_t before)
{
	uint32_t now;
	bool is_live = view_type_srv_owner(p->view, p->zone, instance, &now);
	int ret = 0;

	if (is_live == was_live && now == before)
		return 0;
	if (is_live)
		ret = view_browse_ref_type(p, type, now);
	return ret == 0 && was_live ? view_browse_unref_type(p, type, before) : ret;
}

/* An instance that stays what it is has its PTRs at subtypes already (view_live_point); the entry
 * of the instance, which has its owner, changes last. */
int view_live_set(struct view_pass *p, const uint8_t *instance, bool is_live)
{
	uint8_t spelled[DNS_NAME_MAX];
	const uint8_t *type;
	bool was_live;
	uint32_t before;
	int ret;

	zone_draft_spelling(p->draft, instance, spelled);
	type = dnssd_kind_type(spelled, p->zone);
	was_live = view_type_srv_owner(p->view, p->zone, instance, &before);
	ret = set_pointer(p, type, spelled, is_live);
	if (ret == 0 && (is_live != was_live || p->is_reconciling || p->barred.nbytes > 0 ||
			 (is_live && before != view_pass_owner(p, instance))))
		ret = set_subtypes(p, type, spelled, is_live);
	if (ret == 0)
		ret = view_type_srv_update(p, type, spelled, is_live);
	return ret == 0 ? ref_type(p, type, spelled, was_live, before) : ret;
}

unsigned view_live_derived(const struct view_pass *p, const uint8_t *instance)
{
	unsigned n = view_subtypes_of(p->view, p->zone, instance);
	struct zone_rrset srvs;

	if (zone_draft_measure(p->draft, instance, DNS_TYPE_SRV, &srvs))
		n += srvs.count < VIEW_SRVS_MAX ? srvs.count : VIEW_SRVS_MAX;
	return n;
}

uint64_t view_live_looks(const struct view_pass *p, const uint8_t *instance)
{
	return (1 + (uint64_t)view_live_derived(p, instance)) * VIEW_LOOKS_OF_DERIVED;
}

int view_live_point(struct view_pass *p, const uint8_t *owner, const uint8_t *instance)
{
	uint8_t spelled[DNS_NAME_MAX];
	uint32_t id;

	/* The subtype may have been removed again by a later record. */
	if (view_subtypes(p->view, p->zone, instance, owner) > 0)
		return set_pointer(p, owner, instance, false);
	zone_draft_spelling(p->draft, instance, spelled);
	return set_pointer(p, owner, spelled, view_type_srv_owner(p->view, p->zone, instance, &id));
}
