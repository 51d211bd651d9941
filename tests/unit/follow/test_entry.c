/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"
#include "follow/entry.h"

enum { MANY = 1000 };

static struct follow_entry entries[MANY];

static void name_set(uint8_t out[static DNS_NAME_MAX], const char *format, unsigned number)
{
	char text[32];

	snprintf(text, sizeof(text), format, number);
	assert_true(dns_name_from_text(out, text, strlen(text), NULL) > 0);
}

static void count(void *arg, struct follow_entry *e)
{
	unsigned *n = arg;

	(void)e;
	++*n;
}

static void entries_are_found_in_any_case_among_many(void **state)
{
	struct follow_entries t = {0};
	uint8_t name[DNS_NAME_MAX];
	unsigned n = 0;

	(void)state;
	name_set(name, "n%u.lab.", 1);
	assert_null(follow_entries_find(&t, name));
	for (unsigned i = 0; i < MANY; i++) {
		name_set(entries[i].name, "n%u.lab.", i);
		assert_int_equal(follow_entries_add(&t, &entries[i]), 0);
	}
	for (unsigned i = 0; i < MANY; i += 2)
		follow_entries_remove(&t, &entries[i]);
	for (unsigned i = 0; i < MANY; i++) {
		name_set(name, "N%u.LAB.", i);
		assert_ptr_equal(follow_entries_find(&t, name), i % 2 == 0 ? NULL : &entries[i]);
	}
	follow_entries_each(&t, count, &n);
	assert_int_equal(n, MANY / 2);
	follow_entries_fini(&t, count, &n);
	assert_int_equal(n, MANY);
	assert_int_equal(t.n, 0);
}

static void a_full_table_that_cannot_grow_is_only_slower(void **state)
{
	struct follow_entries t = {0};
	unsigned n = 0;

	(void)state;
	memory_fail_after(0);
	name_set(entries[0].name, "n%u.lab.", 0);
	assert_int_equal(follow_entries_add(&t, &entries[0]), -ENOMEM);
	for (unsigned i = 0; i < 20; i++) {
		name_set(entries[i].name, "n%u.lab.", i);
		if (i > 0)
			memory_fail_after(0);
		assert_int_equal(follow_entries_add(&t, &entries[i]), 0);
	}
	memory_fail_after(MEMORY_ENOUGH);
	follow_entries_fini(&t, count, &n);
	assert_int_equal(n, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_are_found_in_any_case_among_many),
		cmocka_unit_test(a_full_table_that_cannot_grow_is_only_slower),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
