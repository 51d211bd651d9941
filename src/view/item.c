/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "view/item.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "dnssd/kind.h"
#include "view/mark.h"
#include "view/node.h"
#include "view/subtype.h"

/* A mark's item: suspect_ms in eight octets, the flags in one, then owner_txt. */
enum { FLAG_DRAINED = 1, FLAG_SUSPECT = 2, FLAG_NODE_DRAINED = 4, MARK_HEAD = 9 };

static bool is_instance(const uint8_t *zone, const uint8_t *name)
{
	return dns_name_is_under(name, zone) && dnssd_kind_of(name, zone) == DNSSD_INSTANCE;
}

/* Reads the zone and the instance out of an entry's key. */
static bool key_parse(const uint8_t *key, size_t nkey, uint8_t zone[static DNS_NAME_MAX],
		      uint8_t instance[static DNS_NAME_MAX])
{
	struct base_buf k = base_buf_over(key, nkey);

	dns_name_parse(&k, zone);
	dns_name_parse(&k, instance);
	return !k.has_failed && base_buf_left(&k) == 1 && is_instance(zone, instance);
}

/* ---- subtypes ---- */

/* The key of a subtype's item is that of the instance's entry, then the label in lower case; its
 * octets are the label as it was registered. */
size_t view_item_subtype_key(uint8_t out[static VIEW_ITEM_KEY_MAX], const struct undo_entry *e,
			     const uint8_t *label)
{
	uint8_t name[VIEW_SUBTYPE_LABEL_MAX + 1];

	memcpy(name, label, 1u + label[0]);
	name[1 + label[0]] = 0;
	memcpy(out, e->key, e->nkey);
	return e->nkey + dns_name_lower(out + e->nkey, name) - 1;
}

int view_item_subtype_read(struct view *v, const uint8_t *key, size_t nkey, const uint8_t *bytes,
			   size_t nbytes)
{
	uint8_t zone[DNS_NAME_MAX], instance[DNS_NAME_MAX];
	struct base_buf k = base_buf_over(key, nkey);
	const uint8_t *label;
	int ret;

	dns_name_parse(&k, zone);
	dns_name_parse(&k, instance);
	base_buf_take(&k, 1);
	label = base_buf_take(&k, base_buf_left(&k));
	nkey = k.has_failed ? 0 : (size_t)(key + nkey - label);
	if (nkey < 2 || nkey != 1u + label[0] || nkey > VIEW_SUBTYPE_LABEL_MAX ||
	    !is_instance(zone, instance) ||
	    (nbytes > 0 && (nbytes != nkey || bytes[0] != label[0])))
		return -EBADMSG;
	ret = nbytes > 0 ? view_subtype_add(v, zone, instance, bytes)
			 : view_subtype_remove(v, zone, instance, label);
	undo_table_commit(&v->subtypes, NULL, NULL);
	return ret;
}

/* Adds the subtypes of an item of all of an instance's subtypes. */
static int add_old(struct view *v, const uint8_t *zone, const uint8_t *instance,
		   const uint8_t *bytes, size_t nbytes)
{
	struct undo_key key;
	struct undo_entry *e;
	int ret = 0;

	for (size_t at = 0; at < nbytes && ret == 0; at += dns_name_nbytes(bytes + at))
		ret = view_subtype_add(v, zone, instance, bytes + at);
	undo_table_key(&v->subtypes, &key, zone, instance, 0);
	e = undo_table_find(&v->subtypes, &key);
	if (e != NULL)
		((struct view_subtype_entry *)e)->is_old_item = nbytes > 0;
	return ret;
}

int view_item_subtypes_read(struct view *v, const uint8_t *key, size_t nkey, const uint8_t *bytes,
			    size_t nbytes)
{
	uint8_t zone[DNS_NAME_MAX], instance[DNS_NAME_MAX], subtype[DNS_NAME_MAX];
	struct base_buf b = base_buf_over(bytes, nbytes);
	int ret;

	if (!key_parse(key, nkey, zone, instance))
		return -EBADMSG;
	while (!b.has_failed && base_buf_left(&b) > 0) {
		dns_name_parse(&b, subtype);
		if (!b.has_failed && !dns_name_is_under(subtype, zone))
			return -EBADMSG;
	}
	ret = b.has_failed ? -EBADMSG : view_subtype_clear(v, zone, instance);
	if (ret == 0)
		ret = add_old(v, zone, instance, bytes, nbytes);
	undo_table_commit(&v->subtypes, NULL, NULL);
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
			   (mark->is_suspect ? FLAG_SUSPECT : 0) |
			   (mark->is_node_drained ? FLAG_NODE_DRAINED : 0));
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
	mark->is_node_drained = mark->is_drained && (flags & FLAG_NODE_DRAINED) != 0;
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

/* ---- drained nodes ---- */

int view_item_node_read(struct view *v, const uint8_t *key, size_t nkey, size_t nbytes)
{
	int ret;

	if (!dns_name_is_valid(key, nkey))
		return -EBADMSG;
	ret = view_node_set(v, key, nbytes > 0);
	view_commit(v);
	return ret < 0 ? ret : 0;
}
