/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "conf/table.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/type.h"
#include "kit.h"

struct numbers {
	uint32_t *items;
	size_t count;
};

struct record {
	uint32_t width;
	const char *title;
	struct numbers odd;
	struct {
		uint32_t depth;
	} inner;
	unsigned nitems, npairs;
};

struct item {
	uint32_t size;
};

static const struct conf_setting item_table[] = {
	{"size", &conf_type_number, .offset = offsetof(struct item, size), .max = 9,
	 .flags = CONF_REQUIRED},
	{0},
};

static void on_item(struct conf_reader *r, struct yaml_node_s *node, void *arg)
{
	struct item item = {0};
	unsigned *n = arg;

	conf_table_read_item(r, item_table, node, &item, "item");
	*n = *n * 10 + item.size;
}

static void items_read(struct conf_reader *r, const struct conf_setting *s,
		       struct yaml_node_s *node, void *field)
{
	(void)s;
	conf_table_each(r, node, on_item, field);
}

/* Adds the length of the name and the number in the value. */
static void on_pair(struct conf_reader *r, const char *name, const struct base_location *at,
		    struct yaml_node_s *value, void *arg)
{
	unsigned *n = arg;

	assert_int_equal(at->line, 1);
	(void)r;
	*n = *n * 100 + (unsigned)strlen(name) * 10 + (unsigned)atoi(conf_table_text_of(value));
}

static void pairs_read(struct conf_reader *r, const struct conf_setting *s,
		       struct yaml_node_s *node, void *field)
{
	conf_table_each_pair(r, s->name, node, on_pair, field);
}

static const struct conf_setting inner_table[] = {
	{"depth", &conf_type_number, .max = 100, .initial = "3"},
	{0},
};

static const struct conf_setting table[] = {
	{"width", &conf_type_number, .offset = offsetof(struct record, width), .min = 1, .max = 100,
	 .initial = "80", .flags = CONF_RESTART},
	{"title", &conf_type_text, .offset = offsetof(struct record, title), .flags = CONF_RESTART,
	 .warning = "titles are not printed"},
	{"odd", &conf_type_number, .offset = offsetof(struct record, odd), .max = 99,
	 .flags = CONF_LIST, .initial = "1 3 5"},
	{"inner", .offset = offsetof(struct record, inner), .table = inner_table},
	{"item", .offset = offsetof(struct record, nitems), .table = item_table,
	 .read = items_read},
	{"pair", &conf_type_text, .offset = offsetof(struct record, npairs), .read = pairs_read},
	{0},
};

/* Reads the text over the defaults; the reports must be `reports`. */
static void expect(enum conf_others others, const char *text, const char *reports,
		   struct record *out)
{
	struct kit kit;
	struct record record;

	kit_setup(&kit, table, &record, sizeof(record));
	kit.reader.others = others;
	conf_table_set_defaults(&kit.reader, table, &record);
	conf_table_read(&kit.reader, table, text, strlen(text), &record);
	assert_string_equal(kit.reports, reports);
	if (out != NULL)
		*out = record;
	assert_int_equal(kit_teardown(&kit),
			 reports[0] == '\0' || reports[0] == 'w' ? 0 : -EBADMSG);
}

static void every_setting_has_its_default(void **state)
{
	struct kit kit;
	struct record record;

	(void)state;
	kit_setup(&kit, table, &record, sizeof(record));
	conf_table_set_defaults(&kit.reader, table, &record);
	assert_int_equal(record.width, 80);
	assert_null(record.title);
	assert_int_equal(record.odd.count, 3);
	assert_int_equal(record.odd.items[2], 5);
	assert_int_equal(record.inner.depth, 3);
	assert_int_equal(kit_teardown(&kit), 0);
}

static void a_given_value_replaces_the_default(void **state)
{
	struct record record;

	(void)state;
	expect(CONF_REFUSE_OTHERS, "width: 7\nodd: 9\ninner: {depth: 8}\n", "", &record);
	assert_int_equal(record.width, 7);
	assert_int_equal(record.odd.count, 1);
	assert_int_equal(record.inner.depth, 8);
	expect(CONF_REFUSE_OTHERS, "odd: []\n", "", &record);
	assert_int_equal(record.odd.count, 0);
}

static void items_of_a_list_have_options_of_their_own(void **state)
{
	struct record record;

	(void)state;
	expect(CONF_REFUSE_OTHERS, "item: [{size: 4}, {size: 2}]\n", "", &record);
	assert_int_equal(record.nitems, 42);
	expect(CONF_REFUSE_OTHERS, "item: {size: 4}\n", "", &record);
	assert_int_equal(record.nitems, 4);
	expect(CONF_REFUSE_OTHERS, "item:\n", "", &record);
	assert_int_equal(record.nitems, 0);
	expect(CONF_REFUSE_OTHERS, "item:\n  - {}\n  - {size: 10}\n",
	       "2: item needs size\n3: size is from 0 to 9, not 10\n", NULL);
}

