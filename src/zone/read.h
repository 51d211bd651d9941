/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/read.h - the inside of a version, for the room that answers questions from it.
 *
 * All of it is inline: an answer to a query pays no call for it. Together with zone/node.h,
 * zone/prepared.h and zone/find.h this is what `answer` may know of how a version is kept; other
 * rooms see zone/snapshot.h and zone/cursor.h. Any thread, in an RCU read section. */
#pragma once

#include "zone/find.h"
#include "zone/zone_priv.h"

/* Returns the zone's wire name in lower case, valid as long as the zone. */
static inline const uint8_t *zone_read_name(const struct zone *z)
{
	return z->name;
}

/* Returns the octets of the zone's name, root label included. */
static inline size_t zone_read_name_nbytes(const struct zone *z)
{
	return z->name_nbytes;
}

/* Returns the labels of the zone's name, root label not counted. */
static inline unsigned zone_read_labels(const struct zone *z)
{
	return z->nlabels;
}

/* Returns the zone's index, at least as new as any version that the caller has seen; NULL before
 * the first version. */
static inline const struct zone_index *zone_read_index(const struct zone *z)
{
	return atomic_load_explicit(&z->index, memory_order_acquire);
}

/* Returns the zone's stamps, likewise. */
static inline const struct zone_stamps *zone_read_stamps(const struct zone *z)
{
	return atomic_load_explicit(&z->stamps, memory_order_acquire);
}

/* Returns the zone of the version. */
static inline const struct zone *zone_read_zone(const struct zone_snapshot *s)
{
	return s->zone;
}

/* Returns the number of the version. */
static inline uint64_t zone_read_version(const struct zone_snapshot *s)
{
	return s->version;
}

/* Returns the node of the apex. */
static inline const struct zone_node *zone_read_apex(const struct zone_snapshot *s)
{
	return s->apex;
}

/* Returns whether the version has delegations, or names with DNAME. */
static inline bool zone_read_has_cuts(const struct zone_snapshot *s)
{
	return s->ncuts > 0;
}

/* Returns a view of the SOA with its TTL for a negative answer (RFC 2308 section 3): the zone's cap
 * if that is less. */
static inline struct zone_rrset zone_read_negative_soa(const struct zone_snapshot *s)
{
	uint32_t most = atomic_load_explicit(&s->zone->negative_ttl, memory_order_relaxed);
	struct zone_rrset soa = s->soa;

	soa.ttl = s->negative_ttl < most ? s->negative_ttl : most;
	return soa;
}
