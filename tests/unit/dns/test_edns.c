/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dns/edns.h"
#include "dns/msg.h"
#include "dns/type.h"

/* An OPT record from after its type: payload 1232, version, DO, options. */
static size_t opt_make(uint8_t out[static 200], uint8_t version, const char *options, size_t nbytes)
{
	struct base_out o = base_out_over(out, 200);

	base_out_u16(&o, 1232);
	base_out_u8(&o, 0);
	base_out_u8(&o, version);
	base_out_u16(&o, 0x8000);
	base_out_u16(&o, (uint16_t)nbytes);
	base_out_bytes(&o, options, nbytes);
	return base_out_nbytes(&o);
}

static bool opt_read(struct dns_edns *e, uint8_t version, const char *options, size_t nbytes)
{
	static uint8_t bytes[200];
	size_t n = opt_make(bytes, version, options, nbytes);
	struct base_buf b = base_buf_over(bytes, n);

	dns_edns_parse(&b, e);
	assert_true(b.has_failed || base_buf_left(&b) == 0);
	return !b.has_failed;
}

#define READ(e, version, options) opt_read(e, version, options, sizeof(options) - 1)

static void options_are_read_and_unknown_ones_passed_over(void **state)
{
	struct dns_edns e;

	(void)state;
	assert_true(READ(&e, 0, ""));
	assert_true(e.is_present && e.is_do && !e.wants_nsid && !e.has_cookie && !e.has_keepalive);
	assert_int_equal(e.payload, 1232);
	assert_true(READ(&e, 0, "\xfd\xe8\0\3abc\0\3\0\0\0\12\0\10clientck\0\13\0\0"));
	assert_true(e.wants_nsid && e.has_cookie && e.has_keepalive && !e.has_padding);
	assert_int_equal(e.ncookie, 8);
	assert_memory_equal(e.cookie, "clientck", 8);
	assert_true(READ(&e, 0, "\0\14\0\2xx"));
	assert_true(e.has_padding);
}

static void the_first_cookie_counts(void **state)
{
	struct dns_edns e;

	(void)state;
	assert_true(READ(&e, 0, "\0\12\0\10clientck\0\12\0\1x"));
	assert_int_equal(e.ncookie, 8);
	assert_true(READ(&e, 0, "\0\12\0\0\0\12\0\10clientck"));
	assert_true(e.has_cookie);
	assert_int_equal(e.ncookie, 0);
}

static void malformed_options_fail(void **state)
{
	struct dns_edns e;

	(void)state;
	assert_false(READ(&e, 0, "\0"));
	assert_false(READ(&e, 0, "\0\12\0"));
	assert_false(READ(&e, 0, "\0\12\0\11clientck"));
	assert_false(READ(&e, 0, "\0\3\0\0\0"));
}

static void the_options_of_another_version_are_not_read(void **state)
{
	struct dns_edns e;

	(void)state;
	assert_true(READ(&e, 1, "\0\12\0\11short"));
	assert_int_equal(e.version, 1);
	assert_false(e.has_cookie);
}

static void a_cut_record_fails(void **state)
{
	uint8_t bytes[200];
	size_t whole = opt_make(bytes, 0, "\0\3\0\0", 4);

	(void)state;
	for (size_t n = 0; n < whole; n++) {
		struct base_buf b = base_buf_over(bytes, n);
		struct dns_edns e;

		dns_edns_parse(&b, &e);
		assert_true(b.has_failed);
	}
}

/* RFC 9664 section 4. */
static void a_lease_has_four_octets_or_eight(void **state)
{
	static const char four[] = "\4\xd0\0\0\0\0\0\10\0\2\0\4\0\0\0\x1e";
	static const char eight[] = "\4\xd0\0\0\0\0\0\14\0\2\0\10\0\0\0\x1e\0\x12\x75\0";
	static const char seven[] = "\4\xd0\0\0\0\0\0\13\0\2\0\7\0\0\0\x1e\0\x12\x75";
	struct base_buf b = base_buf_over(four, sizeof(four) - 1);
	struct dns_edns e;

	(void)state;
	dns_edns_parse(&b, &e);
	assert_true(!b.has_failed && e.has_lease && !e.has_key_lease);
	assert_int_equal(e.lease_s, 30);
	assert_int_equal(e.key_lease_s, 30);
	b = base_buf_over(eight, sizeof(eight) - 1);
	dns_edns_parse(&b, &e);
	assert_true(!b.has_failed && e.has_lease && e.has_key_lease);
	assert_int_equal(e.lease_s, 30);
	assert_int_equal(e.key_lease_s, 1209600);
	b = base_buf_over(seven, sizeof(seven) - 1);
	dns_edns_parse(&b, &e);
	assert_true(b.has_failed);
}

