/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/trie.h - the owner names of a zone in canonical order: a copy-on-write qp-trie.
 *
 * The key of a name is its labels from the apex outward, in lower case, each ended by an octet 0;
 * octets 0 and 1 in a label are escaped. So the order of keys is the canonical order of names (RFC
 * 4034 section 6.1), and the key of an ancestor is a prefix. A branch tests one half octet of the
 * key. A new version shares all branches with the version before, except those on the paths to what
 * changed. A trie knows no zone: names are relative to the apex, without the root label.
 *
 * Any thread may read below a root that it may see. An edit belongs to the writer. Room-private. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"

struct base_slab;
struct zone_node;
struct zone_trie_walk;

/* A node, a branch (lowest bit set) or nothing (0). */
typedef uintptr_t zone_trie_link;

enum { ZONE_TRIE_KEY_MAX = 2 * DNS_NAME_MAX };

struct zone_trie_key {
	uint16_t nbytes;
	uint8_t nlabels;
	uint16_t label_end[DNS_LABELS_MAX]; /* length of the key up to the end of each label; label
					       0 is next to the apex */
	uint8_t bytes[ZONE_TRIE_KEY_MAX];
};

/* Writes the key of a relative lower-case name of `nbytes` to `key`. */
void zone_trie_key_make(struct zone_trie_key *key, const uint8_t *name, size_t nbytes);

struct zone_trie_found {
	const struct zone_node *node; /* of the name itself, or NULL */
	const struct zone_node *cut;  /* with ZONE_NODE_CUT: the highest among the name and its
					 ancestors, or NULL */
	uint8_t encloser; /* number of labels, below the apex, of the closest encloser (RFC 4592
			     section 3.3.1); all labels if the name exists */
};

/* Looks `key` up below `root`, which may be 0. Nodes in the result are valid as long as the tree.
 */
struct zone_trie_found zone_trie_find(zone_trie_link root, const struct zone_trie_key *key);

enum zone_trie_kind { ZONE_TRIE_NODE, ZONE_TRIE_BRANCH };

/* A piece of memory that the version being made does not use, but an older one does. */
struct zone_trie_retired {
	void *piece;
	uint64_t born; /* version that it came with */
	uint32_t nbytes;
	enum zone_trie_kind kind;
};

/* A version being made. Pieces that came with it are changed in place, older ones are copied and
 * retired. Starts with slab, version, and the root of the version before. */
struct zone_trie_edit {
	struct base_slab *slab; /* memory of nodes and branches */
	uint64_t version;	/* more than 0 */
	zone_trie_link root;
	struct zone_trie_retired *retired; /* from malloc: the caller's after the edit */
	size_t nretired, retired_capacity;
};

/* Adds `node`, which came with e->version; replaces a node of the same name, which is retired. The
 * trie owns the node after success. Returns 0 if the name is new, 1 if it was there, or -ENOMEM
 * with a valid trie that lacks the change and the node still the caller's. */
int zone_trie_put(struct zone_trie_edit *e, struct zone_node *node);

/* Removes the node of `key` and retires it. Returns 0, also if there is none, or -ENOMEM: then the
 * edit is good only for zone_trie_undo. */
int zone_trie_remove(struct zone_trie_edit *e, const struct zone_trie_key *key);

/* Frees all pieces below `root` that came with `version`: an edit that is given up. What the edit
 * retired remains part of the version before. */
void zone_trie_undo(struct base_slab *slab, zone_trie_link root, uint64_t version);

/* Frees all pieces below `root`. */
void zone_trie_free(struct base_slab *slab, zone_trie_link root);

/* Begins a walk over all nodes below `root` in canonical order. The walk is valid as long as the
 * tree. Returns NULL if memory is short; otherwise the caller frees it with zone_trie_walk_free. */
struct zone_trie_walk *zone_trie_walk_new(zone_trie_link root);

/* Frees the walk. NULL is fine. */
void zone_trie_walk_free(struct zone_trie_walk *w);

/* Returns the next node, or NULL after the last. */
const struct zone_node *zone_trie_walk_next(struct zone_trie_walk *w);
