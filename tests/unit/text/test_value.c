/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "dns/type.h"
#include "text/token.h"
#include "text/value.h"

static void a_ttl_is_seconds_or_numbers_with_units(void **state)
{
	static const struct {
		const char *text;
		bool is_valid;
		uint32_t ttl_s;
	} cases[] = {
		{"0", true, 0},
		{"3600", true, 3600},
		{"4294967295", true, UINT32_MAX},
		{"4294967296", false, 0},
		{"1h", true, 3600},
		{"1h30m", true, 5400},
		{"1W2D3H4M5S", true, 788645},
		{"1s1s", true, 2},
		{"7102w", false, 0},
		{"", false, 0},
		{"h", false, 0},
		{"1h30", false, 0},
		{"1x", false, 0},
		{"-1", false, 0},
		{"12345678901", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint32_t ttl_s = 1;

		assert_int_equal(text_value_parse_ttl(&ttl_s, cases[i].text, strlen(cases[i].text),
						      UINT32_MAX),
				 cases[i].is_valid);
		if (cases[i].is_valid)
			assert_int_equal(ttl_s, cases[i].ttl_s);
	}
	assert_false(text_value_parse_ttl(&(uint32_t){0}, "2h", 2, 7199));
	assert_true(text_value_parse_ttl(&(uint32_t){0}, "2h", 2, 7200));
}

/* The fast path for common types must give the same result as the table. */
static void types_are_those_of_the_table(void **state)
{
	(void)state;
	for (unsigned type = 1; type <= UINT16_MAX; type++) {
		char text[DNS_TYPE_TEXT_MAX];
		struct text_token t = {.text = text};
		uint16_t parsed = 0;

		dns_type_to_text(text, (uint16_t)type);
		t.nchars = (uint32_t)strlen(text);
		assert_true(text_value_parse_type(&parsed, &t));
		assert_int_equal(parsed, type);
		t.is_quoted = true;
		assert_false(text_value_parse_type(&parsed, &t));
	}
	assert_false(text_value_parse_type(&(uint16_t){0}, &(struct text_token){.text = "\1"}));
	assert_false(text_value_parse_type(&(uint16_t){0},
					   &(struct text_token){.text = "!", .nchars = 1}));
}

static void an_ipv6_address_has_the_form_of_rfc_5952(void **state)
{
	static const struct {
		uint8_t octets[17];
		const char *text;
	} cases[] = {
		{"", "::"},
		{"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", "::1"},
		{"\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1", "2001:db8::1"},
		{"\x20\1\xd\xb8\0\0\0\1\0\1\0\1\0\1\0\1", "2001:db8:0:1:1:1:1:1"},
		{"\x20\1\0\0\0\0\0\1\0\0\0\0\0\0\0\1", "2001:0:0:1::1"},
		{"\xab\xcd\0\1\0\1\0\1\0\1\0\1\0\0\0\0", "abcd:1:1:1:1:1::"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[64];
		struct base_out o = base_out_over(text, sizeof(text));

		text_value_write_ipv6(&o, cases[i].octets);
		base_out_u8(&o, 0);
		assert_string_equal(text, cases[i].text);
	}
}

static void characters_that_a_parser_may_misread_are_escaped(void **state)
{
	char text[128];
	struct base_out o = base_out_over(text, sizeof(text));

	(void)state;
	text_value_write_name(&o, (const uint8_t *)"\12a.b\\\"();@$\3 \1\377");
	base_out_u8(&o, ' ');
	text_value_write_string(&o, (const uint8_t *)"a b\"\\;\n\377", 8);
	base_out_u8(&o, ' ');
	text_value_write_name(&o, (const uint8_t *)"");
	base_out_u8(&o, 0);
	assert_string_equal(text, "a\\.b\\\\\\\"\\(\\)\\;\\@\\$.\\032\\001\\255. "
				  "\"a b\\\"\\\\;\\010\\255\" .");
}

static void octets_are_written_in_base64_and_hex(void **state)
{
	static const char *const base64[] = {
		"",	    "Zg==",	"Zm8=",	   "Zm9v",
		"Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"}; /* RFC 4648 section 10 */

	(void)state;
	for (size_t n = 0; n <= 6; n++) {
		char text[32];
		struct base_out o = base_out_over(text, sizeof(text));

		text_value_write_base64(&o, (const uint8_t *)"foobar", n);
		base_out_u8(&o, 0);
		assert_string_equal(text, base64[n]);
		o = base_out_over(text, sizeof(text));
		text_value_write_hex(&o, (const uint8_t *)"foobar", n);
		assert_int_equal(base_out_nbytes(&o), 2 * n);
		assert_memory_equal(text, "666f6f626172", 2 * n);
	}
}

static void a_tag_has_letters_and_digits_only(void **state)
{
	(void)state;
	assert_true(text_value_is_tag((const uint8_t *)"Issue9", 6));
	assert_false(text_value_is_tag((const uint8_t *)"", 0));
	assert_false(text_value_is_tag((const uint8_t *)"a-b", 3));
	assert_false(text_value_is_tag((const uint8_t *)"a_", 2));
	assert_false(text_value_is_tag((const uint8_t *)"\xe9", 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ttl_is_seconds_or_numbers_with_units),
		cmocka_unit_test(types_are_those_of_the_table),
		cmocka_unit_test(an_ipv6_address_has_the_form_of_rfc_5952),
		cmocka_unit_test(characters_that_a_parser_may_misread_are_escaped),
		cmocka_unit_test(octets_are_written_in_base64_and_hex),
		cmocka_unit_test(a_tag_has_letters_and_digits_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
