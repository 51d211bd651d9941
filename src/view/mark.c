/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "view/mark.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dnssd/kind.h"

const struct view_mark view_mark_none;

const struct view_mark *view_mark_of(const struct view *v, const uint8_t *zone,
				     const uint8_t *instance)
{
	return undo_table_content(&v->marks, zone, instance);
}

bool view_mark_is_suspect(const struct view *v, const uint8_t *zone, const uint8_t *instance)
{
	const struct view_mark *mark = view_mark_of(v, zone, instance);

	return mark != NULL && mark->is_suspect;
}

uint32_t view_mark_suspects(const struct view *v, const uint8_t *type)
{
	return v->marks.count == 0
		       ? 0
		       : undo_pairs_count(&v->listed, view_hash(v, VIEW_SUSPECT_OF, type));
}

const struct undo_entry *view_mark_suspect(const struct view *v, const uint8_t *type,
					   uint32_t number)
{
	uint64_t key = view_hash(v, VIEW_SUSPECT_OF, type);

	return undo_table_find_hash(&v->marks, undo_pairs_member(&v->listed, key, number));
}

static int list_suspect(struct view *v, const struct undo_entry *e, bool is_suspect)
{
	const uint8_t *type = dnssd_kind_type(undo_entry_name(e), undo_entry_zone(e));
	uint64_t key = view_hash(v, VIEW_SUSPECT_OF, type);

	return is_suspect ? undo_pairs_add(&v->listed, key, e->hash)
			  : undo_pairs_remove(&v->listed, key, e->hash);
}

/* Counts the flags when a mark replaces another; each may be NULL. Undoing the batch restores the
 * numbers. */
static void count(struct view *v, const struct view_mark *before, const struct view_mark *next)
{
	if (before != NULL) {
		v->nsuspects -= before->is_suspect;
		v->ndrained -= before->is_drained;
	}
	if (next != NULL) {
		v->nsuspects += next->is_suspect;
		v->ndrained += next->is_drained;
	}
}

int view_mark_put(struct view *v, const uint8_t *zone, const uint8_t *instance,
		  const struct view_mark *mark, const uint8_t *owner_txt)
{
	struct view_mark *copy = NULL;
	struct undo_entry *e;
	struct undo_key key;
	int ret;

	undo_table_key(&v->marks, &key, zone, instance, 0);
	if (mark->is_suspect || mark->is_drained) {
		e = undo_table_take(&v->marks, &key);
		copy = malloc(sizeof(*copy) + mark->nowner_txt);
		if (e == NULL || copy == NULL) {
			free(copy);
			return -ENOMEM;
		}
		*copy = *mark;
		if (mark->nowner_txt > 0)
			memcpy(copy->owner_txt, owner_txt, mark->nowner_txt);
	} else {
		e = undo_table_find(&v->marks, &key);
		if (e == NULL || e->content == NULL)
			return 0;
	}
	count(v, e->content, copy);
	ret = undo_table_put(&v->marks, e, copy);
	return ret == 0 ? list_suspect(v, e, mark->is_suspect) : ret;
}

int view_mark_copy(struct view *to, const struct view *from, const uint8_t *zone)
{
	struct undo_entry *e = NULL;
	int ret = 0;

	while (ret == 0 && (e = undo_table_next_in(&from->marks, zone, e)) != NULL) {
		const struct view_mark *mark = e->content;

		ret = view_mark_put(to, zone, undo_entry_name(e), mark, mark->owner_txt);
	}
	return ret;
}

int view_mark_forget(struct view *v, const uint8_t *zone)
{
	struct undo_entry *e = NULL;
	int ret = 0;

	while (ret == 0 && (e = undo_table_next_in(&v->marks, zone, e)) != NULL)
		ret = view_mark_put(v, zone, undo_entry_name(e), &view_mark_none, NULL);
	return ret;
}
