/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/seen.h - a set of hashes: which names a pass has noted already, in constant time.
 *
 * All zero is an empty set. It knows no names; its callers key the hashes at random. Only the
 * registrar thread may touch it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct view_seen {
	uint64_t *slot; /* malloc'd, open addressing; 0: free */
	size_t mask, count;
};

/* Returns whether the set has a hash. */
bool view_seen_has(const struct view_seen *s, uint64_t hash);

/* Adds a hash. Returns 1 if it is new, 0 if the set had it, or -ENOMEM. */
int view_seen_add(struct view_seen *s, uint64_t hash);

/* Removes all hashes. Gives the memory of a large set back. */
void view_seen_clear(struct view_seen *s);
