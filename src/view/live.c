/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "view/live.h"

#include "dnssd/kind.h"
#include "view/browse.h"
#include "view/instance.h"
#include "view/mark.h"
#include "view/subtype.h"
#include "view/type_srv.h"
#include "zone/draft.h"

bool view_live_is_up(const struct view_pass *p, const uint8_t *instance)
{
	const struct view_mark *mark = view_mark_of(p->view, p->zone, instance);

	return (mark == NULL || !mark->is_drained) && view_type_srv_has_target(p, instance) &&
	       view_instance_state(p->draft, instance) == DNSSD_UP;
}

/* The entry of the instance, which has its owner, changes last. */
int view_live_set(struct view_pass *p, const uint8_t *instance, bool is_live)
{
	int (*set)(struct view_pass *, const uint8_t *, const uint8_t *) =
		is_live ? view_browse_add : view_browse_remove;
	const struct undo_list *subtypes = view_subtype_list(p->view, p->zone, instance);
	uint8_t spelled[DNS_NAME_MAX], subtype[DNS_NAME_MAX];
	bool was_live;
	uint32_t before, now;
	const uint8_t *label, *type;
	int ret;

	zone_draft_spelling(p->draft, instance, spelled);
	type = dnssd_kind_type(spelled, p->zone);
	was_live = view_type_srv_owner(p->view, p->zone, instance, &before);
	ret = set(p, type, spelled);
	for (size_t at = 0; ret == 0 && (label = view_subtype_next(subtypes, &at)) != NULL;)
		if (view_subtype_name(subtype, label, type))
			ret = set(p, subtype, spelled);
	if (ret == 0)
		ret = view_type_srv_update(p, type, spelled, is_live);
	is_live = view_type_srv_owner(p->view, p->zone, instance, &now);
	if (ret == 0 && is_live && (!was_live || before != now))
		ret = view_browse_ref_type(p, type, now);
	if (ret == 0 && was_live && (!is_live || before != now))
		ret = view_browse_unref_type(p, type, before);
	return ret;
}
