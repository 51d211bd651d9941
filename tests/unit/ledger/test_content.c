/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "dns/name.h"
#include "dns/record.h"
#include "dns/type.h"
#include "ledger/content.h"
#include "zone/changeset.h"

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1

static void records_that_compare_equal_have_the_same_hash(void **state)
{
	static const struct {
		struct dns_record record;
		bool is_same; /* as the first */
	} rows[] = {
		{{(const uint8_t *)"\1a\3lab", DNS_TYPE_PTR, 60, BYTES("\1b\3lab\0")}, true},
		{{(const uint8_t *)"\1A\3Lab", DNS_TYPE_PTR, 60, BYTES("\1b\3lab\0")}, true},
		{{(const uint8_t *)"\1a\3lab", DNS_TYPE_PTR, 60, BYTES("\1B\3LAB\0")}, true},
		{{(const uint8_t *)"\1a\3lab", DNS_TYPE_PTR, 99, BYTES("\1b\3lab\0")}, true},
		{{(const uint8_t *)"\1c\3lab", DNS_TYPE_PTR, 60, BYTES("\1b\3lab\0")}, false},
		{{(const uint8_t *)"\1a\3lab", DNS_TYPE_NS, 60, BYTES("\1b\3lab\0")}, false},
		{{(const uint8_t *)"\1a\3lab", DNS_TYPE_PTR, 60, BYTES("\1c\3lab\0")}, false},
	};
	uint64_t first = ledger_content_hash(7, &rows[0].record);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(ledger_content_hash(7, &rows[i].record) == first, rows[i].is_same);
	assert_true(ledger_content_hash(8, &rows[0].record) != first);
}

static void a_content_is_held_by_the_key_that_made_it(void **state)
{
	static const struct {
		const char *key, *asked;
		bool is_held;
	} rows[] = {
		{"\2n1", "\2n1", true}, {"\2N1", "\2n1", true}, {"\2n1", "\2n2", false},
		{"\2n1", NULL, false},	{NULL, "\2n1", false},	{NULL, NULL, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ledger_content *c =
			ledger_content_new((const uint8_t *)rows[i].key, 5, NULL, 0, 0);

		assert_non_null(c);
		assert_int_equal(ledger_content_is_held_by(c, (const uint8_t *)rows[i].asked),
				 rows[i].is_held);
		assert_int_equal(ledger_content_holder(c) == NULL, rows[i].key == NULL);
		free(c);
	}
}

static void the_records_of_a_content_are_those_that_were_collected(void **state)
{
	const struct dns_record in = {(const uint8_t *)"\1a\3lab", DNS_TYPE_A, 60,
				      BYTES("\12\0\0\1")};
	struct ledger_scratch s = {0};
	struct ledger_content *c;
	struct dns_record out;
	struct base_buf b;
	unsigned n = 0;

	(void)state;
	assert_int_equal(ledger_scratch_add(&s, &in), 0);
	ledger_scratch_clear(&s);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(ledger_scratch_add(&s, &in), 0);
	c = ledger_content_new((const uint8_t *)"\2N1", 5, s.bytes, s.nbytes, s.nrecords);
	ledger_scratch_fini(&s);
	assert_non_null(c);
	assert_int_equal(c->granted_s, 5);
	assert_int_equal(c->nrecords, 100);
	assert_true(dns_name_equal(ledger_content_holder(c), (const uint8_t *)"\2n1"));
	for (b = ledger_content_records(c); zone_changeset_next(&b, &out); n++) {
		assert_true(dns_name_equal(out.owner, in.owner));
		assert_int_equal(out.type, in.type);
		assert_int_equal(out.ttl, in.ttl);
		assert_int_equal(out.nbytes, in.nbytes);
		assert_memory_equal(out.rdata, in.rdata, in.nbytes);
	}
	assert_int_equal(n, 100);
	assert_false(b.has_failed);
	free(c);
	b = ledger_content_records(NULL);
	assert_false(zone_changeset_next(&b, &out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_that_compare_equal_have_the_same_hash),
		cmocka_unit_test(a_content_is_held_by_the_key_that_made_it),
		cmocka_unit_test(the_records_of_a_content_are_those_that_were_collected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
