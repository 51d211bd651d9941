/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"
#include "undo/list.h"

static const uint8_t zone[] = "\3lab", web[] = "\3web\3lab", other[] = "\5other\3lab";

static int table_make(void **state)
{
	struct undo_table *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	assert_int_equal(undo_table_init(t, sizeof(struct undo_entry), 1, free, free), 0);
	*state = t;
	return 0;
}

static int table_end(void **state)
{
	undo_table_fini(*state);
	free(*state);
	return 0;
}

static void assert_list(const struct undo_table *t, const uint8_t *name, const char *bytes,
			size_t nbytes)
{
	const struct undo_list *l = undo_list_of(t, zone, name);

	assert_int_equal(l == NULL ? 0 : l->nbytes, nbytes);
	if (nbytes > 0)
		assert_memory_equal(l->bytes, bytes, nbytes);
}

static void a_list_is_replaced_by_a_copy(void **state)
{
	struct undo_table *t = *state;
	uint8_t bytes[] = "abc";

	assert_null(undo_list_of(t, zone, web));
	assert_int_equal(undo_list_put(t, zone, web, bytes, 3), 0);
	bytes[0] = 'x';
	assert_list(t, web, "abc", 3);
	assert_int_equal(undo_list_put(t, zone, web, bytes, 2), 0);
	assert_list(t, web, "xb", 2);
	assert_null(undo_list_of(t, zone, other));
	undo_table_commit(t, NULL, NULL);
	assert_int_equal(t->count, 1);
}

static void an_empty_list_is_no_entry(void **state)
{
	struct undo_table *t = *state;

	assert_int_equal(undo_list_put(t, zone, web, NULL, 0), 0);
	assert_int_equal(t->count, 0);
	assert_int_equal(undo_list_put(t, zone, web, (const uint8_t *)"a", 1), 0);
	assert_int_equal(undo_list_put(t, zone, other, NULL, 0), 0);
	assert_int_equal(undo_list_put(t, zone, web, NULL, 0), 0);
	assert_int_equal(undo_list_put(t, zone, web, NULL, 0), 0);
	assert_null(undo_list_of(t, zone, web));
	undo_table_commit(t, NULL, NULL);
	assert_int_equal(t->count, 0);
}

static int put(struct undo_table *t, const uint8_t *name, const char *text)
{
	return undo_list_put(t, zone, name, (const uint8_t *)text, strlen(text));
}

static void an_undone_batch_gives_the_list_back(void **state)
{
	struct undo_table *t = *state;

	put(t, web, "a");
	undo_table_commit(t, NULL, NULL);
	put(t, web, "ab");
	put(t, web, "b");
	put(t, other, "c");
	undo_table_undo(t, NULL, NULL);
	assert_list(t, web, "a", 1);
	assert_null(undo_list_of(t, zone, other));
}

static void without_memory_the_list_stays_as_it_was(void **state)
{
	struct undo_table *t = *state;
	int ret, n = 0;

	put(t, web, "ab");
	undo_table_commit(t, NULL, NULL);
	do {
		memory_fail_after(n++);
		ret = put(t, web, "abc");
		if (ret == 0)
			ret = put(t, web, "bc");
		if (ret == 0)
			ret = put(t, other, "x");
		memory_fail_after(MEMORY_ENOUGH);
		assert_true(ret == 0 || ret == -ENOMEM);
		if (ret == 0)
			break;
		assert_null(undo_list_of(t, zone, other));
		undo_table_undo(t, NULL, NULL);
		assert_list(t, web, "ab", 2);
	} while (n < 100);
	assert_true(n > 2 && n < 100);
	assert_list(t, web, "bc", 2);
	assert_list(t, other, "x", 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, table_make, table_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_list_is_replaced_by_a_copy),
		TEST(an_empty_list_is_no_entry),
		TEST(an_undone_batch_gives_the_list_back),
		TEST(without_memory_the_list_stays_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
