/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* undo/pairs.h - a relation: a set of pairs (key, member) of hashes, and for each key how many
 * members it has. It can take back what a batch did to it.
 *
 * It answers in constant time, however many members a key has: whether a pair is there, how many
 * members a key has, and, if the set is made so, which they are. Callers give each relation its own
 * hashes: a lease holds a record, an instance implies an SRV. Only the registrar thread may touch
 * it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A slot is one of three things: a key, with the number of its members and the first of them, which
 * has no other slot; a pair of another member, with the number that this has, from 1; or, in a
 * listed set, the member of a key with a number from 1. */
struct undo_pair {
	uint64_t key, member;
	uint32_t count : 30; /* of members; else 1. 0: the slot is free */
	uint32_t kind : 2;
	uint32_t number; /* of a key: 1 if it has no first member, in a set that is not listed */
};

struct undo_pairs {
	struct undo_pair *slot; /* open addressing with linear probing */
	size_t mask, used;
	bool is_listed;
	struct undo_pair *undo; /* what slots were before the batch changed them, the newest last */
	size_t nundo, undo_capacity;
};

/* Makes an empty set; the members of a key can be listed if `is_listed`. Returns 0, or -ENOMEM,
 * after which undo_pairs_fini is due all the same. */
int undo_pairs_init(struct undo_pairs *p, bool is_listed);

/* Frees what the set holds. */
void undo_pairs_fini(struct undo_pairs *p);

/* Returns whether the pair is in the set. */
bool undo_pairs_has(const struct undo_pairs *p, uint64_t key, uint64_t member);

/* Returns how many members `key` has. */
uint32_t undo_pairs_count(const struct undo_pairs *p, uint64_t key);

/* Returns the member of `key` with that number, which must be below their count, in a listed set.
 * Removing a pair changes the number of another. */
uint64_t undo_pairs_member(const struct undo_pairs *p, uint64_t key, uint32_t number);

/* Adds a pair unless it is there. Returns 0, or -ENOMEM with the set unchanged. */
int undo_pairs_add(struct undo_pairs *p, uint64_t key, uint64_t member);

/* Removes a pair if it is there. Returns 0, or -ENOMEM with the set unchanged. */
int undo_pairs_remove(struct undo_pairs *p, uint64_t key, uint64_t member);

/* Makes the batch's changes permanent, or takes them back. Neither can fail. */
void undo_pairs_commit(struct undo_pairs *p);
void undo_pairs_undo(struct undo_pairs *p);
