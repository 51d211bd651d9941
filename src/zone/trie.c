/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "zone/trie.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/slab.h"
#include "zone/node.h"

enum { ALL_VERSIONS = 0 }; /* versions count from 1 */

/* Bit 0 of the bitmap means that the key ends here, bit 1 + v that the half octet is v. There is a
 * twig for each bit that is set, in order of the bits. */
struct branch {
	uint64_t born;
	uint32_t bitmap;
	uint32_t at; /* index of the half octet tested */
	zone_trie_link twig[];
};

static bool is_branch(zone_trie_link link)
{
	return link & 1;
}

static struct branch *branch_of(zone_trie_link link)
{
	return (struct branch *)(link - 1);
}

static struct zone_node *node_of(zone_trie_link link)
{
	return (struct zone_node *)link;
}

/* Not every machine that weftd runs on has an instruction for this, and a call costs more. */
static inline unsigned count_bits(uint32_t v)
{
	v -= v >> 1 & 0x55555555;
	v = (v & 0x33333333) + (v >> 2 & 0x33333333);
	return ((v + (v >> 4)) & 0x0f0f0f0f) * 0x01010101 >> 24;
}

static unsigned branch_count(const struct branch *b)
{
	return count_bits(b->bitmap);
}

static size_t branch_size(unsigned twigs)
{
	return sizeof(struct branch) + twigs * sizeof(zone_trie_link);
}

static unsigned twig_index(const struct branch *b, uint32_t bit)
{
	return count_bits(b->bitmap & (bit - 1));
}

/* Returns the bit that half octet `at` of the key selects. */
static uint32_t key_bit(const struct zone_trie_key *key, uint32_t at)
{
	uint32_t i = at >> 1;

	if (i >= key->nbytes)
		return 1;
	return 2u << (at & 1 ? key->bytes[i] & 15 : key->bytes[i] >> 4);
}

void zone_trie_key_make(struct zone_trie_key *key, const uint8_t *name, size_t nbytes)
{
	uint8_t start[DNS_LABELS_MAX];
	unsigned n = 0;
	uint8_t *o = key->bytes;

	for (size_t i = 0; i < nbytes; i += (size_t)name[i] + 1)
		start[n++] = (uint8_t)i;
	key->nlabels = (uint8_t)n;
	for (unsigned label = 0; label < n; label++) {
		const uint8_t *l = name + start[n - 1 - label];

		for (uint8_t i = 1; i <= *l; i++) {
			if (l[i] <= 1)
				*o++ = 1;
			*o++ = l[i] <= 1 ? (uint8_t)(l[i] + 1) : l[i];
		}
		*o++ = 0;
		key->label_end[label] = (uint16_t)(o - key->bytes);
	}
	key->nbytes = (uint16_t)(o - key->bytes);
}

static void key_of_node(struct zone_trie_key *key, const struct zone_node *n)
{
	zone_trie_key_make(key, zone_node_name(n), n->name_nbytes);
}

static size_t common_bytes(const struct zone_trie_key *a, const struct zone_trie_key *b)
{
	size_t n = a->nbytes < b->nbytes ? a->nbytes : b->nbytes, i = 0;

	while (i < n && a->bytes[i] == b->bytes[i])
		i++;
	return i;
}

static zone_trie_link descend(const struct branch *b, const struct zone_trie_key *key)
{
	uint32_t bit = key_bit(key, b->at);

	return b->bitmap & bit ? b->twig[twig_index(b, bit)] : b->twig[0];
}

/* Returns a node below `link` that shares the longest prefix with the key. All nodes below the
 * branch where the search leaves the key's path share the same prefix, so any of them will do. */
static const struct zone_node *nearest(zone_trie_link link, const struct zone_trie_key *key)
{
	while (is_branch(link))
		link = descend(branch_of(link), key);
	return node_of(link);
}

struct zone_trie_found zone_trie_find(zone_trie_link root, const struct zone_trie_key *key)
{
	struct zone_trie_found found = {.node = NULL};
	const struct zone_node *cut = NULL, *node;
	uint32_t cut_bytes = 0;
	struct zone_trie_key near;
	size_t common;

	if (root == 0)
		return found;
	/* The node of an ancestor is the twig of bit 0 of a branch on the way. */
	while (is_branch(root)) {
		const struct branch *b = branch_of(root);

		if (cut == NULL && (b->bitmap & 1) && b->at <= 2u * key->nbytes &&
		    node_of(b->twig[0])->flags & ZONE_NODE_CUT) {
			cut = node_of(b->twig[0]);
			cut_bytes = b->at / 2;
		}
		root = descend(b, key);
	}
	node = node_of(root);
	key_of_node(&near, node);
	common = common_bytes(key, &near);
	if (cut != NULL && cut_bytes <= common)
		found.cut = cut;
	while (found.encloser < key->nlabels && key->label_end[found.encloser] <= common)
		found.encloser++;
	if (common == near.nbytes && found.cut == NULL && node->flags & ZONE_NODE_CUT)
		found.cut = node;
	if (common == key->nbytes && near.nbytes == key->nbytes)
		found.node = node;
	return found;
}

