/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "conf/tree.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conf/table.h"
#include "conf/type.h"
#include "kit.h"

struct record {
	uint32_t width;
	struct {
		const char **items;
		size_t count;
	} words;
};

static const struct conf_setting table[] = {
	{"width", &conf_type_number, .offset = offsetof(struct record, width), .max = 100},
	{"words", &conf_type_text, .offset = offsetof(struct record, words), .flags = CONF_LIST},
	{0},
};

static void on_root(struct conf_reader *r, struct yaml_node_s *root, void *arg)
{
	assert_int_equal(conf_tree_kind_of(root), CONF_TREE_MAPPING);
	assert_int_equal(conf_tree_count(root), 2);
	conf_table_read_item(r, table, root, arg, "record");
}

static int text_add(struct conf_tree *tree, const char *text, bool is_quoted, unsigned line)
{
	return conf_tree_add_text(tree, text, strlen(text), is_quoted, line);
}

/* Makes {width: WIDTH, words: [a, b]}. */
static struct conf_tree *tree_make(const char *width)
{
	struct conf_tree *tree = conf_tree_new();
	int root, list;

	assert_non_null(tree);
	root = conf_tree_add_mapping(tree, 1);
	list = conf_tree_add_list(tree, 4);
	assert_true(conf_tree_append_item(tree, list, text_add(tree, "a", true, 5)));
	assert_true(conf_tree_append_item(tree, list, text_add(tree, "b", false, 6)));
	assert_true(conf_tree_append_pair(tree, root, text_add(tree, "width", true, 2),
					  text_add(tree, width, false, 3)));
	assert_true(conf_tree_append_pair(tree, root, text_add(tree, "words", true, 4), list));
	return tree;
}

static void a_tree_is_read_by_a_table(void **state)
{
	static const struct {
		const char *width, *reports;
	} cases[] = {{"7", ""}, {"700", "3: width is from 0 to 100, not 700\n"}};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct conf_tree *tree = tree_make(cases[i].width);
		struct record record;
		struct kit kit;

		kit_setup(&kit, table, &record, sizeof(record));
		conf_tree_read(&kit.reader, tree, on_root, &record);
		assert_string_equal(kit.reports, cases[i].reports);
		assert_int_equal(record.width, i == 0 ? 7 : 0);
		assert_int_equal(record.words.count, 2);
		assert_string_equal(record.words.items[1], "b");
		assert_int_equal(kit_teardown(&kit), i == 0 ? 0 : -EBADMSG);
		conf_tree_free(tree);
	}
}

static void what_is_no_text_is_refused(void **state)
{
	struct conf_tree *tree = conf_tree_new();
	int list = conf_tree_add_list(tree, 1);

	(void)state;
	assert_int_equal(conf_tree_add_text(tree, "\xff", 1, true, 1), 0);
	assert_false(conf_tree_append_item(tree, list, 0));
	conf_tree_free(tree);
	conf_tree_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tree_is_read_by_a_table),
		cmocka_unit_test(what_is_no_text_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
