/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dns/type.h"

static void mnemonics_and_numbers_are_types(void **state)
{
	static const struct {
		const char *text;
		bool is_type;
		uint16_t type;
		const char *back;
	} cases[] = {
		{"A", true, 1, "A"},	       {"aaaa", true, 28, "AAAA"},
		{"Srv", true, 33, "SRV"},      {"NSEC3PARAM", true, 51, "NSEC3PARAM"},
		{"HTTPS", true, 65, "HTTPS"},  {"ANY", true, 255, "ANY"},
		{"CAA", true, 257, "CAA"},     {"DLV", true, 32769, "DLV"},
		{"TYPE1", true, 1, "A"},       {"type65280", true, 65280, "TYPE65280"},
		{"TYPE0", true, 0, "TYPE0"},   {"TYPE65535", true, 65535, "TYPE65535"},
		{"TYPE65536", false, 0, NULL}, {"TYPE99999", false, 0, NULL},
		{"TYPE", false, 0, NULL},      {"TYPE-1", false, 0, NULL},
		{"TYPE1x", false, 0, NULL},    {"TYPE000001", false, 0, NULL},
		{"", false, 0, NULL},	       {"AA", false, 0, NULL},
		{"A ", false, 0, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[DNS_TYPE_TEXT_MAX];
		uint16_t type = 0;

		assert_int_equal(dns_type_from_text(&type, cases[i].text, strlen(cases[i].text)),
				 cases[i].is_type);
		if (!cases[i].is_type)
			continue;
		assert_int_equal(type, cases[i].type);
		assert_string_equal(dns_type_to_text(text, type), cases[i].back);
	}
}

static void every_type_comes_back_from_its_text(void **state)
{
	unsigned known = 0;

	(void)state;
	for (unsigned type = 0; type <= UINT16_MAX; type++) {
		const struct dns_type_info *info = dns_type_info((uint16_t)type);
		char text[DNS_TYPE_TEXT_MAX];
		uint16_t back = 0;

		dns_type_to_text(text, (uint16_t)type);
		assert_true(dns_type_from_text(&back, text, strlen(text)));
		assert_int_equal(back, type);
		if (info == NULL)
			continue;
		known++;
		assert_int_equal(info->type, type);
		assert_int_equal(strspn(info->wire, "1248cdnstbvr"), strlen(info->wire));
	}
	assert_true(known > 80);
}

/* The layout in messages that a field of the presentation form has. */
static const char *wire_of(char field)
{
	static const struct {
		char field;
		const char *wire;
	} rows[] = {
		{'1', "1"},  {'2', "2"}, {'4', "4"}, {'a', "4"}, {'A', "88"}, {'p', "4"},
		{'n', "n"},  {'s', "s"}, {'t', "t"}, {'k', "s"}, {'q', "r"},  {'x', "r"},
		{'e', "r"},  {'F', "2"}, {'j', "1"}, {'y', "1"}, {'D', "1"},  {'N', "1"},
		{'C', "2"},  {'T', "2"}, {'i', "4"}, {'S', "s"}, {'B', "s"},  {'w', "8"},
		{'m', "42"}, {'M', "8"}, {'P', "r"}, {'L', "r"}, {'b', "b"},  {'v', "v"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].field == field)
			return rows[i].wire;
	fail_msg("no field is called %c", field);
	return "";
}

static void both_layouts_of_a_type_have_the_same_fields(void **state)
{
	unsigned nforms = 0;

	(void)state;
	for (unsigned type = 0; type <= UINT16_MAX; type++) {
		const struct dns_type_info *info = dns_type_info((uint16_t)type);
		char wire[16] = "", folded[16] = "";

		/* The form of a gateway or relay depends on the octets before: it is opaque on the
		 * wire. */
		if (info == NULL || info->text == NULL || type == DNS_TYPE_IPSECKEY ||
		    type == DNS_TYPE_AMTRELAY)
			continue;
		nforms++;
		for (const char *field = info->text; *field != '\0'; field++)
			strcat(wire, wire_of(*field));
		for (size_t i = 0; info->wire[i] != '\0'; i++)
			folded[i] = strchr("cd", info->wire[i]) != NULL ? 'n' : info->wire[i];
		assert_string_equal(wire, folded);
		assert_int_equal(info->has_name, strchr(folded, 'n') != NULL);
	}
	assert_int_equal(nforms, 68);
}

static void the_names_in_the_header_have_the_right_numbers(void **state)
{
	static const struct {
		uint16_t type;
		const char *text;
	} cases[] = {
		{DNS_TYPE_A, "A"},	     {DNS_TYPE_NS, "NS"},
		{DNS_TYPE_CNAME, "CNAME"},   {DNS_TYPE_SOA, "SOA"},
		{DNS_TYPE_NULL, "NULL"},     {DNS_TYPE_WKS, "WKS"},
		{DNS_TYPE_PTR, "PTR"},	     {DNS_TYPE_HINFO, "HINFO"},
		{DNS_TYPE_MINFO, "MINFO"},   {DNS_TYPE_MX, "MX"},
		{DNS_TYPE_TXT, "TXT"},	     {DNS_TYPE_RP, "RP"},
		{DNS_TYPE_AFSDB, "AFSDB"},   {DNS_TYPE_SIG, "SIG"},
		{DNS_TYPE_KEY, "KEY"},	     {DNS_TYPE_PX, "PX"},
		{DNS_TYPE_AAAA, "AAAA"},     {DNS_TYPE_LOC, "LOC"},
		{DNS_TYPE_SRV, "SRV"},	     {DNS_TYPE_NAPTR, "NAPTR"},
		{DNS_TYPE_KX, "KX"},	     {DNS_TYPE_CERT, "CERT"},
		{DNS_TYPE_DNAME, "DNAME"},   {DNS_TYPE_OPT, "OPT"},
		{DNS_TYPE_DS, "DS"},	     {DNS_TYPE_SSHFP, "SSHFP"},
		{DNS_TYPE_RRSIG, "RRSIG"},   {DNS_TYPE_NSEC, "NSEC"},
		{DNS_TYPE_DNSKEY, "DNSKEY"}, {DNS_TYPE_NSEC3, "NSEC3"},
		{DNS_TYPE_SVCB, "SVCB"},     {DNS_TYPE_HTTPS, "HTTPS"},
		{DNS_TYPE_SPF, "SPF"},	     {DNS_TYPE_TKEY, "TKEY"},
		{DNS_TYPE_TSIG, "TSIG"},     {DNS_TYPE_IXFR, "IXFR"},
		{DNS_TYPE_AXFR, "AXFR"},     {DNS_TYPE_MAILB, "MAILB"},
		{DNS_TYPE_MAILA, "MAILA"},   {DNS_TYPE_ANY, "ANY"},
		{DNS_TYPE_MB, "MB"},	     {DNS_TYPE_MG, "MG"},
		{DNS_TYPE_MR, "MR"},	     {DNS_TYPE_MD, "MD"},
		{DNS_TYPE_MF, "MF"},	     {DNS_TYPE_NSEC3PARAM, "NSEC3PARAM"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(dns_type_info(cases[i].type)->mnemonic, cases[i].text);
}

static void meta_types_are_those_of_rfc_6895(void **state)
{
	(void)state;
	for (unsigned type = 0; type <= UINT16_MAX; type++)
		assert_int_equal(dns_type_is_meta((uint16_t)type),
				 type == 0 || type == 41 || (type >= 128 && type <= 255));
}

static void codes_have_names(void **state)
{
	(void)state;
	assert_string_equal(dns_rcode_text(DNS_RCODE_NOERROR), "NOERROR");
	assert_string_equal(dns_rcode_text(DNS_RCODE_NOTZONE), "NOTZONE");
	assert_string_equal(dns_rcode_text(DNS_RCODE_BADVERS), "BADVERS");
	assert_string_equal(dns_rcode_text(DNS_RCODE_BADCOOKIE), "BADCOOKIE");
	assert_string_equal(dns_rcode_text(12), "RCODE12");
	assert_non_null(dns_rcode_text(4095));
	assert_string_equal(dns_opcode_text(DNS_OPCODE_UPDATE), "UPDATE");
	assert_string_equal(dns_opcode_text(15), "OPCODE15");
	assert_non_null(dns_opcode_text(99));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mnemonics_and_numbers_are_types),
		cmocka_unit_test(every_type_comes_back_from_its_text),
		cmocka_unit_test(both_layouts_of_a_type_have_the_same_fields),
		cmocka_unit_test(the_names_in_the_header_have_the_right_numbers),
		cmocka_unit_test(meta_types_are_those_of_rfc_6895),
		cmocka_unit_test(codes_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
