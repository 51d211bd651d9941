/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mdns/marker.h"

static const uint8_t zone[] = "\3lab\5cloud";

/* Makes the rdata of strings with "|" between them. */
static size_t txt_of(uint8_t out[static 1024], const char *strings)
{
	size_t at = 0;

	for (const char *end; *strings != '\0'; strings = *end == '\0' ? end : end + 1) {
		end = strchrnul(strings, '|');
		out[at++] = (uint8_t)(end - strings);
		memcpy(out + at, strings, (size_t)(end - strings));
		at += (size_t)(end - strings);
	}
	return at;
}

static void a_marker_is_read_as_it_was_written(void **state)
{
	static const char *const others[] = {"", "a=b", "a=b|c", "weft-bridge=dev./1|x",
					     "WEFT-Bridge|weft-bridge=|y"};
	uint8_t txt[1024], out[1024], found[DNS_NAME_MAX];

	(void)state;
	for (unsigned i = 0; i < sizeof(others) / sizeof(*others); i++) {
		size_t n = mdns_marker_write(out, sizeof(out), txt, txt_of(txt, others[i]), zone,
					     0xfeed);
		mdns_id id = 0;

		assert_true(n > 0);
		assert_true(mdns_marker_read(out, n, found, &id));
		assert_true(dns_name_equal(found, zone));
		assert_int_equal(id, 0xfeed);
		/* One marker is left of several. */
		assert_null(memmem(out, n, "dev.", 4));
	}
}

static void what_is_not_a_marker_is_none(void **state)
{
	static const char *const strings[] = {"", "a=b", "weft-bridge2=lab.cloud./1", "weft-bridg"};
	uint8_t txt[1024], found[DNS_NAME_MAX];
	mdns_id id;

	(void)state;
	for (unsigned i = 0; i < sizeof(strings) / sizeof(*strings); i++)
		assert_false(mdns_marker_read(txt, txt_of(txt, strings[i]), found, &id));
	/* A string that is longer than the record. */
	assert_false(mdns_marker_read((const uint8_t *)"\40weft-bridge=a./1", 18, found, &id));
}

static void a_malformed_marker_is_nobodys(void **state)
{
	static const char *const strings[] = {
		"weft-bridge",
		"weft-bridge=",
		"weft-bridge=/",
		"weft-bridge=lab.cloud.",
		"weft-bridge=lab.cloud./",
		"weft-bridge=/1",
		"weft-bridge=lab.cloud./g",
		"weft-bridge=a../1",
		"weft-bridge=a./123456789",
		"weft-bridge=a./-1",
		"weft-bridge=a./1 ",
		"weft-bridge=\\999./1",
	};
	uint8_t txt[1024], found[DNS_NAME_MAX];

	(void)state;
	for (unsigned i = 0; i < sizeof(strings) / sizeof(*strings); i++) {
		mdns_id id = 7;

		assert_true(mdns_marker_read(txt, txt_of(txt, strings[i]), found, &id));
		assert_int_equal(found[0], 0);
		assert_int_equal(id, 0);
	}
}

static void the_first_marker_counts_in_any_case(void **state)
{
	uint8_t txt[1024], found[DNS_NAME_MAX];
	mdns_id id;

	(void)state;
	assert_true(mdns_marker_read(
		txt, txt_of(txt, "x|Weft-BRIDGE=a\\.b/c.LAB/Ab|weft-bridge=b./2"), found, &id));
	assert_true(dns_name_equal(found, (const uint8_t *)"\5a.b/c\3lab"));
	assert_int_equal(id, 0xab);
}

static void what_does_not_fit_is_not_written(void **state)
{
	uint8_t out[1024], name[DNS_NAME_MAX] = {0};

	(void)state;
	assert_int_equal(mdns_marker_write(out, 16, NULL, 0, zone, 1), 0);
	for (unsigned i = 0; i < 4; i++) {
		name[i * 62] = 61;
		memset(name + i * 62 + 1, 'x', 61);
	}
	assert_int_equal(mdns_marker_write(out, sizeof(out), NULL, 0, name, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_marker_is_read_as_it_was_written),
		cmocka_unit_test(what_is_not_a_marker_is_none),
		cmocka_unit_test(a_malformed_marker_is_nobodys),
		cmocka_unit_test(the_first_marker_counts_in_any_case),
		cmocka_unit_test(what_does_not_fit_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
