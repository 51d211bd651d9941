/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* undo/names.h - a growing set of names: what one update, or one pass, has to look at.
 *
 * Names are stored as wire names in lower case, one after the other, in the order in which they
 * were added. All zero is an empty set. The memory is kept when the set is cleared; its owner frees
 * `bytes`. Only the registrar thread may touch sets. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct undo_names {
	uint8_t *bytes; /* malloc'd */
	size_t nbytes, capacity;
	size_t recent_at, nrecent; /* offset and number of the names that undo_names_add_recent
				      compares with */
};

/* Returns the offset of `name` in `nbytes` of wire names, or `nbytes` if it is absent. */
size_t undo_names_offset(const uint8_t *bytes, size_t nbytes, const uint8_t *name);

/* Returns whether the set has a name. */
bool undo_names_has(const struct undo_names *n, const uint8_t *name);

/* Adds a name. Returns 1 if it is new, 0 if the set had it, or -ENOMEM. */
int undo_names_add(struct undo_names *n, const uint8_t *name);

/* Adds a name that the caller knows to be new, or wants twice. Returns 1 or -ENOMEM. */
int undo_names_append(struct undo_names *n, const uint8_t *name);

/* Adds a name without comparing it with more than the last few, for sets that may be large: a name
 * that was added long before is in the set twice. Returns 1 if it was added, 0 if it is one of the
 * last few, or -ENOMEM. */
int undo_names_add_recent(struct undo_names *n, const uint8_t *name);

/* Removes a name if the set has it. */
void undo_names_remove(struct undo_names *n, const uint8_t *name);

/* Removes all names. */
void undo_names_clear(struct undo_names *n);
