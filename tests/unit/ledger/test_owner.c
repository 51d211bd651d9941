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
#include "ledger/owner.h"

static const uint8_t zone[] = "\3lab", other_zone[] = "\5other", web[] = "\3web\3lab";
static const uint8_t n1[] = "\2N1\4keys", n2[] = "\2n2\4keys";

static int setup(void **state)
{
	struct ledger_owners *o = malloc(sizeof(*o));

	assert_non_null(o);
	assert_int_equal(ledger_owners_init(o, 1), 0);
	*state = o;
	return 0;
}

static int teardown(void **state)
{
	ledger_owners_fini(*state);
	free(*state);
	return 0;
}

static void assert_owner(const struct ledger_owners *o, const char *key)
{
	const uint8_t *owner = ledger_owner_of(o, zone, (const uint8_t *)"\3WEB\3Lab");

	assert_int_equal(owner != NULL, key != NULL);
	if (key != NULL)
		assert_memory_equal(owner, key, strlen(key) + 1);
}

static void a_name_has_the_last_key_that_was_set_in_lower_case(void **state)
{
	static const struct {
		const uint8_t *key;
		const char *owner;
	} rows[] = {
		{NULL, NULL},	    {n1, "\2n1\4keys"}, {n1, "\2n1\4keys"},
		{n2, "\2n2\4keys"}, {NULL, NULL},	{NULL, NULL},
	};
	struct ledger_owners *o = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(ledger_owner_set(o, zone, web, rows[i].key), 0);
		assert_owner(o, rows[i].owner);
		assert_null(ledger_owner_of(o, other_zone, web));
	}
	undo_table_commit(&o->table, NULL, NULL);
	assert_int_equal(o->table.count, 0);
}

static void an_undone_batch_gives_the_owner_back(void **state)
{
	struct ledger_owners *o = *state;

	assert_int_equal(ledger_owner_set(o, zone, web, n1), 0);
	undo_table_commit(&o->table, NULL, NULL);
	assert_int_equal(ledger_owner_set(o, zone, web, NULL), 0);
	assert_int_equal(ledger_owner_set(o, zone, web, n2), 0);
	undo_table_undo(&o->table, NULL, NULL);
	assert_owner(o, "\2n1\4keys");
}

static void what_a_name_holds_is_counted_and_does_not_move_its_owner(void **state)
{
	struct ledger_owners *o = *state;
	struct undo_entry *e;

	assert_int_equal(ledger_owner_count(o, zone, web, (struct ledger_sum){2, 30}), 0);
	assert_int_equal(o->table.nchanged, 0);
	assert_int_equal(ledger_owner_set(o, zone, web, n1), 0);
	assert_true(ledger_owner_is_moved(o->table.changed[0]));
	undo_table_commit(&o->table, NULL, NULL);
	assert_int_equal(ledger_owner_count(o, zone, web, (struct ledger_sum){2, 30}), 0);
	e = o->table.changed[0];
	assert_false(ledger_owner_is_moved(e));
	assert_int_equal(((struct ledger_owner *)e->content)->held.nbytes, 30);
	undo_table_undo(&o->table, NULL, NULL);
	assert_int_equal(((struct ledger_owner *)e->content)->held.nbytes, 0);
	assert_int_equal(ledger_owner_count(o, zone, web, (struct ledger_sum){0, 0}), 0);
	assert_int_equal(o->table.nchanged, 0);
	assert_int_equal(ledger_owner_set(o, zone, web, n2), 0);
	assert_true(ledger_owner_is_moved(e));
	assert_int_equal(ledger_owner_set(o, zone, web, NULL), 0);
	assert_true(ledger_owner_is_moved(e));
}

static void an_item_is_read_back_or_refused(void **state)
{
#define KEY "\3lab\0\3web\3lab\0\0"
	static const struct {
		const char *key;
		size_t nkey;
		const char *bytes;
		size_t nbytes;
		int ret;
		const char *owner; /* afterwards */
	} rows[] = {
		{KEY, 15, "\2n1\4keys", 9, 0, "\2n1\4keys"},
		/* Octets after the name, a name that is cut, a name with a pointer. */
		{KEY, 15, "\2n2\4keys\0", 10, -EBADMSG, "\2n1\4keys"},
		{KEY, 15, "\2n2\4key", 7, -EBADMSG, "\2n1\4keys"},
		{KEY, 15, "\2n2\300\0", 5, -EBADMSG, "\2n1\4keys"},
		/* A key that is cut, or too long. */
		{KEY, 14, "\2n2\4keys", 9, -EBADMSG, "\2n1\4keys"},
		{KEY "\0", 16, "\2n2\4keys", 9, -EBADMSG, "\2n1\4keys"},
		{"", 0, "\2n2\4keys", 9, -EBADMSG, "\2n1\4keys"},
		/* An item without octets. */
		{KEY, 15, "", 0, 0, NULL},
	};
#undef KEY
	struct ledger_owners *o = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(ledger_owner_read(o, (const uint8_t *)rows[i].key, rows[i].nkey,
						   (const uint8_t *)rows[i].bytes, rows[i].nbytes),
				 rows[i].ret);
		assert_owner(o, rows[i].owner);
	}
	assert_int_equal(o->table.count, 0);
}

static void without_memory_the_owner_stays(void **state)
{
	struct ledger_owners *o = *state;
	int ret, n = 0;

	assert_int_equal(ledger_owner_set(o, zone, web, n1), 0);
	undo_table_commit(&o->table, NULL, NULL);
	do {
		memory_fail_after(n++);
		ret = ledger_owner_set(o, zone, web, n2);
		memory_fail_after(MEMORY_ENOUGH);
		assert_true(ret == 0 || ret == -ENOMEM);
		assert_owner(o, ret == 0 ? "\2n2\4keys" : "\2n1\4keys");
	} while (ret < 0);
	assert_true(n > 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_name_has_the_last_key_that_was_set_in_lower_case),
		TEST(an_undone_batch_gives_the_owner_back),
		TEST(what_a_name_holds_is_counted_and_does_not_move_its_owner),
		TEST(an_item_is_read_back_or_refused),
		TEST(without_memory_the_owner_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
