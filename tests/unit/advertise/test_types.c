/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "adverts_kit.h"

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_begin_test, kit_end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(types_are_those_of_the_rule),
		TEST(a_type_counts_only_while_it_is_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
