/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fabric/ring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>

enum { NOW = 1800000000 };

static void the_fabric_with_the_longest_matching_name_is_used(void **state)
{
	struct fabric *outer, *inner;
	struct fabric_ring_entry entries[2] = {{0}};
	struct fabric_ring *ring;

	(void)state;
	assert_int_equal(fabric_new(&outer, (const uint8_t *)"\5cloud", NOW), 0);
	assert_int_equal(fabric_new(&inner, (const uint8_t *)"\1a\4keys\5cloud", NOW), 0);
	entries[0].fabric = outer;
	entries[1].fabric = inner;
	ring = fabric_ring_new(entries, 2);
	assert_ptr_equal(
		fabric_ring_find(ring, (const uint8_t *)"\1n\4keys\1a\4keys\5cloud")->fabric,
		inner);
	assert_ptr_equal(fabric_ring_find(ring, (const uint8_t *)"\1a\4keys\5cloud")->fabric,
			 outer);
	fabric_ring_free(ring);
	fabric_free(outer);
	fabric_free(inner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fabric_with_the_longest_matching_name_is_used),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
