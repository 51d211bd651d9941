/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dns/dso.h"
#include "dns/type.h"

#define HEADER(id, flags) id flags "\0\0\0\0\0\0\0\0"
#define REQUEST "\x30\0" /* QR=0, opcode 6 */
#define RESPONSE "\xb0\0"
#define PARSE(m, bytes) dns_dso_parse((const uint8_t *)(bytes), sizeof(bytes) - 1, m)

static void a_keepalive_request_is_read(void **state)
{
	struct dns_dso_timeouts timeouts;
	struct dns_dso m;

	(void)state;
	assert_int_equal(PARSE(&m, HEADER("\x12\x34", REQUEST) "\0\1\0\10\0\0\0\x64\0\0\0\x65"),
			 DNS_DSO_VALID);
	assert_int_equal(m.id, 0x1234);
	assert_false(m.is_response || m.is_padded);
	assert_true(m.has_tlv);
	assert_int_equal(m.primary.type, DNS_DSO_KEEPALIVE);
	assert_true(dns_dso_keepalive_parse(&m.primary, &timeouts));
	assert_int_equal(timeouts.inactivity_ms, 100);
	assert_int_equal(timeouts.keepalive_ms, 101);
}

static void the_z_bits_are_ignored(void **state)
{
	struct dns_dso m;

	(void)state;
	assert_int_equal(PARSE(&m, HEADER("\0\1", "\x37\xf5") "\0\2\0\4\0\0\0\7"), DNS_DSO_VALID);
	assert_false(m.is_response);
	assert_int_equal(m.rcode, 5);
}

static void faults_of_form_are_found(void **state)
{
	static const struct {
		const char *bytes;
		size_t nbytes;
		enum dns_dso_fault fault;
	} cases[] = {
#define CASE(bytes, fault) {bytes, sizeof(bytes) - 1, fault}
		CASE("", DNS_DSO_SHORT),
		CASE("\0\1\x30\0\0\0\0\0\0\0\0", DNS_DSO_SHORT),
		CASE("\0\1\x30\0\0\1\0\0\0\0\0\0\0\1\0\0", DNS_DSO_COUNTS),
		CASE("\0\1\x30\0\0\0\0\1\0\0\0\0\0\1\0\0", DNS_DSO_COUNTS),
		CASE("\0\1\x30\0\0\0\0\0\1\0\0\0\0\1\0\0", DNS_DSO_COUNTS),
		CASE("\0\1\x30\0\0\0\0\0\0\0\0\1\0\1\0\0", DNS_DSO_COUNTS),
		CASE(HEADER("\0\1", REQUEST), DNS_DSO_NO_TLV),
		CASE(HEADER("\0\0", REQUEST), DNS_DSO_NO_TLV),
		CASE(HEADER("\0\1", RESPONSE), DNS_DSO_VALID),
		CASE(HEADER("\0\1", REQUEST) "\0", DNS_DSO_CUT),
		CASE(HEADER("\0\1", REQUEST) "\0\1\0", DNS_DSO_CUT),
		CASE(HEADER("\0\1", REQUEST) "\0\1\0\1", DNS_DSO_CUT),
		CASE(HEADER("\0\1", REQUEST) "\0\1\0\0", DNS_DSO_VALID),
		CASE(HEADER("\0\1", REQUEST) "\0\1\0\0\0", DNS_DSO_CUT),
		CASE(HEADER("\0\1", REQUEST) "\0\1\0\0\0\3\0\2x", DNS_DSO_CUT),
		CASE(HEADER("\0\1", REQUEST) "\0\1\0\0\0\3\0\2xy", DNS_DSO_VALID),
#undef CASE
	};
	struct dns_dso m;

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(
			dns_dso_parse((const uint8_t *)cases[i].bytes, cases[i].nbytes, &m),
			cases[i].fault);
}

