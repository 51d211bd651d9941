/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"
#include "dns/name.h"
#include "dns/type.h"
#include "find/cache.h"

enum { NOW = 1000 };

static struct find_cache cache;

static int setup(void **state)
{
	(void)state;
	cache = (struct find_cache){0};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	find_cache_fini(&cache);
	assert_int_equal(cache.nrrsets, 0);
	assert_int_equal(cache.nbytes, 0);
	return 0;
}

/* Adds an RRset with one record of `nbytes`, the first of which is `mark`. */
static void add(const char *text, uint64_t expires_ms, bool is_additional, uint8_t mark,
		uint16_t nbytes, uint64_t now_ms)
{
	static uint8_t rdata[UINT16_MAX];
	uint8_t name[DNS_NAME_MAX];
	struct find_rrset *r = find_rrset_new(FIND_RRSET_DATA, expires_ms, 1, nbytes);

	assert_non_null(r);
	rdata[0] = mark;
	find_rrset_add(r, rdata, nbytes);
	r->is_additional = is_additional;
	assert_true(dns_name_from_text(name, text, strlen(text), NULL) > 0);
	find_cache_add(&cache, name, DNS_TYPE_A, r, now_ms);
	find_rrset_release(r);
}

/* Returns the mark of the RRset, or -1. */
static int mark_of(const char *text, uint16_t type)
{
	uint8_t name[DNS_NAME_MAX];
	const struct find_rrset *r;
	struct find_rdata rdata;
	size_t at = 0;

	assert_true(dns_name_from_text(name, text, strlen(text), NULL) > 0);
	r = find_cache_find(&cache, name, type);
	if (r == NULL)
		return -1;
	assert_true(find_rrset_next(r, &at, &rdata));
	return rdata.bytes[0];
}

static void an_rrset_is_found_by_name_in_any_case_and_type(void **state)
{
	(void)state;
	add("a.lab", 2000, false, 1, 4, NOW);
	add("b.lab", 2000, false, 2, 4, NOW);
	assert_int_equal(mark_of("A.LAB", DNS_TYPE_A), 1);
	assert_int_equal(mark_of("b.lab", DNS_TYPE_A), 2);
	assert_int_equal(mark_of("c.lab", DNS_TYPE_A), -1);
	assert_int_equal(mark_of("a.lab", DNS_TYPE_AAAA), -1);
	assert_int_equal(cache.nrrsets, 2);
}

static void the_newer_one_replaces_the_older_one(void **state)
{
	(void)state;
	add("a.lab", 2000, false, 1, 4, NOW);
	add("a.lab", 2000, false, 2, 4, NOW);
	assert_int_equal(mark_of("a.lab", DNS_TYPE_A), 2);
	assert_int_equal(cache.nrrsets, 1);
}

static void what_is_additional_does_not_replace_what_was_asked_for(void **state)
{
	(void)state;
	add("a.lab", 2000, false, 1, 4, NOW);
	add("a.lab", 3000, true, 2, 4, 1999);
	assert_int_equal(mark_of("a.lab", DNS_TYPE_A), 1);
	add("a.lab", 3000, true, 2, 4, 2000);
	assert_int_equal(mark_of("a.lab", DNS_TYPE_A), 2);
	add("a.lab", 3000, true, 3, 4, 2000);
	assert_int_equal(mark_of("a.lab", DNS_TYPE_A), 3);
	add("a.lab", 3000, false, 4, 4, 2000);
	assert_int_equal(mark_of("a.lab", DNS_TYPE_A), 4);
}

static void a_ttl_of_zero_removes_what_was_there(void **state)
{
	(void)state;
	add("a.lab", 2000, false, 1, 4, NOW);
	add("a.lab", NOW, false, 2, 4, NOW);
	assert_int_equal(mark_of("a.lab", DNS_TYPE_A), -1);
	assert_int_equal(cache.nrrsets, 0);
}

static void the_number_is_bounded_and_the_oldest_use_goes(void **state)
{
	char name[32];

	(void)state;
	for (unsigned i = 0; i < FIND_CACHE_RRSETS_MAX + 10; i++) {
		snprintf(name, sizeof(name), "n%u.lab", i);
		add(name, 2000, false, 1, 4, NOW);
		assert_int_equal(mark_of("n0.lab", DNS_TYPE_A), 1);
	}
	assert_int_equal(cache.nrrsets, FIND_CACHE_RRSETS_MAX);
	assert_int_equal(mark_of("n1.lab", DNS_TYPE_A), -1);
	assert_int_equal(mark_of("n10.lab", DNS_TYPE_A), -1);
	assert_int_equal(mark_of("n11.lab", DNS_TYPE_A), 1);
}

static void the_size_is_bounded(void **state)
{
	char name[32];

	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "n%u.lab", i);
		add(name, 2000, false, 1, UINT16_MAX, NOW);
		assert_true(cache.nbytes <= FIND_CACHE_NBYTES_MAX);
	}
	assert_in_range(cache.nrrsets, 100, 128);
	assert_int_equal(mark_of("n299.lab", DNS_TYPE_A), 1);
}

static void an_rrset_outlives_its_place(void **state)
{
	static const uint8_t name[] = "\1a\3lab";
	struct find_rrset *r;
	struct find_rdata rdata;
	size_t at = 0;

	(void)state;
	add("a.lab", 2000, false, 7, 4, NOW);
	r = find_rrset_acquire(find_cache_find(&cache, name, DNS_TYPE_A));
	add("a.lab", 2000, false, 8, 4, NOW);
	assert_true(find_rrset_next(r, &at, &rdata));
	assert_int_equal(rdata.bytes[0], 7);
	assert_int_equal(rdata.nbytes, 4);
	assert_false(find_rrset_next(r, &at, &rdata));
	find_rrset_release(r);
}

static void short_memory_is_an_rrset_less(void **state)
{
	static const uint8_t name[] = "\1a\3lab";
	struct find_rrset *r = find_rrset_new(FIND_RRSET_NODATA, 2000, 0, 0);

	(void)state;
	memory_fail_after(0);
	find_cache_add(&cache, name, DNS_TYPE_A, r, NOW);
	memory_fail_after(0);
	assert_null(find_rrset_new(FIND_RRSET_NODATA, 2000, 0, 0));
	memory_fail_after(MEMORY_ENOUGH);
	assert_null(find_cache_find(&cache, name, DNS_TYPE_A));
	find_rrset_release(r);
	find_rrset_release(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_rrset_is_found_by_name_in_any_case_and_type,
						setup, teardown),
		cmocka_unit_test_setup_teardown(the_newer_one_replaces_the_older_one, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			what_is_additional_does_not_replace_what_was_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(a_ttl_of_zero_removes_what_was_there, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_number_is_bounded_and_the_oldest_use_goes,
						setup, teardown),
		cmocka_unit_test_setup_teardown(the_size_is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(an_rrset_outlives_its_place, setup, teardown),
		cmocka_unit_test_setup_teardown(short_memory_is_an_rrset_less, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
