/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/prepared.h - answers that are composed once and copied ever after.
 *
 * For one name and type, the octets of an answer after its question are always the same: owner
 * names point into the question, others into the body at a fixed offset. A prepared answer is a
 * copy of them, valid until a name that they came from changes. The question's own name needs no
 * check: a changed name has another node. The names of the additional records are kept as hashes;
 * the answer is valid while none of their stamps (zone/stamps.h) is newer than the version it was
 * composed from. A node has one prepared answer: few names have two types whose answers are worth
 * it.
 *
 * A prepared answer never changes. Any thread may prepare one and read one, in an RCU read section.
 * Room-private. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct zone_stamps;

enum {
	ZONE_PREPARED_DEPENDS = 64, /* hashes that an answer may depend on */
	ZONE_PREPARED_MAX = 1232,   /* octets of a body: what a UDP answer carries
				       without fragments */
};

struct zone_prepared {
	uint64_t version; /* that it was composed from */
	uint16_t type;	  /* of the question */
	uint16_t ancount, arcount;
	uint16_t nbytes; /* of the body */
	uint8_t ndepends;
	bool is_all;	    /* has all additional records: none was left out for lack of space */
	uint32_t depends[]; /* low bits of the hashes of names; the body follows */
};

/* Where a node has its prepared answer, or NULL. Any thread, atomic. */
typedef _Atomic(struct zone_prepared *) zone_prepared_slot;

/* Returns the octets of the answer after the question. */
static inline const uint8_t *zone_prepared_body(const struct zone_prepared *p)
{
	return (const uint8_t *)&p->depends[p->ndepends];
}

/* Returns whether no name that the answer depends on has changed since. `stamps` are the zone's. */
bool zone_prepared_is_valid(const struct zone_prepared *p, const struct zone_stamps *stamps);

/* Makes a copy of `plan` with its `ndepends` hashes and the `nbytes` of its body. Returns NULL if
 * memory is short: then the answer is composed again next time. */
struct zone_prepared *zone_prepared_new(const struct zone_prepared *plan, const uint32_t *depends,
					const uint8_t *body);

/* Takes `p` and stores it in `slot`, if `slot` still has `before`: the answer, or NULL, that the
 * caller found there. `before` is freed when no reader is left. If another thread was faster, `p`
 * is freed instead. */
void zone_prepared_cache_add(zone_prepared_slot *slot, struct zone_prepared *before,
			     struct zone_prepared *p);

/* Frees an answer that no thread can see. NULL is fine. */
void zone_prepared_free(struct zone_prepared *p);
