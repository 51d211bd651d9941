/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../zone/kit.h"

#include "advertise/source.h"
#include "mdns/rules.h"

#define HEAD "$TTL 60\n@ SOA ns hostmaster 1 2 3 4 5\n@ NS ns\n"

static void the_srv_record_that_clients_try_first_is_read(void **state)
{
	static struct advertise_source_service s;
	struct zone *z = kit_zone("lab.cloud.", HEAD "Web SRV 1 9 1 a\nweb SRV 0 1 2 b\n"
						     "web SRV 0 5 3 c\nweb SRV 0 9 4 .\n");

	(void)state;
	base_rcu_offline();
	assert_true(advertise_source_service(z, kit_name("WEB.lab.cloud."), &s));
	assert_int_equal(s.port, 3);
	assert_int_equal(s.ntxt, 1);
	assert_memory_equal(s.name, kit_name("Web.lab.cloud."), 15);
	assert_false(advertise_source_service(z, kit_name("ns.lab.cloud."), &s));
	assert_false(advertise_source_service(z, kit_name("web.dev.cloud."), &s));
	zone_free(z);
	base_rcu_online();
}

static void pointers_are_found_in_any_case(void **state)
{
	struct zone *z =
		kit_zone("lab.cloud.", HEAD "t PTR b.x\nt PTR A.x\nt PTR ab.x\nu PTR c.x\n");
	struct advertise_source_pointer p[] = {
		{(const uint8_t *)"\1u\3lab\5cloud", (const uint8_t *)"\1C\1x\3lab\5cloud", false},
		{(const uint8_t *)"\1T\3lab\5cloud", (const uint8_t *)"\1B\1x\3lab\5cloud", false},
		{(const uint8_t *)"\1t\3lab\5cloud", (const uint8_t *)"\1a\1x\3lab\5cloud", false},
		{(const uint8_t *)"\1t\3lab\5cloud", (const uint8_t *)"\1d\1x\3lab\5cloud", true},
		{(const uint8_t *)"\1v\3lab\5cloud", (const uint8_t *)"\1a\1x\3lab\5cloud", true},
	};

	(void)state;
	qsort(p, 5, sizeof(*p), advertise_source_pointer_order);
	base_rcu_offline();
	advertise_source_find(z, p, 5);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(p[i].is_there, p[i].owner[1] != 'v' && p[i].target[1] != 'd');
	zone_free(z);
	base_rcu_online();
}

static void a_host_is_in_the_longest_zone_of_a_rule(void **state)
{
	struct zone *lab = kit_zone("lab.cloud.", HEAD), *sub = kit_zone("s.lab.cloud.", HEAD);
	struct mdns_rule items[] = {{.zone = lab}, {.zone = lab, .into = {.zone = sub}}};
	struct mdns_rules rules = {.items = items, .count = 2};

	(void)state;
	assert_ptr_equal(advertise_source_zone(&rules, kit_name("a.lab.cloud.")), lab);
	assert_null(advertise_source_zone(&rules, kit_name("a.s.lab.cloud.")));
	assert_null(advertise_source_zone(&rules, kit_name("cloud.")));
	items[0].zone = sub;
	assert_ptr_equal(advertise_source_zone(&rules, kit_name("a.s.lab.cloud.")), sub);
	base_rcu_offline();
	zone_free(lab);
	zone_free(sub);
	base_rcu_online();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_srv_record_that_clients_try_first_is_read),
		cmocka_unit_test(pointers_are_found_in_any_case),
		cmocka_unit_test(a_host_is_in_the_longest_zone_of_a_rule),
	};

	return cmocka_run_group_tests(tests, kit_setup, kit_teardown);
}
