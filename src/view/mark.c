/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "dnssd/kind.h"
#include "view/view_priv.h"

enum {
	FLAG_DRAINED = 1,
	FLAG_SUSPECT = 2,
	NOTE_HEAD = 9
}; /* octets of a note: since when it is suspect, or 0; flags; then what it said */

const struct view_mark *view_mark_of(const struct view *s, const uint8_t *zone,
				     const uint8_t *instance)
{
	return undo_table_content(&s->marks, zone, instance);
}

uint32_t view_mark_suspects(const struct view *s, const uint8_t *type)
{
	return s->marks.count == 0 ? 0 : undo_pairs_count(&s->holds, view_hash(s, 's', type));
}

/* The number of suspects of its type follows a mark. */
static int count(struct view *s, const uint8_t *zone, const uint8_t *instance, bool is_suspect)
{
	uint64_t type = view_hash(s, 's', dnssd_kind_type(instance, zone));
	uint64_t id = view_hash(s, 'i', instance);

	return is_suspect ? undo_pairs_add(&s->holds, type, id)
			  : undo_pairs_drop(&s->holds, type, id);
}

static int put(struct view *s, const uint8_t *zone, const uint8_t *instance,
	       const struct view_mark *mark, const uint8_t *said)
{
	struct view_mark *copy = NULL;
	struct undo_entry *e;
	struct undo_key key;
	int ret;

	undo_table_key(&s->marks, &key, zone, instance, 0);
	if (mark->is_suspect || mark->is_drained) {
		e = undo_table_take(&s->marks, &key);
		copy = malloc(sizeof(*copy) + mark->nsaid);
		if (e == NULL || copy == NULL) {
			free(copy);
			return -ENOMEM;
		}
		*copy = *mark;
		if (mark->nsaid > 0)
			memcpy(copy->said, said, mark->nsaid);
	} else {
		e = undo_table_find(&s->marks, &key);
		if (e == NULL || e->content == NULL)
			return 0;
	}
	ret = undo_table_put(&s->marks, e, copy);
	return ret == 0 ? count(s, zone, instance, mark->is_suspect) : ret;
}

int view_mark_put(struct view *s, const uint8_t *instance, const struct view_mark *mark,
		  const uint8_t *said)
{
	return put(s, s->zone, instance, mark, said);
}

size_t view_mark_item_size(const struct undo_entry *e)
{
	const struct view_mark *mark = e->content;

	return mark == NULL ? 0 : NOTE_HEAD + mark->nsaid;
}

void view_mark_item_write(const struct undo_entry *e, uint8_t *out)
{
	const struct view_mark *mark = e->content;

	if (mark == NULL)
		return;
	base_store64(out, mark->suspect_ms);
	out[8] = (uint8_t)((mark->is_drained ? FLAG_DRAINED : 0) |
			   (mark->is_suspect ? FLAG_SUSPECT : 0));
	memcpy(out + NOTE_HEAD, mark->said, mark->nsaid);
}

int view_mark_item_read(struct view *s, const uint8_t *zone, const uint8_t *instance,
			const uint8_t *bytes, size_t nbytes)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	struct view_mark mark = {0};
	uint8_t flags;

	if (nbytes > 0) {
		mark.suspect_ms = base_buf_u64(&b);
		flags = base_buf_u8(&b);
		mark.is_drained = (flags & FLAG_DRAINED) != 0;
		mark.is_suspect = (flags & FLAG_SUSPECT) != 0;
		mark.nsaid = base_buf_left(&b);
		while (!b.has_failed && base_buf_left(&b) > 0)
			base_buf_take(&b, base_buf_u16(&b));
		if (b.has_failed)
			return -EBADMSG;
	}
	return put(s, zone, instance, &mark, nbytes > 0 ? bytes + NOTE_HEAD : NULL);
}

int view_mark_copy(struct view *to, const struct view *from, const uint8_t *zone)
{
	struct undo_entry *e = NULL;
	int ret = 0;

	while (ret == 0 && (e = undo_table_next_in(&from->marks, zone, e)) != NULL) {
		const struct view_mark *mark = e->content;

		ret = put(to, zone, undo_entry_name(e), mark, mark->said);
	}
	return ret;
}

int view_mark_forget(struct view *s, const uint8_t *zone)
{
	static const struct view_mark none;
	struct undo_entry *e = NULL;
	int ret = 0;

	while (ret == 0 && (e = undo_table_next_in(&s->marks, zone, e)) != NULL)
		ret = put(s, zone, undo_entry_name(e), &none, NULL);
	return ret;
}
