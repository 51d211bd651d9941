/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "push/change.h"

#include "../memory.h"

static void a_copy_outlives_the_changeset(void **state)
{
	uint8_t removed[3] = "abc", added[2] = "de";
	struct zone_changeset changes = {1, 2, removed, sizeof(removed), added, sizeof(added),
					 1, 1};
	struct push_change *c = push_change_new(state, 7, &changes, 99);

	memset(removed, 0, sizeof(removed));
	memset(added, 0, sizeof(added));
	assert_ptr_equal(c->zone, state);
	assert_int_equal(c->version, 7);
	assert_int_equal(c->committed_us, 99);
	assert_int_equal(c->changes.to, 2);
	push_change_acquire(c);
	push_change_release(c);
	assert_memory_equal(c->changes.removed, "abc", 3);
	assert_memory_equal(c->changes.added, "de", 2);
	push_change_release(c);
	push_change_release(NULL);
}

static void short_memory_is_null(void **state)
{
	struct zone_changeset changes = {0};

	memory_fail_after(0);
	assert_null(push_change_new(state, 1, &changes, 0));
	memory_fail_after(MEMORY_ENOUGH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_outlives_the_changeset),
		cmocka_unit_test(short_memory_is_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
