/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "adverts_kit.h"

#include "advertise/alternatives.h"

static const char *const web = "web._http._tcp.lab.cloud.";

static void collide(const char *name)
{
	lan_kit_set_state(name, LAN_GROUP_COLLISION);
}

static void hosts_are_shared_and_have_names_of_their_own(void **state)
{
	(void)state;
	kit_begin(KIT_WEB
		  "_http._tcp PTR db._http._tcp\ndb._http._tcp SRV 0 0 1 n1.nodes\n"
		  "_http._tcp PTR x._http._tcp\nx._http._tcp SRV 0 0 1 n1\nn1 A 192.0.2.3\n"
		  "_http._tcp PTR y._http._tcp\ny._http._tcp SRV 0 0 1 a.b\na.b A 192.0.2.4\n"
		  "_http._tcp PTR z._http._tcp\nz._http._tcp SRV 0 0 1 example.com.\n");
	assert_int_equal(lan_kit_ngroups(), 5 + 3);
	kit_has("n1-lab-2.local. 120 A 192.0.2.");
	kit_has("n1-lab.local. 120 A 192.0.2.");
	kit_has("a-b-lab.local. 120 A 192.0.2.4");
	kit_has("z._http._tcp.local. 120 SRV 0 0 1 example.com.");
	kit_change("_http._tcp PTR db._http._tcp\n", "");
	kit_has("192.0.2.1");
	kit_change("_http._tcp PTR web._http._tcp\n", "");
	kit_has_not("192.0.2.1 ");
}

static void a_host_without_useful_addresses_is_refused(void **state)
{
	(void)state;
	kit_begin("_services._dns-sd._udp PTR _http._tcp\n_http._tcp PTR web._http._tcp\n"
		  "web._http._tcp SRV 0 0 80 h\nh A 127.0.0.1\nh A 169.254.1.1\nh A 224.0.0.1\n"
		  "h A 0.0.0.0\nh AAAA ::1\nh AAAA ::\nh AAAA fe80::1\nh AAAA ff02::1\n");
	kit_is(web, REFUSED);
	assert_string_equal(kit_row(web)->why, "its host has no address for a LAN");
	assert_int_equal(kit.stats.nrefused, 1);
	assert_int_equal(lan_kit_ngroups(), 0);
	kit_change("", "h A 10.0.0.1\n");
	kit_has("h-lab.local. 120 A 10.0.0.1 unique IPv4\nweb");
	kit_is(web, PENDING);
	kit_change("h A 10.0.0.1\n", "");
	kit_is(web, REFUSED);
	assert_int_equal(lan_kit_ngroups(), 0);
}

static void a_host_is_published_again_before_it_is_renamed(void **state)
{
	(void)state;
	kit_begin(KIT_WEB);
	collide("n1-lab.local.");
	lan_kit_add_address("n1-lab.local.", "192.0.2.99");
	lan_kit_pass(1100);
	kit_has("n1-lab.local. 120 A 192.0.2.1");
	collide("n1-lab.local.");
	lan_kit_pass(1100);
	kit_has_not("n1-lab.local. 120");
	lan_kit_pass(1000);
	kit_has("n1-lab.local. 120 A 192.0.2.1");
	collide("n1-lab.local.");
	lan_kit_pass(4100);
	kit_has("n1-lab-2.local. 120 A 192.0.2.1");
	kit_has("SRV 0 0 80 n1-lab-2.local.");
	kit_has_not("n1-lab.local");
	lan_kit_set_state("n1-lab-2.local.", LAN_GROUP_ESTABLISHED);
}

static void a_host_that_another_bridge_has_too_keeps_its_name(void **state)
{
	(void)state;
	kit_begin(KIT_WEB);
	collide("n1-lab.local.");
	lan_kit_add_address("n1-lab.local.", "192.0.2.1");
	for (unsigned i = 0; i < 10; i++) {
		lan_kit_pass(61000);
		collide("n1-lab.local.");
	}
	lan_kit_pass(61000);
	kit_has("n1-lab.local. 120 A 192.0.2.1");
}

