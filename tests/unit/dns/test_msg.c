/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dns/msg.h"
#include "dns/rdata.h"
#include "dns/type.h"

enum { SIZE = 1024 };

static const uint8_t *wire(const char *text)
{
	static uint8_t names[8][DNS_NAME_MAX];
	static unsigned next;
	uint8_t *name = names[next++ % 8];

	assert_int_not_equal(dns_name_from_text(name, text, strlen(text), NULL), 0);
	return name;
}

static void a_header_comes_back_as_it_was_written(void **state)
{
	static const struct dns_header h = {0x1234, 0xa805, 1, 2, 0xffff, 4};
	uint8_t msg[DNS_HEADER_SIZE];
	struct dns_writer w;
	struct base_buf b = base_buf_over(msg, sizeof(msg));
	struct dns_header back;

	(void)state;
	dns_writer_init(&w, msg, sizeof(msg));
	dns_writer_header(&w, &h);
	assert_memory_equal(msg, "\x12\x34\xa8\x05\0\1\0\2\xff\xff\0\4", DNS_HEADER_SIZE);
	back = dns_header_parse(&b);
	assert_memory_equal(&back, &h, sizeof(h));
	assert_int_equal(dns_flags_opcode(h.flags), DNS_OPCODE_UPDATE);
	assert_int_equal(base_buf_left(&b), 0);
	dns_header_parse(&b);
	assert_true(b.has_failed);
}

static void records_are_read_as_views(void **state)
{
	static const uint8_t msg[] = "\003lab\005cloud\000"
				     "\003web\300\000\000\041\000\001\000\000\000\170\000\011"
				     "\000\001\000\002\037\220\001h\300\000";
	struct base_buf b = base_buf_over(msg, sizeof(msg) - 1);
	uint8_t bytes[64];
	struct base_out out = base_out_over(bytes, sizeof(bytes));
	struct dns_rr rr;

	(void)state;
	base_buf_take(&b, 11);
	/* RDLENGTH is one short of the name in the rdata: the record is read, its rdata is
	 * invalid. */
	assert_true(dns_rr_parse(&b, &rr));
	assert_true(dns_name_equal(rr.owner, wire("web.lab.cloud.")));
	assert_int_equal(rr.type, DNS_TYPE_SRV);
	assert_int_equal(rr.rrclass, DNS_CLASS_IN);
	assert_int_equal(rr.ttl, 120);
	assert_int_equal(rr.rdlength, 9);
	dns_rdata_parse(&rr.rdata, rr.type, rr.rdlength, &out);
	assert_true(rr.rdata.has_failed);

	b = base_buf_over(msg, sizeof(msg) - 1);
	out = base_out_over(bytes, sizeof(bytes));
	base_buf_take(&b, 11);
	dns_rr_parse(&b, &rr);
	dns_rdata_parse(&rr.rdata, rr.type, 10, &out);
	assert_false(rr.rdata.has_failed);
	assert_int_equal(base_out_nbytes(&out), 6 + 13);
	assert_true(dns_name_equal(bytes + 6, wire("h.lab.cloud.")));
}

static void a_record_cut_anywhere_fails(void **state)
{
	static const uint8_t record[] =
		"\003web\000\000\001\000\001\000\000\000\170\000\004\012\0\0\1";
	enum { WHOLE = sizeof(record) - 1 };

	(void)state;
	for (size_t n = 0; n < WHOLE; n++) {
		struct base_buf b = base_buf_over(record, n), skipped = b;
		struct dns_rr rr;

		assert_false(dns_rr_parse(&b, &rr));
		dns_rr_skip(&skipped);
		assert_true(skipped.has_failed);
	}
}

/* Names of the RFC 1035 section 4.1.4 example, one after the other. */
static void names_are_compressed_against_all_before(void **state)
{
	static const uint8_t expected[] = "\001F\003ISI\004ARPA\000"
					  "\003FOO\300\014"
					  "\300\022"
					  "\000"
					  "\003foo\300\014";
	uint8_t msg[SIZE];
	struct dns_writer w;

	(void)state;
	dns_writer_init(&w, msg, sizeof(msg));
	dns_writer_name(&w, wire("F.ISI.ARPA."), true);
	dns_writer_name(&w, wire("FOO.F.ISI.ARPA."), true);
	dns_writer_name(&w, wire("ARPA."), true);
	dns_writer_name(&w, wire("."), true);
	dns_writer_name(&w, wire("foo.f.isi.arpa."), false);
	assert_int_equal(base_out_nbytes(&w.out), 12 + 12 + 6 + 2 + 1 + 16);
	w.out.at -= 16;
	dns_writer_name(&w, wire("foo.f.isi.arpa."), true);
	/* The whole name is in the message already, in another case. */
	assert_int_equal(base_out_nbytes(&w.out), 12 + 12 + 6 + 2 + 1 + 2);
	assert_memory_equal(msg + 12, expected, 12 + 6 + 2 + 1);
	assert_memory_equal(msg + 33, "\300\030", 2);
}

/* A label must not be compared as a name before the octets after it are written: the end of a.a.
 * is not where its first label is, whatever the buffer held before. */
