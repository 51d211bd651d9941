/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dns/rdata.h"
#include "dns/type.h"

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

struct sample {
	uint16_t type;
	const uint8_t *rdata;
	size_t nbytes;
	bool is_valid;
};

static const struct sample samples[] = {
	{DNS_TYPE_A, BYTES("\1\2\3\4"), true},
	{DNS_TYPE_A, BYTES("\1\2\3"), false},
	{DNS_TYPE_A, BYTES("\1\2\3\4\5"), false},
	{DNS_TYPE_A, BYTES(""), false},
	{DNS_TYPE_AAAA, BYTES("0123456789abcdef"), true},
	{DNS_TYPE_AAAA, BYTES("0123456789abcde"), false},
	{DNS_TYPE_NS, BYTES("\1a\0"), true},
	{DNS_TYPE_NS, BYTES("\1a"), false},
	{DNS_TYPE_NS, BYTES("\1a\0\0"), false},
	{DNS_TYPE_NS, BYTES(""), false},
	{DNS_TYPE_MX, BYTES("\0\1\1a\0"), true},
	{DNS_TYPE_MX, BYTES("\0\1"), false},
	{DNS_TYPE_SOA,
	 BYTES("\1a\0\1b\0"
	       "aaaabbbbccccddddeeee"),
	 true},
	{DNS_TYPE_SOA,
	 BYTES("\1a\0\1b\0"
	       "aaaabbbbccccddddeee"),
	 false},
	{DNS_TYPE_SOA,
	 BYTES("\1a\0\1b\0"
	       "aaaabbbbccccddddeeeef"),
	 false},
	{DNS_TYPE_TXT, BYTES("\0"), true},
	{DNS_TYPE_TXT, BYTES("\3abc\1x"), true},
	{DNS_TYPE_TXT, BYTES(""), false},
	{DNS_TYPE_TXT, BYTES("\3ab"), false},
	{DNS_TYPE_TXT, BYTES("\1a\2b"), false},
	{DNS_TYPE_HINFO, BYTES("\1a\0"), true},
	{DNS_TYPE_HINFO, BYTES("\1a"), false},
	{DNS_TYPE_SRV, BYTES("\0\0\0\1\0\2\1a\0"), true},
	{DNS_TYPE_SRV, BYTES("\0\0\0\1\0\2"), false},
	{DNS_TYPE_SRV, BYTES("\0\0\0\1\0"), false},
	{DNS_TYPE_NAPTR, BYTES("\0\1\0\2\1s\2xy\0\1a\0"), true},
	{DNS_TYPE_NAPTR, BYTES("\0\1\0\2\1s\2xy\0"), false},
	{DNS_TYPE_KEY, BYTES("\2\1\3\15k"), true},
	{DNS_TYPE_KEY, BYTES("\2\1\3"), false},
	{DNS_TYPE_DS, BYTES("\1\2\3\5xxxx"), true},
	{DNS_TYPE_LOC, BYTES("\0\22\26\23\200aaa\200bbbcccc"), true},
	{DNS_TYPE_LOC, BYTES("\0\22\26\23\200aaa\200bbbccc"), false},
	{DNS_TYPE_RRSIG, BYTES("\0\1\2\3aaaabbbbccccdd\1a\0sig"), true},
	{DNS_TYPE_RRSIG, BYTES("\0\1\2\3aaaabbbbccccdd\1a"), false},
	/* RFC 4034 section 4.3, the bitmaps of alfa.example.com. */
	{DNS_TYPE_NSEC, BYTES("\4host\7example\3com\0\0\6\100\1\0\0\0\3"), true},
	{DNS_TYPE_NSEC, BYTES("\0"), false},
	{DNS_TYPE_NSEC, BYTES("\0\0\0"), false},	     /* window of no octets */
	{DNS_TYPE_NSEC, BYTES("\0\0\1"), false},	     /* cut */
	{DNS_TYPE_NSEC, BYTES("\0\0\2\100\0"), false},	     /* trailing zero octet */
	{DNS_TYPE_NSEC, BYTES("\0\1\1\100\0\1\100"), false}, /* windows out of order */
	{DNS_TYPE_NSEC, BYTES("\0\0\1\100\0\1\100"), false}, /* window twice */
	{DNS_TYPE_NSEC, BYTES("\0\0\1\100\1\1\100"), true},
	{DNS_TYPE_NSEC,
	 BYTES("\0\0\41"
	       "123456789012345678901234567890123"),
	 false},
	{DNS_TYPE_NSEC3, BYTES("\2\0\0\1\2ab\1h\0\1\100"), true},
	{DNS_TYPE_NSEC3, BYTES("\1\0\0\1\2ab"), false},
	{DNS_TYPE_NSEC3PARAM, BYTES("\1\0\0\1\0"), true},
	{DNS_TYPE_SVCB, BYTES("\0\0\1a\0"), true},
	{DNS_TYPE_HTTPS, BYTES("\0\1\0\0\1\0\3\2h2\0\3\0\2\1\273"), true},
	{DNS_TYPE_HTTPS, BYTES("\0\1\0\0\3\0\2\1\273\0\1\0\3\2h2"), false}, /* keys out of order */
	{DNS_TYPE_HTTPS, BYTES("\0\1\0\0\1\0\0\0\1\0\0"), false},	    /* key twice */
	{DNS_TYPE_HTTPS, BYTES("\0\1\0\0\1\0\3\2h"), false},
	{DNS_TYPE_HTTPS, BYTES("\0\1\0\0\1\0"), false},
	{DNS_TYPE_DNAME, BYTES("\1a\0"), true},
	{DNS_TYPE_NULL, BYTES(""), true},
	{DNS_TYPE_WKS, BYTES("\1\2\3\4\6"), true},
	{DNS_TYPE_WKS, BYTES("\1\2\3\4"), false},
	{65280, BYTES(""), true},
	{65280, BYTES("\300\0anything"), true},
};
enum { NSAMPLES = sizeof(samples) / sizeof(*samples) };

