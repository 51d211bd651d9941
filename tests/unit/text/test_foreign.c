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
#include "text/foreign.h"
#include "text/words.h"

/* A type has one form: ours, that of ldns, or that of RFC 3597 alone. */
static void ldns_has_no_type_with_a_form_of_ours(void **state)
{
	unsigned ntypes = 0;

	(void)state;
	for (unsigned type = 0; type <= UINT16_MAX; type++) {
		const struct dns_type_info *info = dns_type_info((uint16_t)type);

		if (!text_foreign_has((uint16_t)type))
			continue;
		ntypes++;
		assert_non_null(info);
		assert_null(info->text);
	}
	assert_int_equal(ntypes, 1);
}

/* Parses `text`, and writes the rdata again. Returns the error, or "" with the new text in `again`.
 */
static const char *parse(uint16_t type, const char *text, char again[static 256])
{
	static struct text_words w;
	static uint8_t rdata[DNS_RDATA_MAX];
	char copy[512];
	const char *at = copy;
	struct text_entry e = {.line = 1};
	struct base_out out = base_out_over(rdata, sizeof(rdata));
	size_t nbytes;

	strcpy(copy, text);
	strcat(copy, "\n");
	assert_int_equal(text_entry_scan(&e, &at, copy + strlen(text), true), TEXT_SCAN_ENTRY);
	text_words_init(&w, &e, (const uint8_t *)"\3lab", 5);
	text_foreign_parse(&w, type, &out);
	text_entry_fini(&e);
	if (text_words_has_failed(&w))
		return w.error.text;
	nbytes = base_out_nbytes(&out);
	assert_true(dns_rdata_is_valid(type, rdata, nbytes));
	out = base_out_over(again, 255);
	assert_true(text_foreign_write(&out, type, rdata, nbytes));
	base_out_u8(&out, 0);
	return "";
}

static void text_is_parsed_and_written_by_ldns(void **state)
{
	static const struct {
		uint16_t type;
		const char *text, *again;
	} cases[] = {
		{DNS_TYPE_HIP, "2 AABB AQID", "2 aabb AQID"},
		{DNS_TYPE_HIP, "2 AABB AQID a. b", "2 aabb AQID a. b.lab."},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char again[256];

		assert_string_equal(parse(cases[i].type, cases[i].text, again), "");
		assert_string_equal(again, cases[i].again);
	}
}

static void what_ldns_would_misread_is_an_error(void **state)
{
	static const struct {
		uint16_t type;
		const char *text, *error;
	} cases[] = {
		{DNS_TYPE_HIP, "256 aabb AQID", "\"256\" is not a number from 0 to 255"},
		{DNS_TYPE_HIP, "2 aab AQID", "\"aab\" is not the hex of at most 255 octets"},
		{DNS_TYPE_HIP, "2 aabx AQID", "\"aabx\" is not hex"},
		{DNS_TYPE_HIP, "2 aabb AQID \"a.\"", "\"a.\" is quoted"},
		{DNS_TYPE_HIP, "2 aabb", "algorithm, HIT or public key is missing"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char again[256];

		assert_string_equal(parse(cases[i].type, cases[i].text, again), cases[i].error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ldns_has_no_type_with_a_form_of_ours),
		cmocka_unit_test(text_is_parsed_and_written_by_ldns),
		cmocka_unit_test(what_ldns_would_misread_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