static void a_name_is_not_compressed_against_itself(void **state)
{
	static const uint8_t fill[] = {0x00, 0x01, 0xc0, 0xff};

	(void)state;
	for (size_t i = 0; i < sizeof(fill); i++) {
		uint8_t msg[SIZE], name[DNS_NAME_MAX];
		struct dns_writer w;
		struct base_buf b;

		memset(msg, fill[i], sizeof(msg));
		dns_writer_init(&w, msg, sizeof(msg));
		dns_writer_name(&w, wire("a.a.a."), true);
		b = base_buf_over(msg, base_out_nbytes(&w.out));
		base_buf_take(&b, 12);
		assert_int_equal(dns_name_parse(&b, name), 7);
		assert_true(dns_name_equal(name, wire("a.a.a.")));
	}
}

static void a_name_already_in_the_message_is_pointed_at(void **state)
{
	uint8_t msg[SIZE] = {0};
	struct dns_writer w;

	(void)state;
	dns_writer_init(&w, msg, sizeof(msg));
	base_out_bytes(&w.out, wire("Web.Lab.Cloud."), 15);
	dns_writer_know(&w, 12);
	dns_writer_name(&w, wire("web.lab.cloud."), true);
	assert_memory_equal(w.out.at - 2, "\300\014", 2);
	dns_writer_name(&w, wire("a.lab.cloud."), true);
	assert_memory_equal(w.out.at - 4, "\001a\300\020", 4);
}

static void rdata_is_compressed_where_the_type_allows(void **state)
{
	static const struct {
		uint16_t type;
		const char *head;
		size_t nhead;
		bool is_compressed;
	} cases[] = {
		{DNS_TYPE_NS, "", 0, true},
		{DNS_TYPE_CNAME, "", 0, true},
		{DNS_TYPE_PTR, "", 0, true},
		{DNS_TYPE_MX, "\0\1", 2, true},
		{DNS_TYPE_SRV, "\0\0\0\1\0\2", 6, false},
		{DNS_TYPE_DNAME, "", 0, false},
		{DNS_TYPE_KX, "\0\1", 2, false},
		{65280, "", 0, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint8_t msg[SIZE] = {0}, rdata[300], back[300];
		struct base_out r = base_out_over(rdata, sizeof(rdata));
		struct base_out out = base_out_over(back, sizeof(back));
		struct dns_writer w;
		struct base_buf b;
		struct dns_rr rr;

		base_out_bytes(&r, cases[i].head, cases[i].nhead);
		base_out_bytes(&r, wire("a.lab.cloud."), 13);
		dns_writer_init(&w, msg, sizeof(msg));
		dns_writer_rr(&w, wire("lab.cloud."), cases[i].type, 1, 60, rdata,
			      base_out_nbytes(&r));
		assert_false(w.out.is_full);
		b = base_buf_over(msg, base_out_nbytes(&w.out));
		base_buf_take(&b, 12);
		assert_true(dns_rr_parse(&b, &rr));
		assert_int_equal(base_buf_left(&b), 0);
		assert_int_equal(rr.rdlength, cases[i].nhead + (cases[i].is_compressed ? 4 : 13));
		dns_rdata_parse(&rr.rdata, rr.type, rr.rdlength, &out);
		assert_int_equal(base_out_nbytes(&out), base_out_nbytes(&r));
		assert_memory_equal(back, rdata, base_out_nbytes(&r));
	}
}

static void a_soa_and_names_with_rest_survive(void **state)
{
	static const struct {
		uint16_t type;
		const char *rdata;
		size_t nbytes;
	} cases[] = {
		{DNS_TYPE_SOA,
		 "\002ns\003lab\000\004root\003lab\000\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5",
		 38},
		{DNS_TYPE_NAPTR, "\0\1\0\2\1s\2xy\0\3lab\0", 15},
		{DNS_TYPE_TXT, "\3abc\0\1x", 7},
		{DNS_TYPE_HTTPS, "\0\1\3lab\0\0\1\0\3\2h2", 14},
		{DNS_TYPE_MINFO, "\3lab\0\1x\3lab\0", 12},
		{DNS_TYPE_NULL, "", 0},
	};
	uint8_t msg[SIZE];
	struct dns_writer w;
	struct base_buf b;

	(void)state;
	dns_writer_init(&w, msg, sizeof(msg));
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		dns_writer_rr(&w, wire("lab."), cases[i].type, 1, 60,
			      (const uint8_t *)cases[i].rdata, cases[i].nbytes);
	b = base_buf_over(msg, base_out_nbytes(&w.out));
	base_buf_take(&b, 12);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint8_t back[300];
		struct base_out out = base_out_over(back, sizeof(back));
		struct dns_rr rr;

		assert_true(dns_rr_parse(&b, &rr));
		dns_rdata_parse(&rr.rdata, rr.type, rr.rdlength, &out);
		assert_false(rr.rdata.has_failed);
		assert_int_equal(base_out_nbytes(&out), cases[i].nbytes);
		assert_memory_equal(back, cases[i].rdata, cases[i].nbytes);
	}
	assert_int_equal(base_buf_left(&b), 0);
}

