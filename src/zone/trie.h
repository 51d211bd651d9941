/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/trie.h - the owner names of a zone in canonical order: a copy-on-write qp-trie.
 *
 * The key of a name is its labels from the apex outward, in lower case, each ended by an octet 0
 * (octets 0 and 1 in a label are escaped), so that the order of keys is the canonical order of
 * names (RFC 4034 section 6.1) and an ancestor's key is a prefix. A branch tests one half octet of
 * the key. A new version shares all branches with the old but those on the paths to what changed.
 * Readers need only a root; an edit belongs to the writer. Room-private. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"

struct base_slab;
struct zone_node;

/* A link is a node, a branch (lowest bit set) or nothing (0). */
typedef uintptr_t zone_trie_link;

enum { ZONE_TRIE_KEY_MAX = 2 * DNS_NAME_MAX };

struct zone_trie_key {
	uint16_t nbytes;
	uint8_t nlabels;
	uint16_t label_end[DNS_LABELS_MAX]; /* of label 0 next to the apex, and so on: octets of the
					       key up to it */
	uint8_t bytes[ZONE_TRIE_KEY_MAX];
};

/* Makes the key of a relative lower-case name of `octets`. */
void zone_trie_key_make(struct zone_trie_key *key, const uint8_t *name, size_t nbytes);

/* What a look-up of a name finds besides its node. */
struct zone_trie_found {
	const struct zone_node *node; /* the name's own, or NULL */
	const struct zone_node *cut; /* the highest node on the way to the name (or the name itself)
					with ZONE_NODE_CUT */
	uint8_t encloser; /* labels of the closest encloser below the apex; all labels if the name
			     exists */
};

/* Looks `key` up under `root`. */
struct zone_trie_found zone_trie_find(zone_trie_link root, const struct zone_trie_key *key);

enum zone_trie_kind { ZONE_TRIE_NODE, ZONE_TRIE_BRANCH };

/* A piece of memory that the next version does not use, but an older one may. */
struct zone_trie_retired {
	void *piece;
	uint64_t born; /* version that it came with */
	uint32_t nbytes;
	enum zone_trie_kind kind;
};

/* A version being made: pieces born with it are changed in place, older ones are copied and
 * retired. */
struct zone_trie_edit {
	struct base_slab *slab;
	uint64_t version;
	zone_trie_link root;
	struct zone_trie_retired *retired;
	size_t nretired, retired_capacity;
};

/* Puts `node` in, in the place of a node of the same name if there is one, which goes to the
 * retired. Returns 0 if the name is new, 1 if it was there, or -ENOMEM (the tree is then still
 * whole, without the change). */
int zone_trie_put(struct zone_trie_edit *e, struct zone_node *node);

/* Takes the node of `key` out; it goes to the retired. 0 (also if it was not there), or -ENOMEM. */
int zone_trie_remove(struct zone_trie_edit *e, const struct zone_trie_key *key);

/* Frees all that was born with `version` below `root`. */
void zone_trie_undo(struct base_slab *slab, zone_trie_link root, uint64_t version);

/* Frees the whole tree. */
void zone_trie_free(struct base_slab *slab, zone_trie_link root);

/* A walk over all nodes in canonical order. It stays good as long as the tree it began with. */
struct zone_trie_walk;
struct zone_trie_walk *zone_trie_walk_new(zone_trie_link root);
void zone_trie_walk_free(struct zone_trie_walk *w);

/* The next node, or NULL at the end. */
const struct zone_node *zone_trie_walk_next(struct zone_trie_walk *w);
