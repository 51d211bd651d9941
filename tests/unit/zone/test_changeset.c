/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dns/name.h"
#include "dns/type.h"
#include "zone/changeset.h"

static const uint8_t web[] = "\3web\3lab\5cloud";        /* the literal's NUL is the root label */
static const uint8_t apex[] = "\3lab\5cloud";

static const struct zone_record some[] = {
	{ .owner = apex, .type = DNS_TYPE_NS, .ttl = 3600, .rdata = web, .nbytes = sizeof web },
	{ .owner = web, .type = DNS_TYPE_A, .ttl = 0, .rdata = (const uint8_t *)"\x7f\0\0\1",
	  .nbytes = 4 },
	{ .owner = web, .type = 65280, .ttl = INT32_MAX, .rdata = NULL, .nbytes = 0 },
};
enum { NSOME = sizeof some / sizeof *some };

/* Writes `some` to a heap block of just the right size; the caller frees it. */
static uint8_t *write_some(size_t *nbytes)
{
	struct base_out o;
	uint8_t *bytes;

	*nbytes = 0;
	for (int i = 0; i < NSOME; i++)
		*nbytes += zone_changeset_octets(&some[i]);
	bytes = malloc(*nbytes);
	o = base_out_over(bytes, *nbytes);
	for (int i = 0; i < NSOME; i++)
		zone_changeset_write(&o, &some[i]);
	assert_false(o.full);
	assert_int_equal(base_out_length(&o), *nbytes);
	return bytes;
}

static void what_is_written_is_read_back(void **state)
{
	size_t nbytes;
	uint8_t *bytes = write_some(&nbytes);
	struct base_buf b = base_buf_over(bytes, nbytes);
	struct zone_record r;

	(void)state;
	for (int i = 0; i < NSOME; i++) {
		assert_true(zone_changeset_next(&b, &r));
		assert_true(dns_name_equal(r.owner, some[i].owner));
		assert_int_equal(r.type, some[i].type);
		assert_int_equal(r.ttl, some[i].ttl);
		assert_int_equal(r.nbytes, some[i].nbytes);
		if (r.nbytes > 0)
			assert_memory_equal(r.rdata, some[i].rdata, r.nbytes);
	}
	assert_false(zone_changeset_next(&b, &r));
	assert_false(b.bad);
	free(bytes);
}

static void every_cut_inside_a_record_is_noticed(void **state)
{
	size_t nbytes, edge[NSOME + 1] = {0};
	uint8_t *bytes = write_some(&nbytes);

	(void)state;
	for (int i = 0; i < NSOME; i++)
		edge[i + 1] = edge[i] + zone_changeset_octets(&some[i]);
	for (size_t n = 0; n <= nbytes; n++) {
		uint8_t *copy = malloc(n + 1);
		struct base_buf b;
		struct zone_record r;
		bool whole = false;

		memcpy(copy, bytes, n);
		b = base_buf_over(copy, n);
		while (zone_changeset_next(&b, &r))
			;
		for (int i = 0; i <= NSOME; i++)
			whole |= n == edge[i];
		assert_int_equal(b.bad, !whole);
		free(copy);
	}
	free(bytes);
}

static void what_is_no_record_is_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t nbytes;
	} bad[] = {
		{ "\xc0\0\0\1\0\1\0\0\0\0\0\0", 12 },           /* a pointer */
		{ "\0\0\1\0\3\0\0\0\0\0\0", 11 },               /* class CH */
		{ "\77abc\0\0\1\0\1\0\0\0\0\0\0", 15 },         /* a label past the end */
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct base_buf b = base_buf_over(bad[i].bytes, bad[i].nbytes);
		struct zone_record r;

		assert_false(zone_changeset_next(&b, &r));
		assert_true(b.bad);
	}
}

static void an_owner_of_256_octets_is_refused(void **state)
{
	uint8_t bytes[256 + 10] = {0};
	struct base_buf b = base_buf_over(bytes, sizeof bytes);
	struct zone_record r;

	(void)state;
	for (int i = 0; i < 5; i++)
		bytes[i * 51] = 50;
	bytes[256 + 1] = DNS_TYPE_A;
	bytes[256 + 3] = DNS_CLASS_IN;
	assert_false(zone_changeset_next(&b, &r));
	assert_true(b.bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(every_cut_inside_a_record_is_noticed),
		cmocka_unit_test(what_is_no_record_is_refused),
		cmocka_unit_test(an_owner_of_256_octets_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
