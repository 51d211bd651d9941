/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* undo/pairs.h - a relation: a set of pairs (key, member) of hashes, and for each key how many
 * members it has. It can take back what a batch did to it.
 *
 * It answers in constant time, however many members a key has: whether a pair is there, and how
 * many members a key has. It cannot list them. Callers give each relation its own hashes: a lease
 * holds a record, an instance implies an SRV. Only the registrar thread may touch it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A pair, or, with `member` 0, a key with the number of its members. */
struct undo_pair {
	uint64_t key, member;
	uint32_t count; /* of a pair 1; 0: the slot is free */
};

struct undo_pairs {
	struct undo_pair *slot; /* open addressing with linear probing */
	size_t mask, used;
	struct undo_pair *undo; /* what slots were before the batch changed them, the newest last */
	size_t nundo, undo_capacity;
};

/* Makes an empty set. Returns 0, or -ENOMEM, after which undo_pairs_fini is due all the same. */
int undo_pairs_init(struct undo_pairs *p);

/* Frees what the set holds. */
void undo_pairs_fini(struct undo_pairs *p);

/* Returns whether the pair is in the set. */
bool undo_pairs_has(const struct undo_pairs *p, uint64_t key, uint64_t member);

/* Returns how many members `key` has. */
uint32_t undo_pairs_count(const struct undo_pairs *p, uint64_t key);

/* Adds a pair unless it is there. Returns 0, or -ENOMEM with the set unchanged. */
int undo_pairs_add(struct undo_pairs *p, uint64_t key, uint64_t member);

/* Removes a pair if it is there. Returns 0, or -ENOMEM with the set unchanged. */
int undo_pairs_remove(struct undo_pairs *p, uint64_t key, uint64_t member);

/* Makes the batch's changes permanent, or takes them back. Neither can fail. */
void undo_pairs_commit(struct undo_pairs *p);
void undo_pairs_undo(struct undo_pairs *p);
