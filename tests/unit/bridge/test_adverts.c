/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "adverts_kit.h"

static const char *const web = "web._http._tcp.lab.cloud.", *const web_lan =
								    "web._http._tcp.local.";

static void an_instance_gets_all_its_records(void **state)
{
	(void)state;
	kit_begin(KIT_WEB "_new._sub._http._tcp PTR web._http._tcp\n");
	assert_string_equal(lan_kit_records(),
			    "_http._tcp.local. 4500 PTR web._http._tcp.local.\n"
			    "_new._sub._http._tcp.local. 4500 PTR web._http._tcp.local.\n"
			    "_services._dns-sd._udp.local. 4500 PTR _http._tcp.local.\n"
			    "n1-lab.local. 120 A 192.0.2.1 unique IPv4\n"
			    "web._http._tcp.local. 120 SRV 0 0 80 n1-lab.local. unique\n"
			    "web._http._tcp.local. 4500 TXT \"path=/\" "
			    "\"weft-bridge=lab.cloud./00000001\" unique\n");
	kit_is(web, PENDING);
	lan_kit_set_state(web_lan, LAN_GROUP_ESTABLISHED);
	kit_is(web, ACTIVE);
	assert_int_equal(kit.stats.nadvertised, 1);
	assert_true(lan_kit_follows("_http._tcp.local."));
	assert_true(bridge_adverts_has(kit.adverts, kit_name("WEB._http._tcp.local.")));
}

static void an_instance_comes_and_goes_with_its_ptr_record(void **state)
{
	(void)state;
	kit_begin(KIT_WEB);
	kit_change("_http._tcp PTR web._http._tcp\n", "");
	assert_int_equal(lan_kit_ngroups(), 0);
	assert_null(kit_row(web));
	kit_change("", "_http._tcp PTR web._http._tcp\n");
	lan_kit_pass(1000);
	kit_has("web._http._tcp.local. 120 SRV 0 0 80 n1-lab.local.");
}

static void an_instance_without_an_srv_record_is_not_advertised(void **state)
{
	(void)state;
	kit_begin(KIT_WEB);
	kit_change("web._http._tcp SRV 0 0 80 n1.nodes\n", "");
	assert_int_equal(lan_kit_ngroups(), 0);
	kit_change("", "web._http._tcp SRV 0 0 0 .\n");
	assert_int_equal(lan_kit_ngroups(), 0);
	kit_change("", "web._http._tcp SRV 0 0 81 n2.nodes\n");
	kit_has_not("n1-lab");
}

static void changes_are_published_in_place(void **state)
{
	(void)state;
	kit_begin(KIT_WEB);
	lan_kit_set_state(web_lan, LAN_GROUP_ESTABLISHED);
	kit_change("web._http._tcp TXT path=/\n", "web._http._tcp TXT path=/x\n");
	kit_has("\"path=/x\"");
	kit_change("web._http._tcp SRV 0 0 80 n1.nodes\n", "web._http._tcp SRV 1 2 81 n1.nodes\n");
	kit_has("SRV 1 2 81 n1-lab.local.");
	kit_change("n1.nodes A 192.0.2.1\n", "n1.nodes A 192.0.2.9\nn1.nodes AAAA 2001:db8::1\n");
	kit_has("n1-lab.local. 120 A 192.0.2.9 unique IPv4\n"
		"n1-lab.local. 120 AAAA 2001:db8::1 unique IPv6\n");
	kit_change("", "_new._sub._http._tcp PTR web._http._tcp\n");
	kit_has("_new._sub._http._tcp.local. 4500 PTR web._http._tcp.local.");
	kit_change("_new._sub._http._tcp PTR web._http._tcp\n", "");
	kit_has_not("_new");
	kit_change("web._http._tcp SRV 1 2 81 n1.nodes\n", "web._http._tcp SRV 1 2 81 n2.nodes\n");
	kit_has("n2-lab.local. 120 A 192.0.2.2");
	kit_has_not("n1-lab");
	assert_int_equal(lan_kit_ngroups(), 2);
	kit_is(web, ACTIVE);
}

