/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../memory.h"
#include "view/subtype.h"

#define TYPE "_http._tcp"

static const uint8_t *zone(void)
{
	return kit_name("lab.cloud.");
}

/* The labels of web's subtypes, each after its length as a letter: "a" is 1. */
static const char *labels(const struct view *v)
{
	static char text[256];
	const struct undo_list *l = view_subtype_list(v, zone(), kit_name("web." TYPE));
	const uint8_t *label;
	size_t n = 0;

	for (size_t at = 0; (label = view_subtype_next(l, &at)) != NULL;) {
		memcpy(text + n, label + 1, label[0]);
		n += label[0];
		text[n++] = ' ';
	}
	text[n] = '\0';
	return text;
}

static int add(struct view *v, const char *label)
{
	return view_subtype_add(v, zone(), kit_name("web." TYPE), (const uint8_t *)label);
}

static int removed(struct view *v, const char *label)
{
	return view_subtype_remove(v, zone(), kit_name("WEB." TYPE), (const uint8_t *)label);
}

static void subtypes_keep_their_case_and_are_found_in_any(void **state)
{
	static const struct {
		int is_added;
		const char *label, *labels;
	} rows[] = {
		{0, "\1a", ""},		{1, "\1A", "A "},      {1, "\1a", "A "},
		{1, "\2bc", "A bc "},	{1, "\1D", "A bc D "}, {0, "\2BC", "A D "},
		{1, "\2Bc", "A D Bc "}, {0, "\1a", "D Bc "},   {0, "\1a", "D Bc "},
		{0, "\1d", "Bc "},	{0, "\2bC", ""},
	};
	struct view v;

	(void)state;
	assert_int_equal(view_init(&v, 1), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(
			rows[i].is_added ? add(&v, rows[i].label) : removed(&v, rows[i].label), 0);
		assert_string_equal(labels(&v), rows[i].labels);
	}
	view_fini(&v);
}

static void a_subtype_that_is_new_is_counted(void **state)
{
	struct view v;
	char label[8];

	(void)state;
	assert_int_equal(view_init(&v, 1), 0);
	for (unsigned i = 0; i < VIEW_SUBTYPES_MAX; i++) {
		snprintf(label, sizeof(label), "\4_%03u", i);
		assert_int_equal(
			view_subtypes(&v, zone(), kit_name("web." TYPE), (const uint8_t *)label),
			i + 1);
		assert_int_equal(add(&v, label), 0);
	}
	assert_int_equal(
		view_subtypes(&v, zone(), kit_name("web." TYPE), (const uint8_t *)"\4_007"), 0);
	view_fini(&v);
}

static void a_name_that_would_be_too_long_is_none(void **state)
{
	uint8_t label[VIEW_SUBTYPE_LABEL_MAX] = {63}, type[4 * 64] = {0}, out[DNS_NAME_MAX];

	(void)state;
	memset(label + 1, 'a', 63);
	for (unsigned i = 0; i < 3; i++)
		memcpy(type + i * 64, label, 64);
	type[3 * 64] = 0;
	assert_false(view_subtype_name(out, label, type));
	assert_true(view_subtype_name(out, label, type + 64));
	assert_int_equal(dns_name_nbytes(out), 64 + 5 + 2 * 64 + 1);
}

static int put_change(void *arg, const struct undo_entry *e, const uint8_t *label, bool is_added)
{
	char *text = arg;

	(void)e;
	sprintf(text + strlen(text), "%c%.*s ", is_added ? '+' : '-', label[0],
		(const char *)label + 1);
	return 0;
}

static void a_batch_changes_what_differs(void **state)
{
	struct view v;
	char text[256] = "";

	(void)state;
	assert_int_equal(view_init(&v, 1), 0);
	for (const char *const *l = (const char *const[]){"\1a", "\1b", "\1c", "\1d", NULL};
	     *l != NULL; l++)
		assert_int_equal(add(&v, *l), 0);
	view_commit(&v);
	assert_int_equal(removed(&v, "\1b"), 0);
	assert_int_equal(removed(&v, "\1d"), 0);
	assert_int_equal(add(&v, "\1e"), 0);
	assert_int_equal(add(&v, "\1D"), 0);
	assert_int_equal(v.subtypes.nchanged, 1);
	assert_int_equal(view_subtype_changes(v.subtypes.changed[0], put_change, text), 0);
	assert_string_equal(text, "-b -d +e +D ");
	view_undo(&v);
	assert_string_equal(labels(&v), "a b c d ");
	text[0] = '\0';
	assert_int_equal(view_subtype_clear(&v, zone(), kit_name("web." TYPE)), 0);
	assert_int_equal(view_subtype_changes(v.subtypes.changed[0], put_change, text), 0);
	assert_string_equal(text, "-a -b -c -d ");
	view_fini(&v);
}

static void without_memory_the_list_stays_as_it_was(void **state)
{
	struct view v;
	int ret, n = 0;

	(void)state;
	assert_int_equal(view_init(&v, 1), 0);
	assert_int_equal(add(&v, "\1a"), 0);
	view_commit(&v);
	do {
		memory_fail_after(n++);
		ret = add(&v, "\1b");
		if (ret == 0)
			ret = removed(&v, "\1a");
		memory_fail_after(MEMORY_ENOUGH);
		if (ret == 0)
			break;
		assert_int_equal(ret, -ENOMEM);
		view_undo(&v);
		assert_string_equal(labels(&v), "a ");
	} while (n < 100);
	assert_true(n > 2 && n < 100);
	assert_string_equal(labels(&v), "b ");
	view_fini(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subtypes_keep_their_case_and_are_found_in_any),
		cmocka_unit_test(a_subtype_that_is_new_is_counted),
		cmocka_unit_test(a_name_that_would_be_too_long_is_none),
		cmocka_unit_test(a_batch_changes_what_differs),
		cmocka_unit_test(without_memory_the_list_stays_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
