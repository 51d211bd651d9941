/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* place/place.h - the candidates that get a place in a set that has too few of them: the SRVs at a
 * type, the PTRs at a type or subtype, the list of types.
 *
 * Each candidate belongs to an owner, a hash of the key that registered it. Places are given in
 * rounds: in a round each owner gets one for the best of its candidates that has none yet; when
 * places end within a round, the best candidates of that round get them. So no owner displaces
 * another that has fewer places, and what is chosen depends on the candidates alone, not on the
 * order in which they came: a restart chooses the same. Better is what sorts first by key. Equal
 * candidates of several owners take their places once.
 *
 * A set is here only while it is short of places: its owner begins and ends that. A change costs a
 * search in it, whatever its size. The module knows no zone: a function is called with what is
 * chosen, or no longer. Changes belong to the batch until place_commit or place_undo. Only the
 * registrar thread may touch it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "place/rank.h"
#include "undo/table.h"

struct place_change;
struct place_set;

/* What a set holds, the number of its entry in the table. */
enum place_kind { PLACE_POINTERS, PLACE_SRVS };

struct places {
	struct undo_table sets;
	struct place_change *changes; /* of the batch, the newest last */
	size_t nchanges, capacity;
	uint64_t nwaiting; /* candidates without a place in sets of PTRs */
};

/* Makes an empty collection of sets. Returns 0 or -ENOMEM. */
int place_init(struct places *p, uint64_t seed);

/* Frees what the sets hold. */
void place_fini(struct places *p);

/* Returns the set of `name` in `zone`, or NULL if it is not short of places. */
struct place_set *place_find(const struct places *p, const uint8_t *zone, const uint8_t *name,
			     enum place_kind kind);

/* Begins an empty set with `capacity` places; there is none of that name. Returns NULL if memory is
 * short. */
struct place_set *place_begin(struct places *p, const uint8_t *zone, const uint8_t *name,
			      enum place_kind kind, uint64_t capacity);

/* Returns whether some candidates have no place. */
bool place_is_short(const struct place_set *s);

/* Returns whether a set is no longer short by far: all candidates have a place and half of them is
 * free. That is far enough that no key gets a set from short to there and back at little cost. */
bool place_is_over(const struct place_set *s);

/* Ends a set. Its candidates keep what they have. Returns 0 or -ENOMEM with nothing changed. */
int place_end(struct places *p, const uint8_t *zone, const uint8_t *name, enum place_kind kind);

/* Adds a candidate with the `nbytes` at `spelled`, in which letters compare in any case; or counts
 * one more reference to it. Calls `on_change` (may be NULL) for all that get or lose a place.
 * Returns 0 or a negative errno, after which the batch is to be undone. */
int place_add(struct places *p, struct place_set *s, uint32_t owner, const uint8_t *spelled,
	      size_t nbytes, uint16_t cost, place_fn on_change, void *arg);

/* Removes one reference to a candidate, and with the last one the candidate; one that is not there
 * is ignored. Otherwise as place_add. */
int place_remove(struct places *p, struct place_set *s, uint32_t owner, const uint8_t *spelled,
		 size_t nbytes, place_fn on_change, void *arg);

/* Finds a candidate. Returns NULL if the set does not have it; else `*is_chosen` is whether it has
 * a place. */
const struct place_candidate *place_get(const struct place_set *s, uint32_t owner,
					const uint8_t *spelled, size_t nbytes, bool *is_chosen);

/* Returns whether a candidate of any owner with these octets has a place. */
bool place_is_shown(const struct place_set *s, const uint8_t *spelled, size_t nbytes);

/* Which candidates of a set. */
enum place_which { PLACE_ALL, PLACE_CHOSEN, PLACE_WAITING };

/* Calls `each` with those candidates of a set until it returns a value other than 0. Returns that,
 * or 0. The set may not be changed meanwhile. */
int place_each(const struct place_set *s, enum place_which which, place_fn each, void *arg);

/* Returns the number of candidates, with and without a place. */
size_t place_count(const struct place_set *s);

/* Makes the batch's changes permanent, or takes them back. Neither can fail. */
void place_commit(struct places *p);
void place_undo(struct places *p);
