/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../memory.h"
#include "dns/name.h"
#include "undo/names.h"

enum { MANY = 100, RECENT = 16 };

/* Writes the wire name of number `i` in upper case. */
static const uint8_t *numbered(unsigned i)
{
	static uint8_t name[8];

	snprintf((char *)name + 1, sizeof(name) - 1, "N%04u", i);
	name[0] = 5;
	name[6] = 0;
	return name;
}

static void a_name_is_in_the_set_once_and_in_any_case(void **state)
{
	static const struct {
		const char *name;
		int is_new;
	} rows[] = {
		{"\1a\3lab", 1}, {"\1A\3Lab", 0}, {"\1b\3lab", 1},
		{"\3lab", 1},	 {"\1b\3LAB", 0}, {"", 1},
	};
	struct undo_names n = {0};

	(void)state;
	assert_false(undo_names_has(&n, (const uint8_t *)"\1a\3lab"));
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const uint8_t *name = (const uint8_t *)rows[i].name;

		assert_int_equal(undo_names_add(&n, name), rows[i].is_new);
		assert_true(undo_names_has(&n, name));
	}
	assert_int_equal(n.nbytes, 7 + 7 + 5 + 1);
	assert_memory_equal(n.bytes, "\1a\3lab\0\1b\3lab\0\3lab\0\0", n.nbytes);
	free(n.bytes);
}

static void a_name_is_found_at_its_offset(void **state)
{
	static const uint8_t bytes[] = "\1a\0\2bc\0\1d\0";
	static const struct {
		const char *name;
		size_t offset;
	} rows[] = {{"\1a", 0}, {"\2BC", 3}, {"\1d", 7}, {"\1b", 10}, {"", 10}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(undo_names_offset(bytes, 10, (const uint8_t *)rows[i].name),
				 rows[i].offset);
	assert_int_equal(undo_names_offset(NULL, 0, (const uint8_t *)"\1a"), 0);
}

static void a_removed_name_leaves_the_others_in_order(void **state)
{
	struct undo_names n = {0};

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(undo_names_add(&n, numbered(i)), 1);
	undo_names_remove(&n, numbered(1));
	undo_names_remove(&n, numbered(7));
	assert_memory_equal(n.bytes, "\5n0000\0\5n0002\0", n.nbytes);
	undo_names_remove(&n, numbered(2));
	undo_names_remove(&n, numbered(0));
	assert_int_equal(n.nbytes, 0);
	free(n.bytes);
}

static void only_the_last_few_names_are_compared_if_so_asked(void **state)
{
	struct undo_names n = {0};
	unsigned ntwice = 0;

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		assert_int_equal(undo_names_add_recent(&n, numbered(i)), 1);
		assert_int_equal(undo_names_add_recent(&n, numbered(i)), 0);
	}
	assert_int_equal(n.nbytes, MANY * 7);
	/* The first name was added long ago: it is in the set twice now. */
	assert_int_equal(undo_names_add_recent(&n, numbered(0)), 1);
	for (size_t at = 0; at < n.nbytes; at += 7)
		ntwice += dns_name_equal(n.bytes + at, numbered(0));
	assert_int_equal(ntwice, 2);
	free(n.bytes);
}

static void a_cleared_set_keeps_its_memory_alone(void **state)
{
	struct undo_names n = {0};
	const uint8_t *bytes;

	(void)state;
	for (unsigned i = 0; i < RECENT; i++)
		undo_names_add_recent(&n, numbered(i));
	bytes = n.bytes;
	undo_names_clear(&n);
	assert_int_equal(n.nbytes, 0);
	assert_false(undo_names_has(&n, numbered(0)));
	assert_int_equal(undo_names_add_recent(&n, numbered(0)), 1);
	assert_ptr_equal(n.bytes, bytes);
	free(n.bytes);
}

static void without_memory_the_set_stays_as_it_was(void **state)
{
	static int (*const adds[])(struct undo_names *, const uint8_t *) = {
		undo_names_add,
		undo_names_add_recent,
	};

	(void)state;
	for (size_t k = 0; k < sizeof(adds) / sizeof(*adds); k++) {
		struct undo_names n = {0};
		unsigned nfailed = 0, nadded = 0;

		for (unsigned i = 0; i < MANY * 10; i++) {
			int ret;

			memory_fail_after(0);
			ret = adds[k](&n, numbered(i));
			memory_fail_after(MEMORY_ENOUGH);
			nfailed += ret == -ENOMEM;
			assert_true(ret == 1 || ret == -ENOMEM);
			assert_int_equal(n.nbytes, (nadded + (ret == 1)) * 7);
			if (ret < 0)
				assert_int_equal(adds[k](&n, numbered(i)), 1);
			nadded++;
		}
		assert_true(nfailed > 2);
		free(n.bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_in_the_set_once_and_in_any_case),
		cmocka_unit_test(a_name_is_found_at_its_offset),
		cmocka_unit_test(a_removed_name_leaves_the_others_in_order),
		cmocka_unit_test(only_the_last_few_names_are_compared_if_so_asked),
		cmocka_unit_test(a_cleared_set_keeps_its_memory_alone),
		cmocka_unit_test(without_memory_the_set_stays_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
