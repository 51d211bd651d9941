/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "view/live.h"

#include "dnssd/kind.h"
#include "undo/list.h"
#include "view/browse.h"
#include "view/instance.h"
#include "view/mark.h"
#include "view/type_srv.h"

bool view_live_is_up(const struct view_pass *p, const uint8_t *instance)
{
	const struct view_mark *mark = view_mark_of(p->view, p->zone, instance);

	return (mark == NULL || !mark->is_drained) && view_type_srv_has_target(p, instance) &&
	       view_instance_state(p->draft, instance) == DNSSD_UP;
}

int view_live_set(struct view_pass *p, const uint8_t *instance, bool is_live)
{
	const uint8_t *type = dnssd_kind_type(instance, p->zone);
	const struct undo_list *subtypes = undo_list_of(&p->view->subtypes, p->zone, instance);
	int ret = view_browse_set(p, type, instance, is_live);

	for (size_t at = 0; subtypes != NULL && at < subtypes->nbytes && ret == 0;
	     at += dns_name_nbytes(subtypes->bytes + at))
		ret = view_browse_set(p, subtypes->bytes + at, instance, is_live);
	return ret == 0 ? view_type_srv_update(p, type, instance, is_live) : ret;
}
