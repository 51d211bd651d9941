/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/reserve.h - the SRVs that come next when one of the best at a type is removed.
 *
 * The set at a type holds at most srv_max SRVs. Of a type that has more, the reserve stores the
 * next best ones in canonical order, some hundreds, so that a free slot in the set is filled
 * without looking at all instances. It is a cache: what it does not know is found by such a look,
 * which fills it again. So a lack of memory only makes it forget, as does the undoing of a batch,
 * and nothing of it is on disk. It knows no zone's records. Only the registrar thread may touch it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "undo/table.h"

/* Bounds of the number of SRVs in the reserve of a type. */
enum { VIEW_RESERVE_MIN = 256, VIEW_RESERVE_MAX = 8192 };

/* The reserves of all types. */
struct view_reserves {
	struct undo_table types;
};

/* Makes an empty cache. Returns 0 or -ENOMEM. */
int view_reserves_init(struct view_reserves *r, uint64_t seed);

/* Frees what the cache holds. */
void view_reserves_fini(struct view_reserves *r);

/* Returns whether view_reserve_take can answer for a type without a look at its instances. */
bool view_reserve_is_known(const struct view_reserves *r, const uint8_t *zone, const uint8_t *type);

/* Begins to fill the reserve of a type: every SRV that is not in the set is then added, in any
 * order. `nlooks` is the number of instances that are looked at for that; the more, the larger the
 * reserve. Returns 0 or -ENOMEM. */
int view_reserve_begin(struct view_reserves *r, const uint8_t *zone, const uint8_t *type,
		       size_t nlooks);

/* Ends the filling. A type without further SRVs needs no reserve, which is dropped. */
void view_reserve_end(struct view_reserves *r, const uint8_t *zone, const uint8_t *type);

/* Adds an SRV that is not in the set because all that are there are better. One that the reserve
 * has already is not added twice; if the reserve is full, the worst is forgotten. */
void view_reserve_add(struct view_reserves *r, const uint8_t *zone, const uint8_t *type,
		      const uint8_t *rdata, size_t nbytes);

/* Adds an SRV that left the full set for a better one: it comes first, and may begin a reserve. */
void view_reserve_push(struct view_reserves *r, const uint8_t *zone, const uint8_t *type,
		       const uint8_t *rdata, size_t nbytes);

/* Removes an SRV that no instance implies any more, if the reserve has it. */
void view_reserve_remove(struct view_reserves *r, const uint8_t *zone, const uint8_t *type,
			 const uint8_t *rdata, size_t nbytes);

/* Removes the next SRV of a known type and writes its rdata to `out`. Returns its length, or 0 if
 * there is none. */
size_t view_reserve_take(struct view_reserves *r, const uint8_t *zone, const uint8_t *type,
			 uint8_t out[static DNS_NAME_MAX + 6]);

/* Forgets all types: a rule has changed, or a zone is gone. */
void view_reserves_forget(struct view_reserves *r);

/* Ends the batch. A reserve is changed in place, so that undoing forgets all of them. */
void view_reserves_commit(struct view_reserves *r);
void view_reserves_undo(struct view_reserves *r);
