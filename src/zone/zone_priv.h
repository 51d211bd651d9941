/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/zone_priv.h - the inside of a zone, shared by the files of this room.
 *
 * How versions are published: the writer fills in index and stamps, then stores `current`, each
 * with release order. A reader that has loaded `current` so sees an index and stamps that are at
 * least as new; zone/index.h and zone/stamps.h say why newer ones do no harm. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/hash.h"
#include "base/slab.h"
#include "zone/index.h"
#include "zone/snapshot_priv.h"
#include "zone/stamps.h"
#include "zone/zone.h"

struct zone_draft;
struct zone_garbage;

struct zone {
	/* set when it is made */
	uint8_t name[DNS_NAME_MAX]; /* wire, lower case */
	uint8_t name_nbytes;	    /* root label included */
	uint8_t nlabels;	    /* root label not counted */
	uint16_t number;	    /* less than ZONE_NUMBERS */
	uint64_t seed;		    /* of zone_hash */

	/* any thread, atomic */
	_Atomic(struct zone_snapshot *) current; /* NULL before the first version */
	_Atomic(struct zone_index *) index;	 /* NULL before the first version */
	_Atomic(struct zone_stamps *) stamps;	 /* NULL before the first version */
	_Atomic uint32_t negative_ttl;		 /* seconds: cap for negative answers */
	struct {
		_Atomic uint32_t rrsets, records;
		_Atomic uint64_t rrset_nbytes, name_nbytes;
	} limits; /* zone/limits.h */

	/* writer only */
	struct base_slab slab;		      /* nodes and branches of all versions */
	struct zone_garbage *oldest, *newest; /* list in order of version */
	struct zone_draft *idle_draft;	      /* memory for the next draft, or NULL */
	bool has_draft;

	/* under lock */
	pthread_mutex_t lock;
	struct zone_snapshot *pinned; /* list */
};

/* Returns the hash of a relative lower-case name of `nbytes`. */
static inline uint64_t zone_hash(const struct zone *z, const uint8_t *name, size_t nbytes)
{
	return base_hash(name, nbytes, z->seed);
}

/* Returns the current version, or NULL. Writer, or any thread in an RCU read section. */
static inline struct zone_snapshot *zone_snapshot_current(const struct zone *z)
{
	return atomic_load_explicit(&z->current, memory_order_acquire);
}