/* Each buffer that is too small is a heap block, so that a sanitizer sees each octet beyond it. */
static void a_record_that_does_not_fit_is_reported_and_can_be_taken_back(void **state)
{
	size_t whole = 0;

	(void)state;
	for (size_t size = DNS_HEADER_SIZE; whole == 0; size++) {
		uint8_t *msg = test_malloc(size);
		struct dns_writer_mark mark;
		struct dns_writer w;

		memset(msg, 0, size);
		dns_writer_init(&w, msg, size);
		mark = dns_writer_mark(&w);
		dns_writer_rr(&w, wire("a.a.lab.cloud."), DNS_TYPE_MX, 1, 60,
			      (const uint8_t *)"\0\1\1b\1a\3lab\5cloud", 17);
		dns_writer_rr(&w, wire("a.lab.cloud."), DNS_TYPE_A, 1, 60,
			      (const uint8_t *)"\12\0\0\1", 4);
		if (!w.out.is_full) {
			whole = size;
			assert_int_equal(base_out_nbytes(&w.out), size);
		}
		dns_writer_rewind(&w, mark);
		assert_int_equal(base_out_nbytes(&w.out), DNS_HEADER_SIZE);
		assert_false(w.out.is_full);
		test_free(msg);
	}
	assert_int_equal(whole, 12 + 15 + 10 + 6 + 2 + 10 + 4);
}

static void names_beyond_16_kib_are_not_pointed_at(void **state)
{
	static uint8_t msg[DNS_MSG_MAX];
	struct dns_writer w;

	(void)state;
	dns_writer_init(&w, msg, sizeof(msg));
	base_out_take(&w.out, 0x3fff - DNS_HEADER_SIZE);
	dns_writer_name(&w, wire("a.b."), true);
	dns_writer_name(&w, wire("b."), true);
	assert_int_equal(base_out_nbytes(&w.out), 0x3fff + 5 + 3);
	dns_writer_name(&w, wire("a.b."), true);
	assert_int_equal(base_out_nbytes(&w.out), 0x3fff + 5 + 3 + 2);
}

static void more_names_than_can_be_known_are_written_whole(void **state)
{
	static uint8_t msg[DNS_MSG_MAX];
	uint8_t name[DNS_NAME_MAX];
	struct dns_writer w;
	struct base_buf b;

	(void)state;
	dns_writer_init(&w, msg, sizeof(msg));
	for (unsigned i = 0; i < 3 * DNS_WRITER_NAMES; i++) {
		uint8_t plain[] = {1, (uint8_t)i, 1, 'x', 0};

		dns_writer_name(&w, plain, true);
	}
	b = base_buf_over(msg, base_out_nbytes(&w.out));
	base_buf_take(&b, 12);
	for (unsigned i = 0; i < 3 * DNS_WRITER_NAMES; i++) {
		assert_int_equal(dns_name_parse(&b, name), 5);
		assert_int_equal(name[1] | 32, i | 32);
	}
	assert_int_equal(base_buf_left(&b), 0);
}

/* Each name that is known is found among others that differ from it in one octet or in case only,
 * whatever their number. */
static void a_known_name_is_found_among_many_like_it(void **state)
{
	static uint8_t msg[DNS_MSG_MAX];

	(void)state;
	for (unsigned n = 1; n <= DNS_WRITER_NAMES; n++) {
		struct dns_writer w;

		dns_writer_init(&w, msg, sizeof(msg));
		for (unsigned i = 0; i < n; i++) {
			uint8_t name[] = {
				4, (uint8_t)('a' + i % 16), (uint8_t)('A' + i / 16), 'x', '1', 0};

			dns_writer_name(&w, name, true);
		}
		assert_int_equal(base_out_nbytes(&w.out), 12 + 6 * n);
		for (unsigned i = 0; i < n; i++) {
			uint8_t name[] = {
				4, (uint8_t)('A' + i % 16), (uint8_t)('a' + i / 16), 'X', '1', 0};

			dns_writer_name(&w, name, true);
			assert_int_equal(base_out_nbytes(&w.out), 12 + 6 * n + 2 * (i + 1));
			assert_int_equal(base_load16(w.out.at - 2), 0xc000 + 12 + 6 * i);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_comes_back_as_it_was_written),
		cmocka_unit_test(records_are_read_as_views),
		cmocka_unit_test(a_record_cut_anywhere_fails),
		cmocka_unit_test(names_are_compressed_against_all_before),
		cmocka_unit_test(a_name_is_not_compressed_against_itself),
		cmocka_unit_test(a_name_already_in_the_message_is_pointed_at),
		cmocka_unit_test(rdata_is_compressed_where_the_type_allows),
		cmocka_unit_test(a_soa_and_names_with_rest_survive),
		cmocka_unit_test(a_record_that_does_not_fit_is_reported_and_can_be_taken_back),
		cmocka_unit_test(names_beyond_16_kib_are_not_pointed_at),
		cmocka_unit_test(more_names_than_can_be_known_are_written_whole),
		cmocka_unit_test(a_known_name_is_found_among_many_like_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
