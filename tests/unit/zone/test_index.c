/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "node_kit.h"

#include "base/hash.h"
#include "zone/index.h"

/* Returns the node among those of `hash` that is `wanted`, or NULL. */
static const struct zone_node *find(const struct zone_index *x, uint64_t hash,
				    const struct zone_node *wanted)
{
	const struct zone_node *n;

	for (uint64_t at = 0; (n = zone_index_find(x, hash, &at)) != NULL; at++)
		if (n == wanted)
			return n;
	return NULL;
}

/* Four hashes that begin their search in the same slot, the first two with the same tag too. */
static const uint64_t crowd[] = {
	0x1111000000000005,
	0x1111000000010005,
	0x2222000000000005,
	0x3333000000000005,
};
enum { CROWD = 4 };

static void make_crowd(struct base_slab *slab, struct zone_index *x, struct zone_node **node)
{
	static const char *const names[CROWD] = {"a", "b", "c", "d"};

	for (unsigned i = 0; i < CROWD; i++) {
		node[i] = node_kit_node(slab, names[i], DNS_TYPE_A, 1);
		zone_index_add(x, crowd[i], node[i]);
	}
}

static void free_crowd(struct base_slab *slab, struct zone_index *x, struct zone_node **node)
{
	for (unsigned i = 0; i < CROWD; i++)
		zone_node_free(slab, node[i]);
	zone_index_free(x);
	assert_int_equal(slab->used, 0);
	base_slab_fini(slab);
}

static void names_that_share_a_slot_are_all_found(void **state)
{
	struct zone_index *x = zone_index_new(10);
	struct zone_node *node[CROWD];
	struct base_slab slab;
	uint64_t at = 0;

	(void)state;
	base_slab_init(&slab);
	assert_non_null(x);
	assert_null(zone_index_find(x, crowd[0], &at));
	make_crowd(&slab, x, node);
	for (unsigned i = 0; i < CROWD; i++)
		assert_non_null(find(x, crowd[i], node[i]));
	assert_null(find(x, crowd[2], node[3])); /* another tag */
	at = 0;
	assert_null(zone_index_find(x, 0x4444000000000005, &at));
	free_crowd(&slab, x, node);
}

/* Each name in turn: without it the others are found, and its slot can be used again. */
static void a_removed_name_hides_no_other(void **state)
{
	(void)state;
	for (unsigned gone = 0; gone < CROWD; gone++) {
		struct zone_index *x = zone_index_new(10);
		struct zone_node *node[CROWD];
		struct base_slab slab;

		base_slab_init(&slab);
		assert_non_null(x);
		make_crowd(&slab, x, node);
		zone_index_replace(x, crowd[gone], node[gone], NULL);
		for (unsigned i = 0; i < CROWD; i++)
			assert_int_equal(find(x, crowd[i], node[i]) != NULL, i != gone);
		/* The last slot of a run becomes empty, others remain in use as removed. */
		assert_int_equal(x->used, gone == CROWD - 1 ? CROWD - 1 : CROWD);
		zone_index_add(x, crowd[gone], node[gone]);
		assert_int_equal(x->used, CROWD);
		for (unsigned i = 0; i < CROWD; i++)
			assert_non_null(find(x, crowd[i], node[i]));
		free_crowd(&slab, x, node);
	}
}

static void a_replaced_node_is_found_no_more(void **state)
{
	struct zone_index *x = zone_index_new(10);
	struct zone_node *node[CROWD], *before;
	struct base_slab slab;

	(void)state;
	base_slab_init(&slab);
	assert_non_null(x);
	make_crowd(&slab, x, node);
	before = node[1];
	node[1] = node_kit_node(&slab, "b", DNS_TYPE_TXT, 2);
	zone_index_replace(x, crowd[1], before, node[1]);
	assert_null(find(x, crowd[1], before));
	for (unsigned i = 0; i < CROWD; i++)
		assert_non_null(find(x, crowd[i], node[i]));
	assert_int_equal(x->used, CROWD);
	zone_node_free(&slab, before);
	free_crowd(&slab, x, node);
}

static void an_index_has_room_for_the_names_it_was_made_for(void **state)
{
	static const uint64_t sizes[] = {0, 1, 55, 56, 57, 1000, 100000};

	(void)state;
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct zone_index *x = zone_index_new(sizes[i]);

		assert_non_null(x);
		assert_true(zone_index_fits(x, sizes[i]));
		assert_false(zone_index_fits(x, x->mask + 1));
		zone_index_free(x);
	}
}

static void an_index_that_is_built_has_all_names_of_the_trie(void **state)
{
	enum { NAMES = 1000, SEED = 42 };
	struct base_slab slab;
	struct zone_trie_edit e = {.slab = &slab, .version = 1};
	struct zone_index *x, *smaller;
	char text[32];

	(void)state;
	base_slab_init(&slab);
	for (unsigned i = 0; i < NAMES; i++) {
		sprintf(text, "h%u", i);
		assert_int_equal(zone_trie_put(&e, node_kit_node(&slab, text, DNS_TYPE_A, 1)), 0);
	}
	x = zone_index_build(NULL, e.root, NAMES, SEED);
	assert_non_null(x);
	assert_int_equal(x->used, NAMES);
	for (unsigned i = 0; i < NAMES; i++) {
		struct node_kit_name name;

		sprintf(text, "h%u", i);
		name = node_kit_name(text);
		assert_non_null(find(x, base_hash(name.bytes, name.nbytes, SEED),
				     node_kit_find(e.root, text).node));
	}
	/* The next index is not smaller, however few names are left by then. */
	smaller = zone_index_build(x, 0, 1, SEED);
	assert_non_null(smaller);
	assert_int_equal(smaller->used, 0);
	assert_true(smaller->mask >= x->mask);
	zone_index_free(smaller);
	zone_index_free(x);
	zone_trie_free(&slab, e.root);
	base_slab_fini(&slab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_that_share_a_slot_are_all_found),
		cmocka_unit_test(a_removed_name_hides_no_other),
		cmocka_unit_test(a_replaced_node_is_found_no_more),
		cmocka_unit_test(an_index_has_room_for_the_names_it_was_made_for),
		cmocka_unit_test(an_index_that_is_built_has_all_names_of_the_trie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
