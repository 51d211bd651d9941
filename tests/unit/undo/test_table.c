/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"
#include "dns/name.h"
#include "undo/table.h"

enum { MANY = 1000 };

static int ncontents, nentries;

/* Returns a name below lab.cloud, or, with a final dot, an absolute one. In static memory, eight
 * at a time. */
static const uint8_t *name_of(const char *text)
{
	static const uint8_t apex[] = "\003lab\005cloud";
	static uint8_t names[8][DNS_NAME_MAX];
	static unsigned turn;
	uint8_t *name = names[turn++ % 8];

	assert_true(dns_name_from_text(name, text, strlen(text), apex) > 0);
	return name;
}

static char *content(const char *text)
{
	char *copy = malloc(strlen(text) + 1);

	if (copy != NULL)
		strcpy(copy, text);
	ncontents += copy != NULL;
	return copy;
}

static void content_free(void *c)
{
	ncontents--;
	free(c);
}

static void entry_free(void *e)
{
	nentries++;
	free(e);
}

static int table_make(void **state)
{
	struct undo_table *t = malloc(sizeof(*t));

	ncontents = nentries = 0;
	assert_int_equal(undo_table_init(t, sizeof(struct undo_entry), 5, content_free, entry_free),
			 0);
	*state = t;
	return 0;
}

static int table_end(void **state)
{
	undo_table_fini(*state);
	free(*state);
	assert_int_equal(ncontents, 0);
	return 0;
}

static struct undo_entry *take(struct undo_table *t, const char *name)
{
	struct undo_key key;

	undo_table_key(t, &key, name_of("lab.cloud."), name_of(name), 0);
	return undo_table_take(t, &key);
}

static const char *look(const struct undo_table *t, const char *name)
{
	struct undo_key key;
	struct undo_entry *e;

	undo_table_key(t, &key, name_of("lab.cloud."), name_of(name), 0);
	e = undo_table_find(t, &key);
	return e == NULL ? "gone" : e->content == NULL ? "empty" : e->content;
}

static void put(struct undo_table *t, const char *name, const char *text)
{
	assert_int_equal(undo_table_put(t, take(t, name), text == NULL ? NULL : content(text)), 0);
}

static void names_are_found_in_any_case_and_kinds_are_told_apart(void **state)
{
	struct undo_table *t = *state;
	struct undo_key key;

	put(t, "Web", "a");
	assert_string_equal(look(t, "wEB"), "a");
	assert_string_equal(look(t, "we"), "gone");
	undo_table_key(t, &key, name_of("lab.cloud."), name_of("web"), 1);
	assert_null(undo_table_find(t, &key));
	undo_table_key(t, &key, name_of("cloud."), name_of("web"), 0);
	assert_null(undo_table_find(t, &key));
}

static void an_entry_is_found_by_the_key_that_it_reports(void **state)
{
	struct undo_table *t = *state;
	struct undo_entry *e = take(t, "Web");
	struct undo_key key;

	assert_true(dns_name_equal(undo_entry_zone(e), name_of("lab.cloud.")));
	assert_true(dns_name_equal(undo_entry_name(e), name_of("web")));
	assert_int_equal(undo_entry_number(e), 0);
	undo_table_key_of(t, &key, e->key, e->nkey);
	assert_ptr_equal(undo_table_find(t, &key), e);
	assert_ptr_equal(undo_table_find_hash(t, e->hash), e);
}

static void a_batch_that_is_undone_never_was(void **state)
{
	static const struct {
		const char *name, *before, *first, *second, *undone, *committed;
	} rows[] = {
		{"new", NULL, "a", NULL, "gone", "gone"},
		{"new2", NULL, "a", "b", "gone", "b"},
		{"old", "x", "a", "b", "x", "b"},
		{"old2", "x", NULL, "b", "x", "b"},
		{"old3", "x", "a", NULL, "x", "gone"},
		{"old4", "x", NULL, NULL, "x", "gone"},
		{"never", NULL, NULL, NULL, "gone", "gone"},
	};
	struct undo_table *t = *state;

	for (unsigned is_committed = 0; is_committed < 2; is_committed++) {
		for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
			put(t, rows[i].name, rows[i].before);
		undo_table_commit(t, NULL, NULL);
		for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
			put(t, rows[i].name, rows[i].first);
			put(t, rows[i].name, rows[i].second);
		}
		if (is_committed)
			undo_table_commit(t, NULL, NULL);
		else
			undo_table_undo(t, NULL, NULL);
		for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
			assert_string_equal(look(t, rows[i].name),
					    is_committed ? rows[i].committed : rows[i].undone);
		assert_int_equal(t->nchanged, 0);
	}
}

static void note_end(void *arg, struct undo_entry *e)
{
	char *seen = arg;

	strcat(seen, e->content == NULL ? "-" : e->content);
}

