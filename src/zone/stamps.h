/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/stamps.h - which version last changed a name.
 *
 * The names of a zone are spread over buckets by their hash; a stamp is the version of the last
 * change in a bucket. A prepared answer (zone/prepared.h) is valid while no bucket that it depends
 * on has a stamp newer than the version it was composed from. Names that share a bucket cost a
 * composition more than needed, never a wrong answer. Stamps know hashes only, no names.
 *
 * The writer sets a stamp before it publishes the version. Any thread reads, in an RCU read
 * section. Room-private. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

struct zone_stamps {
	uint64_t mask;		    /* number of buckets - 1; a power of two - 1 */
	_Atomic uint64_t version[]; /* any thread, atomic: one a bucket */
};

/* Makes stamps for about `nnames` names, with version 0 in all buckets. Returns NULL if memory is
 * short; otherwise the caller frees them with free(). */
struct zone_stamps *zone_stamps_new(uint64_t nnames);

/* Returns the version of the last change in the bucket of `hash`, of which the low 32 bits
 * suffice. */
static inline uint64_t zone_stamps_get(const struct zone_stamps *t, uint64_t hash)
{
	return atomic_load_explicit(&t->version[hash & t->mask], memory_order_relaxed);
}

/* Sets the stamp of the bucket of `hash`. Writer only. */
static inline void zone_stamps_set(struct zone_stamps *t, uint64_t hash, uint64_t version)
{
	atomic_store_explicit(&t->version[hash & t->mask], version, memory_order_release);
}
