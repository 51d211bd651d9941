/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <string.h>

#include "discover/translate.h"
#include "dns/type.h"
#include "mdns/seen.h"

static const uint8_t *wire(const char *text)
{
	static uint8_t names[8][DNS_NAME_MAX];
	static unsigned n;
	uint8_t *name = names[n++ % 8];

	if (dns_name_from_text(name, text, strlen(text), NULL) == 0)
		fail_msg("%s is not a name", text);
	return name;
}

static struct mdns_address address(const char *text)
{
	bool is_v6 = strchr(text, ':') != NULL;
	struct mdns_address a = {.type = is_v6 ? DNS_TYPE_AAAA : DNS_TYPE_A};

	assert_int_equal(inet_pton(is_v6 ? AF_INET6 : AF_INET, text, a.bytes), 1);
	return a;
}

#define LONG "a23456789012345678901234567890123456789012345678901234567890123"

static void names_get_below_into_or_are_refused(void **state)
{
	static const char odd_host[] = "the name of its host is not a host name",
			  odd_name[] = "its name is not text",
			  no_instance[] = "its name is not one of an instance in the zone",
			  others[] = "the name of its host is one of a node or a service in the "
				     "zone",
			  long_host[] = "the name of its host is too long there";
	static const struct {
		const char *instance, *target, *into; /* in the zone lab.cloud */
		const char *name, *host;	      /* or */
		const char *why;
	} rows[] = {
		{"web._http._tcp.local.", "pc.local.", "lan.lab.cloud.",
		 "web._http._tcp.lan.lab.cloud.", "pc.lan.lab.cloud.", NULL},
		{"A\\.b\\032C\\195\\188._http._tcp.local.", "a.b.LOCAL.", "lan.lab.cloud.",
		 "A\\.b\\032C\\195\\188._http._tcp.lan.lab.cloud.", "a.b.lan.lab.cloud.", NULL},
		{"_x._http._tcp.local.", "PC-1_2.local.", "lan.lab.cloud.",
		 "_x._http._tcp.lan.lab.cloud.", "PC-1_2.lan.lab.cloud.", NULL},
		{"web._http._tcp.local.", "db.lab.cloud.", "lan.lab.cloud.",
		 "web._http._tcp.lan.lab.cloud.", "db.lab.cloud.", NULL},
		{"web._http._tcp.local.", "pc.local.", "lab.cloud.", "web._http._tcp.lab.cloud.",
		 "pc.lab.cloud.", NULL},
		{"web._http._tcp.local.", "local.", "lan.lab.cloud.", "", "",
		 "its target is not a host"},
		{"web._http._tcp.local.", ".", "lan.lab.cloud.", "", "",
		 "it has no target: the service is not available"},
		{"web._http._tcp.local.", "_pc.local.", "lan.lab.cloud.", "", "", odd_host},
		{"web._http._tcp.local.", "*.local.", "lan.lab.cloud.", "", "", odd_host},
		{"web._http._tcp.local.", "a.*.local.", "lan.lab.cloud.", "", "", odd_host},
		{"web._http._tcp.local.", "-a.local.", "lan.lab.cloud.", "", "", odd_host},
		{"web._http._tcp.local.", "a\\.b.local.", "lan.lab.cloud.", "", "", odd_host},
		{"web._http._tcp.local.", "a\\000.local.", "lan.lab.cloud.", "", "", odd_host},
		{"web._http._tcp.local.", "a\\195.local.", "lan.lab.cloud.", "", "", odd_host},
		{"web._http._tcp.local.", "a._http._tcp.local.", "lab.cloud.", "", "", odd_host},
		{"web._http._tcp.local.", "n1.nodes.local.", "lab.cloud.", "", "", others},
		{"web._http._tcp.local.",
		 LONG "." LONG "." LONG ".abcdefghijklmnopqrstu"
		      "vwxyz012345678901234567890123.local.",
		 "lan.lab.cloud.", "", "", long_host},
		{"*._http._tcp.local.", "pc.local.", "lan.lab.cloud.", "", "", odd_name},
		{"a\\007._http._tcp.local.", "pc.local.", "lan.lab.cloud.", "", "", odd_name},
		{"a\\255._http._tcp.local.", "pc.local.", "lan.lab.cloud.", "", "", odd_name},
		{"_x._http._tcp.local.", "pc.local.", "lab.cloud.", "", "", no_instance},
		{"local.", "pc.local.", "lan.lab.cloud.", "", "",
		 "its name is not one of an instance"},
		{"web._http._tcp.local.", "pc.local.", "nodes.lab.cloud.", "", "", no_instance},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct mdns_address usable = address("192.0.2.1");
		uint8_t instance[DNS_NAME_MAX], target[DNS_NAME_MAX];
		struct mdns_seen_service s = {.name = instance,
					      .is_resolved = true,
					      .target = target,
					      .addresses = &usable,
					      .naddresses = 1};
		struct discover_translated t;
		char text[DNS_NAME_TEXT_MAX];
		const char *why;

		memcpy(target, wire(rows[i].target), dns_name_nbytes(wire(rows[i].target)));
		memcpy(instance, wire(rows[i].instance), dns_name_nbytes(wire(rows[i].instance)));
		why = discover_translate(&t, &s, wire(rows[i].into), wire("lab.cloud."));
		if (rows[i].why == NULL) {
			assert_null(why);
			dns_name_to_text(text, t.name);
			assert_string_equal(text, rows[i].name);
			dns_name_to_text(text, t.target);
			assert_string_equal(text, rows[i].host);
		} else {
			assert_non_null(why);
			assert_string_equal(why, rows[i].why);
		}
	}
}

