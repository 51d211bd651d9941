/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/item.h - the view on disk: an instance's subtypes and its mark, each one item of the store.
 *
 * Octets in, octets out: which kind of item they are and when they are written, registry/items.h
 * knows. Only the registrar thread, and main before that runs. */
#pragma once

#include "view/view.h"

/* Returns the octets of the item for an entry of the table `subtypes`; 0 means that the item is to
 * be removed. */
size_t view_item_subtypes_size(const struct undo_entry *e);

/* Writes that many octets to `out`. */
void view_item_subtypes_write(const struct undo_entry *e, uint8_t *out);

/* Reads an item back: `key` is the entry's key, `nbytes` 0 means that there are no subtypes.
 * Returns 0, -ENOMEM, or -EBADMSG if the octets are not such an item. Commits the table. */
int view_item_subtypes_read(struct view *v, const uint8_t *key, size_t nkey, const uint8_t *bytes,
			    size_t nbytes);

/* Returns the octets of the item for an entry of the table `marks`; 0 means that the item is to be
 * removed. */
size_t view_item_mark_size(const struct undo_entry *e);

/* Writes that many octets to `out`. */
void view_item_mark_write(const struct undo_entry *e, uint8_t *out);

/* Reads an item back: `key` is the entry's key, `nbytes` 0 means that there is no mark. Returns 0,
 * -ENOMEM, or -EBADMSG if the octets are not such an item. Commits the table. */
int view_item_mark_read(struct view *v, const uint8_t *key, size_t nkey, const uint8_t *bytes,
			size_t nbytes);