static void names_of_a_mapping_may_be_any(void **state)
{
	struct record record;

	(void)state;
	expect(CONF_REFUSE_OTHERS, "pair: {a: 4, \"*b\": 2}\n", "", &record);
	assert_int_equal(record.npairs, 1422);
	expect(CONF_REFUSE_OTHERS, "pair:\n", "", &record);
	assert_int_equal(record.npairs, 0);
	expect(CONF_REFUSE_OTHERS, "pair: [a]\n", "1: pair is a mapping, not a list\n", NULL);
	expect(CONF_REFUSE_OTHERS, "pair: {[a]: 1}\n", "1: pair: a name is a word, not a list\n",
	       NULL);
}

static void each_error_is_reported_with_its_line(void **state)
{
	static const struct {
		const char *text, *reports;
	} cases[] = {
		{"widht: 1\n", "1: unknown option widht; did you mean width?\n"},
		{"inner: {depht: 1}\n", "1: unknown option depht in inner; did you mean depth?\n"},
		{"x: 1\ny: 2\n", "1: unknown option x\n2: unknown option y\n"},
		{"width: 1\nwidth: 2\n", "2: width is given a second time, first at test:1\n"},
		{"width: {}\n", "1: width is a number, not a mapping\n"},
		{"[1]\n", "1: the file is a mapping of options, not a list\n"},
		{"[1]: 2\n", "1: the name of an option is a word, not a list\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		expect(CONF_REFUSE_OTHERS, cases[i].text, cases[i].reports, NULL);
}

static void a_setting_may_come_with_a_warning(void **state)
{
	(void)state;
	expect(CONF_REFUSE_OTHERS, "width: 1\ntitle: x\n", "w 2: title: titles are not printed\n",
	       NULL);
}

static void other_options_are_ignored_where_asked_for(void **state)
{
	struct record record;

	(void)state;
	expect(CONF_IGNORE_OTHERS, "height: [1, {a: b}]\nwidth: 7\ninner: {a: 1, depth: 8}\n", "",
	       &record);
	assert_int_equal(record.width, 7);
	assert_int_equal(record.inner.depth, 8);
	expect(CONF_IGNORE_OTHERS, "height: [\n",
	       "2: syntax, column 1: did not find expected node content\n", NULL);
	expect(CONF_IGNORE_OTHERS, "height: 1\nwidth: x\n", "2: width is a number, not x\n", NULL);
}

static void collect(void *arg, const char *option, bool needs_restart)
{
	strcat(strcat(arg, option), needs_restart ? "! " : " ");
}

static void changes_are_found(void **state)
{
	struct record one = {.width = 1, .title = "a", .inner = {1}};
	struct record two = {.width = 2, .title = "a", .inner = {2}};
	char changes[100] = "";

	(void)state;
	conf_table_compare(table, &one, &two, "", collect, changes);
	assert_string_equal(changes, "width! inner.depth ");
	two = one;
	two.title = NULL;
	changes[0] = '\0';
	conf_table_compare(table, &one, &two, "page", collect, changes);
	assert_string_equal(changes, "page.title! ");
}

static void the_listing_has_a_line_for_each_option(void **state)
{
	static const char *const parts[] = {
		"width ",
		"80; restart\n",
		"title ",
		"default none; restart\n",
		"odd ",
		"or a list; default 1 3 5; reload\n",
		"inner.depth ",
		"item.size ",
		"; required; reload\n",
	};
	char *text = NULL;
	const char *at;
	size_t nbytes;
	FILE *out = open_memstream(&text, &nbytes);

	(void)state;
	assert_non_null(out);
	conf_table_list(out, table, "");
	fclose(out);
	at = text;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		at = strstr(at, parts[i]);
		assert_non_null(at);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_setting_has_its_default),
		cmocka_unit_test(a_given_value_replaces_the_default),
		cmocka_unit_test(items_of_a_list_have_options_of_their_own),
		cmocka_unit_test(names_of_a_mapping_may_be_any),
		cmocka_unit_test(each_error_is_reported_with_its_line),
		cmocka_unit_test(a_setting_may_come_with_a_warning),
		cmocka_unit_test(other_options_are_ignored_where_asked_for),
		cmocka_unit_test(changes_are_found),
		cmocka_unit_test(the_listing_has_a_line_for_each_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