static void addresses_of_no_use_elsewhere_are_left_out(void **state)
{
	static const struct {
		const char *text;
		bool is_usable;
	} rows[] = {
		{"0.0.0.0", false},
		{"0.1.2.3", false},
		{"10.0.0.1", true},
		{"127.0.0.1", false},
		{"127.255.0.1", false},
		{"128.0.0.1", true},
		{"169.253.255.255", true},
		{"169.254.0.1", false},
		{"169.255.0.0", true},
		{"192.168.1.1", true},
		{"223.255.255.255", true},
		{"224.0.0.251", false},
		{"239.1.1.1", false},
		{"240.0.0.1", false},
		{"255.255.255.255", false},
		{"::", false},
		{"::1", false},
		{"::ffff:127.0.0.1", false},
		{"::7f00:1", false},
		{"fe80::1", false},
		{"febf::1", false},
		{"fec0::1", true},
		{"fd00::1", true},
		{"2001:db8::1", true},
		{"ff02::fb", false},
		{"fe7f::1", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct mdns_address a = address(rows[i].text);

		if (discover_translate_is_usable(&a) != rows[i].is_usable)
			fail_msg("%s", rows[i].text);
	}
}

static void a_host_without_a_usable_address_is_refused(void **state)
{
	const struct mdns_address bad[2] = {address("127.0.0.1"), address("fe80::1")};
	struct mdns_seen_service s = {.name = wire("web._http._tcp.local."),
				      .target = wire("pc.local."),
				      .addresses = bad,
				      .naddresses = 2};
	struct discover_translated t;

	(void)state;
	assert_string_equal(discover_translate(&t, &s, wire("lan.lab.cloud."), wire("lab.cloud.")),
			    "its host has no address that is of use elsewhere");
}

static void a_txt_record_has_a_string_and_fits_an_update(void **state)
{
	static const uint8_t large[DISCOVER_TRANSLATED_TXT_MAX + 1];
	struct mdns_seen_service s = {.name = wire("web._http._tcp.local."),
				      .target = wire("db.lab.cloud.")};
	struct discover_translated t;

	(void)state;
	assert_null(discover_translate(&t, &s, wire("lan.lab.cloud."), wire("lab.cloud.")));
	assert_int_equal(t.ntxt, 1);
	assert_int_equal(t.txt[0], 0);
	s.txt = large;
	s.ntxt = sizeof(large);
	assert_string_equal(discover_translate(&t, &s, wire("lan.lab.cloud."), wire("lab.cloud.")),
			    "its TXT record is too large");
}

static void types_are_two_labels_of_text(void **state)
{
	(void)state;
	assert_true(discover_translate_is_type(wire("_http._tcp.local.")));
	assert_true(discover_translate_is_type(wire("_x._UDP.local.")));
	assert_false(discover_translate_is_type(wire("_http._tcp.lab.cloud.")));
	assert_false(discover_translate_is_type(wire("http._tcp.local.")));
	assert_false(discover_translate_is_type(wire("_http._sctp.local.")));
	assert_false(discover_translate_is_type(wire("_a\\001._tcp.local.")));
	assert_false(discover_translate_is_type(wire("_services._dns-sd._udp.local.")));
	assert_false(discover_translate_is_type(wire("_dns-sd._udp.local.")));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_get_below_into_or_are_refused),
		cmocka_unit_test(addresses_of_no_use_elsewhere_are_left_out),
		cmocka_unit_test(a_host_without_a_usable_address_is_refused),
		cmocka_unit_test(a_txt_record_has_a_string_and_fits_an_update),
		cmocka_unit_test(types_are_two_labels_of_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