static void a_response_may_have_no_tlv(void **state)
{
	struct dns_dso m;

	(void)state;
	assert_int_equal(PARSE(&m, HEADER("\0\1", "\xb0\x0b")), DNS_DSO_VALID);
	assert_true(m.is_response);
	assert_false(m.has_tlv);
	assert_int_equal(m.rcode, DNS_RCODE_DSOTYPENI);
}

static void tlvs_are_read_one_after_the_other(void **state)
{
	struct dns_dso_tlv tlv;
	struct dns_dso m;
	uint32_t delay_ms;

	(void)state;
	assert_int_equal(PARSE(&m, HEADER("\0\1", RESPONSE) "\xf8\1\0\1a\0\3\0\0\0\2\0\4\1\2\3\4"),
			 DNS_DSO_VALID);
	assert_true(m.is_padded);
	assert_int_equal(m.primary.type, 0xf801);
	assert_int_equal(base_buf_left(&m.primary.data), 1);
	assert_int_equal(base_buf_offset(&m.primary.data), 16);
	assert_true(dns_dso_find(&m, DNS_DSO_RETRY_DELAY, &tlv));
	assert_true(dns_dso_retry_delay_parse(&tlv, &delay_ms));
	assert_int_equal(delay_ms, 0x01020304);
	assert_false(dns_dso_find(&m, DNS_DSO_KEEPALIVE, &tlv));
	assert_false(dns_dso_find(&m, 0xf801, &tlv));
}

/* The first TLV is not padding: it can only be additional (RFC 8490 section 7.3). */
static void padding_as_the_first_tlv_does_not_pad(void **state)
{
	struct dns_dso m;

	(void)state;
	assert_int_equal(PARSE(&m, HEADER("\0\1", REQUEST) "\0\3\0\0"), DNS_DSO_VALID);
	assert_false(m.is_padded);
}

static void base_tlvs_have_one_length(void **state)
{
	struct dns_dso_timeouts timeouts;
	struct dns_dso_tlv tlv;
	uint8_t bytes[12] = {0};
	uint32_t delay_ms;

	(void)state;
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		tlv.data = base_buf_over(bytes, n);
		assert_int_equal(dns_dso_keepalive_parse(&tlv, &timeouts), n == 8);
		assert_int_equal(dns_dso_retry_delay_parse(&tlv, &delay_ms), n == 4);
	}
}

static void messages_are_written(void **state)
{
	static const struct dns_dso_timeouts timeouts = {DNS_DSO_INFINITE, 10000};
	static const char response[] =
		HEADER("\0\7", RESPONSE) "\0\1\0\10\xff\xff\xff\xff\0\0\x27\x10";
	static const char retry[] = HEADER("\0\0", "\x30\2") "\0\2\0\4\0\0\x27\x10";
	static const char own[] = HEADER("\0\1", REQUEST) "\0\x40\0\3abc";
	uint8_t bytes[100];
	struct base_out o = base_out_over(bytes, sizeof(bytes));
	size_t offset;

	(void)state;
	dns_dso_response_write(&o, 7, DNS_RCODE_NOERROR);
	dns_dso_keepalive_write(&o, &timeouts);
	assert_int_equal(base_out_nbytes(&o), sizeof(response) - 1);
	assert_memory_equal(bytes, response, sizeof(response) - 1);

	o = base_out_over(bytes, sizeof(bytes));
	dns_dso_header_write(&o, 0, DNS_RCODE_SERVFAIL);
	dns_dso_retry_delay_write(&o, 10000);
	assert_int_equal(base_out_nbytes(&o), sizeof(retry) - 1);
	assert_memory_equal(bytes, retry, sizeof(retry) - 1);

	o = base_out_over(bytes, sizeof(bytes));
	dns_dso_header_write(&o, 1, 0);
	offset = dns_dso_tlv_begin(&o, DNS_DSO_SUBSCRIBE);
	base_out_bytes(&o, "abc", 3);
	dns_dso_tlv_end(&o, offset);
	assert_int_equal(base_out_nbytes(&o), sizeof(own) - 1);
	assert_memory_equal(bytes, own, sizeof(own) - 1);
}

