/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/pages.h"

static void pages_are_zero_and_large_ones_aligned(void **state)
{
	static const size_t sizes[] = {1,
				       4096,
				       4097,
				       BASE_PAGES_HUGE - 1,
				       BASE_PAGES_HUGE,
				       BASE_PAGES_HUGE + 1,
				       3 * BASE_PAGES_HUGE};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		unsigned char *p = base_pages_alloc(sizes[i]);

		assert_non_null(p);
		assert_int_equal(
			(uintptr_t)p % (sizes[i] < BASE_PAGES_HUGE ? 4096 : BASE_PAGES_HUGE), 0);
		assert_int_equal(p[0] | p[sizes[i] - 1], 0);
		p[0] = p[sizes[i] - 1] = 0xff;
		base_pages_free(p, sizes[i]);
	}
	base_pages_free(NULL, 4096);
}

static void a_size_that_no_system_has_gives_null(void **state)
{
	(void)state;
	assert_null(base_pages_alloc(SIZE_MAX));
	assert_null(base_pages_alloc(SIZE_MAX / 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_are_zero_and_large_ones_aligned),
		cmocka_unit_test(a_size_that_no_system_has_gives_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
