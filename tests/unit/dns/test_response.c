/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "dns/response.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dns/edns.h"
#include "dns/type.h"

enum { SIZE = 512, QUESTION = 11 };

/* "Web.lab." A IN. */
static const uint8_t question_bytes[] = "\003Web\003lab\000\000\001\000\001";

static const struct dns_responder server = {.payload = 1232, .nsid = "ns1", .now_s = 1700000000};

static struct dns_question question(void)
{
	struct base_buf b = base_buf_over(question_bytes, sizeof(question_bytes) - 1);
	struct dns_question q;

	assert_true(dns_question_parse(&b, &q));
	return q;
}

/* Makes the response to a request with these flags and this OPT. */
static struct dns_response response(uint16_t flags, const struct dns_edns *edns)
{
	struct dns_header request = {.id = 0x1234, .flags = flags, .qdcount = 1};
	struct dns_question q = question();
	struct dns_response r;

	memset(&r, 0xff, sizeof(r));
	dns_response_init(&r, &request, &q, edns);
	return r;
}

/* The parts of a response, parsed again. */
struct reread {
	struct dns_header h;
	bool has_opt;
	struct dns_rr opt;
	char options[256]; /* "CODE:LENGTH CODE:LENGTH" */
};

static struct reread reread(const uint8_t *msg, size_t nbytes)
{
	struct base_buf b = base_buf_over(msg, nbytes);
	struct reread r = {.h = dns_header_parse(&b)};
	size_t end, at = 0;

	if (r.h.qdcount == 1)
		assert_memory_equal(base_buf_take(&b, sizeof(question_bytes) - 1), question_bytes,
				    sizeof(question_bytes) - 1);
	r.has_opt = r.h.arcount == 1;
	if (r.has_opt) {
		assert_true(dns_rr_parse(&b, &r.opt));
		assert_int_equal(r.opt.type, DNS_TYPE_OPT);
		end = base_buf_offset(&r.opt.rdata) + r.opt.rdlength;
		while (base_buf_offset(&r.opt.rdata) < end) {
			unsigned code = base_buf_u16(&r.opt.rdata);
			unsigned n = base_buf_u16(&r.opt.rdata);

			at += (size_t)snprintf(r.options + at, sizeof(r.options) - at, "%s%u:%u",
					       at > 0 ? " " : "", code, n);
			base_buf_take(&r.opt.rdata, n);
		}
	}
	assert_false(b.has_failed);
	assert_int_equal(base_buf_left(&b), 0);
	return r;
}

static void opcode_and_rd_are_repeated_and_no_other_flag(void **state)
{
	static const struct dns_edns none;
	static const struct {
		uint16_t request, response;
	} cases[] = {
		{0x0000, 0x8000}, {0x0100, 0x8100}, {0x2800, 0xa800},
		{0x07ff, 0x8100}, {0x7800, 0xf800}, {0x7fff, 0xf900},
	};
	uint8_t out[SIZE];

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct dns_response r = response(cases[i].request, &none);
		size_t n = dns_response_short(&r, &server, DNS_RCODE_NOERROR, 0, out, SIZE);
		struct reread back = reread(out, n);

		assert_int_equal(back.h.id, 0x1234);
		assert_int_equal(back.h.flags, cases[i].response);
		assert_int_equal(back.h.qdcount, 1);
		assert_false(back.has_opt);
	}
}

static void a_request_without_question_gets_none_back(void **state)
{
	struct dns_header request = {.id = 7};
	struct dns_edns none = {.is_present = false};
	struct dns_response r;
	uint8_t out[SIZE];

	(void)state;
	dns_response_init(&r, &request, NULL, &none);
	assert_int_equal(dns_response_short(&r, &server, DNS_RCODE_FORMERR, 0, out, SIZE),
			 DNS_HEADER_SIZE);
	assert_int_equal(reread(out, DNS_HEADER_SIZE).h.flags, 0x8001);
}

static void the_upper_bits_of_an_rcode_are_in_the_opt(void **state)
{
	static const struct dns_edns edns = {.is_present = true, .is_do = true};
	struct dns_response r = response(0, &edns);
	uint8_t out[SIZE];
	struct reread back = reread(
		out, dns_response_short(&r, &server, DNS_RCODE_BADVERS, DNS_FLAG_TC, out, SIZE));

	(void)state;
	assert_int_equal(back.h.flags, 0x8200);
	assert_true(back.has_opt);
	assert_int_equal(back.opt.rrclass, 1232);
	assert_int_equal(back.opt.ttl, 0x01008000);
	assert_string_equal(back.options, "");
}

/* An OPT record with everything that ours can have. */
static struct dns_response full_response(void)
{
	static const struct dns_edns edns = {.is_present = true, .wants_nsid = true};
	struct dns_response r = response(0, &edns);

	r.has_cookie = r.has_lease = true;
	r.has_key_lease = false;
	r.keepalive = 300;
	memset(r.cookie, 'c', sizeof(r.cookie));
	dns_response_explain(&r, DNS_EDE_PROHIBITED, "why");
	return r;
}

