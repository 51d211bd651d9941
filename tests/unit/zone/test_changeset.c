/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <errno.h>

#include "dns/name.h"
#include "dns/type.h"
#include "zone/changeset.h"

static const uint8_t web[] = "\3web\3lab\5cloud"; /* the literal's NUL is the root label */
static const uint8_t apex[] = "\3lab\5cloud";

static const struct dns_record some[] = {
	{.owner = apex, .type = DNS_TYPE_NS, .ttl = 3600, .rdata = web, .nbytes = sizeof(web)},
	{.owner = web,
	 .type = DNS_TYPE_A,
	 .ttl = 0,
	 .rdata = (const uint8_t *)"\x7f\0\0\1",
	 .nbytes = 4},
	{.owner = web, .type = 65280, .ttl = INT32_MAX, .rdata = NULL, .nbytes = 0},
};
enum { NSOME = sizeof(some) / sizeof(*some) };

/* Writes `some` to a heap block of the exact size; the caller frees it. */
static uint8_t *write_some(size_t *nbytes)
{
	struct base_out o;
	uint8_t *bytes;

	*nbytes = 0;
	for (int i = 0; i < NSOME; i++)
		*nbytes += zone_changeset_nbytes(&some[i]);
	bytes = malloc(*nbytes);
	o = base_out_over(bytes, *nbytes);
	for (int i = 0; i < NSOME; i++)
		zone_changeset_write(&o, &some[i]);
	assert_false(o.is_full);
	assert_int_equal(base_out_nbytes(&o), *nbytes);
	return bytes;
}

static void a_written_changeset_is_read_back(void **state)
{
	size_t nbytes;
	uint8_t *bytes = write_some(&nbytes);
	struct base_buf b = base_buf_over(bytes, nbytes);
	struct dns_record r;

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
	assert_false(b.has_failed);
	free(bytes);
}

/* Changesets are the same octets on every host: the store holds them. */
static void records_are_these_octets(void **state)
{
	static const uint8_t wanted[] = "\3lab\5cloud\0\0\2\0\1\0\0\16\20\0\17\3web\3lab\5cloud\0"
					"\3web\3lab\5cloud\0\0\1\0\1\0\0\0\0\0\4\177\0\0\1"
					"\3web\3lab\5cloud\0\377\0\0\1\177\377\377\377\0\0";
	size_t nbytes;
	uint8_t *bytes = write_some(&nbytes);

	(void)state;
	assert_int_equal(nbytes, sizeof(wanted) - 1);
	assert_memory_equal(bytes, wanted, nbytes);
	free(bytes);
}

static void every_cut_inside_a_record_is_noticed(void **state)
{
	size_t nbytes, edge[NSOME + 1] = {0};
	uint8_t *bytes = write_some(&nbytes);

	(void)state;
	for (int i = 0; i < NSOME; i++)
		edge[i + 1] = edge[i] + zone_changeset_nbytes(&some[i]);
	for (size_t n = 0; n <= nbytes; n++) {
		uint8_t *copy = malloc(n + 1);
		struct base_buf b;
		struct dns_record r;
		bool whole = false;

		memcpy(copy, bytes, n);
		b = base_buf_over(copy, n);
		while (zone_changeset_next(&b, &r))
			;
		for (int i = 0; i <= NSOME; i++)
			whole |= n == edge[i];
		assert_int_equal(b.has_failed, !whole);
		free(copy);
	}
	free(bytes);
}

static void octets_that_are_not_a_record_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t nbytes;
	} bad[] = {
		{"\xc0\0\0\1\0\1\0\0\0\0\0\0", 12},   /* a pointer */
		{"\0\0\1\0\3\0\0\0\0\0\0", 11},	      /* class CH */
		{"\77abc\0\0\1\0\1\0\0\0\0\0\0", 15}, /* a label past the end */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct base_buf b = base_buf_over(bad[i].bytes, bad[i].nbytes);
		struct dns_record r;

		assert_false(zone_changeset_next(&b, &r));
		assert_true(b.has_failed);
	}
}

