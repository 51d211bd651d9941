/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dns/name.h"

static const uint8_t *wire(const char *text)
{
	static uint8_t names[8][DNS_NAME_MAX];
	static unsigned next;
	uint8_t *name = names[next++ % 8];

	assert_int_not_equal(dns_name_from_text(name, text, strlen(text), NULL), 0);
	return name;
}

static const char *text_of(const uint8_t *name)
{
	static char texts[4][DNS_NAME_TEXT_MAX];
	static unsigned next;
	char *text = texts[next++ % 4];
	size_t n = dns_name_to_text(text, name);

	assert_int_equal(n, strlen(text));
	return text;
}

/* The message of RFC 1035 section 4.1.4, with its names where the RFC has them. */
static void compressed_message(uint8_t msg[static 96])
{
	memset(msg, 0xff, 96);
	memcpy(msg + 20, "\001F\003ISI\004ARPA\000", 12);
	memcpy(msg + 40, "\003FOO\300\024", 6);
	memcpy(msg + 64, "\300\032", 2);
	memcpy(msg + 92, "\000", 1);
}

static void compressed_names_are_expanded(void **state)
{
	static const struct {
		size_t at, after;
		const char *name;
	} cases[] = {
		{20, 32, "F.ISI.ARPA."},
		{40, 46, "FOO.F.ISI.ARPA."},
		{64, 66, "ARPA."},
		{92, 93, "."},
	};
	uint8_t msg[96], name[DNS_NAME_MAX];

	(void)state;
	compressed_message(msg);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct base_buf b = base_buf_over(msg, sizeof(msg)), skipped;

		base_buf_take(&b, cases[i].at);
		skipped = b;
		assert_int_not_equal(dns_name_parse(&b, name), 0);
		assert_false(b.has_failed);
		assert_string_equal(text_of(name), cases[i].name);
		assert_int_equal(base_buf_offset(&b), cases[i].after);
		dns_name_skip(&skipped);
		assert_int_equal(base_buf_offset(&skipped), cases[i].after);
	}
}

static void a_malformed_name_fails(void **state)
{
	static const struct {
		const char *bytes;
		size_t nbytes, at;
	} cases[] = {
		{"", 0, 0},
		{"\003ab", 3, 0},	    /* cut in a label */
		{"\003abc", 4, 0},	    /* no end */
		{"\300", 1, 0},		    /* half a pointer */
		{"\300\000", 2, 0},	    /* to itself */
		{"\300\002\000", 3, 0},	    /* forward */
		{"\001a\300\000", 4, 0},    /* to its own beginning */
		{"\001a\300\002", 4, 0},    /* to itself, later */
		{"\300\002\300\000", 4, 2}, /* to each other */
		{"\100a\000", 3, 0},	    /* reserved label types */
		{"\200a\000", 3, 0},
	};
	uint8_t name[DNS_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct base_buf b = base_buf_over(cases[i].bytes, cases[i].nbytes);

		base_buf_take(&b, cases[i].at);
		assert_int_equal(dns_name_parse(&b, name), 0);
		assert_true(b.has_failed);
	}
}

