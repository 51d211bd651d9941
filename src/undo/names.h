/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* undo/names.h - lists of octets, and of names, that a table keeps for a name: the subtypes of
 * an instance, the SRVs that it implies.
 *
 * A list never changes but by another, so that the table can take a change back. Only the registrar
 * thread may touch it. Room-private. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "undo/table.h"

struct undo_list {
	size_t nbytes;
	uint8_t bytes[];
};

/* The list of `name` in `zone`, NULL if it has none. Good until its next change. */
const struct undo_list *undo_list_of(const struct undo_table *t, const uint8_t *zone,
				     const uint8_t *name);

/* Puts a copy of `bytes` in the place of the name's list; `nbytes` 0: none. 0 or -ENOMEM. */
int undo_list_put(struct undo_table *t, const uint8_t *zone, const uint8_t *name,
		  const uint8_t *bytes, size_t nbytes);

/* The list as one of wire names, one after the other: adds a name that may be there, takes one out
 * that may not. 0 or -ENOMEM. */
int undo_names_add(struct undo_table *t, const uint8_t *zone, const uint8_t *of,
		   const uint8_t *name);
int undo_names_remove(struct undo_table *t, const uint8_t *zone, const uint8_t *of,
		      const uint8_t *name);

/* ---- names that grow in memory of the caller's ---- */

struct undo_names {
	uint8_t *bytes;
	size_t nbytes, room;
	size_t recent_at, nrecent; /* where the last ones begin, and how many they are */
};

bool undo_names_has(const struct undo_names *n, const uint8_t *name);

/* Adds a name, in lower case. 1 if it is new, 0 if it was there, or -ENOMEM. */
int undo_names_note(struct undo_names *n, const uint8_t *name);

/* The same for many names: only the last few are looked at, so that one which was there long before
 * comes twice. */
int undo_names_note_many(struct undo_names *n, const uint8_t *name);

/* Forgets them all; the memory is kept. */
void undo_names_clear(struct undo_names *n);

/* Takes a name out, if it is there. */
void undo_names_drop(struct undo_names *n, const uint8_t *name);