/* Another host takes the name of n1, the `number`-th one, for good. */
static void take_host_name(unsigned number)
{
	char name[64] = "n1-lab.local.";

	if (number > 1)
		snprintf(name, sizeof(name), "n1-lab-%u.local.", number);
	for (unsigned i = 0; i < 3; i++) {
		for (unsigned s = 0; s < 100 && strstr(lan_kit_records(), " A ") == NULL; s++)
			lan_kit_pass(1000);
		kit_has(name);
		collide(name);
		lan_kit_add_address(name, "192.0.2.99");
	}
}

static void a_host_that_is_renamed_without_end_is_renamed_ever_more_slowly(void **state)
{
	unsigned n;

	(void)state;
	kit_begin(KIT_WEB);
	for (unsigned i = 1; i <= 10; i++)
		take_host_name(i);
	lan_kit_pass(61000);
	n = lan_kit_npublished();
	for (unsigned i = 0; i < 600; i++) {
		lan_kit_pass(1000);
		if (strstr(lan_kit_records(), "n1-lab-11.local. 120 A") != NULL)
			collide("n1-lab-11.local.");
	}
	assert_in_range(lan_kit_npublished() - n, 5, 20);
}

static void when_all_names_of_a_host_were_taken_the_first_is_tried_again(void **state)
{
	(void)state;
	kit_begin(KIT_WEB);
	for (unsigned i = 1; i <= ADVERTISE_ALTERNATIVES_MAX; i++)
		take_host_name(i);
	lan_kit_pass(61000);
	kit_is(web, REFUSED);
	assert_string_equal(kit_row(web)->why, "its host cannot have a name on the LAN");
	lan_kit_pass(300000);
	kit_is(web, PENDING);
	kit_has("n1-lab.local. 120 A 192.0.2.1");
	kit_has("SRV 0 0 80 n1-lab.local.");
}

/* What is announced over a transport for which the host has no address could not be resolved. */
static void a_service_is_published_over_the_transports_of_its_host(void **state)
{
	(void)state;
	kit_begin(KIT_WEB "_x._sub._http._tcp PTR web._http._tcp\n"
			  "_http._tcp PTR z._http._tcp\nz._http._tcp SRV 0 0 1 example.com.\n");
	kit_has("web._http._tcp.local. 120 SRV 0 0 80 n1-lab.local. unique IPv4\n");
	kit_has("_x._sub._http._tcp.local. 4500 PTR web._http._tcp.local. IPv4\n");
	kit_has("_http._tcp.local. 4500 PTR web._http._tcp.local. IPv4\n");
	kit_has("z._http._tcp.local. 120 SRV 0 0 1 example.com. unique\n");
	kit_change("", "n1.nodes AAAA 2001:db8::1\n");
	kit_has("web._http._tcp.local. 120 SRV 0 0 80 n1-lab.local. unique\n");
	kit_change("n1.nodes A 192.0.2.1\n", "");
	kit_has("web._http._tcp.local. 120 SRV 0 0 80 n1-lab.local. unique IPv6\n");
	kit_change("", "n1.nodes A 192.0.2.1\n");
	kit_has("web._http._tcp.local. 120 SRV 0 0 80 n1-lab.local. unique\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_begin_test, kit_end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(hosts_are_shared_and_have_names_of_their_own),
		TEST(a_host_without_useful_addresses_is_refused),
		TEST(a_host_is_published_again_before_it_is_renamed),
		TEST(a_service_is_published_over_the_transports_of_its_host),
		TEST(a_host_that_another_bridge_has_too_keeps_its_name),
		TEST(a_host_that_is_renamed_without_end_is_renamed_ever_more_slowly),
		TEST(when_all_names_of_a_host_were_taken_the_first_is_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
