/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "atlas/records.h"
#include "dns/name.h"
#include "dns/type.h"

static const uint8_t one[] = "\1a\4zone", two[] = "\1b\4zone", upper[] = "\1A\4zone";

static void add(struct atlas_records *r, const uint8_t *owner, uint16_t type, const char *rdata)
{
	const struct dns_record record = {.owner = owner,
					  .type = type,
					  .rdata = (const uint8_t *)rdata,
					  .nbytes = (uint16_t)strlen(rdata)};

	assert_int_equal(atlas_records_add(r, &record), 0);
}

static void records_are_sorted_and_found(void **state)
{
	struct atlas_records r;
	const struct dns_record *found;
	size_t n;

	(void)state;
	atlas_records_init(&r);
	add(&r, two, DNS_TYPE_TXT, "\1x");
	add(&r, one, DNS_TYPE_TXT, "\1y");
	add(&r, upper, DNS_TYPE_TXT, "\1x");
	add(&r, one, DNS_TYPE_A, "1234");
	atlas_records_sort(&r);
	found = atlas_records_find(&r, upper, DNS_TYPE_TXT, &n);
	assert_int_equal(n, 2);
	assert_memory_equal(found[0].rdata, "\1x", 2);
	assert_memory_equal(found[1].rdata, "\1y", 2);
	assert_ptr_equal(atlas_records_find(&r, one, 0, &n), r.items);
	assert_int_equal(n, 3);
	assert_null(atlas_records_find(&r, two, DNS_TYPE_A, &n));
	assert_int_equal(n, 0);
	atlas_records_fini(&r);
}

static void a_record_is_there_once(void **state)
{
	struct atlas_records r;

	(void)state;
	atlas_records_init(&r);
	add(&r, one, DNS_TYPE_TXT, "\1x");
	add(&r, upper, DNS_TYPE_TXT, "\1x");
	atlas_records_sort(&r);
	assert_int_equal(r.n, 1);
	atlas_records_fini(&r);
}

static void what_is_added_is_copied(void **state)
{
	struct atlas_records r;
	uint8_t owner[sizeof(one)];
	char rdata[] = "\1x";

	(void)state;
	memcpy(owner, one, sizeof(one));
	atlas_records_init(&r);
	add(&r, owner, DNS_TYPE_TXT, rdata);
	memset(owner, 0, sizeof(owner));
	memset(rdata, 0, sizeof(rdata));
	assert_true(dns_name_equal(r.items[0].owner, one));
	assert_memory_equal(r.items[0].rdata, "\1x", 2);
	atlas_records_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_sorted_and_found),
		cmocka_unit_test(a_record_is_there_once),
		cmocka_unit_test(what_is_added_is_copied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
