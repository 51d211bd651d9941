/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/find.h - a name in one version of a zone: by the index first, by the trie where the index
 * cannot tell.
 *
 * Names are relative to the apex, in lower case, without the root label. Nodes in results are valid
 * as long as the snapshot. It knows no questions and follows neither aliases nor wildcards. Any
 * thread, in an RCU read section. For this room and `answer`. */
#pragma once

#include "dns/type.h"
#include "zone/zone_priv.h"

/* Returns the node of the name in version `s`, or NULL. `hash` is zone_hash of the name. */
const struct zone_node *zone_find_node(const struct zone_snapshot *s, const uint8_t *lower,
				       size_t nbytes, uint64_t hash);

/* Returns node, cut and closest encloser of the name in version `s`. Costs a search of the trie. */
static inline struct zone_trie_found zone_find_all(const struct zone_snapshot *s,
						   const uint8_t *lower, size_t nbytes)
{
	struct zone_trie_key key;

	zone_trie_key_make(&key, lower, nbytes);
	return zone_trie_find(s->root, &key);
}

/* Returns whether `n`, a node with ZONE_NODE_CUT, is a delegation; otherwise it has a DNAME. */
static inline bool zone_is_delegation(const struct zone_node *n)
{
	struct zone_rrset rrset;

	return n->name_nbytes > 0 && zone_node_find(n, DNS_TYPE_NS, &rrset);
}
