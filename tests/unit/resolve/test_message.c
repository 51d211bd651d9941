/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dns/rdata.h"
#include "dns/type.h"
#include "resolve/message.h"

static const uint8_t host[] = "\002n1\003lab\005cloud", other[] = "\002n2\003lab\005cloud";

static void a_query_has_its_question_and_an_opt_record(void **state)
{
	uint8_t bytes[RESOLVE_MESSAGE_QUERY_MAX];
	size_t n = resolve_message_query(bytes, 0x1234, host, DNS_TYPE_AAAA);
	static const uint8_t wanted[] = "\x12\x34\x01\x00\0\1\0\0\0\0\0\1"
					"\002n1\003lab\005cloud\0\0\034\0\1"
					"\0\0\051\x04\xd0\0\0\0\0\0\0";

	(void)state;
	assert_int_equal(n, sizeof(wanted) - 1);
	assert_memory_equal(bytes, wanted, n);
}

/* Writes an answer, and returns its length. */
static size_t answer_make(uint8_t *bytes, size_t size, uint16_t flags, uint16_t type)
{
	struct dns_writer w;
	struct dns_header h = {7, flags, 1, 2, 1, 1};

	dns_writer_init(&w, bytes, size);
	dns_writer_header(&w, &h);
	dns_writer_name(&w, host, true);
	base_out_u16(&w.out, type);
	base_out_u16(&w.out, DNS_CLASS_IN);
	dns_writer_rr(&w, host, DNS_TYPE_CNAME, DNS_CLASS_IN, 0x80000000, other, sizeof(other));
	dns_writer_rr(&w, other, DNS_TYPE_A, DNS_CLASS_CH, 60, (const uint8_t *)"\1\2\3\4", 4);
	dns_writer_rr(&w, other, DNS_TYPE_TXT, DNS_CLASS_IN, 60, (const uint8_t *)"\1", 1);
	dns_writer_rr(&w, other, DNS_TYPE_A, DNS_CLASS_IN, 60, (const uint8_t *)"\1\2\3\4", 4);
	assert_false(w.out.is_full);
	return base_out_nbytes(&w.out);
}

static void records_are_read_section_by_section(void **state)
{
	static struct resolve_answer_record r;
	struct resolve_answer a;
	uint8_t bytes[512];
	size_t n = answer_make(bytes, sizeof(bytes), 0x8700, DNS_TYPE_A);

	(void)state;
	assert_true(resolve_message_parse(&a, bytes, n, 7, host, DNS_TYPE_A));
	assert_true(a.is_authoritative && a.is_truncated);
	assert_int_equal(a.rcode, 0);
	assert_true(resolve_message_next(&a, &r));
	assert_int_equal(r.section, RESOLVE_ANSWER);
	assert_int_equal(r.type, DNS_TYPE_CNAME);
	assert_int_equal(r.ttl, 0); /* RFC 2181 section 8 */
	assert_int_equal(r.nbytes, sizeof(other));
	assert_memory_equal(r.rdata, other, sizeof(other));
	/* the record of class CH and the malformed TXT are passed over */
	assert_true(resolve_message_next(&a, &r));
	assert_int_equal(r.section, RESOLVE_ADDITIONAL);
	assert_true(dns_name_equal(r.owner, other));
	assert_false(resolve_message_next(&a, &r));
	/* cut short: what is whole is read */
	assert_true(resolve_message_parse(&a, bytes, n - 1, 7, host, DNS_TYPE_A));
	assert_true(resolve_message_next(&a, &r));
	assert_false(resolve_message_next(&a, &r));
}

static void only_an_answer_to_the_question_is_one(void **state)
{
	static const uint8_t upper[] = "\002N1\003LAB\005cloud";
	struct resolve_answer a;
	uint8_t bytes[512];
	size_t n = answer_make(bytes, sizeof(bytes), 0x8000, DNS_TYPE_A);

	(void)state;
	assert_true(resolve_message_parse(&a, bytes, n, 7, upper, DNS_TYPE_A));
	assert_false(resolve_message_parse(&a, bytes, n, 8, host, DNS_TYPE_A));
	assert_false(resolve_message_parse(&a, bytes, n, 7, other, DNS_TYPE_A));
	assert_false(resolve_message_parse(&a, bytes, n, 7, host, DNS_TYPE_AAAA));
	assert_false(resolve_message_parse(&a, bytes, 11, 7, host, DNS_TYPE_A));
	assert_false(resolve_message_parse(&a, bytes, 20, 7, host, DNS_TYPE_A));
	bytes[2] = 0; /* a query */
	assert_false(resolve_message_parse(&a, bytes, n, 7, host, DNS_TYPE_A));
	bytes[2] = 0xa8; /* of an UPDATE */
	assert_false(resolve_message_parse(&a, bytes, n, 7, host, DNS_TYPE_A));
}

static void a_refusal_may_lack_its_question(void **state)
{
	struct resolve_answer a;

	(void)state;
	assert_true(resolve_message_parse(&a, (const uint8_t *)"\0\7\x80\4\0\0\0\0\0\0\0\1", 12, 7,
					  host, DNS_TYPE_A));
	assert_int_equal(a.rcode, DNS_RCODE_NOTIMP);
	assert_int_equal(a.nadditional, 0);
	assert_false(resolve_message_parse(&a, (const uint8_t *)"\0\7\x80\0\0\0\0\0\0\0\0\0", 12, 7,
					   host, DNS_TYPE_A));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_query_has_its_question_and_an_opt_record),
		cmocka_unit_test(records_are_read_section_by_section),
		cmocka_unit_test(only_an_answer_to_the_question_is_one),
		cmocka_unit_test(a_refusal_may_lack_its_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
