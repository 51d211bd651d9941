/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/node.h - one owner name of a zone with all its RRsets, in one piece of memory.
 *
 * A node never changes once it is published (but for the pointer to answers prepared from it): a
 * changed owner gets a new node. Its name is relative to the zone's apex, in lower case: the labels
 * without the root; the apex itself has none. Names that were written with capitals keep their
 * spelling in a second copy. Room-private: others see RRset views. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "zone/prepared.h"
#include "zone/rrset.h"

struct base_slab;

enum {
	ZONE_NODE_CUT = 1, /* has NS and is not the apex, or has DNAME: names below are not ours to
			      answer plainly */
	ZONE_NODE_SPELLED = 2, /* a second copy of the name keeps its case */
	ZONE_NODE_CNAME = 4,
};

struct zone_node_entry {
	uint16_t type;
	uint16_t spare;
	uint32_t ttl;
	uint32_t count;
	uint32_t nbytes; /* of data; the data of the sets stand behind the name in the order of the
			    entries */
};

struct zone_node {
	uint64_t born;		     /* version of the snapshot which it came with */
	zone_prepared_slot prepared; /* any thread, atomic: the only field that changes */
	uint32_t nbytes;	     /* of this whole node */
	uint16_t nentries;
	uint8_t flags;
	uint8_t name_nbytes;
	struct zone_node_entry entry[]; /* in order of type */
};

/* What a node is made from. */
struct zone_node_plan {
	const uint8_t *name;	/* relative, lower case */
	const uint8_t *spelled; /* as it was written; may be the same pointer */
	uint8_t name_nbytes;
	unsigned nrrsets;		/* at least 1 */
	const struct zone_rrset *rrset; /* in order of type; `data` NULL: the caller writes it
					   through zone_node_space */
};

/* Makes a node in memory of `s`. NULL when memory is short. */
struct zone_node *zone_node_new(struct base_slab *s, const struct zone_node_plan *plan,
				uint64_t born);

/* Frees a node and the answers prepared from it. */
void zone_node_free(struct base_slab *s, struct zone_node *n);

static inline const uint8_t *zone_node_name(const struct zone_node *n)
{
	return (const uint8_t *)&n->entry[n->nentries];
}

/* The relative name in the case in which it was written. */
static inline const uint8_t *zone_node_spelled(const struct zone_node *n)
{
	return zone_node_name(n) + (n->flags & ZONE_NODE_SPELLED ? n->name_nbytes : 0);
}

/* Where the data of the first set starts. */
static inline const uint8_t *zone_node_data(const struct zone_node *n)
{
	return zone_node_spelled(n) + n->name_nbytes;
}

/* Where the data of the first set is to be written, by the maker of the node. */
static inline uint8_t *zone_node_space(struct zone_node *n)
{
	return (uint8_t *)&n->entry[n->nentries] +
	       (n->flags & ZONE_NODE_SPELLED ? 2 : 1) * n->name_nbytes;
}

/* The view of entry `i`. */
struct zone_rrset zone_node_rrset(const struct zone_node *n, unsigned i);

/* Finds the set of `type`; false if there is none. */
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

/* Records of all sets. */
uint32_t zone_node_records(const struct zone_node *n);
