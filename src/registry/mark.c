/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "registry/place.h"
#include "registry/services_priv.h"

enum {
	FLAG_DRAINED = 1,
	FLAG_SUSPECT = 2,
	NOTE_HEAD = 9
}; /* octets of a note: since when it is suspect, or 0; flags; then what it said */

const struct registry_mark *registry_mark_of(const struct registry_services *s, const uint8_t *zone,
					     const uint8_t *instance)
{
	return registry_table_content(&s->marks, zone, instance);
}

uint32_t registry_mark_suspects(const struct registry_services *s, const uint8_t *type)
{
	return s->marks.count == 0
		       ? 0
		       : registry_holds_count(&s->holds, registry_services_hash(s, 's', type));
}

/* The number of suspects of its type follows a mark. */
static int count(struct registry_services *s, const uint8_t *zone, const uint8_t *instance,
		 bool is_suspect)
{
	uint64_t type = registry_services_hash(s, 's', registry_place_type(instance, zone));
	uint64_t id = registry_services_hash(s, 'i', instance);

	return is_suspect ? registry_holds_add(&s->holds, type, id)
			  : registry_holds_drop(&s->holds, type, id);
}

static int put(struct registry_services *s, const uint8_t *zone, const uint8_t *instance,
	       const struct registry_mark *mark, const uint8_t *said)
{
	struct registry_mark *copy = NULL;
	struct registry_entry *e;
	struct registry_key key;
	int ret;

	registry_table_key(&s->marks, &key, zone, instance, 0);
	if (mark->is_suspect || mark->is_drained) {
		e = registry_table_take(&s->marks, &key);
		copy = malloc(sizeof *copy + mark->nsaid);
		if (e == NULL || copy == NULL) {
			free(copy);
			return -ENOMEM;
		}
		*copy = *mark;
		if (mark->nsaid > 0)
			memcpy(copy->said, said, mark->nsaid);
	} else {
		e = registry_table_find(&s->marks, &key);
		if (e == NULL || e->content == NULL)
			return 0;
	}
	ret = registry_table_put(&s->marks, e, copy);
	return ret == 0 ? count(s, zone, instance, mark->is_suspect) : ret;
}

int registry_mark_put(struct registry_services *s, const uint8_t *instance,
		      const struct registry_mark *mark, const uint8_t *said)
{
	return put(s, s->zone, instance, mark, said);
}

size_t registry_mark_note_size(const struct registry_entry *e)
{
	const struct registry_mark *mark = e->content;

	return mark == NULL ? 0 : NOTE_HEAD + mark->nsaid;
}

void registry_mark_note_write(const struct registry_entry *e, uint8_t *out)
{
	const struct registry_mark *mark = e->content;

	if (mark == NULL)
		return;
	base_store64(out, mark->suspect_ms);
	out[8] = (uint8_t)((mark->is_drained ? FLAG_DRAINED : 0) |
			   (mark->is_suspect ? FLAG_SUSPECT : 0));
	memcpy(out + NOTE_HEAD, mark->said, mark->nsaid);
}

int registry_mark_note_read(struct registry_services *s, const uint8_t *zone,
			    const uint8_t *instance, const uint8_t *bytes, size_t nbytes)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	struct registry_mark mark = {0};
	uint8_t flags;

	if (nbytes > 0) {
		mark.suspect_ms = base_buf_u64(&b);
		flags = base_buf_u8(&b);
		mark.is_drained = (flags & FLAG_DRAINED) != 0;
		mark.is_suspect = (flags & FLAG_SUSPECT) != 0;
		mark.nsaid = base_buf_left(&b);
		while (!b.bad && base_buf_left(&b) > 0)
			base_buf_take(&b, base_buf_u16(&b));
		if (b.bad)
			return -EBADMSG;
	}
	return put(s, zone, instance, &mark, nbytes > 0 ? bytes + NOTE_HEAD : NULL);
}

int registry_mark_copy(struct registry_services *to, const struct registry_services *from,
		       const uint8_t *zone)
{
	struct registry_entry *e = NULL;
	int ret = 0;

	while (ret == 0 && (e = registry_table_next_in(&from->marks, zone, e)) != NULL) {
		const struct registry_mark *mark = e->content;

		ret = put(to, zone, registry_entry_name(e), mark, mark->said);
	}
	return ret;
}

int registry_mark_forget(struct registry_services *s, const uint8_t *zone)
{
	static const struct registry_mark none;
	struct registry_entry *e = NULL;
	int ret = 0;

	while (ret == 0 && (e = registry_table_next_in(&s->marks, zone, e)) != NULL)
		ret = put(s, zone, registry_entry_name(e), &none, NULL);
	return ret;
}
