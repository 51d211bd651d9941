/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* ledger/assigned.h - which instances are assigned to a node: those to which a PTR at
 * `_runs.N.nodes` points (weft(7)).
 *
 * The records are in the zone; this is the way back from an instance to the sets that have it, so
 * that nothing is searched when an instance is registered. It knows no keys, and is not stored: it
 * is counted again at each start. Changes belong to the batch. Only the registrar thread may touch
 * it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "undo/pairs.h"
#include "undo/table.h"

struct ledger_assigned {
	struct undo_table sets;	   /* by the name of a set, `_runs.N.nodes`; content: one octet */
	struct undo_pairs members; /* of a set (hash of its name): hashes of instances */
	struct undo_pairs of;	   /* of an instance: hashes of the sets that have it */
};

/* Makes an empty index. Returns 0 or -ENOMEM, after which ledger_assigned_fini is due all the same.
 */
int ledger_assigned_init(struct ledger_assigned *a, uint64_t seed);

/* Frees what the index holds. */
void ledger_assigned_fini(struct ledger_assigned *a);

/* Empties the set `name` of `zone` (wire names in any case). Returns 0 or -ENOMEM. */
int ledger_assigned_clear(struct ledger_assigned *a, const uint8_t *zone, const uint8_t *name);

/* Adds an instance to a set. Returns 0 or -ENOMEM. */
int ledger_assigned_add(struct ledger_assigned *a, const uint8_t *zone, const uint8_t *name,
			const uint8_t *instance);

/* Returns how many nodes an instance is assigned to. */
uint32_t ledger_assigned_count(const struct ledger_assigned *a, const uint8_t *zone,
			       const uint8_t *instance);

/* Empties all sets of a zone. Returns 0 or -ENOMEM. */
int ledger_assigned_forget(struct ledger_assigned *a, const uint8_t *zone);

/* Makes the batch's changes permanent, or takes them back. Neither can fail. */
void ledger_assigned_commit(struct ledger_assigned *a);
void ledger_assigned_undo(struct ledger_assigned *a);
