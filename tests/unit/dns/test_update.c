/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dns/msg.h"
#include "dns/type.h"
#include "dns/update.h"

static const uint8_t zone[] = "\3lab\5cloud";
static const uint8_t owner[] = "\1a\3lab\5cloud";

/* An update of the zone: one prerequisite "a exists", then records of three classes. Returns its
 * length. */
static size_t update_write(uint8_t out[static 512])
{
	struct dns_writer w;
	struct dns_header h = {
		.flags = DNS_OPCODE_UPDATE << 11, .qdcount = 1, .ancount = 1, .nscount = 3};

	dns_writer_init(&w, out, 512);
	dns_writer_header(&w, &h);
	dns_writer_name(&w, zone, false);
	base_out_u16(&w.out, DNS_TYPE_SOA);
	base_out_u16(&w.out, DNS_CLASS_IN);
	dns_writer_rr(&w, owner, DNS_TYPE_ANY, DNS_CLASS_ANY, 0, NULL, 0);
	dns_writer_rr(&w, owner, DNS_TYPE_MX, DNS_CLASS_IN, 60,
		      (const uint8_t *)"\0\1\1m\3lab\5cloud", 15);
	dns_writer_rr(&w, owner, DNS_TYPE_A, DNS_CLASS_NONE, 0, (const uint8_t *)"\1\2\3\4", 4);
	dns_writer_rr(&w, owner, DNS_TYPE_TXT, DNS_CLASS_ANY, 0, NULL, 0);
	return base_out_nbytes(&w.out);
}

static void all_sections_are_parsed(void **state)
{
	uint8_t msg[512];
	size_t n = update_write(msg);
	struct dns_update r;

	(void)state;
	assert_int_equal(dns_update_init(&r), 0);
	for (int again = 0; again < 2; again++) {
		assert_int_equal(dns_update_parse(&r, msg, n), 0);
		assert_int_equal(r.nzones, 1);
		assert_int_equal(r.ztype, DNS_TYPE_SOA);
		assert_true(dns_name_equal(r.zone, zone));
		assert_int_equal(r.nprerequisites, 1);
		assert_int_equal(r.nupdates, 3);
		assert_true(dns_name_equal(r.prerequisite[0].owner, owner));
		assert_int_equal(r.prerequisite[0].rrclass, DNS_CLASS_ANY);
		assert_null(r.prerequisite[0].rdata);
		assert_int_equal(r.update[0].ttl, 60);
		assert_int_equal(r.update[0].nbytes, 15);
		assert_memory_equal(r.update[0].rdata, "\0\1\1m\3lab\5cloud", 15);
		assert_true(dns_update_is_added(&r.update[0]));
		assert_int_equal(r.update[1].nbytes, 4);
		assert_false(dns_update_is_added(&r.update[1]));
		assert_null(r.update[2].rdata);
	}
	dns_update_fini(&r);
}

static void a_message_that_is_cut_short_is_malformed(void **state)
{
	uint8_t msg[512];
	size_t n = update_write(msg);
	struct dns_update r;

	(void)state;
	assert_int_equal(dns_update_init(&r), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(dns_update_parse(&r, msg, i), -EBADMSG);
	dns_update_fini(&r);
}

static void the_malformed_record_is_the_one_after_those_read(void **state)
{
	uint8_t msg[512];
	size_t n = update_write(msg);
	struct dns_update r;

	(void)state;
	assert_int_equal(dns_update_init(&r), 0);
	/* The MX has the type of an A, which must have 4 octets. */
	for (size_t i = 0; i + 6 < n; i++)
		if (memcmp(msg + i, "\0\17\0\1\0\0\0", 7) == 0)
			msg[i + 1] = DNS_TYPE_A;
	assert_int_equal(dns_update_parse(&r, msg, n), -EBADMSG);
	assert_int_equal(r.nread, 1);
	assert_int_equal(r.prerequisite[1].type, DNS_TYPE_A);
	assert_true(dns_name_equal(r.prerequisite[1].owner, owner));
	dns_update_fini(&r);
}

static void the_soa_is_not_added_by_a_client(void **state)
{
	struct dns_update_record r = {.type = DNS_TYPE_SOA, .rrclass = DNS_CLASS_IN};

	(void)state;
	assert_false(dns_update_is_added(&r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_sections_are_parsed),
		cmocka_unit_test(a_message_that_is_cut_short_is_malformed),
		cmocka_unit_test(the_malformed_record_is_the_one_after_those_read),
		cmocka_unit_test(the_soa_is_not_added_by_a_client),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
