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
 * Sets are written in the same order whatever the room, until one does not fit. So what a client
 * with less room gets is the beginning of what one with more gets: an answer that was composed for
 * TCP serves UDP too. It remembers where its sets end, as far as UDP may need it.
 *
 * A prepared answer never changes. Any thread may prepare one and read one, in an RCU read section.
 * For this room and `answer`. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct zone_stamps;

enum {
	ZONE_PREPARED_DEPENDS = 2048,	   /* hashes that an answer may depend on */
	ZONE_PREPARED_PARTS = 256,	   /* of an answer, at most */
	ZONE_PREPARED_UNPARTED = 224,	   /* octets of a body that fits any message: no parts */
	ZONE_PREPARED_PARTED = 4096,	   /* octets of a body within which its parts are known */
	ZONE_PREPARED_LONG = 1232,	   /* octets; longer bodies, for TCP, are counted */
	ZONE_PREPARED_LONG_ALL = 16 << 20, /* octets of all that are counted, of all zones */
};

/* The beginning of an answer, up to the end of a set. */
struct zone_prepared_part {
	uint16_t nbytes;   /* of the body */
	uint16_t arcount;  /* records of the additional section */
	uint16_t ndepends; /* hashes that it depends on, the first ones */
};

struct zone_prepared {
	uint64_t version; /* that it was composed from */
	uint16_t type;	  /* of the question */
	uint16_t ancount, arcount;
	uint16_t nbytes; /* of the body */
	uint16_t room;	 /* octets it was composed for: with more of them it might be longer.
			    UINT16_MAX: it has all additional records */
	uint16_t ndepends;
	uint16_t nparts;    /* the first one is the answer section, the last one may be the whole */
	uint32_t depends[]; /* low bits of the hashes of names, in the order in which they were
			       looked up; the parts follow, then the body */
};

/* Where a node has its prepared answer, or NULL. Any thread, atomic. */
typedef _Atomic(struct zone_prepared *) zone_prepared_slot;

/* Returns the parts of the answer, `nparts` of them. */
static inline const struct zone_prepared_part *zone_prepared_parts(const struct zone_prepared *p)
{
	return (const struct zone_prepared_part *)&p->depends[p->ndepends];
}

/* Returns the octets of the answer after the question. */
static inline const uint8_t *zone_prepared_body(const struct zone_prepared *p)
{
	return (const uint8_t *)&zone_prepared_parts(p)[p->nparts];
}

/* Writes to `part` how much of the answer a message with `room` octets left carries; 0 octets if
 * not even the answer section fits. Returns false if the answer does not tell: it must be composed.
 */
bool zone_prepared_fit(const struct zone_prepared *p, size_t room, struct zone_prepared_part *part);

/* Returns whether no name that a part depends on, by the first `ndepends` hashes, has changed
 * since. `stamps` are the zone's. */
bool zone_prepared_is_valid(const struct zone_prepared *p, unsigned ndepends,
			    const struct zone_stamps *stamps);

/* Makes a copy of `plan` with its `ndepends` hashes, its `nparts` parts and the `nbytes` of its
 * body. Returns NULL if memory is short, or all long answers have ZONE_PREPARED_LONG_ALL octets:
 * then the answer is composed again next time. */
struct zone_prepared *zone_prepared_new(const struct zone_prepared *plan, const uint32_t *depends,
					const struct zone_prepared_part *parts,
					const uint8_t *body);

/* Takes `p` and stores it in `slot`, if `slot` still has `before`: the answer, or NULL, that the
 * caller found there. `before` is freed when no reader is left. If another thread was faster, `p`
 * is freed instead. */
void zone_prepared_cache_add(zone_prepared_slot *slot, struct zone_prepared *before,
			     struct zone_prepared *p);

/* Frees an answer that no thread can see. NULL is fine. */
void zone_prepared_free(struct zone_prepared *p);

/* Returns the octets of all long answers, without those that wait for their last reader. */
size_t zone_prepared_long_nbytes(void);
