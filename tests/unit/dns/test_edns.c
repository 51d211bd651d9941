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

/* An OPT record from behind its type: payload 1232, version, DO, options. */
static size_t opt_make(uint8_t out[static 200], uint8_t version, const char *options, size_t nbytes)
{
	struct base_out o = base_out_over(out, 200);

	base_out_u16(&o, 1232);
	base_out_u8(&o, 0);
	base_out_u8(&o, version);
	base_out_u16(&o, 0x8000);
	base_out_u16(&o, (uint16_t)nbytes);
	base_out_bytes(&o, options, nbytes);
	return base_out_length(&o);
}

static bool opt_read(struct dns_edns *e, uint8_t version, const char *options, size_t nbytes)
{
	static uint8_t bytes[200];
	size_t n = opt_make(bytes, version, options, nbytes);
	struct base_buf b = base_buf_over(bytes, n);

	dns_edns_parse(&b, e);
	assert_true(b.bad || base_buf_left(&b) == 0);
	return !b.bad;
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
	assert_true(e.wants_nsid && e.has_cookie && e.has_keepalive);
	assert_int_equal(e.ncookie, 8);
	assert_memory_equal(e.cookie, "clientck", 8);
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
		assert_true(b.bad);
	}
}

static void a_reply_takes_the_octets_that_were_said(void **state)
{
	static const uint8_t cookie[24] = "clientckserver-cookie-16";
	static const struct dns_edns_reply replies[] = {
		{1232, 0, false, NULL, NULL, -1, DNS_EDE_NONE, NULL},
		{1232, DNS_RCODE_BADVERS, true, NULL, NULL, -1, DNS_EDE_NONE, NULL},
		{512, 0, false, cookie, NULL, -1, DNS_EDE_NONE, NULL},
		{512, 0, false, NULL, "", -1, DNS_EDE_NONE, NULL},
		{512, 0, false, NULL, "server one", -1, DNS_EDE_NONE, NULL},
		{512, 0, false, NULL, NULL, 0, DNS_EDE_NONE, NULL},
		{512, 0, false, NULL, NULL, -1, DNS_EDE_OTHER, NULL},
		{512, 0, false, NULL, NULL, -1, DNS_EDE_PROHIBITED, "why"},
		{1232, DNS_RCODE_BADCOOKIE, true, cookie, "id", 600, DNS_EDE_PROHIBITED, "why"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(replies) / sizeof(*replies); i++) {
		const struct dns_edns_reply *r = &replies[i];
		size_t octets = dns_edns_octets(r);
		uint8_t *bytes = test_malloc(octets);
		struct base_out o = base_out_over(bytes, octets);
		struct base_buf b = base_buf_over(bytes, octets);
		struct dns_rr rr;

		dns_edns_write(&o, r);
		assert_false(o.full);
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
	static const struct dns_edns_reply r = {1232, 0, false, cookie, "id", 600, 18, "why"};
	static const char expected[] = "\0\0\x29\4\xd0\0\0\0\0\0\61"
				       "\0\12\0\30clientckserver-cookie-16"
				       "\0\3\0\2id"
				       "\0\13\0\2\2\x58"
				       "\0\17\0\5\0\22why";
	uint8_t bytes[200];
	struct base_out o = base_out_over(bytes, sizeof(bytes));

	(void)state;
	dns_edns_write(&o, &r);
	assert_int_equal(base_out_length(&o), sizeof(expected) - 1);
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
		cmocka_unit_test(a_reply_takes_the_octets_that_were_said),
		cmocka_unit_test(a_reply_is_made_of_its_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