static int retire(struct zone_trie_edit *e, void *piece, uint64_t born, size_t nbytes,
		  enum zone_trie_kind kind)
{
	struct zone_trie_retired *r =
		base_grow(e->retired, e->nretired, &e->retired_capacity, sizeof(*r));

	if (r == NULL)
		return -ENOMEM;
	e->retired = r;
	e->retired[e->nretired++] = (struct zone_trie_retired){piece, born, (uint32_t)nbytes, kind};
	return 0;
}

static int drop_node(struct zone_trie_edit *e, struct zone_node *n)
{
	if (n->born != e->version)
		return retire(e, n, n->born, n->nbytes, ZONE_TRIE_NODE);
	zone_node_free(e->slab, n);
	return 0;
}

static int drop_branch(struct zone_trie_edit *e, struct branch *b)
{
	size_t nbytes = branch_size(branch_count(b));

	if (b->born != e->version)
		return retire(e, b, b->born, nbytes, ZONE_TRIE_BRANCH);
	base_slab_free(e->slab, b, nbytes);
	return 0;
}

/* Makes *link lead to a branch that came with this version, and so can be changed: a copy if
 * needed. */
static struct branch *own_branch(struct zone_trie_edit *e, zone_trie_link *link)
{
	struct branch *b = branch_of(*link), *copy;
	size_t nbytes = branch_size(branch_count(b));

	if (b->born == e->version)
		return b;
	copy = base_slab_alloc(e->slab, nbytes);
	if (copy == NULL)
		return NULL;
	if (drop_branch(e, b) < 0) {
		base_slab_free(e->slab, copy, nbytes);
		return NULL;
	}
	memcpy(copy, b, nbytes);
	copy->born = e->version;
	*link = (zone_trie_link)copy + 1;
	return copy;
}

/* Adds a twig to the branch at *link, which is always a new piece since it grows. */
static int add_twig(struct zone_trie_edit *e, zone_trie_link *link, uint32_t bit,
		    zone_trie_link twig)
{
	struct branch *b = branch_of(*link);
	unsigned n = branch_count(b), i = twig_index(b, bit);
	struct branch *grown = base_slab_alloc(e->slab, branch_size(n + 1));

	if (grown == NULL)
		return -ENOMEM;
	grown->born = e->version;
	grown->bitmap = b->bitmap | bit;
	grown->at = b->at;
	memcpy(grown->twig, b->twig, i * sizeof(*b->twig));
	grown->twig[i] = twig;
	memcpy(grown->twig + i + 1, b->twig + i, (n - i) * sizeof(*b->twig));
	if (drop_branch(e, b) < 0) {
		base_slab_free(e->slab, grown, branch_size(n + 1));
		return -ENOMEM;
	}
	*link = (zone_trie_link)grown + 1;
	return 0;
}

/* Replaces *link by a branch with two twigs, the old link and `twig`. */
static int fork_link(struct zone_trie_edit *e, zone_trie_link *link, uint32_t at, uint32_t old_bit,
		     uint32_t bit, zone_trie_link twig)
{
	struct branch *b = base_slab_alloc(e->slab, branch_size(2));

	if (b == NULL)
		return -ENOMEM;
	b->born = e->version;
	b->bitmap = old_bit | bit;
	b->at = at;
	b->twig[twig_index(b, old_bit)] = *link;
	b->twig[twig_index(b, bit)] = twig;
	*link = (zone_trie_link)b + 1;
	return 0;
}

static int replace_node(struct zone_trie_edit *e, const struct zone_trie_key *key,
			struct zone_node *node)
{
	zone_trie_link *link = &e->root;

	while (is_branch(*link)) {
		struct branch *b = own_branch(e, link);

		if (b == NULL)
			return -ENOMEM;
		link = &b->twig[twig_index(b, key_bit(key, b->at))];
	}
	if (drop_node(e, node_of(*link)) < 0)
		return -ENOMEM;
	*link = (zone_trie_link)node;
	return 1;
}

/* Returns the index of the first half octet in which two different keys differ. */
static uint32_t first_difference(const struct zone_trie_key *a, const struct zone_trie_key *b)
{
	size_t i = common_bytes(a, b);

	if (i < a->nbytes && i < b->nbytes && (a->bytes[i] ^ b->bytes[i]) < 16)
		return (uint32_t)(2 * i + 1);
	return (uint32_t)(2 * i);
}

