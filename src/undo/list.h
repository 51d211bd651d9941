/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* undo/list.h - a list of octets as the content of a table's entry: the subtypes of an instance,
 * the SRVs that it implies.
 *
 * A list is never changed in place: a changed copy replaces it, so that the table can take the
 * change back. Only the registrar thread may touch lists. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "undo/table.h"

struct undo_list {
	size_t nbytes;
	uint8_t bytes[];
};

/* Returns the list of `name` in `zone`, valid until it is replaced, or NULL if there is none. */
const struct undo_list *undo_list_of(const struct undo_table *t, const uint8_t *zone,
				     const uint8_t *name);

/* Replaces the list of `name` in `zone` by a copy of `bytes`; `nbytes` 0 removes it. Returns 0 or
 * -ENOMEM. */
int undo_list_put(struct undo_table *t, const uint8_t *zone, const uint8_t *name,
		  const uint8_t *bytes, size_t nbytes);
