/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "../memory.h"
#include "mdns/table.h"

enum { MANY = 300 };

struct item {
	struct mdns_entry entry; /* first */
	uint8_t name[8];
};

static struct item items[MANY];

static void fill(struct mdns_table *t)
{
	mdns_table_init(t, 1);
	for (unsigned i = 0; i < MANY; i++) {
		const uint8_t name[] = {3, 'A', (uint8_t)(i >> 4), (uint8_t)(i & 15), 0};

		memcpy(items[i].name, name, sizeof(name));
		items[i].entry.name = items[i].name;
		assert_int_equal(mdns_table_add(t, &items[i].entry), 0);
	}
}

static void entries_are_found_in_any_case_and_walked_once_each(void **state)
{
	static const uint8_t lower[] = {3, 'a', 0, 5, 0}, absent[] = {1, 'b', 0};
	struct mdns_table t;
	struct item *i, *next;
	size_t n = 0;

	(void)state;
	mdns_table_init(&t, 1);
	assert_null(mdns_table_find(&t, lower));
	assert_null(mdns_table_next(&t, NULL));
	mdns_table_fini(&t);
	fill(&t);
	assert_ptr_equal(mdns_table_find(&t, lower), &items[5]);
	assert_null(mdns_table_find(&t, absent));
	for (i = mdns_table_next(&t, NULL); i != NULL; i = next) {
		next = mdns_table_next(&t, i);
		mdns_table_remove(&t, &i->entry);
		n++;
	}
	assert_int_equal(n, MANY);
	assert_int_equal(t.count, 0);
	assert_null(mdns_table_find(&t, lower));
	mdns_table_fini(&t);
}

static void short_memory_leaves_the_table_as_it_was(void **state)
{
	struct mdns_table t;
	struct item more = {.name = {1, 'z', 0}};

	(void)state;
	mdns_table_init(&t, 1);
	more.entry.name = more.name;
	memory_fail_after(0);
	assert_int_equal(mdns_table_add(&t, &more.entry), -ENOMEM);
	memory_fail_after(MEMORY_ENOUGH);
	assert_int_equal(t.count, 0);
	assert_null(mdns_table_find(&t, more.name));
	assert_int_equal(mdns_table_add(&t, &more.entry), 0);
	mdns_table_fini(&t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_are_found_in_any_case_and_walked_once_each),
		cmocka_unit_test(short_memory_leaves_the_table_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
