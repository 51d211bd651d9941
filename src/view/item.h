/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/item.h - the view on disk: each subtype of an instance, its mark, and each drained node is
 * one item of the store.
 *
 * Octets in, octets out: which kind of item they are and when they are written, registry/items.h
 * knows. Only the registrar thread, and main before that runs. */
#pragma once

#include "view/view.h"

enum { VIEW_ITEM_KEY_MAX = UNDO_KEY_MAX + 64 };

/* Writes the key of the item of a subtype, of an entry of the table `subtypes`, to `out`. Returns
 * its length. The item's octets are the label. */
size_t view_item_subtype_key(uint8_t out[static VIEW_ITEM_KEY_MAX], const struct undo_entry *e,
			     const uint8_t *label);

/* Reads a subtype's item back; `nbytes` 0 means that the instance does not have it. Returns 0,
 * -ENOMEM, or -EBADMSG if the octets are not such an item. Commits the table. */
int view_item_subtype_read(struct view *v, const uint8_t *key, size_t nkey, const uint8_t *bytes,
			   size_t nbytes);

/* Reads an item of all subtypes of an instance, as earlier versions wrote them: `key` is the
 * entry's key, `nbytes` 0 means that there are none. Replaces what is known of that instance.
 * Returns 0, -ENOMEM, or -EBADMSG if the octets are not such an item. Commits the table. */
int view_item_subtypes_read(struct view *v, const uint8_t *key, size_t nkey, const uint8_t *bytes,
			    size_t nbytes);

/* Returns the octets of the item for an entry of the table `marks`; 0 means that the item is to be
 * removed. */
size_t view_item_mark_size(const struct undo_entry *e);

/* Writes that many octets to `out`. */
void view_item_mark_write(const struct undo_entry *e, uint8_t *out);

/* Reads the item of a drained node back: `key` is its wire name, `nbytes` 0 means that it is not
 * drained. Returns 0, -ENOMEM, or -EBADMSG if the octets are not such an item. Commits the
 * table. */
int view_item_node_read(struct view *v, const uint8_t *key, size_t nkey, size_t nbytes);

/* Reads an item back: `key` is the entry's key, `nbytes` 0 means that there is no mark. Returns 0,
 * -ENOMEM, or -EBADMSG if the octets are not such an item. Commits the table. */
int view_item_mark_read(struct view *v, const uint8_t *key, size_t nkey, const uint8_t *bytes,
			size_t nbytes);