static void rdata_is_checked_against_the_layout_of_its_type(void **state)
{
	(void)state;
	for (size_t i = 0; i < NSAMPLES; i++) {
		const struct sample *s = &samples[i];
		uint8_t *copy = test_malloc(s->nbytes + 1), back[300];
		struct base_buf b = base_buf_over(copy, s->nbytes);
		struct base_out out = base_out_over(back, sizeof(back));

		memcpy(copy, s->rdata, s->nbytes);
		if (dns_rdata_is_valid(s->type, copy, s->nbytes) != s->is_valid)
			fail_msg("sample %zu", i);
		dns_rdata_parse(&b, s->type, (uint16_t)s->nbytes, &out);
		if (b.has_failed == s->is_valid)
			fail_msg("sample %zu", i);
		if (s->is_valid) {
			assert_int_equal(base_out_nbytes(&out), s->nbytes);
			assert_memory_equal(back, s->rdata, s->nbytes);
		}
		test_free(copy);
	}
}

static void compressed_names_are_expanded(void **state)
{
	static const struct {
		uint16_t type;
		const char *rdata;
		size_t nbytes;
		const char *expanded;
		size_t nexpanded;
	} cases[] = {
		{DNS_TYPE_NS, "\300\0", 2, "\3lab\5cloud", 11},
		{DNS_TYPE_MX, "\0\1\1m\300\4", 6, "\0\1\1m\5cloud", 11},
		{DNS_TYPE_SRV, "\0\1\0\2\0\3\1m\300\0", 10, "\0\1\0\2\0\3\1m\3lab\5cloud", 19},
		{DNS_TYPE_SOA,
		 "\1m\300\0\300\13"
		 "aaaabbbbccccddddeeee",
		 26,
		 "\1m\3lab\5cloud\0\1m\3lab\5cloud\0"
		 "aaaabbbbccccddddeeee",
		 46},
		{DNS_TYPE_RP, "\300\0\300\4", 4, "\3lab\5cloud\0\5cloud", 18},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint8_t msg[100] = "\3lab\5cloud", back[300];
		struct base_buf b = base_buf_over(msg, 11 + cases[i].nbytes);
		struct base_out out = base_out_over(back, sizeof(back));
		struct base_out small = base_out_over(back, cases[i].nexpanded - 1);

		memcpy(msg + 11, cases[i].rdata, cases[i].nbytes);
		base_buf_take(&b, 11);
		dns_rdata_parse(&b, cases[i].type, (uint16_t)cases[i].nbytes, &out);
		assert_false(b.has_failed);
		assert_int_equal(base_buf_left(&b), 0);
		assert_int_equal(base_out_nbytes(&out), cases[i].nexpanded);
		assert_memory_equal(back, cases[i].expanded, cases[i].nexpanded);
		assert_true(dns_rdata_is_valid(cases[i].type, back, cases[i].nexpanded));
		assert_false(dns_rdata_is_valid(cases[i].type, msg + 11, cases[i].nbytes));

		b = base_buf_over(msg, 11 + cases[i].nbytes);
		base_buf_take(&b, 11);
		dns_rdata_parse(&b, cases[i].type, (uint16_t)cases[i].nbytes, &small);
		assert_true(small.is_full);
	}
}

