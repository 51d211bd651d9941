/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/reserve.h - who comes next when one of the best SRVs at a type goes.
 *
 * The set at a type holds only so many. Of a type that has more, the reserve keeps the next ones in
 * canonical order, some hundreds, so that a place in the set is filled without looking at all
 * instances. It is a memory, not a truth: what it does not know can always be found by that look,
 * which fills it again. So nothing here fails for long when memory is short, a batch that is undone
 * makes it forget, and nothing of it is on disk. It knows no zone's records. Only the registrar
 * thread may touch it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "undo/table.h"

enum { VIEW_RESERVE_MIN = 256, VIEW_RESERVE_MAX = 8192 };

struct view_reserves {
	struct undo_table types;
};

int view_reserves_init(struct view_reserves *r, uint64_t seed);
void view_reserves_fini(struct view_reserves *r);

/* Whether it is known who comes next at `type`, or that nobody does. */
bool view_reserve_is_known(const struct view_reserves *r, const uint8_t *zone, const uint8_t *type);

/* Begins anew for a type: all that is not in the set is to be added now, in any order; so many
 * instances are looked at for that, and the more, the more are kept. 0 or -ENOMEM. Ends that: if
 * there was nothing to add, no more is kept of the type. */
int view_reserve_begin(struct view_reserves *r, const uint8_t *zone, const uint8_t *type,
		       size_t nlooks);
void view_reserve_end(struct view_reserves *r, const uint8_t *zone, const uint8_t *type);

/* An SRV that is not in the set, since it is behind all that are there. One that is there already
 * is not doubled; one that the reserve has no room for is forgotten, or the last for it. */
void view_reserve_add(struct view_reserves *r, const uint8_t *zone, const uint8_t *type,
		      const uint8_t *rdata, size_t nbytes);

/* An SRV that had to leave the full set for a better one, so it comes next. This also begins a
 * reserve. */
void view_reserve_push(struct view_reserves *r, const uint8_t *zone, const uint8_t *type,
		       const uint8_t *rdata, size_t nbytes);

/* An SRV that nobody implies any more. */
void view_reserve_remove(struct view_reserves *r, const uint8_t *zone, const uint8_t *type,
			 const uint8_t *rdata, size_t nbytes);

/* Takes the next one of a type that is known: its rdata goes to `out`, its length is returned; 0:
 * there is none. */
size_t view_reserve_take(struct view_reserves *r, const uint8_t *zone, const uint8_t *type,
			 uint8_t out[static DNS_NAME_MAX + 6]);

/* Forgets all types: the rule has changed, a zone has gone. */
void view_reserves_forget(struct view_reserves *r);

/* Ends the batch; the undone one's changes cannot be told from older ones, so all is forgotten. */
void view_reserves_commit(struct view_reserves *r);
void view_reserves_undo(struct view_reserves *r);
