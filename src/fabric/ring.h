/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fabric/ring.h - the fabrics whose keys are accepted.
 *
 * A ring is a list that never changes; any thread may read it. Reads no clock. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "fabric/fabric.h"

/* A fabric of the ring. */
struct fabric_ring_entry {
	const struct fabric *fabric; /* borrowed as long as the ring lives */
	uint32_t overlap_s;	     /* for which an epoch's keys stay valid after its end */
};

struct fabric_ring {
	uint64_t id; /* random: keys cached under another ring do not count */
	size_t count;
	struct fabric_ring_entry entries[]; /* longer names first */
};

/* Makes a ring of `count` entries, which are copied. Returns the caller's ring, or NULL if memory
 * is short. */
struct fabric_ring *fabric_ring_new(const struct fabric_ring_entry *entries, size_t count);

/* Frees the ring, but not its fabrics; NULL is fine. */
void fabric_ring_free(struct fabric_ring *ring);

/* Finds the fabric of the key called `name` (wire form): of nested fabrics the innermost. Returns
 * NULL if there is none, or if `ring` is NULL. */
const struct fabric_ring_entry *fabric_ring_find(const struct fabric_ring *ring,
						 const uint8_t *name);
