/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../zone/kit.h"

#include "advertise/alternatives.h"
#include "advertise/names.h"
#include "lan/name.h"
#include "mdns/table.h"

static void the_next_free_name_is_chosen_and_found_again(void **state)
{
	struct advertise_names *names = advertise_names_open("/nonexistent", 1);
	struct advertise_alternatives a;
	struct mdns_table taken;
	struct mdns_entry second = {.name = kit_name("n1-2.local.")};
	const uint8_t *original = kit_name("n1.local."), *name = kit_name("n1.lab.");
	uint8_t out[DNS_NAME_MAX];

	(void)state;
	advertise_alternatives_init(&a, names, NULL);
	mdns_table_init(&taken, 1);
	assert_int_equal(mdns_table_add(&taken, &second), 0);
	assert_int_equal(advertise_alternatives_find(&a, name, original, lan_name_alternative_host),
			 1);
	assert_int_equal(
		advertise_alternative_choose(out, original, 1, &taken, lan_name_alternative_host),
		1);
	assert_true(dns_name_equal(out, original));
	assert_int_equal(
		advertise_alternative_choose(out, original, 2, &taken, lan_name_alternative_host),
		3);
	assert_int_equal(advertise_alternative_choose(out, original, ADVERTISE_ALTERNATIVES_MAX + 1,
						      &taken, lan_name_alternative_host),
			 0);
	advertise_names_set(names, name, kit_name("n1-3.local."));
	assert_int_equal(advertise_alternatives_find(&a, name, original, lan_name_alternative_host),
			 3);
	advertise_names_set(names, name, kit_name("other-3.local."));
	assert_int_equal(advertise_alternatives_find(&a, name, original, lan_name_alternative_host),
			 1);
	mdns_table_fini(&taken);
	advertise_alternatives_fini(&a);
	advertise_names_close(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_free_name_is_chosen_and_found_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
