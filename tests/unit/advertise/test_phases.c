/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "adverts_kit.h"

#include "advertise/alternatives.h"

static const char *const web = "web._http._tcp.lab.cloud.";
static const char *const web_lan = "web._http._tcp.local.";

static void collide(const char *name)
{
	lan_kit_set_state(name, LAN_GROUP_COLLISION);
}

static void a_name_that_is_not_text_is_refused(void **state)
{
	(void)state;
	kit_begin("_services._dns-sd._udp PTR _http._tcp\n_http._tcp PTR a\\255._http._tcp\n"
		  "a\\255._http._tcp SRV 0 0 80 n1.nodes\n");
	kit_is("a\\255._http._tcp.lab.cloud.", REFUSED);
	assert_int_equal(lan_kit_ngroups(), 0);
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
	advertise_free(kit.adverts);
	advertise_names_close(kit.names);
	kit.names = advertise_names_open(kit.folder, 42);
	kit.adverts = kit_adverts(2);
	assert_int_equal(advertise_read(kit.adverts), 0);
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
	lan_kit_see(web_lan, 80, "n1-lab.local.", "weft-bridge=lab.cloud./00000002", "192.0.2.1");
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

static void a_bridge_that_does_not_advertise_what_the_zone_has_is_a_stranger(void **state)
{
	(void)state;
	kit_begin(KIT_WEB);
	collide(web_lan);
	lan_kit_see(web_lan, 666, "x.local.", "weft-bridge=lab.cloud./00000002", "192.0.2.66");
	kit_is(web, STANDBY);
	lan_kit_pass(29000);
	kit_is(web, STANDBY);
	/* It changes all the time. */
	lan_kit_see(web_lan, 667, "x.local.", "weft-bridge=lab.cloud./00000002", "192.0.2.66");
	kit_is(web, STANDBY);
	lan_kit_pass(2000);
	kit_has("web\\032\\(2\\)._http._tcp.local. 120 SRV 0 0 80 n1-lab.local.");
}

static void a_change_may_reach_another_bridge_first(void **state)
{
	static const char *const marker = "weft-bridge=lab.cloud./00000002";

	(void)state;
	kit_begin(KIT_WEB);
	collide(web_lan);
	lan_kit_see(web_lan, 80, "n1-lab.local.", marker, "192.0.2.1");
	lan_kit_see(web_lan, 81, "n1-lab.local.", marker, "192.0.2.1");
	lan_kit_pass(20000);
	kit_change("web._http._tcp SRV 0 0 80 n1.nodes\n", "web._http._tcp SRV 0 0 81 n1.nodes\n");
	lan_kit_pass(100000);
	kit_is(web, STANDBY);
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

static void see_twin(const char *text, uint16_t port, const char *txt, const char *address)
{
	lan_kit_see(text, 0, NULL, NULL, NULL);
	assert_true(lan_kit_resolves(text));
	lan_kit_see(text, port, "n1.local.", txt, address);
}

static void the_node_itself_by_an_alternative_of_the_name_is_waited_for(void **state)
{
	static const char *const twins[] = {"web\\032#2._http._tcp.local.",
					    "WEB\\032\\(17\\)._http._tcp.local."};

	(void)state;
	kit_begin(KIT_WEB);
	for (unsigned i = 0; i < 2; i++) {
		see_twin(twins[i], 80, "", NULL);
		lan_kit_set_state(web_lan, LAN_GROUP_ESTABLISHED);
		kit_is(web, ACTIVE);
		lan_kit_see(twins[i], 80, "n1.local.", "", "192.0.2.1");
		kit_is(web, STANDBY);
		assert_non_null(strstr(kit_row(web)->why, "alternative"));
		assert_int_equal(lan_kit_ngroups(), 0);
		kit_change("web._http._tcp TXT path=/\n", "web._http._tcp TXT path=/x\n");
		kit_change("web._http._tcp TXT path=/x\n", "web._http._tcp TXT path=/\n");
		lan_kit_pass(100000);
		kit_is(web, STANDBY);
		lan_kit_unsee(twins[i]);
		lan_kit_pass(2100);
		kit_has("web._http._tcp.local. 120 SRV");
		assert_false(lan_kit_resolves(twins[i]));
	}
	assert_int_equal(kit.stats.nrenamed, 0);
	assert_int_equal(kit.stats.nconflicts, 0);
}

static void an_alternative_that_was_there_first_is_found(void **state)
{
	(void)state;
	kit_begin("");
	lan_kit_see("web\\032#3._http._tcp.local.", 80, "n1.local.", "", "192.0.2.1");
	kit_change("", KIT_WEB);
	kit_is(web, STANDBY);
	/* The registry's changes, and then that of the node. */
	kit_change("web._http._tcp SRV 0 0 80 n1.nodes\n", "web._http._tcp SRV 0 0 81 n1.nodes\n");
	lan_kit_see("web\\032#3._http._tcp.local.", 81, "n1.local.", "", "192.0.2.1");
	lan_kit_pass(5000);
	kit_is(web, STANDBY);
	kit_change("web._http._tcp SRV 0 0 81 n1.nodes\n", "web._http._tcp SRV 0 0 82 n1.nodes\n");
	lan_kit_pass(5000);
	kit_has("web._http._tcp.local. 120 SRV 0 0 82 ");
	/* It is looked at again when the registry changes. */
	kit_change("web._http._tcp SRV 0 0 82 n1.nodes\n", "web._http._tcp SRV 0 0 81 n1.nodes\n");
	kit_is(web, STANDBY);
}

static void an_alternative_that_is_another_service_stays_beside_it(void **state)
{
	static const char *const other = "web\\032#2._http._tcp.local.";

	(void)state;
	kit_begin(KIT_WEB "_http._tcp PTR web\\032#4._http._tcp\n"
			  "web\\032#4._http._tcp SRV 0 0 80 n1.nodes\n");
	see_twin(other, 81, "", "192.0.2.1");
	lan_kit_see(other, 80, "n1.local.", "", "192.0.2.2");
	lan_kit_see(other, 80, "n1.local.", "weft-bridge=lab.cloud./00000002", "192.0.2.1");
	lan_kit_see("web\\0322._http._tcp.local.", 80, "n1.local.", "", "192.0.2.1");
	lan_kit_see("web-2._http._tcp.local.", 80, "n1.local.", "", "192.0.2.1");
	lan_kit_see("web\\032#4._http._tcp.local.", 80, "n1.local.", "", "192.0.2.1");
	kit_has("web._http._tcp.local. 120 SRV");
	lan_kit_pass(2100);
	assert_false(lan_kit_resolves(other));
	kit_has("web._http._tcp.local. 120 SRV");
	/* Gone and there again, it is looked at again. */
	lan_kit_unsee(other);
	see_twin(other, 80, "", "192.0.2.1");
	kit_is(web, STANDBY);
}

static void of_any_number_of_alternatives_a_few_are_resolved_at_a_time(void **state)
{
	char name[64];
	unsigned before;

	(void)state;
	kit_begin(KIT_WEB);
	before = lan_kit_nfollowed();
	for (unsigned i = 2; i < 60; i++) {
		snprintf(name, sizeof(name), "web\\032#%u._http._tcp.local.", i);
		lan_kit_see(name, 80, "n1.local.", "", i == 17 ? "192.0.2.1" : "192.0.2.77");
		assert_in_range(lan_kit_nfollowed(), before, before + 4);
	}
	/* The last one that is looked for is found in the end. */
	for (unsigned i = 0; i < 10; i++) {
		lan_kit_pass(2100);
		assert_in_range(lan_kit_nfollowed(), before, before + 4);
	}
	kit_is(web, STANDBY);
	assert_int_equal(lan_kit_nfollowed(), before + 1);
	lan_kit_unsee("web\\032#17._http._tcp.local.");
	lan_kit_pass(30000);
	kit_has("web._http._tcp.local. 120 SRV");
	assert_int_equal(lan_kit_nfollowed(), before);
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

/* Another host takes the name that the service has, or gets within ten minutes. */
static void take_current_name(void)
{
	char name[DNS_NAME_TEXT_MAX];

	for (unsigned i = 0; i < 600 && strstr(lan_kit_records(), "SRV") == NULL; i++)
		lan_kit_pass(1000);
	dns_name_to_text(name, kit_row(web)->lan_name);
	collide(name);
	lan_kit_see(name, 1, "x.local.", "", "192.0.2.77");
}

static void one_that_is_renamed_without_end_is_renamed_ever_more_slowly(void **state)
{
	unsigned n;

	(void)state;
	kit_begin(KIT_WEB);
	for (unsigned i = 0; i < 4; i++)
		take_current_name();
	n = lan_kit_npublished();
	for (unsigned i = 0; i < 600; i++) {
		lan_kit_pass(1000);
		if (strstr(lan_kit_records(), "SRV") != NULL)
			take_current_name();
	}
	/* Each time with its host: after 1, 2, 4 ... 32 s, and then once a minute. */
	assert_in_range(lan_kit_npublished() - n, 20, 40);
}

static void a_new_name_that_lasts_ends_the_slowness(void **state)
{
	(void)state;
	kit_begin(KIT_WEB);
	for (unsigned i = 0; i < 10; i++)
		take_current_name();
	lan_kit_pass(61000);
	lan_kit_set_state("web\\032\\(11\\)._http._tcp.local.", LAN_GROUP_ESTABLISHED);
	lan_kit_pass(61000);
	take_current_name();
	lan_kit_pass(1100);
	kit_has("web\\032\\(12\\)._http._tcp.local. 120 SRV");
}

static void when_all_names_were_taken_the_first_one_is_tried_again(void **state)
{
	(void)state;
	kit_begin(KIT_WEB);
	for (unsigned i = 1; i <= ADVERTISE_ALTERNATIVES_MAX; i++)
		take_current_name();
	kit_is(web, REFUSED);
	assert_int_equal(lan_kit_ngroups(), 0);
	lan_kit_pass(299000);
	kit_is(web, REFUSED);
	lan_kit_unsee(web_lan);
	lan_kit_pass(70000);
	kit_has("web._http._tcp.local. 120 SRV");
	assert_null(strchr(strstr(lan_kit_records(), "SRV"), '('));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_begin_test, kit_end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_name_that_is_not_text_is_refused),
		TEST(a_name_of_a_stranger_is_replaced_and_remembered),
		TEST(a_name_that_is_seen_is_resolved_before_it_is_probed_for),
		TEST(a_name_that_cannot_be_resolved_is_tried_once_more),
		TEST(another_bridge_of_the_zone_is_waited_for),
		TEST(a_bridge_that_does_not_advertise_what_the_zone_has_is_a_stranger),
		TEST(a_change_may_reach_another_bridge_first),
		TEST(a_rival_without_records_is_gone),
		TEST(the_node_itself_is_waited_for),
		TEST(the_node_itself_by_an_alternative_of_the_name_is_waited_for),
		TEST(an_alternative_that_was_there_first_is_found),
		TEST(an_alternative_that_is_another_service_stays_beside_it),
		TEST(of_any_number_of_alternatives_a_few_are_resolved_at_a_time),
		TEST(our_own_record_is_not_foreign),
		TEST(a_marker_of_another_zone_is_a_strangers),
		TEST(no_name_is_probed_for_more_than_once_a_second),
		TEST(one_that_is_renamed_without_end_is_renamed_ever_more_slowly),
		TEST(a_new_name_that_lasts_ends_the_slowness),
		TEST(when_all_names_were_taken_the_first_one_is_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
