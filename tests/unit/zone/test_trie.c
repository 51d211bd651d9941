/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "node_kit.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void put(struct zone_trie_edit *e, const char *text, uint16_t type, int expected)
{
	assert_int_equal(zone_trie_put(e, node_kit_node(e->slab, text, type, e->version)),
			 expected);
}

static void remove_name(struct zone_trie_edit *e, const char *text)
{
	struct zone_trie_key key = node_kit_key(text);

	assert_int_equal(zone_trie_remove(e, &key), 0);
}

/* Checks that a walk below `root` meets exactly these names, in this order. */
static void assert_names(zone_trie_link root, const char *const *names, size_t count)
{
	struct zone_trie_walk *w = zone_trie_walk_new(root);
	const struct zone_node *n;
	size_t i = 0;

	assert_non_null(w);
	while ((n = zone_trie_walk_next(w)) != NULL) {
		struct node_kit_name name;

		assert_true(i < count);
		name = node_kit_name(names[i++]);
		assert_int_equal(n->name_nbytes, name.nbytes);
		assert_memory_equal(zone_node_name(n), name.bytes, name.nbytes);
	}
	assert_int_equal(i, count);
	zone_trie_walk_free(w);
}

static void a_name_is_found_with_its_encloser_and_its_cut(void **state)
{
	static const struct {
		const char *name;
		uint16_t type;
	} names[] = {
		{"", DNS_TYPE_SOA},	   {"a", DNS_TYPE_A},	    {"ab", DNS_TYPE_A},
		{"c.b.a", DNS_TYPE_A},	   {"sub", DNS_TYPE_NS},    {"ns.sub", DNS_TYPE_A},
		{"deep.sub", DNS_TYPE_NS}, {"old", DNS_TYPE_DNAME},
	};
	static const struct {
		const char *name, *cut; /* `cut` NULL: none */
		bool exists;
		uint8_t encloser; /* number of labels */
	} cases[] = {
		{"", NULL, true, 0},
		{"a", NULL, true, 1},
		{"ab", NULL, true, 1},
		{"c.b.a", NULL, true, 3},
		{"b.a", NULL, false, 2}, /* an empty non-terminal (RFC 4592 section 2.2.2) */
		{"x.b.a", NULL, false, 2},
		{"x.c.b.a", NULL, false, 3},
		{"abc", NULL, false, 0}, /* shares octets with a name, but no label */
		{"x.y.z", NULL, false, 0},
		{"sub", "sub", true, 1},
		{"x.sub", "sub", false, 1},
		{"ns.sub", "sub", true, 2},
		{"deep.sub", "sub", true, 2}, /* the highest cut counts */
		{"x.deep.sub", "sub", false, 2},
		{"x.y.old", "old", false, 1},
		{"sub2", NULL, false, 0},
	};
	struct base_slab slab;
	struct zone_trie_edit e = {.slab = &slab, .version = 1};

	(void)state;
	base_slab_init(&slab);
	assert_null(node_kit_find(0, "a").node);
	for (size_t i = 0; i < COUNT(names); i++)
		put(&e, names[i].name, names[i].type, 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct zone_trie_found found = node_kit_find(e.root, cases[i].name);
		struct node_kit_name cut = node_kit_name(cases[i].cut == NULL ? "" : cases[i].cut);

		assert_int_equal(found.node != NULL, cases[i].exists);
		assert_int_equal(found.encloser, cases[i].encloser);
		assert_int_equal(found.cut != NULL, cases[i].cut != NULL);
		if (found.cut != NULL) {
			assert_int_equal(found.cut->name_nbytes, cut.nbytes);
			assert_memory_equal(zone_node_name(found.cut), cut.bytes, cut.nbytes);
		}
	}
	zone_trie_free(&slab, e.root);
	assert_int_equal(slab.used, 0);
	base_slab_fini(&slab);
}

/* The example of RFC 4034 section 6.1, relative to `example`, and labels that the key escapes. */
static void a_walk_is_in_canonical_order(void **state)
{
	static const char *const order[] = {
		"",
		"a",
		"yljkjljk.a",
		"z.a",
		"zabc.a",
		"z",
		"\\000.z",
		"\\000\\000.z",
		"\\001.z",
		"\\001\\000.z",
		"\\001\\255.z",
		"\\002.z",
		"*.z",
		"\\200.z",
	};
	struct base_slab slab;
	struct zone_trie_edit e = {.slab = &slab, .version = 1};

	(void)state;
	base_slab_init(&slab);
	for (size_t i = 0; i < COUNT(order); i++) /* 5 and 14 have no common divisor */
		put(&e, order[i * 5 % COUNT(order)], DNS_TYPE_A, 0);
	assert_names(e.root, order, COUNT(order));
	zone_trie_free(&slab, e.root);
	assert_int_equal(slab.used, 0);
	base_slab_fini(&slab);
}

