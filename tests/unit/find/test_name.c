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
#include "find/name.h"

static const uint8_t domain[] = "\3lab\5cloud";

static void a_name_has_its_kind(void **state)
{
	static const struct {
		const char *text;
		enum find_kind kind;
		const char *name;
	} cases[] = {
		{"_http._tcp", FIND_TYPE, "_http._tcp.lab.cloud."},
		{"_HTTP._TCP", FIND_TYPE, "_HTTP._TCP.lab.cloud."},
		{"_dns._udp", FIND_TYPE, "_dns._udp.lab.cloud."},
		{"_http._tcp.lab.cloud", FIND_TYPE, "_http._tcp.lab.cloud."},
		{"_http._tcp.LAB.cloud", FIND_TYPE, "_http._tcp.LAB.cloud."},
		{"_http._tcp.example.org.", FIND_TYPE, "_http._tcp.example.org."},
		{"_color._sub._ipp._tcp", FIND_TYPE, "_color._sub._ipp._tcp.lab.cloud."},
		{"color._SUB._ipp._tcp", FIND_TYPE, "color._SUB._ipp._tcp.lab.cloud."},
		{"web-1._http._tcp", FIND_INSTANCE, "web-1._http._tcp.lab.cloud."},
		{"My web._http._tcp", FIND_INSTANCE, "My\\032web._http._tcp.lab.cloud."},
		{"My\\ web._http._tcp", FIND_INSTANCE, "My\\032web._http._tcp.lab.cloud."},
		{"My\\032web._http._tcp", FIND_INSTANCE, "My\\032web._http._tcp.lab.cloud."},
		{"Dr\\. Web._http._tcp", FIND_INSTANCE, "Dr\\.\\032Web._http._tcp.lab.cloud."},
		{"\303\234ber._http._tcp", FIND_INSTANCE, "\\195\\156ber._http._tcp.lab.cloud."},
		{"a: b._http._tcp", FIND_INSTANCE, "a:\\032b._http._tcp.lab.cloud."},
		{"a:80._http._tcp", FIND_INSTANCE, "a:80._http._tcp.lab.cloud."},
		{"_x._http._tcp", FIND_INSTANCE, "_x._http._tcp.lab.cloud."},
		{"_sip._sctp", FIND_NAME, "_sip._sctp.lab.cloud."},
		{"_http", FIND_NAME, "_http.lab.cloud."},
		{"db", FIND_NAME, "db.lab.cloud."},
		{"db.lab.cloud", FIND_NAME, "db.lab.cloud."},
		{"db.example.org", FIND_NAME, "db.example.org.lab.cloud."},
		{"db.example.org.", FIND_NAME, "db.example.org."},
		{"db\\.", FIND_NAME, "db\\..lab.cloud."},
		{"lab.cloud", FIND_NAME, "lab.cloud."},
	};
	char why[FIND_NAME_WHY_MAX], text[DNS_NAME_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct find_name name;

		assert_int_equal(find_name_from_text(&name, cases[i].text, domain, why), 0);
		dns_name_to_text(text, name.name);
		assert_string_equal(text, cases[i].name);
		assert_int_equal(name.kind, cases[i].kind);
		assert_int_equal(name.port, 0);
	}
}

static void a_host_has_a_port(void **state)
{
	static const struct {
		const char *text, *name;
		uint16_t port;
		const char *address; /* NULL: it is not one */
	} cases[] = {
		{"db:5432", "db.lab.cloud.", 5432, NULL},
		{"db.lab.cloud:1", "db.lab.cloud.", 1, NULL},
		{"db.example.org.:65535", "db.example.org.", 65535, NULL},
		{"192.0.2.1:80", "192.0.2.1.", 80, "192.0.2.1@80"},
		{"[2001:db8::1]:80", "2001:db8::1.", 80, "2001:db8::1@80"},
		{"[::1]:8080", "::1.", 8080, "::1@8080"},
		{"x\\:y:80", "x:y.lab.cloud.", 80, NULL},
	};
	char why[FIND_NAME_WHY_MAX], text[DNS_NAME_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char address[BASE_ADDRESS_TEXT_MAX];
		struct sockaddr_storage found;
		struct find_name name;

		assert_int_equal(find_name_from_text(&name, cases[i].text, domain, why), 0);
		dns_name_to_text(text, name.name);
		assert_string_equal(text, cases[i].name);
		assert_int_equal(name.kind, FIND_HOST);
		assert_int_equal(name.port, cases[i].port);
		assert_int_equal(name.is_address, cases[i].address != NULL);
		if (cases[i].address == NULL)
			continue;
		memcpy(&found, name.address, sizeof(found));
		assert_string_equal(base_address_to_text(address, (struct sockaddr *)&found),
				    cases[i].address);
	}
}

