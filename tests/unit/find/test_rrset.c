/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"
#include "find/rrset.h"

static void records_are_read_as_they_were_added(void **state)
{
	static const uint8_t large[UINT16_MAX] = {7};
	static const uint16_t sizes[] = {4, 0, UINT16_MAX, 16};
	enum { N = sizeof(sizes) / sizeof(*sizes) };
	struct find_rrset *r = find_rrset_new(FIND_RRSET_DATA, 1000, N, 4 + UINT16_MAX + 16);
	struct find_rdata out;
	size_t at = 0;

	(void)state;
	assert_non_null(r);
	assert_int_equal(r->nrecords, 0);
	for (unsigned k = 0; k < N; k++)
		find_rrset_add(r, large, sizes[k]);
	assert_int_equal(r->nrecords, N);
	for (unsigned k = 0; k < N; k++) {
		assert_true(find_rrset_next(r, &at, &out));
		assert_int_equal(out.nbytes, sizes[k]);
		assert_memory_equal(out.bytes, large, sizes[k]);
	}
	assert_false(find_rrset_next(r, &at, &out));
	assert_false(find_rrset_next(r, &at, &out));
	assert_int_equal(at, r->nbytes);
	find_rrset_release(r);
}

static void one_that_is_shared_is_freed_by_the_last(void **state)
{
	struct find_rrset *r = find_rrset_new(FIND_RRSET_NXDOMAIN, 1000, 0, 0);
	struct find_rdata out;
	size_t at = 0;

	(void)state;
	assert_ptr_equal(find_rrset_acquire(r), r);
	find_rrset_release(r);
	assert_int_equal(r->nreferences, 1);
	assert_false(find_rrset_next(r, &at, &out));
	find_rrset_release(r);
	find_rrset_release(NULL);
}

static void short_memory_is_no_rrset(void **state)
{
	(void)state;
	memory_fail_after(0);
	assert_null(find_rrset_new(FIND_RRSET_DATA, 1000, 1, 4));
	memory_fail_after(MEMORY_ENOUGH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_read_as_they_were_added),
		cmocka_unit_test(one_that_is_shared_is_freed_by_the_last),
		cmocka_unit_test(short_memory_is_no_rrset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
