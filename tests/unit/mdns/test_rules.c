/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../zone/kit.h"

#include "mdns/rules.h"

static void types_match_with_their_subtypes_and_without_what_is_excluded(void **state)
{
	static uint8_t named[][DNS_NAME_MAX] = {"\5_http\4_tcp", "\10_printer\4_sub\4_ipp\4_tcp"};
	static uint8_t excluded[][DNS_NAME_MAX] = {"\4_ssh\4_tcp", "\4_old\4_sub\5_http\4_tcp"};
	static const struct {
		const char *type;
		bool is_named, is_any;
	} rows[] = {
		{"_http._tcp.", true, true},
		{"_HTTP._tcp.", true, true},
		{"_http._udp.", false, true},
		{"_new._sub._http._tcp.", true, true},
		{"_old._sub._http._tcp.", false, false},
		{"_ipp._tcp.", false, true},
		{"_printer._sub._ipp._tcp.", true, true},
		{"_fax._sub._ipp._tcp.", false, true},
		{"_ssh._tcp.", false, false},
		{"_new._sub._ssh._tcp.", false, false},
	};
	struct mdns_rule r = {.advertise = {.items = named, .count = 2},
			      .discover = {.has_all = true},
			      .exclude = {.items = excluded, .count = 2}};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const uint8_t *type = kit_name(rows[i].type);

		assert_int_equal(mdns_rule_advertises(&r, type), rows[i].is_named);
		assert_int_equal(mdns_rule_discovers(&r, type), rows[i].is_any);
	}
}

static void what_any_rule_writes_to_is_discovered(void **state)
{
	struct mdns_rule items[] = {
		{.into = {.name = "\3dev"}},
		{.into = {.zone = (struct zone *)items, .name = "\3lan\3lab\5cloud"}}};
	struct mdns_rules rules = {.items = items, .count = 2};

	(void)state;
	assert_true(mdns_rules_is_discovered(&rules, kit_name("lan.lab.cloud.")));
	assert_true(mdns_rules_is_discovered(&rules, kit_name("web._http._tcp.LAN.lab.cloud.")));
	assert_false(mdns_rules_is_discovered(&rules, kit_name("web._http._tcp.lab.cloud.")));
	assert_false(mdns_rules_is_discovered(&rules, kit_name("web.dev.")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_match_with_their_subtypes_and_without_what_is_excluded),
		cmocka_unit_test(what_any_rule_writes_to_is_discovered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