static void explanations_give_way_first_then_what_was_asked_for(void **state)
{
	static const struct {
		size_t missing; /* octets that the message is too short by to fit all */
		const char *options;
	} cases[] = {
		{0, "10:24 3:3 11:2 2:4 15:5"},
		{1, "10:24 3:3 11:2 2:4"},
		{9, "10:24 3:3 11:2 2:4"},
		{10, "10:24 11:2 2:4"},
		{16, "10:24 11:2 2:4"},
		{17, "10:24 2:4"},
		{22, "10:24 2:4"},
		{23, NULL},
	};
	size_t all = DNS_HEADER_SIZE + sizeof(question_bytes) - 1 + DNS_EDNS_OPT_SIZE + 28 + 7 + 6 +
		     9 + 8;
	uint8_t out[SIZE];

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct dns_response r = full_response();
		size_t size = all - cases[i].missing;
		size_t n = dns_response_short(&r, &server, DNS_RCODE_NOERROR, 0, out, size);

		if (cases[i].options == NULL) {
			assert_int_equal(n, 0);
			continue;
		}
		assert_true(n <= size);
		assert_string_equal(reread(out, n).options, cases[i].options);
	}
}

static void the_reserved_octets_are_those_that_the_opt_takes(void **state)
{
	static const struct dns_edns none;
	struct dns_response r = full_response(), plain = response(0, &none);
	uint8_t out[SIZE];
	struct dns_writer w;
	struct dns_header h = dns_response_start(&r, &w, out, SIZE);
	size_t nreserved = dns_response_reserve_opt(&r, &server, &w), nquestion;

	(void)state;
	nquestion = base_out_nbytes(&w.out);
	assert_int_equal(base_out_left(&w.out), SIZE - nquestion - nreserved);
	/* The sections fill the room that is left. */
	memset(base_out_take(&w.out, base_out_left(&w.out)), 0, SIZE - nquestion - nreserved);
	w.out.end += nreserved;
	assert_int_equal(dns_response_finish(&r, &server, &w, &h, DNS_RCODE_NOERROR, SIZE), SIZE);

	dns_response_start(&plain, &w, out, SIZE);
	assert_int_equal(dns_response_reserve_opt(&plain, &server, &w), 0);
}

static void a_long_explanation_is_cut(void **state)
{
	static const struct dns_edns edns = {.is_present = true};
	struct dns_response r = response(0, &edns);
	char text[2 * DNS_RESPONSE_EXPLAIN_MAX];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	dns_response_explain(&r, DNS_EDE_OTHER, text);
	assert_int_equal(strlen(r.ede_text), DNS_RESPONSE_EXPLAIN_MAX - 1);
}

static const struct dns_tsig_key *find(void *arg, struct dns_tsig_search *search)
{
	(void)search;
	return arg;
}

/* A TSIG by an unknown key is answered by an unsigned one (RFC 8945 section 5.2.1). */
static void the_tsig_has_its_room_whatever_the_sections_take(void **state)
{
	static const uint8_t tsig[] =
		"\001k\000\000\372\000\377\000\000\000\000\000\035"
		"\013hmac-sha256\000"
		"\000\000\145\123\361\000\001\054\000\000\000\000\000\000\000\000";
	static const struct dns_edns none;
	struct dns_response r = response(0, &none);
	uint8_t msg[DNS_HEADER_SIZE + sizeof(tsig) - 1] = {[11] = 1}, out[SIZE];
	struct dns_writer w;
	struct dns_header h;
	size_t nbytes;

	(void)state;
	memcpy(msg + DNS_HEADER_SIZE, tsig, sizeof(tsig) - 1);
	assert_int_equal(dns_tsig_verify(&r.tsig, msg, sizeof(msg), DNS_HEADER_SIZE, find, NULL,
					 server.now_s),
			 DNS_TSIG_NOTAUTH);
	h = dns_response_start(&r, &w, out, SIZE);
	base_out_take(&w.out, base_out_left(&w.out));
	nbytes = base_out_nbytes(&w.out);
	assert_int_equal(nbytes, SIZE - dns_tsig_nbytes(&r.tsig));
	assert_int_equal(dns_response_finish(&r, &server, &w, &h, DNS_RCODE_NOTAUTH, SIZE), SIZE);
	assert_int_equal(base_load16(out + 10), 1);
	assert_memory_equal(out + nbytes, tsig, 14);
}

/* RFC 7830 and RFC 8467: to a multiple of the block, the TSIG included, if there is room. */
static void a_padded_response_fills_blocks(void **state)
{
	static const struct dns_edns edns = {.is_present = true, .wants_nsid = true};
	static const struct {
		size_t block, size, length;
	} cases[] = {
		{468, 2000, 468}, {64, 2000, 64}, {46, 2000, 92}, {47, 2000, 47}, {43, 2000, 86},
		{468, 300, 300},  {468, 47, 47},  {468, 46, 43},  {468, 43, 43},
	};
	uint8_t out[2000];

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct dns_response r = response(0, &edns);
		struct reread got;
		size_t n;

		r.pad_block = (uint16_t)cases[i].block;
		n = dns_response_short(&r, &server, DNS_RCODE_NOERROR, 0, out, cases[i].size);
		assert_int_equal(n, cases[i].length);
		got = reread(out, n);
		assert_true(got.has_opt);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opcode_and_rd_are_repeated_and_no_other_flag),
		cmocka_unit_test(a_request_without_question_gets_none_back),
		cmocka_unit_test(the_upper_bits_of_an_rcode_are_in_the_opt),
		cmocka_unit_test(explanations_give_way_first_then_what_was_asked_for),
		cmocka_unit_test(the_reserved_octets_are_those_that_the_opt_takes),
		cmocka_unit_test(a_long_explanation_is_cut),
		cmocka_unit_test(a_padded_response_fills_blocks),
		cmocka_unit_test(the_tsig_has_its_room_whatever_the_sections_take),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
