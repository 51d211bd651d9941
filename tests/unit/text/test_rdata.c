/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "text/rdata_parse.h"
#include "text/rdata_write.h"
#include "text/words.h"

/* Parses `text` as rdata; names are completed with the root. Returns the error, "" if there is
 * none. */
static const char *parse(uint16_t type, const char *text, struct base_out *out)
{
	static struct text_words w;
	char copy[1024];
	const char *at = copy;
	struct text_entry e = {.line = 1};

	strcpy(copy, text);
	strcat(copy, "\n");
	assert_int_equal(text_entry_scan(&e, &at, copy + strlen(text), true), TEXT_SCAN_ENTRY);
	text_words_init(&w, &e, (const uint8_t *)"", 1);
	text_rdata_parse(&w, type, out);
	text_entry_fini(&e);
	return text_words_has_failed(&w) ? w.error.text : "";
}

static void rdata_has_one_wire_form_and_one_text(void **state)
{
	static const struct {
		uint16_t type;
		const char *text;
		size_t nbytes;
		const char *wire;
	} cases[] = {
		{DNS_TYPE_A, "192.0.2.1", 4, "\xc0\0\2\1"},
		{DNS_TYPE_AAAA, "2001:db8::1", 16, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1"},
		{DNS_TYPE_NS, "a.b.", 5, "\1a\1b"},
		{DNS_TYPE_MX, "10 a.", 5, "\0\12\1a"},
		{DNS_TYPE_SRV, "1 2 3 a.", 9, "\0\1\0\2\0\3\1a"},
		{DNS_TYPE_TXT, "\"a b\" \"\"", 5, "\3a b\0"},
		{DNS_TYPE_SOA, "a. b. 1 2 3 4 5", 26,
		 "\1a\0\1b\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5"},
		{DNS_TYPE_CAA, "0 issue \"a;b\"", 10, "\0\5issuea;b"},
		{DNS_TYPE_URI, "1 2 \"x\"", 5, "\0\1\0\2x"},
		{DNS_TYPE_TLSA, "3 1 1 abcd", 5, "\3\1\1\xab\xcd"},
		{DNS_TYPE_OPENPGPKEY, "AQID", 3, "\1\2\3"},
		{DNS_TYPE_IPSECKEY, "10 1 2 192.0.2.1 AQID", 10, "\12\1\2\xc0\0\2\1\1\2\3"},
		{DNS_TYPE_IPSECKEY, "10 0 2 . AQID", 6, "\12\0\2\1\2\3"},
		{DNS_TYPE_IPSECKEY, "10 3 2 a. AQID", 9, "\12\3\2\1a\0\1\2\3"},
		{65280, "\\# 2 abcd", 2, "\xab\xcd"},
		{65280, "\\# 0", 0, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint8_t rdata[DNS_RDATA_MAX];
		char text[256];
		struct base_out out = base_out_over(rdata, sizeof(rdata));

		assert_string_equal(parse(cases[i].type, cases[i].text, &out), "");
		assert_int_equal(base_out_nbytes(&out), cases[i].nbytes);
		assert_memory_equal(rdata, cases[i].wire, cases[i].nbytes);
		out = base_out_over(text, sizeof(text));
		text_rdata_write(&out, cases[i].type, rdata, cases[i].nbytes);
		base_out_u8(&out, 0);
		assert_string_equal(text, cases[i].text);
	}
}

static void rdata_that_its_type_cannot_express_is_written_as_in_rfc_3597(void **state)
{
	static const struct {
		uint16_t type;
		size_t nbytes;
		const char *wire, *text;
	} cases[] = {
		{DNS_TYPE_A, 3, "\1\2\3", "\\# 3 010203"},
		{DNS_TYPE_TLSA, 3, "\3\1\1", "\\# 3 030101"}, /* no hex */
		{DNS_TYPE_CAA, 5, "\0\1-xy", "\\# 5 00012d7879"},
		{DNS_TYPE_IPSECKEY, 4, "\12\4\2\1", "\\# 4 0a040201"},
		{DNS_TYPE_WKS, 5, "\1\2\3\4\6", "\\# 5 0102030406"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[64];
		struct base_out out = base_out_over(text, sizeof(text));

		text_rdata_write(&out, cases[i].type, (const uint8_t *)cases[i].wire,
				 cases[i].nbytes);
		base_out_u8(&out, 0);
		assert_string_equal(text, cases[i].text);
	}
}

static void an_error_names_the_word_and_what_is_wrong(void **state)
{
	static const struct {
		uint16_t type;
		const char *text, *error;
	} cases[] = {
		{DNS_TYPE_A, "10.0.0.300", "\"10.0.0.300\" is not an IPv4 address"},
		{DNS_TYPE_MX, "65536 a", "\"65536\" is not a number from 0 to 65535"},
		{DNS_TYPE_MX, "1", "a name is missing"},
		{DNS_TYPE_MX, "1 a b", "\"b\" is more than the record has"},
		{DNS_TYPE_TLSA, "3 1 1 abc", "an odd number of hex digits"},
		{DNS_TYPE_OPENPGPKEY, "A!ID", "\"A!ID\" is not base64"},
		{DNS_TYPE_A, "\\# 5 01020304", "\"5\" is not the number of octets that follow"},
		{65280, "abc", "data of this type is written as \\# LENGTH HEX (RFC 3597)"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint8_t rdata[DNS_RDATA_MAX];
		struct base_out out = base_out_over(rdata, sizeof(rdata));

		assert_string_equal(parse(cases[i].type, cases[i].text, &out), cases[i].error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rdata_has_one_wire_form_and_one_text),
		cmocka_unit_test(rdata_that_its_type_cannot_express_is_written_as_in_rfc_3597),
		cmocka_unit_test(an_error_names_the_word_and_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