static void a_full_cursor_stays_full(void **state)
{
	uint8_t bytes[14];
	struct base_out o = base_out_over(bytes, sizeof(bytes));
	size_t offset;

	(void)state;
	dns_dso_header_write(&o, 1, 0);
	offset = dns_dso_tlv_begin(&o, DNS_DSO_SUBSCRIBE);
	dns_dso_tlv_end(&o, offset);
	dns_dso_pad(&o, 128);
	assert_true(o.is_full);
}

static void padding_completes_a_block(void **state)
{
	static const struct {
		size_t nbytes, size, block, padded;
	} cases[] = {
		{12, 1000, 468, 468},  {464, 1000, 468, 468}, {465, 1000, 468, 936},
		{468, 1000, 468, 936}, {24, 1000, 128, 128},  {124, 1000, 128, 128},
		{125, 1000, 128, 256}, {470, 600, 468, 600},  {470, 474, 468, 474},
		{470, 473, 468, 470},
	};
	uint8_t bytes[1000];

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct base_out o = base_out_over(bytes, cases[i].size);
		struct dns_dso m;

		memset(bytes, 0xee, sizeof(bytes));
		dns_dso_response_write(&o, 1, 0);
		if (cases[i].nbytes > 12) {
			size_t offset = dns_dso_tlv_begin(&o, 0xf800);

			base_out_take(&o, cases[i].nbytes - 16);
			dns_dso_tlv_end(&o, offset);
		}
		dns_dso_pad(&o, cases[i].block);
		assert_false(o.is_full);
		assert_int_equal(base_out_nbytes(&o), cases[i].padded);
		assert_int_equal(dns_dso_parse(bytes, base_out_nbytes(&o), &m), DNS_DSO_VALID);
		if (cases[i].padded > cases[i].nbytes + 4)
			assert_int_equal(bytes[cases[i].padded - 1], 0);
	}
}

/* The tables of RFC 8490 section 8.2 and RFC 8765 section 6.6. */
static void types_are_used_where_the_tables_have_an_x(void **state)
{
	static const struct {
		uint16_t type;
		const char *uses; /* C-P C-U C-A CRP CRA S-P S-U S-A SRP SRA */
	} cases[] = {
		{DNS_DSO_KEEPALIVE, "X..X..X..."},
		{DNS_DSO_RETRY_DELAY, "....X.X..X"},
		{DNS_DSO_PADDING, "..X.X..X.X"},
		{DNS_DSO_SUBSCRIBE, "X........."},
		{DNS_DSO_PUSH, "......X..."},
		{DNS_DSO_UNSUBSCRIBE, ".X........"},
		{DNS_DSO_RECONFIRM, ".X........"},
		{0, ".........."},
		{4, ".........."},
		{0x3f, ".........."},
		{0x44, ".........."},
		{0xffff, ".........."},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (unsigned j = 0; j < 10; j++)
			assert_int_equal(dns_dso_uses(cases[i].type) >> j & 1,
					 cases[i].uses[j] == 'X');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_keepalive_request_is_read),
		cmocka_unit_test(the_z_bits_are_ignored),
		cmocka_unit_test(faults_of_form_are_found),
		cmocka_unit_test(a_response_may_have_no_tlv),
		cmocka_unit_test(tlvs_are_read_one_after_the_other),
		cmocka_unit_test(padding_as_the_first_tlv_does_not_pad),
		cmocka_unit_test(base_tlvs_have_one_length),
		cmocka_unit_test(messages_are_written),
		cmocka_unit_test(a_full_cursor_stays_full),
		cmocka_unit_test(padding_completes_a_block),
		cmocka_unit_test(types_are_used_where_the_tables_have_an_x),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
