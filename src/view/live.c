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

int view_live_set(struct view_pass *p, const uint8_t *instance, bool is_live)
{
	uint8_t spelled[DNS_NAME_MAX], subtype[DNS_NAME_MAX];
	const uint8_t *label, *type;
	const struct undo_list *subtypes = view_subtype_list(p->view, p->zone, instance);
	int ret;

	zone_draft_spelling(p->draft, instance, spelled);
	type = dnssd_kind_type(spelled, p->zone);
	ret = view_browse_set(p, type, spelled, is_live);
	for (size_t at = 0; ret == 0 && (label = view_subtype_next(subtypes, &at)) != NULL;)
		if (view_subtype_name(subtype, label, type))
			ret = view_browse_set(p, subtype, spelled, is_live);
	return ret == 0 ? view_type_srv_update(p, type, spelled, is_live) : ret;
}