int zone_trie_put(struct zone_trie_edit *e, struct zone_node *node)
{
	struct zone_trie_key key, near;
	zone_trie_link *link = &e->root;
	uint32_t at;

	assert(node->born == e->version);
	if (e->root == 0) {
		e->root = (zone_trie_link)node;
		return 0;
	}
	key_of_node(&key, node);
	key_of_node(&near, nearest(e->root, &key));
	if (key.nbytes == near.nbytes && memcmp(key.bytes, near.bytes, key.nbytes) == 0)
		return replace_node(e, &key, node);
	at = first_difference(&key, &near);
	while (is_branch(*link) && branch_of(*link)->at < at) {
		struct branch *b = own_branch(e, link);

		if (b == NULL)
			return -ENOMEM;
		link = &b->twig[twig_index(b, key_bit(&key, b->at))];
	}
	if (is_branch(*link) && branch_of(*link)->at == at)
		return add_twig(e, link, key_bit(&key, at), (zone_trie_link)node);
	return fork_link(e, link, at, key_bit(&near, at), key_bit(&key, at), (zone_trie_link)node);
}

/* Removes the twig of `bit` from the branch at *link. A branch that is left with one twig is
 * replaced by it. */
static int remove_twig(struct zone_trie_edit *e, zone_trie_link *link, uint32_t bit)
{
	struct branch *b = branch_of(*link), *less;
	unsigned n = branch_count(b), i = twig_index(b, bit);

	if (n == 2) {
		zone_trie_link other = b->twig[1 - i];

		if (drop_branch(e, b) < 0)
			return -ENOMEM;
		*link = other;
		return 0;
	}
	less = base_slab_alloc(e->slab, branch_size(n - 1));
	if (less == NULL)
		return -ENOMEM;
	less->born = e->version;
	less->bitmap = b->bitmap & ~bit;
	less->at = b->at;
	memcpy(less->twig, b->twig, i * sizeof(*b->twig));
	memcpy(less->twig + i, b->twig + i + 1, (n - 1 - i) * sizeof(*b->twig));
	if (drop_branch(e, b) < 0) {
		base_slab_free(e->slab, less, branch_size(n - 1));
		return -ENOMEM;
	}
	*link = (zone_trie_link)less + 1;
	return 0;
}

int zone_trie_remove(struct zone_trie_edit *e, const struct zone_trie_key *key)
{
	zone_trie_link *link = &e->root, *parent = NULL;
	struct zone_trie_found found = zone_trie_find(e->root, key);
	struct zone_node *node;

	if (found.node == NULL)
		return 0;
	while (is_branch(*link)) {
		struct branch *b = own_branch(e, link);

		if (b == NULL)
			return -ENOMEM;
		parent = link;
		link = &b->twig[twig_index(b, key_bit(key, b->at))];
	}
	node = node_of(*link);
	if (parent == NULL)
		e->root = 0;
	else if (remove_twig(e, parent, key_bit(key, branch_of(*parent)->at)) < 0)
		return -ENOMEM;
	return drop_node(e, node);
}

/* Frees the pieces that came with `version`; below a piece that did not there are none. The depth
 * is bounded by the half octets of the longest key. */
static void free_below(struct base_slab *slab, zone_trie_link link, uint64_t version)
{
	struct branch *b;
	unsigned n;

	if (link == 0)
		return;
	if (!is_branch(link)) {
		if (version == ALL_VERSIONS || node_of(link)->born == version)
			zone_node_free(slab, node_of(link));
		return;
	}
	b = branch_of(link);
	if (version != ALL_VERSIONS && b->born != version)
		return;
	n = branch_count(b);
	for (unsigned i = 0; i < n; i++)
		free_below(slab, b->twig[i], version);
	base_slab_free(slab, b, branch_size(n));
}

void zone_trie_undo(struct base_slab *slab, zone_trie_link root, uint64_t version)
{
	free_below(slab, root, version);
}

void zone_trie_free(struct base_slab *slab, zone_trie_link root)
{
	free_below(slab, root, ALL_VERSIONS);
}

struct zone_trie_walk {
	zone_trie_link first; /* the root, until the walk has begun; then 0 */
	unsigned depth;
	struct {
		const struct branch *branch;
		unsigned next;
	} stack[2 * ZONE_TRIE_KEY_MAX + 1];
};

struct zone_trie_walk *zone_trie_walk_new(zone_trie_link root)
{
	struct zone_trie_walk *w = malloc(sizeof(*w));

	if (w != NULL) {
		w->first = root;
		w->depth = 0;
	}
	return w;
}

void zone_trie_walk_free(struct zone_trie_walk *w)
{
	free(w);
}

static const struct zone_node *enter(struct zone_trie_walk *w, zone_trie_link link)
{
	while (is_branch(link)) {
		w->stack[w->depth].branch = branch_of(link);
		w->stack[w->depth++].next = 1;
		link = branch_of(link)->twig[0];
	}
	return node_of(link);
}

const struct zone_node *zone_trie_walk_next(struct zone_trie_walk *w)
{
	zone_trie_link link = w->first;

	if (link != 0) {
		w->first = 0;
		return enter(w, link);
	}
	while (w->depth > 0) {
		const struct branch *b = w->stack[w->depth - 1].branch;
		unsigned i = w->stack[w->depth - 1].next++;

		if (i < branch_count(b))
			return enter(w, b->twig[i]);
		w->depth--;
	}
	return NULL;
}
