/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fabric/ring.h - the fabrics whose keys are accepted.
 *
 * A ring is a list that never changes; any thread may read it. Reads no clock. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "fabric/fabric.h"

/* A fabric (borrowed) and for how long an epoch is good when the next has begun. */
struct fabric_ring_entry {
	const struct fabric *fabric;
	uint32_t overlap_s;
};

struct fabric_ring {
	uint64_t id; /* random: keys cached under another ring do not count */
	size_t count;
	struct fabric_ring_entry entries[]; /* longer names first */
};

/* Makes a ring; the fabrics must live as long as it does. NULL when memory is short. */
struct fabric_ring *fabric_ring_new(const struct fabric_ring_entry *entries, size_t count);

/* Frees it; NULL is fine. */
void fabric_ring_free(struct fabric_ring *ring);

/* The fabric that a key of this name (wire form) is of, or NULL; a ring may be NULL too. */
const struct fabric_ring_entry *fabric_ring_find(const struct fabric_ring *ring,
						 const uint8_t *name);
