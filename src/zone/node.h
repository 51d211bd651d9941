/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/node.h - one owner name of a zone with all its RRsets, in one piece of memory.
 *
 * A node never changes once it is published, except for the pointer to an answer prepared from it:
 * a changed owner gets a new node. Its name is relative to the apex of the zone, in lower case: the
 * labels without the root label; the apex itself has none. A name that was written with capitals
 * keeps its spelling in a second copy. A node does not know its zone.
 *
 * In memory: struct zone_node with its entries, the name, its spelling if ZONE_NODE_SPELLED, the
 * data of the sets in order of the entries. Any thread may read it. For this room and
 * `answer`: other rooms see views (zone/rrset.h). */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "zone/prepared.h"
#include "zone/rrset.h"

struct base_slab;

enum {
	ZONE_NODE_CUT = 1,     /* has NS and is not the apex, or has DNAME: the zone does not answer
				  for names below from their own nodes */
	ZONE_NODE_SPELLED = 2, /* has a second copy of the name, in the case it was written */
	ZONE_NODE_CNAME = 4,   /* has CNAME */
};

/* One RRset of a node. */
struct zone_node_entry {
	uint16_t type;
	uint16_t spare;
	uint32_t ttl;	 /* seconds */
	uint32_t count;	 /* records */
	uint32_t nbytes; /* of data */
};

struct zone_node {
	uint64_t born;		     /* version that it came with */
	zone_prepared_slot prepared; /* any thread, atomic: the only field that ever changes */
	uint32_t nbytes;	     /* of the whole node */
	uint16_t nentries;
	uint8_t flags; /* ZONE_NODE_... */
	uint8_t name_nbytes;
	struct zone_node_entry entry[]; /* in order of type */
};

/* What a node is made from. */
struct zone_node_plan {
	const uint8_t *name;	/* relative, lower case */
	const uint8_t *spelled; /* the name in the case it was written; may be `name` */
	uint8_t name_nbytes;
	unsigned nrrsets;		/* at least 1 */
	const struct zone_rrset *rrset; /* in order of type. Where `data` is NULL the caller writes
					   it, to zone_node_space */
};

/* Makes a node in memory of `s`, with no prepared answer. `born` is the version it comes with.
 * Returns NULL if memory is short, or if the node would exceed 4 GiB. */
struct zone_node *zone_node_new(struct base_slab *s, const struct zone_node_plan *plan,
				uint64_t born);

/* Frees the node, which is memory of `s`, and its prepared answer. No thread may see it any more.
 */
void zone_node_free(struct base_slab *s, struct zone_node *n);

/* Returns the relative name in lower case. */
static inline const uint8_t *zone_node_name(const struct zone_node *n)
{
	return (const uint8_t *)&n->entry[n->nentries];
}

/* Returns the relative name in the case in which it was written. */
static inline const uint8_t *zone_node_spelled(const struct zone_node *n)
{
	return zone_node_name(n) + (n->flags & ZONE_NODE_SPELLED ? n->name_nbytes : 0);
}

/* Returns where the data of the first set begins. */
static inline const uint8_t *zone_node_data(const struct zone_node *n)
{
	return zone_node_spelled(n) + n->name_nbytes;
}

/* Returns where the maker of a node that is not yet published writes the data of its sets. */
static inline uint8_t *zone_node_space(struct zone_node *n)
{
	return (uint8_t *)&n->entry[n->nentries] +
	       (n->flags & ZONE_NODE_SPELLED ? 2 : 1) * n->name_nbytes;
}

/* Returns a view of entry `i`, which must be below `nentries`. */
struct zone_rrset zone_node_rrset(const struct zone_node *n, unsigned i);

/* Makes `rrset` a view of the set of `type`, or returns false if the node has none. */
static inline bool zone_node_find(const struct zone_node *n, uint16_t type,
				  struct zone_rrset *rrset)
{
	const uint8_t *data = zone_node_data(n);

	for (unsigned i = 0; i < n->nentries; i++) {
		const struct zone_node_entry *e = &n->entry[i];

		if (e->type == type) {
			*rrset = (struct zone_rrset){type, e->ttl, e->count, e->nbytes, data};
			return true;
		}
		data += e->nbytes;
	}
	return false;
}

/* Returns the number of records of all sets. */
uint32_t zone_node_records(const struct zone_node *n);