static void a_reply_takes_the_octets_that_were_reserved(void **state)
{
	static const uint8_t cookie[24] = "clientckserver-cookie-16";
	static const struct dns_edns_reply replies[] = {
		{.payload = 1232, .keepalive = -1, .ede = DNS_EDE_NONE},
		{.payload = 1232,
		 .rcode = DNS_RCODE_BADVERS,
		 .is_do = true,
		 .keepalive = -1,
		 .ede = DNS_EDE_NONE},
		{.payload = 512, .cookie = cookie, .keepalive = -1, .ede = DNS_EDE_NONE},
		{.payload = 512, .nsid = "", .keepalive = -1, .ede = DNS_EDE_NONE},
		{.payload = 512, .nsid = "server one", .keepalive = -1, .ede = DNS_EDE_NONE},
		{.payload = 512, .keepalive = 0, .ede = DNS_EDE_NONE},
		{.payload = 512, .keepalive = -1, .ede = DNS_EDE_NONE, .padding = 4},
		{.payload = 512, .keepalive = -1, .ede = DNS_EDE_OTHER, .padding = 100},
		{.payload = 512, .keepalive = -1, .ede = DNS_EDE_OTHER},
		{.payload = 512, .keepalive = -1, .ede = DNS_EDE_PROHIBITED, .ede_text = "why"},
		{.payload = 512,
		 .keepalive = -1,
		 .ede = DNS_EDE_NONE,
		 .has_lease = true,
		 .lease_s = 30},
		{.payload = 512,
		 .keepalive = -1,
		 .ede = DNS_EDE_OTHER,
		 .has_lease = true,
		 .has_key_lease = true,
		 .lease_s = 1,
		 .key_lease_s = 2},
		{.payload = 1232,
		 .rcode = DNS_RCODE_BADCOOKIE,
		 .is_do = true,
		 .cookie = cookie,
		 .nsid = "id",
		 .keepalive = 600,
		 .ede = DNS_EDE_PROHIBITED,
		 .ede_text = "why"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(replies) / sizeof(*replies); i++) {
		const struct dns_edns_reply *r = &replies[i];
		size_t octets = dns_edns_nbytes(r);
		uint8_t *bytes = test_malloc(octets);
		struct base_out o = base_out_over(bytes, octets);
		struct base_buf b = base_buf_over(bytes, octets);
		struct dns_rr rr;

		dns_edns_write(&o, r);
		assert_false(o.is_full);
		assert_int_equal(base_out_left(&o), 0);
		assert_true(dns_rr_parse(&b, &rr));
		assert_int_equal(base_buf_left(&b), 0);
		assert_int_equal(rr.type, DNS_TYPE_OPT);
		assert_int_equal(rr.rrclass, r->payload);
		assert_int_equal(rr.ttl >> 24, r->rcode >> 4);
		assert_int_equal(rr.ttl >> 15 & 1, r->is_do);
		test_free(bytes);
	}
}

static void a_reply_is_made_of_its_options(void **state)
{
	static const uint8_t cookie[24] = "clientckserver-cookie-16";
	static const struct dns_edns_reply r = {.payload = 1232,
						.cookie = cookie,
						.nsid = "id",
						.keepalive = 600,
						.ede = 18,
						.ede_text = "why"};
	static const char expected[] = "\0\0\x29\4\xd0\0\0\0\0\0\61"
				       "\0\12\0\30clientckserver-cookie-16"
				       "\0\3\0\2id"
				       "\0\13\0\2\2\x58"
				       "\0\17\0\5\0\22why";
	uint8_t bytes[200];
	struct base_out o = base_out_over(bytes, sizeof(bytes));

	(void)state;
	dns_edns_write(&o, &r);
	assert_int_equal(base_out_nbytes(&o), sizeof(expected) - 1);
	assert_memory_equal(bytes, expected, sizeof(expected) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_read_and_unknown_ones_passed_over),
		cmocka_unit_test(the_first_cookie_counts),
		cmocka_unit_test(malformed_options_fail),
		cmocka_unit_test(the_options_of_another_version_are_not_read),
		cmocka_unit_test(a_cut_record_fails),
		cmocka_unit_test(a_lease_has_four_octets_or_eight),
		cmocka_unit_test(a_reply_takes_the_octets_that_were_reserved),
		cmocka_unit_test(a_reply_is_made_of_its_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
