/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/reserve.h - who comes next when one of the best SRVs at a type goes.
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

#include "registry/table.h"

enum { REGISTRY_RESERVE_MIN = 256, REGISTRY_RESERVE_MAX = 8192 };

struct registry_reserves {
	struct registry_table types;
};

int registry_reserves_init(struct registry_reserves *r, uint64_t seed);
void registry_reserves_fini(struct registry_reserves *r);

/* Whether it is known who comes next at `type`, or that nobody does. */
bool registry_reserve_is_known(const struct registry_reserves *r, const uint8_t *zone,
			       const uint8_t *type);

/* Begins anew for a type: all that is not in the set is to be added now, in any order; so many
 * instances are looked at for that, and the more, the more are kept. 0 or -ENOMEM. Ends that: if
 * there was nothing to add, no more is kept of the type. */
int registry_reserve_begin(struct registry_reserves *r, const uint8_t *zone, const uint8_t *type,
			   size_t nlooks);
void registry_reserve_end(struct registry_reserves *r, const uint8_t *zone, const uint8_t *type);

/* An SRV that is not in the set, since it is behind all that are there. One that is there already
 * is not doubled; one that the reserve has no room for is forgotten, or the last for it. */
void registry_reserve_add(struct registry_reserves *r, const uint8_t *zone, const uint8_t *type,
			  const uint8_t *rdata, size_t nbytes);

/* An SRV that had to leave the full set for a better one, so it comes next. This also begins a
 * reserve. */
void registry_reserve_push(struct registry_reserves *r, const uint8_t *zone, const uint8_t *type,
			   const uint8_t *rdata, size_t nbytes);

/* An SRV that nobody implies any more. */
void registry_reserve_remove(struct registry_reserves *r, const uint8_t *zone, const uint8_t *type,
			     const uint8_t *rdata, size_t nbytes);

/* Takes the next one of a type that is known: its rdata goes to `out`, its length is returned; 0:
 * there is none. */
size_t registry_reserve_take(struct registry_reserves *r, const uint8_t *zone, const uint8_t *type,
			     uint8_t out[static DNS_NAME_MAX + 6]);

/* Forgets all types: the rule has changed, a zone has gone. */
void registry_reserves_forget(struct registry_reserves *r);

/* Ends the batch; the undone one's changes cannot be told from older ones, so all is forgotten. */
void registry_reserves_commit(struct registry_reserves *r);
void registry_reserves_undo(struct registry_reserves *r);