static void what_is_unchanged_is_not_touched(void **state)
{
	unsigned n;

	(void)state;
	kit_begin(KIT_WEB);
	n = lan_kit_npublished();
	assert_int_equal(bridge_adverts_read(kit.adverts), 0);
	kit_change("", "db._http._tcp SRV 0 0 1 n1.nodes\n");
	assert_int_equal(lan_kit_npublished(), n);
}

static void a_full_read_finds_what_changes_would_have_reported(void **state)
{
	bool has_lost_one;
	struct bridge_changeset *set;

	(void)state;
	kit_begin(KIT_WEB "_new._sub._http._tcp PTR web._http._tcp\n"
			  "_http._tcp PTR db._http._tcp\ndb._http._tcp SRV 0 0 1 n1.nodes\n");
	kit_edit("_http._tcp PTR db._http._tcp\n_new._sub._http._tcp PTR web._http._tcp\n"
		 "n1.nodes A 192.0.2.1\n",
		 "_old._sub._http._tcp PTR web._http._tcp\nn1.nodes A 192.0.2.7\n"
		 "_ipp._tcp PTR p._ipp._tcp\n_services._dns-sd._udp PTR _ipp._tcp\n"
		 "p._ipp._tcp SRV 0 0 631 n2.nodes\n");
	set = bridge_changes_take(&kit.queue, &has_lost_one);
	bridge_changes_free(&kit.queue, set);
	assert_int_equal(bridge_adverts_read(kit.adverts), 0);
	kit_has("_old._sub");
	kit_has_not("_new._sub");
	kit_has_not("db._http");
	kit_has("n1-lab.local. 120 A 192.0.2.7");
	kit_has("p._ipp._tcp.local. 120 SRV 0 0 631 n2-lab.local.");
	assert_true(lan_kit_follows("_ipp._tcp.local."));
}

static void types_are_those_of_the_rule(void **state)
{
	(void)state;
	kit_type(&kit.rule.advertise, kit.types, "_ipp._tcp.");
	kit_type(&kit.rule.advertise, kit.types, "_new._sub._http._tcp.");
	kit_begin(KIT_WEB "_ipp._tcp PTR p._ipp._tcp\np._ipp._tcp SRV 0 0 631 n2.nodes\n"
			  "_ssh._tcp PTR s._ssh._tcp\ns._ssh._tcp SRV 0 0 22 n2.nodes\n");
	kit_has("p._ipp._tcp.local. 120 SRV");
	kit_has_not("_ssh");
	kit_has_not("web");
	kit_change("", "_new._sub._http._tcp PTR web._http._tcp\n");
	kit_has("web._http._tcp.local. 120 SRV");
	kit_change("_new._sub._http._tcp PTR web._http._tcp\n", "");
	kit_has_not("web");
}

static void a_type_counts_only_while_it_is_listed(void **state)
{
	(void)state;
	kit_type(&kit.rule.exclude, kit.excluded, "_ssh._tcp.");
	kit_begin(KIT_WEB "_services._dns-sd._udp PTR _ssh._tcp\n_ssh._tcp PTR s._ssh._tcp\n"
			  "s._ssh._tcp SRV 0 0 22 n2.nodes\n");
	kit_has_not("_ssh");
	kit_change("_services._dns-sd._udp PTR _http._tcp\n", "");
	assert_int_equal(lan_kit_ngroups(), 0);
	assert_false(lan_kit_follows("_http._tcp.local."));
	kit_change("", "_services._dns-sd._udp PTR _http._tcp\n");
	lan_kit_pass(1000);
	kit_has("web._http._tcp.local. 120 SRV");
}

