/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/mark.h - marks of instances: suspect, drained.
 *
 * Reads and replaces the marks in the view's table and counts the suspects of each type. Marks
 * decide nothing themselves: view/suspect.h and view/drain.h do. Only the registrar thread may
 * touch them. */
#pragma once

#include "view/view.h"

/* A mark without flags: putting it removes an instance's mark. */
extern const struct view_mark view_mark_none;

/* Returns the instance's mark, valid until it is replaced, or NULL if it has none. */
const struct view_mark *view_mark_of(const struct view *v, const uint8_t *zone,
				     const uint8_t *instance);

/* Returns whether the instance has a mark and is suspect. */
bool view_mark_is_suspect(const struct view *v, const uint8_t *zone, const uint8_t *instance);

/* Replaces the instance's mark by a copy of `mark`; one without flags removes it. `owner_txt` has
 * the mark->nowner_txt octets of the copy's owner_txt, NULL if there are none. Returns 0 or
 * -ENOMEM. */
int view_mark_put(struct view *v, const uint8_t *zone, const uint8_t *instance,
		  const struct view_mark *mark, const uint8_t *owner_txt);

/* Returns the number of suspect instances of a type. */
uint32_t view_mark_suspects(const struct view *v, const uint8_t *type);

/* Returns the entry of the suspect instance of a type with that number, below their count, in the
 * table of marks. A mark that is put may change the numbers. */
const struct undo_entry *view_mark_suspect(const struct view *v, const uint8_t *type,
					   uint32_t number);

/* Copies the marks of a zone into the view `to`, which has none of it. Returns 0 or -ENOMEM. */
int view_mark_copy(struct view *to, const struct view *from, const uint8_t *zone);

/* Removes all marks of a zone. Returns 0 or -ENOMEM. */
int view_mark_forget(struct view *v, const uint8_t *zone);