static void a_node_of_the_same_name_is_replaced(void **state)
{
	static const char *const names[] = {"a", "b"};
	struct base_slab slab;
	struct zone_trie_edit e = {.slab = &slab, .version = 1};

	(void)state;
	base_slab_init(&slab);
	put(&e, "a", DNS_TYPE_A, 0);
	put(&e, "a", DNS_TYPE_TXT, 1);
	put(&e, "b", DNS_TYPE_A, 0);
	put(&e, "b", DNS_TYPE_TXT, 1);
	assert_names(e.root, names, COUNT(names));
	assert_int_equal(node_kit_find(e.root, "a").node->entry[0].type, DNS_TYPE_TXT);
	assert_int_equal(node_kit_find(e.root, "b").node->entry[0].type, DNS_TYPE_TXT);
	assert_int_equal(e.nretired, 0); /* pieces of the version being made are freed at once */
	zone_trie_free(&slab, e.root);
	assert_int_equal(slab.used, 0);
	base_slab_fini(&slab);
}

static void removing_an_absent_name_has_no_effect(void **state)
{
	static const char *const names[] = {"a"};
	struct base_slab slab;
	struct zone_trie_edit e = {.slab = &slab, .version = 1};

	(void)state;
	base_slab_init(&slab);
	remove_name(&e, "a");
	put(&e, "a", DNS_TYPE_A, 0);
	remove_name(&e, "b");
	remove_name(&e, "x.a");
	assert_names(e.root, names, COUNT(names));
	remove_name(&e, "a");
	assert_int_equal(e.root, 0);
	assert_int_equal(slab.used, 0);
	base_slab_fini(&slab);
}

enum { MANY = 600 };

static char *many_name(char *text, unsigned i)
{
	sprintf(text, "%x.l%u", i * 2654435761u, i % 7);
	return text;
}

static void frees_retired(struct zone_trie_edit *e)
{
	for (size_t i = 0; i < e->nretired; i++) {
		const struct zone_trie_retired *r = &e->retired[i];

		assert_true(r->born < e->version);
		if (r->kind == ZONE_TRIE_NODE)
			zone_node_free(e->slab, r->piece);
		else
			base_slab_free(e->slab, r->piece, r->nbytes);
	}
	free(e->retired);
}

/* Replaces every third name, removes every third and adds half as many. */
static void change_many(struct zone_trie_edit *e)
{
	char text[64];

	for (unsigned i = 0; i < MANY; i += 3) {
		put(e, many_name(text, i), DNS_TYPE_TXT, 1);
		remove_name(e, many_name(text, i + 1));
	}
	for (unsigned i = MANY; i < MANY + MANY / 2; i++)
		put(e, many_name(text, i), DNS_TYPE_A, 0);
}

static void assert_first_version(zone_trie_link root)
{
	char text[64];

	for (unsigned i = 0; i < MANY + MANY / 2; i++) {
		const struct zone_node *n = node_kit_find(root, many_name(text, i)).node;

		assert_int_equal(n != NULL, i < MANY);
		if (n != NULL)
			assert_int_equal(n->entry[0].type, DNS_TYPE_A);
	}
}

static zone_trie_link make_first_version(struct base_slab *slab)
{
	struct zone_trie_edit e = {.slab = slab, .version = 1};
	char text[64];

	for (unsigned i = 0; i < MANY; i++)
		put(&e, many_name(text, i), DNS_TYPE_A, 0);
	assert_int_equal(e.nretired, 0);
	return e.root;
}

static void an_older_version_stays_as_it_was(void **state)
{
	struct base_slab slab;
	struct zone_trie_edit e = {.slab = &slab, .version = 2};
	zone_trie_link first;
	char text[64];

	(void)state;
	base_slab_init(&slab);
	first = e.root = make_first_version(&slab);
	change_many(&e);
	assert_first_version(first);
	for (unsigned i = 0; i < MANY + MANY / 2; i++) {
		const struct zone_node *n = node_kit_find(e.root, many_name(text, i)).node;

		assert_int_equal(n != NULL, i >= MANY || i % 3 != 1);
		if (n != NULL)
			assert_int_equal(n->born, i >= MANY || i % 3 == 0 ? 2 : 1);
	}
	/* The retired pieces are exactly those that the versions do not share. */
	frees_retired(&e);
	zone_trie_free(&slab, e.root);
	assert_int_equal(slab.used, 0);
	base_slab_fini(&slab);
}

static void undoing_frees_what_the_edit_made_and_nothing_else(void **state)
{
	struct base_slab slab;
	struct zone_trie_edit e = {.slab = &slab, .version = 2};
	zone_trie_link first;
	size_t used;

	(void)state;
	base_slab_init(&slab);
	first = e.root = make_first_version(&slab);
	used = slab.used;
	change_many(&e);
	zone_trie_undo(&slab, e.root, e.version);
	free(e.retired);
	assert_int_equal(slab.used, used);
	assert_first_version(first);
	zone_trie_free(&slab, first);
	assert_int_equal(slab.used, 0);
	base_slab_fini(&slab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_found_with_its_encloser_and_its_cut),
		cmocka_unit_test(a_walk_is_in_canonical_order),
		cmocka_unit_test(a_node_of_the_same_name_is_replaced),
		cmocka_unit_test(removing_an_absent_name_has_no_effect),
		cmocka_unit_test(an_older_version_stays_as_it_was),
		cmocka_unit_test(undoing_frees_what_the_edit_made_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
