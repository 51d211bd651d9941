/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/zone_priv.h - the inside of zones, shared by the files of this room. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "base/hash.h"
#include "base/slab.h"
#include "dns/rdata.h"
#include "zone/index.h"
#include "zone/node.h"
#include "zone/trie.h"
#include "zone/zone.h"

/* When did names last change: one version number for each bucket of names. A prepared answer is
 * good as long as no bucket that it came from has changed since (zone/prepared.h). The writer
 * raises a bucket before it publishes the version. */
struct zone_stamps {
	uint64_t mask;
	_Atomic uint64_t version[];
};

struct zone_snapshot {
	struct zone *zone;
	uint64_t version;
	zone_link root;
	const struct zone_node *apex;
	uint64_t ncuts; /* nodes with ZONE_NODE_CUT */
	uint64_t nnames, nrecords;
	struct zone_rrset soa; /* in the apex */
	struct dns_soa soa_fields;
	uint32_t negative_ttl; /* RFC 2308 section 5: the lesser of the SOA's TTL and its minimum */
	unsigned holds;	       /* under zone->lock */
	struct zone_snapshot *next_held; /* under zone->lock */
};

struct zone_garbage;

struct zone {
	/* set before the threads start */
	uint8_t name[DNS_NAME_MAX];
	uint8_t name_octets;
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
	struct zone_snapshot *held;
};

/* Hash of a relative lower-case name. */
static inline uint64_t zone_hash(const struct zone *z, const uint8_t *name, size_t octets)
{
	return base_hash(name, octets, z->seed);
}

static inline uint64_t zone_stamp(const struct zone_stamps *t, uint64_t hash)
{
	return atomic_load_explicit(&t->version[hash & t->mask], memory_order_relaxed);
}

struct zone_stamps *zone_stamps_new(uint64_t names);

/* Adds (`sign` 1) or takes away (-1) a node in the counts of a version being made; NULL is fine. */
void zone_snapshot_count(struct zone_snapshot *s, const struct zone_node *n, int sign);

/* Fills in what follows from the root. False if there is not one SOA at the apex. */
bool zone_snapshot_fill(struct zone_snapshot *s);

/* An index with room for `names`, with all nodes below `root` in it. NULL when memory is short. */
struct zone_index *zone_index_larger(const struct zone *z, const struct zone_index *old,
				     zone_link root, uint64_t names);

/* Frees a draft that is not in use; NULL is fine. */
void zone_draft_free(struct zone_draft *d);

/* Hands pieces of old versions over, to be freed when no reader of a version before `version` is
 * left. Takes `retired` (malloc'd) and the others, which may be NULL. Cannot fail: `garbage` was
 * made before by zone_garbage_new. */
struct zone_garbage *zone_garbage_new(void);
void zone_garbage_free(struct zone_garbage *g);
void zone_garbage_hand(struct zone *z, struct zone_garbage *g, uint64_t version,
		       struct zone_retired *retired, size_t nretired,
		       struct zone_snapshot *snapshot, struct zone_index *index,
		       struct zone_stamps *stamps);
