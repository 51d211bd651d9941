/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "view/node.h"

#include <errno.h>
#include <stdlib.h>

#include "dns/rdata.h"
#include "dns/type.h"
#include "zone/draft.h"

/* A node is drained in all zones: its entry is in the zone of the root. */
static const uint8_t root[1] = {0};

int view_node_set(struct view *v, const uint8_t *node, bool is_drained)
{
	struct undo_entry *e;
	struct undo_key key;
	uint8_t *content;
	int ret;

	if (view_node_is_drained(v, node) == is_drained)
		return 0;
	undo_table_key(&v->nodes, &key, root, node, 0);
	e = undo_table_take(&v->nodes, &key);
	content = is_drained ? malloc(1) : NULL;
	if (e == NULL || (is_drained && content == NULL)) {
		free(content);
		return -ENOMEM;
	}
	if (is_drained)
		*content = 1;
	ret = undo_table_put(&v->nodes, e, content);
	return ret < 0 ? ret : 1;
}

bool view_node_is_drained(const struct view *v, const uint8_t *node)
{
	return v->nodes.count > 0 && undo_table_content(&v->nodes, root, node) != NULL;
}

bool view_node_is_targeted(const struct view_pass *p, const uint8_t *instance)
{
	struct zone_rrset set;
	struct zone_rdata one;
	const uint8_t *at;

	if (p->view->nodes.count == 0 ||
	    !zone_draft_find(p->draft, instance, DNS_TYPE_SRV, &set))
		return false;
	at = set.data;
	while (zone_rrset_next(&set, &at, &one))
		if (view_node_is_drained(p->view, one.bytes + DNS_SRV_TARGET))
			return true;
	return false;
}

const uint8_t *view_node_next(const struct view *v, const struct undo_entry **e)
{
	*e = undo_table_next(&v->nodes, *e);
	return *e == NULL ? NULL : undo_entry_name(*e);
}

int view_node_copy(struct view *to, const struct view *from)
{
	const struct undo_entry *e = NULL;
	const uint8_t *node;
	int ret = 0;

	while (ret >= 0 && (node = view_node_next(from, &e)) != NULL)
		ret = view_node_set(to, node, true);
	return ret < 0 ? ret : 0;
}
