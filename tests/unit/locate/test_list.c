/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/address.h"
#include "locate/list.h"

/* Writes an item as it was understood. */
static void describe(char *out, const struct locate_item *item)
{
	static const char *const transports[] = {"udp", "tcp", "tls"};
	char address[BASE_ADDRESS_TEXT_MAX], host[DNS_NAME_TEXT_MAX];

	base_address_to_text(address, (const struct sockaddr *)&item->address);
	dns_name_to_text(host, item->host);
	sprintf(out, "%s %s@%u", transports[item->transport], item->host[0] == 0 ? address : host,
		item->port);
	if (item->host[0] == 0)
		sprintf(out, "%s %s", transports[item->transport], address);
}

static void items_are_addresses_or_hosts_with_or_without_scheme_and_port(void **state)
{
	static const struct {
		const char *text, *understood;
	} cases[] = {
		{"192.0.2.1", "udp 192.0.2.1@53"},
		{"192.0.2.1@5353", "udp 192.0.2.1@5353"},
		{"2001:db8::1@54", "udp 2001:db8::1@54"},
		{"tcp://192.0.2.1", "tcp 192.0.2.1@53"},
		{"tls://192.0.2.1", "tls 192.0.2.1@853"},
		{"TLS://Registry.Example@8853", "tls registry.example.@8853"},
		{"registry.example.", "udp registry.example.@53"},
		{"localhost@1", "udp localhost.@1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct locate_list list;
		char text[DNS_NAME_TEXT_MAX + 64];

		assert_int_equal(locate_list_parse(&list, cases[i].text, NULL), 0);
		assert_int_equal(list.n, 1);
		describe(text, &list.items[0]);
		assert_string_equal(text, cases[i].understood);
	}
}

static void blanks_and_commas_are_between_items(void **state)
{
	struct locate_list list;

	(void)state;
	assert_int_equal(locate_list_parse(&list, " 192.0.2.1,192.0.2.2\t, a ,", NULL), 0);
	assert_int_equal(list.n, 3);
}

static void what_is_neither_is_refused_with_the_item(void **state)
{
	static const char *const texts[] = {
		"",
		" ,",
		"192.0.2.1@",
		"192.0.2.1@0",
		"192.0.2.1@65536",
		"192.0.2.1@+5",
		"a@b",
		"@53",
		"http://a",
		"udp://",
		"a..b",
		"10.1",
		"256.0.0.1",
		"tls://",
		".",
		"::g",
		"1.2.3.4.5",
		"a/b",
		"(a)",
		"a\\.b",
		"k\xc3\xb6ln",
		"[::1]:53",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct base_error error = {0};
		struct locate_list list;

		assert_int_equal(locate_list_parse(&list, texts[i], &error), -EINVAL);
		assert_int_equal(error.code, -EINVAL);
		if (texts[i][strspn(texts[i], " ,")] != '\0')
			assert_non_null(strstr(error.text, texts[i]));
	}
}

static void a_list_and_an_item_have_a_limit(void **state)
{
	struct base_error error;
	struct locate_list list;
	char text[400];

	(void)state;
	strcpy(text, "192.0.2.1");
	for (unsigned i = 1; i < LOCATE_LIST_MAX; i++)
		strcat(text, ",192.0.2.1");
	assert_int_equal(locate_list_parse(&list, text, &error), 0);
	strcat(text, ",192.0.2.1");
	assert_int_equal(locate_list_parse(&list, text, &error), -EINVAL);
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(locate_list_parse(&list, text, &error), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_are_addresses_or_hosts_with_or_without_scheme_and_port),
		cmocka_unit_test(blanks_and_commas_are_between_items),
		cmocka_unit_test(what_is_neither_is_refused_with_the_item),
		cmocka_unit_test(a_list_and_an_item_have_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
