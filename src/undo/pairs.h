/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* undo/pairs.h - which leases hold a record: pairs of two hashes, and the way back to what they
 * were when the batch began.
 *
 * A record can be held by many leases (the address of a node by all that run there), and lives as
 * long as one of them. Nothing here takes longer for a record that is held by many. Only the
 * registrar thread may touch it. Room-private. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* With a lease: that pair. Without: the record itself, and how many hold it. */
struct undo_pair {
	uint64_t record, lease; /* hashes; lease 0: the record's own */
	uint32_t count;		/* of a pair 1; 0: a free slot */
};

struct undo_pairs {
	struct undo_pair *slot; /* open addressing */
	size_t mask, used;
	struct undo_pair *undo; /* what slots were before, the newest last */
	size_t nundo, undo_room;
};

/* 0 or -ENOMEM. */
int undo_pairs_init(struct undo_pairs *h);
void undo_pairs_fini(struct undo_pairs *h);

bool undo_pairs_has(const struct undo_pairs *h, uint64_t record, uint64_t lease);

/* How many leases hold the record. */
uint32_t undo_pairs_count(const struct undo_pairs *h, uint64_t record);

/* 0 (also if it was there) or -ENOMEM. */
int undo_pairs_add(struct undo_pairs *h, uint64_t record, uint64_t lease);

/* Takes a pair away. 0 (also if there was none) or -ENOMEM. */
int undo_pairs_drop(struct undo_pairs *h, uint64_t record, uint64_t lease);

/* Ends the batch: it counts, or it never was. */
void undo_pairs_commit(struct undo_pairs *h);
void undo_pairs_undo(struct undo_pairs *h);
