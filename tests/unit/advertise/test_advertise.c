/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "adverts_kit.h"

static const char *const web = "web._http._tcp.lab.cloud.";
static const char *const web_lan = "web._http._tcp.local.";

static void an_instance_gets_all_its_records(void **state)
{
	(void)state;
	kit_begin(KIT_WEB "_new._sub._http._tcp PTR web._http._tcp\n");
	assert_string_equal(lan_kit_records(),
			    "_http._tcp.local. 4500 PTR web._http._tcp.local. IPv4\n"
			    "_new._sub._http._tcp.local. 4500 PTR web._http._tcp.local. IPv4\n"
			    "_services._dns-sd._udp.local. 4500 PTR _http._tcp.local. IPv4\n"
			    "n1-lab.local. 120 A 192.0.2.1 unique IPv4\n"
			    "web._http._tcp.local. 120 SRV 0 0 80 n1-lab.local. unique IPv4\n"
			    "web._http._tcp.local. 4500 TXT \"path=/\" "
			    "\"weft-bridge=lab.cloud./00000001\" unique IPv4\n");
	kit_is(web, PENDING);
	lan_kit_set_state(web_lan, LAN_GROUP_ESTABLISHED);
	kit_is(web, ACTIVE);
	assert_int_equal(kit.stats.nadvertised, 1);
	assert_true(lan_kit_follows("_http._tcp.local."));
	assert_true(advertise_has(kit.adverts, kit_name("WEB._http._tcp.local.")));
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
	assert_int_equal(advertise_read(kit.adverts), 0);
	kit_change("", "db._http._tcp SRV 0 0 1 n1.nodes\n");
	assert_int_equal(lan_kit_npublished(), n);
}

static void a_full_read_finds_what_changes_would_have_reported(void **state)
{
	bool has_lost_one;
	struct mdns_changeset *set;

	(void)state;
	kit_begin(KIT_WEB "_new._sub._http._tcp PTR web._http._tcp\n"
			  "_http._tcp PTR db._http._tcp\ndb._http._tcp SRV 0 0 1 n1.nodes\n");
	kit_edit("_http._tcp PTR db._http._tcp\n_new._sub._http._tcp PTR web._http._tcp\n"
		 "n1.nodes A 192.0.2.1\n",
		 "_old._sub._http._tcp PTR web._http._tcp\nn1.nodes A 192.0.2.7\n"
		 "_ipp._tcp PTR p._ipp._tcp\n_services._dns-sd._udp PTR _ipp._tcp\n"
		 "p._ipp._tcp SRV 0 0 631 n2.nodes\n");
	set = mdns_changes_take(&kit.queue, &has_lost_one);
	mdns_changes_free(&kit.queue, set);
	assert_int_equal(advertise_read(kit.adverts), 0);
	kit_has("_old._sub");
	kit_has_not("_new._sub");
	kit_has_not("db._http");
	kit_has("n1-lab.local. 120 A 192.0.2.7");
	kit_has("p._ipp._tcp.local. 120 SRV 0 0 631 n2-lab.local.");
	assert_true(lan_kit_follows("_ipp._tcp.local."));
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

static void collide(const char *name)
{
	lan_kit_set_state(name, LAN_GROUP_COLLISION);
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
			if (advertise_read(kit.adverts) < 0) {
				memory_fail_after(MEMORY_ENOUGH);
				assert_int_equal(advertise_read(kit.adverts), 0);
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
		advertise_free(kit.adverts);
		advertise_names_close(kit.names);
		folder_empty(kit.folder);
		kit.names = advertise_names_open(kit.folder, 42);
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
		TEST(what_was_discovered_is_not_advertised),
		TEST(many_instances_of_a_type_change_at_once),
		TEST(short_memory_is_made_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
