/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/subtype.h - the subtypes under which an instance was registered (RFC 6763 section 7.1).
 *
 * The view's table `subtypes` has a list for each instance: of each subtype `_S._sub._svc._proto`
 * the first label, in the case in which it was registered, after a hash of it, so that a long list
 * is searched quickly. The rest of the name is the instance's type. What a batch has changed in a
 * list is found by comparing the list with the one before: each subtype is an item of its own in
 * the store. Only the registrar thread may touch it. */
#pragma once

#include "undo/list.h"
#include "view/view.h"

enum { VIEW_SUBTYPE_LABEL_MAX = 64 }; /* octets of a label with its length */

/* Returns the list of an instance, valid until it is changed, or NULL. */
const struct undo_list *view_subtype_list(const struct view *v, const uint8_t *zone,
					  const uint8_t *instance);

/* Returns how many subtypes a list, which may be NULL, has. */
unsigned view_subtype_count(const struct undo_list *l);

/* Returns the label at `*at` of a list (which may be NULL) and moves `*at` to the next one, or
 * returns NULL after the last. `*at` starts as 0. */
const uint8_t *view_subtype_next(const struct undo_list *l, size_t *at);

/* Writes the name of the subtype with that label at `type` to `out`. Returns false if it is too
 * long. */
bool view_subtype_name(uint8_t out[static DNS_NAME_MAX], const uint8_t *label, const uint8_t *type);

/* Adds the subtype whose name begins with `label`, unless the instance has it. Returns 0 or
 * -ENOMEM. */
int view_subtype_add(struct view *v, const uint8_t *zone, const uint8_t *instance,
		     const uint8_t *label);

/* Removes a subtype if the instance has it. Returns 0 or -ENOMEM. */
int view_subtype_remove(struct view *v, const uint8_t *zone, const uint8_t *instance,
			const uint8_t *label);

/* Removes all subtypes of an instance. Returns 0 or -ENOMEM. */
int view_subtype_clear(struct view *v, const uint8_t *zone, const uint8_t *instance);

/* Copies the subtypes of a zone's instances into the view `to`, which has none of it. Returns 0 or
 * -ENOMEM. */
int view_subtype_copy(struct view *to, const struct view *from, const uint8_t *zone);

/* Calls `each` for every subtype that was added to or removed from a changed entry in this batch,
 * removed ones first, until it returns a value other than 0. Returns that, or 0. */
int view_subtype_changes(const struct undo_entry *e,
			 int (*each)(void *arg, const struct undo_entry *e, const uint8_t *label,
				     bool is_added),
			 void *arg);