#define LABEL_64 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg"
#define LABEL_60 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff"

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"", "the name is empty"},
		{"a..b", "\"a..b\" has an empty label"},
		{".a", "\".a\" has an empty label"},
		{LABEL_64 "._http._tcp",
		 "the label \"aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd...\" "
		 "is longer than 63 octets"},
		{LABEL_60 "." LABEL_60 "." LABEL_60 "." LABEL_60 "." LABEL_60,
		 "the name \"aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd...\" is longer than 255 "
		 "octets"},
		{LABEL_60 "." LABEL_60 "." LABEL_60 "." LABEL_60 ".c",
		 "the name \"aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd...\", completed with the "
		 "domain, is longer than 255 octets"},
		{"a\\25", "invalid escape in \"a\\25\": a backslash is followed by a character, "
			  "or three digits up to 255"},
		{"a.b\\300", "invalid escape in \"b\\300\": a backslash is followed by a "
			     "character, or three digits up to 255"},
		{"db:", "the port after the colon is missing"},
		{"db:0", "the port \"0\" is not a number from 1 to 65535"},
		{"db:65536", "the port \"65536\" is not a number from 1 to 65535"},
		{"db:000080", "the port \"000080\" is not a number from 1 to 65535"},
		{"db:http", "the port \"http\" is not a number from 1 to 65535"},
		{"db:-1", "the port \"-1\" is not a number from 1 to 65535"},
		{":80", "the host before the colon is missing"},
		{"192.0.2.1", "an address needs a port: \"192.0.2.1\":PORT"},
		{"2001:db8::1", "an address needs a port: \"2001:db8::1\" in brackets, and :PORT"},
		{"::1", "an address needs a port: \"::1\" in brackets, and :PORT"},
		{"[::1]", "an address in brackets is written [ADDRESS]:PORT"},
		{"[::1", "an address in brackets is written [ADDRESS]:PORT"},
		{"[::1]:0", "the port \"0\" is not a number from 1 to 65535"},
		{"[192.0.2.1]:80", "\"192.0.2.1\" is not an IPv6 address"},
		{"[::g]:80", "\"::g\" is not an IPv6 address"},
		{"[]:80", "\"\" is not an IPv6 address"},
		{"_http._tcp:80", "\"_http._tcp\" is a service: its SRV records have the port"},
		{"a._http._tcp:80", "\"a._http._tcp\" is a service: its SRV records have the port"},
		{"_services._dns-sd._udp",
		 "_services._dns-sd._udp lists service types, not instances"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct find_name name = {.port = 7};
		char why[FIND_NAME_WHY_MAX];

		assert_int_equal(find_name_from_text(&name, cases[i].text, domain, why), -EINVAL);
		assert_string_equal(why, cases[i].why);
		assert_int_equal(name.port, 7);
	}
}

static void without_a_domain_names_are_complete(void **state)
{
	char why[FIND_NAME_WHY_MAX], text[DNS_NAME_TEXT_MAX];
	struct find_name name;

	(void)state;
	assert_int_equal(find_name_from_text(&name, "_http._tcp", (const uint8_t *)"", why), 0);
	dns_name_to_text(text, name.name);
	assert_string_equal(text, "_http._tcp.");
	assert_int_equal(name.kind, FIND_TYPE);
}

static void any_name_is_completed(void **state)
{
	char why[FIND_NAME_WHY_MAX], text[DNS_NAME_TEXT_MAX];
	uint8_t name[DNS_NAME_MAX] = "\1x";

	(void)state;
	assert_int_equal(find_name_complete(name, "n1.nodes", domain, why), 0);
	dns_name_to_text(text, name);
	assert_string_equal(text, "n1.nodes.lab.cloud.");
	assert_int_equal(find_name_complete(name, ".", domain, why), 0);
	assert_int_equal(name[0], 0);
	assert_int_equal(find_name_complete(name, "a..b", domain, why), -EINVAL);
	assert_int_equal(name[0], 0);
	assert_string_equal(why, "\"a..b\" has an empty label");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_has_its_kind),
		cmocka_unit_test(a_host_has_a_port),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(without_a_domain_names_are_complete),
		cmocka_unit_test(any_name_is_completed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
