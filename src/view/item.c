/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "view/item.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "dnssd/kind.h"
#include "undo/list.h"
#include "view/mark.h"

/* A mark's item: suspect_ms in eight octets, the flags in one, then owner_txt. */
enum { FLAG_DRAINED = 1, FLAG_SUSPECT = 2, MARK_HEAD = 9 };

/* Reads the zone and the instance out of an entry's key. */
static bool key_parse(const uint8_t *key, size_t nkey, uint8_t zone[static DNS_NAME_MAX],
		      uint8_t instance[static DNS_NAME_MAX])
{
	struct base_buf k = base_buf_over(key, nkey);

	dns_name_parse(&k, zone);
	dns_name_parse(&k, instance);
	return !k.has_failed && base_buf_left(&k) == 1 && dns_name_is_under(instance, zone) &&
	       dnssd_kind_of(instance, zone) == DNSSD_INSTANCE;
}

/* ---- subtypes ---- */

size_t view_item_subtypes_size(const struct undo_entry *e)
{
	const struct undo_list *l = e->content;

	return l == NULL ? 0 : l->nbytes;
}

void view_item_subtypes_write(const struct undo_entry *e, uint8_t *out)
{
	const struct undo_list *l = e->content;

	if (l != NULL)
		memcpy(out, l->bytes, l->nbytes);
}

int view_item_subtypes_read(struct view *v, const uint8_t *key, size_t nkey, const uint8_t *bytes,
			    size_t nbytes)
{
	uint8_t zone[DNS_NAME_MAX], instance[DNS_NAME_MAX], subtype[DNS_NAME_MAX];
	struct base_buf b = base_buf_over(bytes, nbytes);
	int ret;

	if (!key_parse(key, nkey, zone, instance))
		return -EBADMSG;
	while (!b.has_failed && base_buf_left(&b) > 0)
		dns_name_parse(&b, subtype);
	ret = b.has_failed ? -EBADMSG : undo_list_put(&v->subtypes, zone, instance, bytes, nbytes);
	view_commit(v);
	return ret;
}

/* ---- marks ---- */

size_t view_item_mark_size(const struct undo_entry *e)
{
	const struct view_mark *mark = e->content;

	return mark == NULL ? 0 : MARK_HEAD + mark->nowner_txt;
}

void view_item_mark_write(const struct undo_entry *e, uint8_t *out)
{
	const struct view_mark *mark = e->content;

	if (mark == NULL)
		return;
	base_store64(out, mark->suspect_ms);
	out[8] = (uint8_t)((mark->is_drained ? FLAG_DRAINED : 0) |
			   (mark->is_suspect ? FLAG_SUSPECT : 0));
	memcpy(out + MARK_HEAD, mark->owner_txt, mark->nowner_txt);
}

static bool mark_parse(struct view_mark *mark, const uint8_t *bytes, size_t nbytes)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	uint8_t flags;

	mark->suspect_ms = base_buf_u64(&b);
	flags = base_buf_u8(&b);
	mark->is_drained = (flags & FLAG_DRAINED) != 0;
	mark->is_suspect = (flags & FLAG_SUSPECT) != 0;
	mark->nowner_txt = base_buf_left(&b);
	while (!b.has_failed && base_buf_left(&b) > 0)
		base_buf_take(&b, base_buf_u16(&b));
	return !b.has_failed;
}

int view_item_mark_read(struct view *v, const uint8_t *key, size_t nkey, const uint8_t *bytes,
			size_t nbytes)
{
	uint8_t zone[DNS_NAME_MAX], instance[DNS_NAME_MAX];
	struct view_mark mark = {0};
	int ret;

	if (!key_parse(key, nkey, zone, instance) ||
	    (nbytes > 0 && !mark_parse(&mark, bytes, nbytes)))
		return -EBADMSG;
	ret = view_mark_put(v, zone, instance, &mark, nbytes > 0 ? bytes + MARK_HEAD : NULL);
	view_commit(v);
	return ret;
}