static void what_was_discovered_is_not_advertised(void **state)
{
	(void)state;
	memcpy(kit.rule.into.name, "\3web\5_http\4_tcp\3lab\5cloud", 26);
	kit.rule.into.zone = (struct zone *)1;
	kit_begin("");
	kit.rule.into.zone = kit.zone;
	kit_change("", KIT_WEB);
	assert_int_equal(lan_kit_ngroups(), 0);
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

static void a_name_that_is_not_text_is_refused(void **state)
{
	(void)state;
	kit_begin("_services._dns-sd._udp PTR _http._tcp\n_http._tcp PTR a\\255._http._tcp\n"
		  "a\\255._http._tcp SRV 0 0 80 n1.nodes\n");
	kit_is("a\\255._http._tcp.lab.cloud.", REFUSED);
	assert_int_equal(lan_kit_ngroups(), 0);
}

static void collide(const char *name)
{
	lan_kit_set_state(name, LAN_GROUP_COLLISION);
}

static void a_name_of_a_stranger_is_replaced_and_remembered(void **state)
{
	(void)state;
	kit_begin(KIT_WEB);
	collide(web_lan);
	assert_true(lan_kit_resolves(web_lan));
	lan_kit_see(web_lan, 80, "x.local.", "", "192.0.2.77");
	assert_false(lan_kit_resolves(web_lan));
	lan_kit_pass(1000);
	kit_has("web\\032\\(2\\)._http._tcp.local. 120 SRV");
	kit_has("\"weft-name=web\"");
	assert_int_equal(kit.stats.nrenamed, 1);
	lan_kit_pass(1000);
	bridge_adverts_free(kit.adverts);
	bridge_names_close(kit.names);
	kit.names = bridge_names_open(kit.folder, 42);
	kit.adverts = kit_adverts(2);
	assert_int_equal(bridge_adverts_read(kit.adverts), 0);
	kit_has("web\\032\\(2\\)._http._tcp.local. 120 SRV");
}

static void a_name_that_is_seen_is_resolved_before_it_is_probed_for(void **state)
{
	(void)state;
	kit_begin("");
	lan_kit_see(web_lan, 0, NULL, NULL, NULL);
	kit_change("", KIT_WEB);
	assert_true(lan_kit_resolves(web_lan));
	assert_int_equal(lan_kit_ngroups(), 0);
	lan_kit_see(web_lan, 8080, "x.local.", "", "192.0.2.77");
	kit_has("web\\032\\(2\\)._http._tcp.local. 120 SRV");
}

static void a_name_that_cannot_be_resolved_is_tried_once_more(void **state)
{
	(void)state;
	kit_begin(KIT_WEB);
	collide(web_lan);
	kit_has_not("web");
	lan_kit_pass(1900);
	kit_has_not("web");
	lan_kit_pass(200);
	kit_has("web._http._tcp.local. 120 SRV");
	collide(web_lan);
	lan_kit_pass(2200);
	kit_has("web\\032\\(2\\)._http._tcp.local. 120 SRV");
}

static void another_bridge_of_the_zone_is_waited_for(void **state)
{
	(void)state;
	kit_begin(KIT_WEB);
	collide(web_lan);
	lan_kit_see(web_lan, 80, "n1-lab.local.", "weft-bridge=lab.cloud./00000002", NULL);
	kit_is(web, STANDBY);
	assert_int_equal(kit.stats.nstandby, 1);
	assert_int_equal(lan_kit_ngroups(), 0);
	lan_kit_pass(100000);
	assert_int_equal(lan_kit_ngroups(), 0);
	assert_int_equal(lan_kit_npublished(), 2);
	lan_kit_unsee(web_lan);
	kit_has("web._http._tcp.local. 120 SRV");
	lan_kit_set_state(web_lan, LAN_GROUP_ESTABLISHED);
	kit_is(web, ACTIVE);
	assert_int_equal(kit.stats.nrenamed, 0);
}

static void a_rival_without_records_is_gone(void **state)
{
	(void)state;
	kit_begin("");
	lan_kit_see(web_lan, 80, "n1-lab.local.", "weft-bridge=lab.cloud./00000002", NULL);
	kit_change("", KIT_WEB);
	kit_is(web, STANDBY);
	lan_kit_see(web_lan, 0, NULL, NULL, NULL);
	kit_has("web._http._tcp.local. 120 SRV");
}

static void the_node_itself_is_waited_for(void **state)
{
	(void)state;
	kit_begin("");
	lan_kit_see(web_lan, 80, "n1.local.", "", NULL);
	kit_change("", KIT_WEB);
	kit_is(web, PENDING);
	lan_kit_see(web_lan, 80, "n1.local.", "", "192.0.2.1");
	kit_is(web, STANDBY);
	/* The node changes its port first, and then in the registry. */
	lan_kit_see(web_lan, 81, "n1.local.", "", "192.0.2.1");
	kit_change("web._http._tcp SRV 0 0 80 n1.nodes\n", "web._http._tcp SRV 0 0 81 n1.nodes\n");
	lan_kit_pass(5000);
	kit_is(web, STANDBY);
	lan_kit_see(web_lan, 82, "n1.local.", "", "192.0.2.1");
	lan_kit_pass(5000);
	kit_has("web\\032\\(2\\)._http._tcp.local. 120 SRV");
}

static void our_own_record_is_not_foreign(void **state)
{
	(void)state;
	kit_begin("");
	lan_kit_see(web_lan, 80, "n1-lab.local.", "weft-bridge=lab.cloud./00000001", NULL);
	kit_change("", KIT_WEB);
	kit_has("web._http._tcp.local. 120 SRV");
}

static void a_marker_of_another_zone_is_a_strangers(void **state)
{
	(void)state;
	kit_begin("");
	lan_kit_see(web_lan, 80, "n1-lab.local.", "weft-bridge=dev.cloud./00000001", "192.0.2.1");
	kit_change("", KIT_WEB);
	kit_has("web\\032\\(2\\)._http._tcp.local. 120 SRV");
}

static void no_name_is_probed_for_more_than_once_a_second(void **state)
{
	unsigned n;

	(void)state;
	kit_begin(KIT_WEB);
	n = lan_kit_npublished();
	for (unsigned i = 0; i < 50; i++) {
		char name[64] = "web._http._tcp.local.";

		if (i > 0)
			snprintf(name, sizeof(name), "web\\032\\(%u\\)._http._tcp.local.", i + 1);
		lan_kit_see(name, 1, "x.local.", "", "192.0.2.77");
		if (strstr(lan_kit_records(), "SRV") != NULL)
			collide(name);
		assert_true(lan_kit_npublished() <= n + 2 * (i + 1));
		lan_kit_pass(1000);
	}
	assert_true(lan_kit_npublished() - n <= 102);
}

static void all_names_may_be_taken(void **state)
{
	(void)state;
	kit_begin("");
	kit_change("", KIT_WEB);
	for (unsigned i = 1; kit_row(web)->state != BRIDGE_ROW_REFUSED; i++) {
		char name[64] = "web._http._tcp.local.";

		assert_true(i < 200);
		if (i > 1)
			snprintf(name, sizeof(name), "web\\032\\(%u\\)._http._tcp.local.", i);
		collide(name);
		lan_kit_pass(2200);
		if (kit_row(web)->state == BRIDGE_ROW_REFUSED)
			break;
		if (strstr(lan_kit_records(), name) != NULL)
			collide(name);
		lan_kit_pass(2200);
	}
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
	struct bridge_seen_service s;

	lan_kit_see(name, port, "n1.local.", "", address);
	bridge_seen_find(NULL, kit_name(name), &s);
	return bridge_adverts_is_registered(kit.adverts, &s);
}

static void a_service_is_registered_by_name_port_and_address(void **state)
{
	(void)state;
	kit_begin("web._http._tcp SRV 0 0 80 n1.nodes\n");
	bridge_adverts_listen(kit.adverts, on_registered, NULL);
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
	assert_int_equal(bridge_adverts_read(kit.adverts), 0);
	assert_non_null(strstr(reported, web_lan));
}

static void add_many(char *text, const char *format, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		text += sprintf(text, format, i, i);
}

static void many_instances_of_a_type_change_at_once(void **state)
{
	static char pointers[1 << 16], services[1 << 16];

	(void)state;
	add_many(pointers, "_http._tcp PTR i%u._http._tcp\n", 1000);
	add_many(services, "i%u._http._tcp SRV 0 0 80 n1.nodes\n", 1000);
	kit_begin(KIT_WEB);
	kit_change("", services);
	kit_change("", pointers);
	assert_int_equal(lan_kit_ngroups(), 1001 + 1);
	kit_change(pointers, "");
	assert_int_equal(lan_kit_ngroups(), 1 + 1);
}

/* Whatever fails, is made good when memory is there again, by time or by a full read. */
static void short_memory_is_made_good(void **state)
{
	bool has_failed = true;

	(void)state;
	kit_begin("");
	for (int n = 0; has_failed; n++) {
		kit_edit("", KIT_WEB "_new._sub._http._tcp PTR web._http._tcp\n");
		memory_fail_after(n);
		if (kit_apply() < 0 || memory_has_failed()) {
			memory_fail_after(n);
			if (bridge_adverts_read(kit.adverts) < 0) {
				memory_fail_after(MEMORY_ENOUGH);
				assert_int_equal(bridge_adverts_read(kit.adverts), 0);
			}
			has_failed = memory_has_failed();
		} else {
			has_failed = false;
		}
		memory_fail_after(MEMORY_ENOUGH);
		lan_kit_pass(3000);
		kit_has("_new._sub._http._tcp.local. 4500 PTR web");
		kit_has("web._http._tcp.local. 120 SRV 0 0 80 n1-lab.local.");
		kit_has("n1-lab.local. 120 A 192.0.2.1");
		memory_fail_after(n);
		collide(web_lan);
		lan_kit_see(web_lan, 1, "x.local.", "", "192.0.2.77");
		lan_kit_pass(1000);
		memory_fail_after(MEMORY_ENOUGH);
		lan_kit_pass(3000);
		kit_has("_new._sub._http._tcp.local. 4500 PTR web\\032\\(2\\)");
		lan_kit_unsee(web_lan);
		kit_change(KIT_WEB "_new._sub._http._tcp PTR web._http._tcp\n", "");
		assert_int_equal(lan_kit_ngroups(), 0);
		bridge_adverts_free(kit.adverts);
		bridge_names_close(kit.names);
		folder_empty(kit.folder);
		kit.names = bridge_names_open(kit.folder, 42);
		memory_fail_after(n);
		kit.adverts = kit_adverts(1);
		memory_fail_after(MEMORY_ENOUGH);
		if (kit.adverts == NULL)
			kit.adverts = kit_adverts(1);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_begin_test, kit_end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_instance_gets_all_its_records),
		TEST(an_instance_comes_and_goes_with_its_ptr_record),
		TEST(an_instance_without_an_srv_record_is_not_advertised),
		TEST(changes_are_published_in_place),
		TEST(what_is_unchanged_is_not_touched),
		TEST(a_full_read_finds_what_changes_would_have_reported),
		TEST(types_are_those_of_the_rule),
		TEST(a_type_counts_only_while_it_is_listed),
		TEST(what_was_discovered_is_not_advertised),
		TEST(hosts_are_shared_and_have_names_of_their_own),
		TEST(a_host_without_useful_addresses_is_refused),
		TEST(a_name_that_is_not_text_is_refused),
		TEST(a_name_of_a_stranger_is_replaced_and_remembered),
		TEST(a_name_that_is_seen_is_resolved_before_it_is_probed_for),
		TEST(a_name_that_cannot_be_resolved_is_tried_once_more),
		TEST(another_bridge_of_the_zone_is_waited_for),
		TEST(a_rival_without_records_is_gone),
		TEST(the_node_itself_is_waited_for),
		TEST(our_own_record_is_not_foreign),
		TEST(a_marker_of_another_zone_is_a_strangers),
		TEST(no_name_is_probed_for_more_than_once_a_second),
		TEST(all_names_may_be_taken),
		TEST(a_host_is_published_again_before_it_is_renamed),
		TEST(a_host_that_another_bridge_has_too_keeps_its_name),
		TEST(a_service_is_registered_by_name_port_and_address),
		TEST(many_instances_of_a_type_change_at_once),
		TEST(short_memory_is_made_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
