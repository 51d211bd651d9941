/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../zone/kit.h"

#include "bridge/alternatives.h"
#include "bridge/names.h"
#include "bridge/table.h"
#include "lan/name.h"

static void the_next_free_name_is_chosen_and_found_again(void **state)
{
	struct bridge_names *names = bridge_names_open("/nonexistent", 1);
	struct bridge_alternatives a;
	struct bridge_table taken;
	struct bridge_entry second = {.name = kit_name("n1-2.local.")};
	const uint8_t *original = kit_name("n1.local."), *name = kit_name("n1.lab.");
	uint8_t out[DNS_NAME_MAX];

	(void)state;
	bridge_alternatives_init(&a, names, NULL);
	bridge_table_init(&taken, 1);
	assert_int_equal(bridge_table_add(&taken, &second), 0);
	assert_int_equal(bridge_alternatives_find(&a, name, original, lan_name_alternative_host),
			 1);
	assert_int_equal(
		bridge_alternative_choose(out, original, 1, &taken, lan_name_alternative_host), 1);
	assert_true(dns_name_equal(out, original));
	assert_int_equal(
		bridge_alternative_choose(out, original, 2, &taken, lan_name_alternative_host), 3);
	assert_int_equal(bridge_alternative_choose(out, original, BRIDGE_ALTERNATIVES_MAX + 1,
						   &taken, lan_name_alternative_host),
			 0);
	bridge_names_set(names, name, kit_name("n1-3.local."));
	assert_int_equal(bridge_alternatives_find(&a, name, original, lan_name_alternative_host),
			 3);
	bridge_names_set(names, name, kit_name("other-3.local."));
	assert_int_equal(bridge_alternatives_find(&a, name, original, lan_name_alternative_host),
			 1);
	bridge_table_fini(&taken);
	bridge_alternatives_fini(&a);
	bridge_names_close(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_free_name_is_chosen_and_found_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
