/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/prepared.h - answers kept ready.
 *
 * For a name and type the octets of the answer behind the question are always the same: owner names
 * point into the question, others into the body at a fixed offset. They are composed once and
 * copied ever after, until a name that they came from changes. The answer's own name needs no
 * check: a changed name has another node. The names of its additional records are kept as hashes;
 * the answer is good while none of their stamps is newer than the version it was composed from. A
 * node keeps one answer: few names have two types whose answers are worth it. Room-private. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct zone_stamps;

enum { ZONE_PREPARED_DEPENDS = 64, ZONE_PREPARED_MAX = 1232 };

struct zone_prepared {
	uint64_t version; /* of the snapshot which it was composed from */
	uint16_t type;
	uint16_t ancount, arcount;
	uint16_t nbytes; /* of the body */
	uint8_t ndepends;
	bool is_all;	    /* no additional record was left out for want of room */
	uint32_t depends[]; /* low bits of the hashes of names; the body follows */
};

/* Where a node has its prepared answer, or NULL. Any thread, atomic. */
typedef _Atomic(struct zone_prepared *) zone_prepared_slot;

static inline const uint8_t *zone_prepared_body(const struct zone_prepared *p)
{
	return (const uint8_t *)&p->depends[p->ndepends];
}

/* Whether it still says what the zone says. */
bool zone_prepared_is_valid(const struct zone_prepared *p, const struct zone_stamps *stamps);

/* A copy of `plan` with its hashes and body. NULL when memory is short: nothing is lost then but
 * time. */
struct zone_prepared *zone_prepared_new(const struct zone_prepared *plan, const uint32_t *depends,
					const uint8_t *body);

/* Takes `p` and stores it in `slot` if that still has `before`, what the caller found there (or
 * NULL), which is freed once no reader is left. Frees `p` instead if another thread was faster. Any
 * thread, inside an RCU read section. */
void zone_prepared_cache_add(zone_prepared_slot *slot, struct zone_prepared *before,
			     struct zone_prepared *p);

/* NULL is fine. */
void zone_prepared_free(struct zone_prepared *p);