static void skipping_a_name_does_not_follow_pointers(void **state)
{
	static const struct {
		const char *bytes;
		size_t nbytes, after; /* 0: fails */
	} cases[] = {
		{"", 0, 0},	     {"\000", 1, 1},	      {"\003abc\000", 5, 5},
		{"\003ab", 3, 0},    {"\003abc", 4, 0},	      {"\300", 1, 0},
		{"\300\377", 2, 2},  {"\001a\300\377", 4, 4}, {"\100a\000", 3, 0},
		{"\200a\000", 3, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct base_buf b = base_buf_over(cases[i].bytes, cases[i].nbytes);

		dns_name_skip(&b);
		assert_int_equal(b.has_failed, cases[i].after == 0);
		if (!b.has_failed)
			assert_int_equal(base_buf_offset(&b), cases[i].after);
	}
}

/* Makes a name of `octets` octets: labels of 63 and a last one that fills the rest. */
static size_t long_name(uint8_t *out, size_t octets)
{
	size_t n = 0;

	while (octets - n > 1) {
		size_t label = octets - n - 2 < 63 ? octets - n - 2 : 63;

		out[n] = (uint8_t)label;
		memset(out + n + 1, 'x', label);
		n += label + 1;
	}
	out[n++] = 0;
	return n;
}

static void a_name_has_255_octets_at_most(void **state)
{
	uint8_t bytes[300], name[DNS_NAME_MAX];

	(void)state;
	for (size_t n = 250; n <= 260; n++) {
		size_t nbytes = long_name(bytes, n);
		struct base_buf b = base_buf_over(bytes, nbytes);

		if (nbytes != n) /* a label of no octets would be needed */
			continue;
		assert_int_equal(dns_name_parse(&b, name), n <= 255 ? n : 0);
		assert_int_equal(dns_name_is_valid(bytes, n), n <= 255);
	}

	/* The limit is the same for a name with a pointer: 200 octets at its target and 60
	 * before it. */
	long_name(bytes, 200);
	bytes[200] = 58;
	memset(bytes + 201, 'y', 58);
	memcpy(bytes + 259, "\300\000", 2);
	{
		struct base_buf b = base_buf_over(bytes, 261);

		base_buf_take(&b, 200);
		assert_int_equal(dns_name_parse(&b, name), 0);
	}
	bytes[200] = 54;
	memcpy(bytes + 255, "\300\000", 2);
	{
		struct base_buf b = base_buf_over(bytes, 257);

		base_buf_take(&b, 200);
		assert_int_equal(dns_name_parse(&b, name), 255);
	}
}

static void only_whole_uncompressed_names_are_valid(void **state)
{
	(void)state;
	assert_true(dns_name_is_valid((const uint8_t *)"", 1));
	assert_true(dns_name_is_valid((const uint8_t *)"\001a", 3));
	assert_false(dns_name_is_valid((const uint8_t *)"\001a", 2));
	assert_false(dns_name_is_valid((const uint8_t *)"\001a\0", 4));
	assert_false(dns_name_is_valid((const uint8_t *)"\300\000", 2));
	assert_false(dns_name_is_valid((const uint8_t *)"\002a", 3));
	assert_false(dns_name_is_valid((const uint8_t *)"", 0));
}

static void only_ascii_letters_have_a_case(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++)
		assert_int_equal(dns_lower[c], c >= 'A' && c <= 'Z' ? c + 32 : c);
	assert_true(dns_name_equal(wire("Www.LAB.cloud."), wire("wWW.lab.CLOUD.")));
	assert_false(dns_name_equal(wire("[.lab."), wire("{.lab.")));
	assert_false(dns_name_equal(wire("\\192.lab."), wire("\\224.lab.")));
	assert_false(dns_name_equal(wire("a.lab."), wire("a.lab.cloud.")));
	assert_false(dns_name_equal(wire("ab.c."), wire("a.bc.")));
}

/* The example of RFC 4034 section 6.1. */
static void names_are_in_canonical_order(void **state)
{
	static const char *const sorted[] = {
		"example.",	    "a.example.",      "yljkjljk.a.example.",
		"Z.a.example.",	    "zABC.a.EXAMPLE.", "z.example.",
		"\\001.z.example.", "*.z.example.",    "\\200.z.example.",
	};
	enum { COUNT = sizeof(sorted) / sizeof(*sorted) };

	(void)state;
	for (int i = 0; i < COUNT; i++)
		for (int j = 0; j < COUNT; j++) {
			int d = dns_name_compare(wire(sorted[i]), wire(sorted[j]));

			assert_int_equal((d > 0) - (d < 0), (i > j) - (i < j));
		}
	assert_int_equal(dns_name_compare(wire("."), wire(".")), 0);
	assert_true(dns_name_compare(wire("."), wire("a.")) < 0);
	assert_true(dns_name_compare(wire("ab."), wire("abc.")) < 0);
}

