/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "adverts_kit.h"

static const char *const web_lan = "web._http._tcp.local.";

static char reported[4096];

static void on_registered(void *arg, const uint8_t *lan_name)
{
	char text[DNS_NAME_TEXT_MAX];

	(void)arg;
	dns_name_to_text(text, lan_name);
	strcat(strcat(reported, text), " ");
}

static bool is_registered(const char *name, uint16_t port, const char *address)
{
	struct mdns_seen_service s;

	lan_kit_see(name, port, "n1.local.", "", address);
	mdns_seen_find(NULL, kit_name(name), &s);
	return advertise_is_registered(kit.adverts, &s);
}

static void a_service_is_registered_by_name_port_and_address(void **state)
{
	(void)state;
	kit_begin("web._http._tcp SRV 0 0 80 n1.nodes\n");
	advertise_listen(kit.adverts, on_registered, NULL);
	assert_true(is_registered(web_lan, 80, "192.0.2.1"));
	assert_true(is_registered("web\\ #2._http._tcp.local.", 80, "192.0.2.1"));
	assert_true(is_registered("web\\ (3)._http._tcp.local.", 80, "192.0.2.1"));
	assert_false(is_registered("web2._http._tcp.local.", 80, "192.0.2.1"));
	assert_false(is_registered("other._http._tcp.local.", 80, "192.0.2.1"));
	assert_false(is_registered(web_lan, 81, "192.0.2.1"));
	assert_false(is_registered(web_lan, 80, "192.0.2.2"));
	reported[0] = '\0';
	kit_change("n1.nodes A 192.0.2.1\n", "n1.nodes A 192.0.2.5\n");
	assert_non_null(strstr(reported, web_lan));
	assert_non_null(strstr(reported, "web\\032#2._http") == NULL ? strstr(reported, "#2")
								     : reported);
	reported[0] = '\0';
	kit_change("", "other._http._tcp SRV 0 0 1 n1.nodes\n");
	assert_string_equal(reported, "other._http._tcp.local. ");
	reported[0] = '\0';
	assert_int_equal(advertise_read(kit.adverts), 0);
	assert_non_null(strstr(reported, web_lan));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_begin_test, kit_end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_service_is_registered_by_name_port_and_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
