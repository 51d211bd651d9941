/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/find.h - names in a snapshot, for answering: by the index first, by the trie where that
 * cannot tell. Room-private. */
#pragma once

#include "dns/type.h"
#include "zone/zone_priv.h"

/* The node of a relative lower-case name in version `s`, or NULL. */
const struct zone_node *zone_find_node(const struct zone_snapshot *s, const uint8_t *lower,
				       size_t nbytes, uint64_t hash);

/* Node, cut and closest encloser of a relative lower-case name. */
static inline struct zone_trie_found zone_find_all(const struct zone_snapshot *s,
						   const uint8_t *lower, size_t nbytes)
{
	struct zone_trie_key key;

	zone_trie_key_make(&key, lower, nbytes);
	return zone_trie_find(s->root, &key);
}

/* Whether a node with ZONE_NODE_CUT is a delegation, and not a DNAME. */
static inline bool zone_is_delegation(const struct zone_node *n)
{
	struct zone_rrset rrset;

	return n->name_nbytes > 0 && zone_node_find(n, DNS_TYPE_NS, &rrset);
}