static void a_name_begins_with_its_first_labels(void **state)
{
	static const struct {
		const char *name, *first;
		bool begins;
	} cases[] = {
		{"n1.nodes.lab.cloud.", "n1.", true},
		{"n1.nodes.lab.cloud.", "N1.Nodes.", true},
		{"n1.nodes.lab.cloud.", "n1.nodes.lab.cloud.", true},
		{"n1.nodes.lab.cloud.", ".", true},
		{".", ".", true},
		{"n1.nodes.lab.cloud.", "n.", false},
		{"n1.nodes.lab.cloud.", "nodes.", false},
		{"n10.nodes.lab.cloud.", "n1.", false},
		{"n1.", "n1.nodes.", false},
		{".", "n1.", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(dns_name_begins(wire(cases[i].name), wire(cases[i].first)),
				 cases[i].begins);
}

static void a_name_is_under_itself_and_its_ancestors(void **state)
{
	static const struct {
		const char *name, *ancestor;
		bool is_under;
		unsigned nlabels;
	} cases[] = {
		{"lab.cloud.", "lab.cloud.", true, 0},
		{"A.lab.cloud.", "LAB.cloud.", true, 1},
		{"a.b.lab.cloud.", "cloud.", true, 3},
		{"a.", ".", true, 1},
		{".", ".", true, 0},
		{"cloud.", "lab.cloud.", false, 0},
		{"xlab.cloud.", "lab.cloud.", false, 0},
		{".", "a.", false, 0},
		{"lab.cloud.x.", "lab.cloud.", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		unsigned nlabels = 9;

		assert_int_equal(dns_name_is_under(wire(cases[i].name), wire(cases[i].ancestor)),
				 cases[i].is_under);
		assert_int_equal(
			dns_name_relative(wire(cases[i].name), wire(cases[i].ancestor), &nlabels),
			cases[i].is_under);
		assert_int_equal(nlabels, cases[i].nlabels);
	}
}

static void labels_are_counted_and_stripped(void **state)
{
	(void)state;
	assert_int_equal(dns_name_labels(wire(".")), 0);
	assert_int_equal(dns_name_labels(wire("a.b.c.")), 3);
	assert_int_equal(dns_name_nbytes(wire(".")), 1);
	assert_int_equal(dns_name_nbytes(wire("a.bc.")), 6);
	assert_string_equal(text_of(dns_name_strip(wire("a.b.c."), 2)), "c.");
	assert_string_equal(text_of(dns_name_strip(wire("a.b.c."), 3)), ".");
	assert_true(dns_name_is_wildcard(wire("*.a.")));
	assert_false(dns_name_is_wildcard(wire("*a.a.")));
	assert_false(dns_name_is_wildcard(wire("a.*.")));
}

static void text_becomes_a_name(void **state)
{
	static const struct {
		const char *text, *origin, *back; /* `back` NULL: no name */
	} cases[] = {
		{".", NULL, "."},
		{"a", NULL, "a."},
		{"a.b.", "lab.cloud.", "a.b."},
		{"a.b", "lab.cloud.", "a.b.lab.cloud."},
		{"Web-1._http._tcp", "lab.cloud.", "Web-1._http._tcp.lab.cloud."},
		{"My\\.Printer.a.", NULL, "My\\.Printer.a."},
		{"\\065\\066.", NULL, "AB."},
		{"\\000\\255.", NULL, "\\000\\255."},
		{"a b.", NULL, "a\\032b."},
		{"\\\"\\;\\(\\)\\@\\$.", NULL, "\\\"\\;\\(\\)\\@\\$."},
		{"\\\\.", NULL, "\\\\."},
		{"*.a.", NULL, "*.a."},
		{"", NULL, NULL},
		{"..", NULL, NULL},
		{".a", NULL, NULL},
		{"a..b.", NULL, NULL},
		{"a\\", NULL, NULL},
		{"\\256.", NULL, NULL},
		{"\\25", NULL, NULL},
		{"\\2x5.", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const uint8_t *origin = cases[i].origin == NULL ? NULL : wire(cases[i].origin);
		uint8_t name[DNS_NAME_MAX];
		size_t n = dns_name_from_text(name, cases[i].text, strlen(cases[i].text), origin);

		if (cases[i].back == NULL) {
			assert_int_equal(n, 0);
			continue;
		}
		assert_int_equal(n, dns_name_nbytes(name));
		assert_string_equal(text_of(name), cases[i].back);
	}
}

static void text_too_long_for_a_name_is_refused(void **state)
{
	uint8_t bytes[300], name[DNS_NAME_MAX];
	char text[400];

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_int_equal(dns_name_from_text(name, text, 63, NULL), 65);
	assert_int_equal(dns_name_from_text(name, text, 64, NULL), 0);
	text[63] = text[127] = text[191] = '.';
	assert_int_equal(dns_name_from_text(name, text, 253, NULL), 255);
	assert_int_equal(dns_name_from_text(name, text, 254, NULL), 0);
	text[253] = '.';
	assert_int_equal(dns_name_from_text(name, text, 254, NULL), 255);
	text[253] = 'x';
	text[254] = '.';
	assert_int_equal(dns_name_from_text(name, text, 255, NULL), 0);
	assert_int_equal(dns_name_from_text(name, text, 191, wire("a.")), 195);
	long_name(bytes, 63);
	assert_int_equal(dns_name_from_text(name, text, 191, bytes), 255);
	long_name(bytes, 64);
	assert_int_equal(dns_name_from_text(name, text, 191, bytes), 0);
}

static void every_octet_survives_the_way_to_text_and_back(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		uint8_t name[] = {2, 'a', (uint8_t)c, 1, (uint8_t)c, 0}, back[DNS_NAME_MAX];
		const char *text = text_of(name);

		assert_int_equal(dns_name_from_text(back, text, strlen(text), NULL), sizeof(name));
		assert_memory_equal(back, name, sizeof(name));
	}
}

static void the_longest_text_has_room(void **state)
{
	uint8_t name[DNS_NAME_MAX], back[DNS_NAME_MAX];
	const char *text;

	(void)state;
	long_name(name, 255);
	for (size_t i = 0; i < sizeof(name); i++)
		if (name[i] == 'x')
			name[i] = 0xff;
	text = text_of(name);
	assert_int_equal(dns_name_from_text(back, text, strlen(text), NULL), 255);
	assert_memory_equal(back, name, 255);
}

static void labels_become_text_without_a_final_dot(void **state)
{
	static const char *const texts[] = {".", "a\\.b", "a\\.b.c", "a\\.b.c.lab"};
	const uint8_t *name = wire("a\\.b.c.lab.");
	char text[DNS_NAME_TEXT_MAX];

	(void)state;
	for (unsigned n = 0; n < 4; n++) {
		assert_int_equal(dns_name_labels_to_text(text, name, n), strlen(texts[n]));
		assert_string_equal(text, texts[n]);
	}
}

static void names_are_lowered_and_joined(void **state)
{
	uint8_t out[DNS_NAME_MAX], prefix[300];
	const uint8_t *name = wire("WWW.Lab.");

	(void)state;
	assert_int_equal(dns_name_lower(out, name), 9);
	assert_string_equal(text_of(out), "www.lab.");
	dns_name_lower(out, out);
	assert_string_equal(text_of(out), "www.lab.");

	assert_int_equal(dns_name_join(out, wire("a.b."), 4, wire("c.")), 7);
	assert_string_equal(text_of(out), "a.b.c.");
	assert_int_equal(dns_name_join(out, wire("a."), 0, wire("c.")), 3);
	assert_string_equal(text_of(out), "c.");
	long_name(prefix, 253);
	assert_int_equal(dns_name_join(out, prefix, 252, wire("c.")), 255);
	assert_int_equal(dns_name_join(out, prefix, 252, wire("cc.")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compressed_names_are_expanded),
		cmocka_unit_test(a_malformed_name_fails),
		cmocka_unit_test(skipping_a_name_does_not_follow_pointers),
		cmocka_unit_test(a_name_has_255_octets_at_most),
		cmocka_unit_test(only_whole_uncompressed_names_are_valid),
		cmocka_unit_test(only_ascii_letters_have_a_case),
		cmocka_unit_test(names_are_in_canonical_order),
		cmocka_unit_test(a_name_begins_with_its_first_labels),
		cmocka_unit_test(a_name_is_under_itself_and_its_ancestors),
		cmocka_unit_test(labels_are_counted_and_stripped),
		cmocka_unit_test(text_becomes_a_name),
		cmocka_unit_test(text_too_long_for_a_name_is_refused),
		cmocka_unit_test(every_octet_survives_the_way_to_text_and_back),
		cmocka_unit_test(the_longest_text_has_room),
		cmocka_unit_test(labels_become_text_without_a_final_dot),
		cmocka_unit_test(names_are_lowered_and_joined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
