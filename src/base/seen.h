/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/seen.h - a set of hashes: what its owner has seen already, in constant time.
 *
 * All zero is an empty set. It knows no names; its callers key the hashes at random. One thread at
 * a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct base_seen {
	uint64_t *slot; /* malloc'd, open addressing; 0: free */
	size_t mask, count;
};

/* Returns whether the set has a hash. */
bool base_seen_has(const struct base_seen *s, uint64_t hash);

/* Adds a hash. Returns 1 if it is new, 0 if the set had it, or -ENOMEM. */
int base_seen_add(struct base_seen *s, uint64_t hash);

/* Removes all hashes. Gives the memory of a large set back. */
void base_seen_clear(struct base_seen *s);
