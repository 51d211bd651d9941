/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/zone_priv.h - the inside of zones, shared by the files of this room. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "base/hash.h"
#include "base/slab.h"
#include "zone/index.h"
#include "zone/snapshot_priv.h"
#include "zone/stamps.h"
#include "zone/zone.h"

struct zone_garbage;

struct zone {
	/* set before the threads start */
	uint8_t name[DNS_NAME_MAX];
	uint8_t name_nbytes;
	uint8_t nlabels;
	uint64_t seed;

	/* any thread, atomic */
	_Atomic(struct zone_snapshot *) current;
	_Atomic(struct zone_index *) index;
	_Atomic(struct zone_stamps *) stamps;
	_Atomic uint32_t negative_ttl; /* of answers that there is nothing, at most */

	/* writer only */
	struct base_slab slab;
	struct zone_garbage *oldest, *newest; /* in order of version */
	struct zone_draft *idle_draft;	      /* kept for the next */
	bool has_draft;

	/* under lock */
	pthread_mutex_t lock;
	struct zone_snapshot *pinned;
};

/* Hash of a relative lower-case name. */
static inline uint64_t zone_hash(const struct zone *z, const uint8_t *name, size_t nbytes)
{
	return base_hash(name, nbytes, z->seed);
}

/* The current version, or NULL. Readers in an RCU read section, or the writer. */
static inline struct zone_snapshot *zone_snapshot_current(const struct zone *z)
{
	return atomic_load_explicit(&z->current, memory_order_acquire);
}
