/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/stamps.h - which version last changed the names of a bucket.
 *
 * The names of a zone are spread over buckets by their hash. A prepared answer (zone/prepared.h) is
 * valid while no bucket that it depends on has been changed after the version it was composed from.
 * Two names may share a bucket: then an answer is composed once more than needed, which is
 * harmless. Stamps do not know which names they count. The writer raises a bucket before it
 * publishes the version; any thread reads, inside an RCU read section. Room-private. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

struct zone_stamps {
	uint64_t mask;		    /* number of buckets - 1 */
	_Atomic uint64_t version[]; /* any thread, atomic: of the last change in each bucket */
};

/* Makes stamps for about `nnames` names, all buckets 0. The caller frees them with free(). Returns
 * NULL if memory is short. */
struct zone_stamps *zone_stamps_new(uint64_t nnames);

/* Returns the version that last changed the bucket of `hash`. */
static inline uint64_t zone_stamps_get(const struct zone_stamps *t, uint64_t hash)
{
	return atomic_load_explicit(&t->version[hash & t->mask], memory_order_relaxed);
}

/* Records that `version` changes the bucket of `hash`. Writer only. */
static inline void zone_stamps_set(struct zone_stamps *t, uint64_t hash, uint64_t version)
{
	atomic_store_explicit(&t->version[hash & t->mask], version, memory_order_release);
}