static void the_end_of_a_batch_is_reported_for_each_entry_that_changed(void **state)
{
	struct undo_table *t = *state;
	char seen[16] = "";

	put(t, "a", "A");
	put(t, "b", "B");
	put(t, "a", "C");
	undo_table_commit(t, note_end, seen);
	assert_string_equal(seen, "CB");
	seen[0] = '\0';
	put(t, "a", NULL);
	put(t, "d", "D");
	undo_table_undo(t, note_end, seen);
	assert_string_equal(seen, "C-");
}

static void a_walk_sees_each_entry_with_a_content_once(void **state)
{
	struct undo_table *t = *state;
	bool seen[MANY] = {false};
	unsigned count = 0;

	for (int i = 0; i < MANY; i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%d", i);
		put(t, name, name + 1);
	}
	undo_table_commit(t, NULL, NULL);
	assert_int_equal(t->count, MANY);
	put(t, "n7", NULL);
	take(t, "no-content");
	for (struct undo_entry *e = NULL; (e = undo_table_next(t, e)) != NULL; count++) {
		int i = atoi(e->content);

		assert_false(seen[i]);
		seen[i] = true;
	}
	assert_int_equal(count, MANY - 1);
	assert_false(seen[7]);
}

static void entries_without_content_go_when_they_are_pruned(void **state)
{
	struct undo_table *t = *state;

	take(t, "read");
	put(t, "there", "a");
	undo_table_commit(t, NULL, NULL);
	put(t, "batch", NULL);
	undo_table_prune(t);
	assert_string_equal(look(t, "read"), "gone");
	assert_string_equal(look(t, "there"), "a");
	assert_string_equal(look(t, "batch"), "empty");
	assert_int_equal(nentries, 1);
	undo_table_undo(t, NULL, NULL);
	assert_string_equal(look(t, "batch"), "gone");
}

static void without_memory_the_table_stays_as_it_was(void **state)
{
	struct undo_table *t = *state;
	struct undo_entry *e;
	bool is_short = true;
	char *text;

	for (int n = 0; is_short; n++) {
		memory_fail_after(n);
		is_short = take(t, "a") == NULL;
	}
	memory_fail_after(MEMORY_ENOUGH);
	assert_string_equal(look(t, "a"), "empty");
	e = take(t, "a");
	text = content("x");
	memory_fail_after(0);
	assert_int_equal(undo_table_put(t, e, text), -ENOMEM);
	memory_fail_after(MEMORY_ENOUGH);
	assert_int_equal(ncontents, 0);
	/* Chains get longer when there is no memory for more buckets. */
	for (int i = 0; i < MANY; i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%d", i);
		memory_fail_after(2);
		assert_non_null(take(t, name));
	}
	memory_fail_after(MEMORY_ENOUGH);
	assert_int_equal(t->count, MANY + 1);
	assert_string_equal(look(t, "n500"), "empty");
}

/* The puts that on_put was called for: "before>after " each. */
static char puts_seen[200];
static bool is_put_refused;

static int on_put(void *arg, const struct undo_entry *e, const void *after)
{
	size_t n = strlen(puts_seen);

	assert_ptr_equal(arg, puts_seen);
	if (is_put_refused)
		return -ENOMEM;
	snprintf(puts_seen + n, sizeof(puts_seen) - n, "%s>%s ",
		 e->content == NULL ? "" : (const char *)e->content,
		 after == NULL ? "" : (const char *)after);
	return 0;
}

static void each_put_is_reported_but_not_its_undoing(void **state)
{
	struct undo_table *t = *state;
	struct undo_entry *e = take(t, "web");

	puts_seen[0] = '\0';
	t->on_put = on_put;
	t->put_arg = puts_seen;
	assert_int_equal(undo_table_put(t, e, content("a")), 0);
	assert_int_equal(undo_table_put(t, e, content("b")), 0);
	undo_table_commit(t, NULL, NULL);
	assert_int_equal(undo_table_put(t, e, NULL), 0);
	undo_table_undo(t, NULL, NULL);
	assert_string_equal(puts_seen, ">a a>b b> ");
	is_put_refused = true;
	assert_int_equal(undo_table_put(t, e, content("c")), -ENOMEM);
	assert_string_equal(e->content, "b");
	assert_int_equal(t->nchanged, 0);
	is_put_refused = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			names_are_found_in_any_case_and_kinds_are_told_apart, table_make,
			table_end),
		cmocka_unit_test_setup_teardown(an_entry_is_found_by_the_key_that_it_reports,
						table_make, table_end),
		cmocka_unit_test_setup_teardown(a_batch_that_is_undone_never_was, table_make,
						table_end),
		cmocka_unit_test_setup_teardown(
			the_end_of_a_batch_is_reported_for_each_entry_that_changed, table_make,
			table_end),
		cmocka_unit_test_setup_teardown(a_walk_sees_each_entry_with_a_content_once,
						table_make, table_end),
		cmocka_unit_test_setup_teardown(entries_without_content_go_when_they_are_pruned,
						table_make, table_end),
		cmocka_unit_test_setup_teardown(each_put_is_reported_but_not_its_undoing,
						table_make, table_end),
		cmocka_unit_test_setup_teardown(without_memory_the_table_stays_as_it_was,
						table_make, table_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