static void a_name_does_not_reach_beyond_its_rdata(void **state)
{
	static const uint8_t msg[] = "\3lab\0\3x\0";
	uint8_t back[300];
	struct base_out out = base_out_over(back, sizeof(back));
	struct base_buf b = base_buf_over(msg, sizeof(msg));

	(void)state;
	dns_rdata_parse(&b, DNS_TYPE_NS, 4, &out);
	assert_true(b.has_failed);
}

static void rdata_longer_than_the_message_fails(void **state)
{
	static const uint8_t msg[] = "\1\2\3\4";
	uint8_t back[300];
	struct base_out out = base_out_over(back, sizeof(back));
	struct base_buf b = base_buf_over(msg, 4);

	(void)state;
	dns_rdata_parse(&b, DNS_TYPE_NULL, 5, &out);
	assert_true(b.has_failed);
	assert_int_equal(base_out_nbytes(&out), 0);
}

static void rdata_is_in_canonical_order(void **state)
{
	static const struct {
		uint16_t type;
		const uint8_t *a;
		size_t na;
		const uint8_t *b;
		size_t nb;
		int order;
	} cases[] = {
		{DNS_TYPE_A, BYTES("\1\2\3\4"), BYTES("\1\2\3\4"), 0},
		{DNS_TYPE_A, BYTES("\1\2\3\4"), BYTES("\377\2\3\4"), -1},
		{DNS_TYPE_TXT, BYTES("\1a"), BYTES("\1A"), 1},
		{DNS_TYPE_TXT, BYTES("\1b"), BYTES("\2aa"), -1},
		{65280, BYTES("ab"), BYTES("abc"), -1},
		{65280, BYTES(""), BYTES(""), 0},
		{65280, BYTES("\1A\0"), BYTES("\1a\0"), -1},
		{DNS_TYPE_NS, BYTES("\1A\0"), BYTES("\1a\0"), 0},
		{DNS_TYPE_NS, BYTES("\1b\0"), BYTES("\2aa\0"), -1},
		{DNS_TYPE_NS, BYTES("\1a\0"), BYTES("\1a\1b\0"), -1},
		{DNS_TYPE_MX, BYTES("\0\2\1a\0"), BYTES("\0\1\1b\0"), 1},
		{DNS_TYPE_SRV, BYTES("\0\0\0\0\0\1\1X\0"), BYTES("\0\0\0\0\0\1\1x\0"), 0},
		{DNS_TYPE_SOA,
		 BYTES("\1A\0\1B\0"
		       "aaaabbbbccccddddeeee"),
		 BYTES("\1a\0\1b\0"
		       "aaaabbbbccccddddeeee"),
		 0},
		{DNS_TYPE_SOA,
		 BYTES("\1a\0\1b\0"
		       "Aaaabbbbccccddddeeee"),
		 BYTES("\1a\0\1b\0"
		       "aaaabbbbccccddddeeee"),
		 -1},
		{DNS_TYPE_NAPTR, BYTES("\0\1\0\2\1S\0\0\1A\0"), BYTES("\0\1\0\2\1s\0\0\1a\0"), -1},
		{DNS_TYPE_NAPTR, BYTES("\0\1\0\2\1s\0\0\1A\0"), BYTES("\0\1\0\2\1s\0\0\1a\0"), 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int d = dns_rdata_compare(cases[i].type, cases[i].a, cases[i].na, cases[i].b,
					  cases[i].nb);
		int e = dns_rdata_compare(cases[i].type, cases[i].b, cases[i].nb, cases[i].a,
					  cases[i].na);

		assert_int_equal((d > 0) - (d < 0), cases[i].order);
		assert_int_equal((e > 0) - (e < 0), -cases[i].order);
		/* Different records have different hashes: the contract does not promise it, but
		 * it is true of these. */
		assert_int_equal(dns_rdata_hash(cases[i].type, cases[i].a, cases[i].na, 1) ==
					 dns_rdata_hash(cases[i].type, cases[i].b, cases[i].nb, 1),
				 cases[i].order == 0);
	}
}

static void a_record_is_the_same_as_itself_only(void **state)
{
	(void)state;
	for (size_t i = 0; i < NSAMPLES; i++)
		for (size_t j = 0; j < NSAMPLES; j++) {
			const struct sample *a = &samples[i], *b = &samples[j];
			bool same = a->nbytes == b->nbytes &&
				    memcmp(a->rdata, b->rdata, a->nbytes) == 0;

			if (a->is_valid && b->is_valid && a->type == b->type)
				assert_int_equal(dns_rdata_compare(a->type, a->rdata, a->nbytes,
								   b->rdata, b->nbytes) == 0,
						 same);
		}
}

static void targets_are_found(void **state)
{
	static const struct {
		uint16_t type;
		const uint8_t *rdata;
		size_t nbytes;
		int at; /* -1: none */
	} cases[] = {
		{DNS_TYPE_NS, BYTES("\1a\0"), 0},
		{DNS_TYPE_PTR, BYTES("\1a\0"), 0},
		{DNS_TYPE_MX, BYTES("\0\1\1a\0"), 2},
		{DNS_TYPE_SRV, BYTES("\0\1\0\2\0\3\1a\0"), 6},
		{DNS_TYPE_SVCB, BYTES("\0\1\1a\0"), 2},
		{DNS_TYPE_HTTPS, BYTES("\0\1\0"), 2},
		{DNS_TYPE_CNAME, BYTES("\1a\0"), -1},
		{DNS_TYPE_A, BYTES("\1\2\3\4"), -1},
		{65280, BYTES("\1a\0"), -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_ptr_equal(dns_rdata_target(cases[i].type, cases[i].rdata, cases[i].nbytes),
				 cases[i].at < 0 ? NULL : cases[i].rdata + cases[i].at);
}

static void the_numbers_of_a_soa_are_read_and_set(void **state)
{
	uint8_t rdata[] = "\1a\0\1b\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5";
	struct dns_soa soa;

	(void)state;
	soa = dns_soa_read(rdata, sizeof(rdata) - 1);
	assert_int_equal(soa.serial, 1);
	assert_int_equal(soa.refresh, 2);
	assert_int_equal(soa.retry, 3);
	assert_int_equal(soa.expire, 4);
	assert_int_equal(soa.minimum, 5);
	dns_soa_set_serial(rdata, sizeof(rdata) - 1, 0xfffefdfc);
	soa = dns_soa_read(rdata, sizeof(rdata) - 1);
	assert_int_equal(soa.serial, 0xfffefdfc);
	assert_int_equal(soa.refresh, 2);
}

/* RFC 1982 section 5.2, and its undefined case, which must not be newer both ways. */
static void serials_go_round(void **state)
{
	(void)state;
	assert_true(dns_serial_is_newer(1, 0));
	assert_true(dns_serial_is_newer(0, 0xffffffff));
	assert_true(dns_serial_is_newer(0x7fffffff, 0));
	assert_false(dns_serial_is_newer(0, 0));
	assert_false(dns_serial_is_newer(0, 1));
	assert_false(dns_serial_is_newer(0x80000001, 0));
	assert_false(dns_serial_is_newer(0x80000000, 0));
	assert_false(dns_serial_is_newer(0, 0x80000000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rdata_is_checked_against_the_layout_of_its_type),
		cmocka_unit_test(compressed_names_are_expanded),
		cmocka_unit_test(a_name_does_not_reach_beyond_its_rdata),
		cmocka_unit_test(rdata_longer_than_the_message_fails),
		cmocka_unit_test(rdata_is_in_canonical_order),
		cmocka_unit_test(a_record_is_the_same_as_itself_only),
		cmocka_unit_test(targets_are_found),
		cmocka_unit_test(the_numbers_of_a_soa_are_read_and_set),
		cmocka_unit_test(serials_go_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
