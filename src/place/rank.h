/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* place/rank.h - the candidates of one owner for places in a set, best first.
 *
 * The rank of a candidate is its index among its owner's, from 0; better is what sorts first by
 * key. The candidates are in blocks of limited size, so that one is inserted without moving all
 * others. What gets a place is place/place.c's to decide: it stores here how many of the best have
 * one. Only the registrar thread may touch it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct place_candidate {
	uint32_t owner;
	uint32_t nrefs; /* how often it was added and not removed */
	uint16_t cost;	/* places that it takes; of PTRs octets of an answer */
	uint16_t nbytes;
	const uint8_t *spelled; /* the `nbytes` as they are written */
	uint8_t key[];		/* by which candidates are compared: the same in lower case */
};

/* Is called with a candidate that has a place, or has none; where it belongs to a change, with one
 * that gets a place or loses it. Returns 0 or a negative errno, after which the batch is to be
 * undone. */
typedef int (*place_fn)(void *arg, const struct place_candidate *c, bool is_chosen);

struct place_rank_block {
	struct place_candidate **item;
	size_t count, capacity;
};

struct place_rank_owner {
	uint32_t id;
	struct place_rank_block *block;
	size_t nblocks, blocks_capacity;
	size_t count, nchosen; /* candidates; the first `nchosen` have a place */
};

/* Where a candidate is, or belongs. */
struct place_rank_at {
	size_t block, index, rank;
};

/* Makes a candidate that is nobody's yet, malloc'd: the `nbytes` at `spelled`, compared by `key`.
 * Returns NULL if memory is short. */
struct place_candidate *place_rank_candidate(uint32_t owner, const uint8_t *key,
					     const uint8_t *spelled, size_t nbytes, uint16_t cost);

/* Frees an owner, malloc'd, with its candidates. */
void place_rank_free(struct place_rank_owner *o);

/* Returns the candidate of that rank, which the owner must have. */
struct place_candidate *place_rank_get(const struct place_rank_owner *o, size_t rank);

/* Compares the candidates of rank `left` and `right` of two owners in the order (rank, key,
 * owner). */
int place_rank_compare(const struct place_rank_owner *a, size_t left,
		       const struct place_rank_owner *b, size_t right);

/* Finds a key among an owner's candidates and writes where it is, or belongs, to `at`. Returns the
 * candidate, or NULL. */
struct place_candidate *place_rank_find(const struct place_rank_owner *o, const uint8_t *key,
					size_t nbytes, struct place_rank_at *at);

/* Inserts a candidate, which becomes the owner's, where it belongs, and writes that to `at`.
 * Returns 0, or -ENOMEM with nothing changed. */
int place_rank_insert(struct place_rank_owner *o, struct place_candidate *c,
		      struct place_rank_at *at);

/* Removes the candidate that is there, which becomes the caller's. */
void place_rank_remove(struct place_rank_owner *o, const struct place_rank_at *at);

/* Calls `each` with the candidates from one rank to before another, until it returns a value other
 * than 0. Returns that, or 0. */
int place_rank_each(const struct place_rank_owner *o, size_t from, size_t to, place_fn each,
		    void *arg);