static void an_owner_of_256_octets_is_refused(void **state)
{
	uint8_t bytes[256 + 10] = {0};
	struct base_buf b = base_buf_over(bytes, sizeof(bytes));
	struct dns_record r;

	(void)state;
	for (int i = 0; i < 5; i++)
		bytes[i * 51] = 50;
	bytes[256 + 1] = DNS_TYPE_A;
	bytes[256 + 3] = DNS_CLASS_IN;
	assert_false(zone_changeset_next(&b, &r));
	assert_true(b.has_failed);
}

static const char small[] =
	"$ORIGIN z.\n$TTL 60\n@ SOA ns host 10 2 3 4 5\n@ NS ns\nns A 192.0.2.1\nw TXT \"a\" \n";

static void free_zone(struct zone *z)
{
	base_rcu_offline();
	zone_free(z);
	base_rcu_online();
}

static void a_difference_makes_the_same_of_another_copy(void **state)
{
	struct zone *one = kit_zone("z.", small), *other = kit_zone("z.", small);
	struct zone_draft *d = zone_draft_new(one), *e = zone_draft_new(other);
	struct zone_changeset changes, again;
	char *a, *b;

	(void)state;
	kit_add(d, "w 30 TXT \"b\"\nx 60 A 10.0.0.1\n");
	assert_int_equal(zone_draft_remove_rrset(d, kit_name("ns.z."), DNS_TYPE_A), 1);
	assert_int_equal(zone_draft_seal(d, &changes), 1);
	assert_int_equal(zone_draft_apply(e, &changes), 0);
	assert_int_equal(zone_draft_serial(e), changes.to);
	assert_int_equal(zone_draft_seal(e, &again), 1);
	assert_int_equal(again.to, changes.to);
	assert_int_equal(again.nremoved_bytes, changes.nremoved_bytes);
	assert_int_equal(again.nadded_bytes, changes.nadded_bytes);
	zone_draft_publish(d);
	zone_draft_publish(e);
	a = kit_dump(zone_current(one));
	b = kit_dump(zone_current(other));
	assert_string_equal(a, b);
	free(a);
	free(b);
	free_zone(one);
	free_zone(other);
}

static void a_malformed_changeset_is_not_applied_in_part(void **state)
{
	static const uint8_t good[] = "\1q\1z\0\0\1\0\1\0\0\0\1\0\4\1\2\3\4";
	static const uint8_t bad[] = "\1q\1z\0\0\1\0\1\0\0\0\1\0\3\1\2\3";
	const struct zone_changeset changes[] = {
		{.from = 10,
		 .to = 11,
		 .removed = good,
		 .nremoved_bytes = 4,
		 .added = good,
		 .nadded_bytes = 19},
		{.from = 10, .to = 11, .added = bad, .nadded_bytes = 18},
		{.from = 10,
		 .to = 11,
		 .removed = good,
		 .nremoved_bytes = 19,
		 .added = bad,
		 .nadded_bytes = 18},
	};
	struct zone *z = kit_zone("z.", small);
	struct zone_changeset sealed;

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		struct zone_draft *d = zone_draft_new(z);

		assert_int_equal(zone_draft_apply(d, &changes[i]), -EBADMSG);
		assert_int_equal(zone_draft_seal(d, &sealed), 0);
		zone_draft_abort(d);
	}
	free_zone(z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_difference_makes_the_same_of_another_copy),
		cmocka_unit_test(a_malformed_changeset_is_not_applied_in_part),
		cmocka_unit_test(a_written_changeset_is_read_back),
		cmocka_unit_test(records_are_these_octets),
		cmocka_unit_test(every_cut_inside_a_record_is_noticed),
		cmocka_unit_test(octets_that_are_not_a_record_are_refused),
		cmocka_unit_test(an_owner_of_256_octets_is_refused),
	};

	return cmocka_run_group_tests(tests, kit_setup, kit_teardown);
}
