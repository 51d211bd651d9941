/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

static const char small[] = "$ORIGIN lab.cloud.\n$TTL 60\n" KIT_SOA "@ NS ns\nns A 192.0.2.1\n";

static void keys_and_zones_are_found_by_name(void **state)
{
	struct kit_rules v;

	(void)state;
	kit_rules_init(&v, kit_zone("lab.cloud.", small));
	assert_ptr_equal(server_rules_key(&v.rules, kit_name("xfer."), 6), &v.key);
	assert_null(server_rules_key(&v.rules, kit_name("xfe."), 5));
	assert_null(server_rules_key(&v.rules, kit_name("yfer."), 6));
	assert_ptr_equal(server_rules_zone(&v.rules, v.zone), &v.zones[0]);
	kit_rules_fini(&v);
	zone_free(v.zone);
}

/* A client must satisfy both keys and prefixes if there are both; without either, transfers are
 * refused. */
static void a_transfer_needs_all_that_is_asked_for(void **state)
{
	static const struct {
		bool has_keys, has_prefixes, is_signed;
		const char *client;
		bool is_allowed;
	} cases[] = {
		{false, false, false, "192.0.2.1", false},
		{false, false, true, "192.0.2.1", false},
		{true, false, false, "192.0.2.1", false},
		{true, false, true, "198.51.100.1", true},
		{false, true, false, "192.0.2.1", true},
		{false, true, true, "198.51.100.1", false},
		{true, true, true, "192.0.2.1", true},
		{true, true, true, "198.51.100.1", false},
		{true, true, false, "192.0.2.1", false},
	};
	struct base_prefix prefix;
	struct kit_rules v;

	(void)state;
	kit_rules_init(&v, kit_zone("lab.cloud.", small));
	assert_int_equal(base_prefix_from_text(&prefix, "192.0.2.0/24"), 0);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sockaddr_storage client = kit_address(cases[i].client);
		struct server_zone z = v.zones[0];

		z.ntransfer_keys = cases[i].has_keys;
		z.transfer_prefixes = &prefix;
		z.ntransfer_prefixes = cases[i].has_prefixes;
		assert_int_equal(server_rules_may_transfer(&z, cases[i].is_signed ? &v.key : NULL,
							   (struct sockaddr *)&client),
				 cases[i].is_allowed);
		z.is_transfer_either = true;
		assert_int_equal(server_rules_may_transfer(&z, cases[i].is_signed ? &v.key : NULL,
							   (struct sockaddr *)&client),
				 (cases[i].has_keys && cases[i].is_signed) ||
					 (cases[i].has_prefixes &&
					  strcmp(cases[i].client, "192.0.2.1") == 0));
	}
	kit_rules_fini(&v);
	zone_free(v.zone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_and_zones_are_found_by_name),
		cmocka_unit_test(a_transfer_needs_all_that_is_asked_for),
	};

	return cmocka_run_group_tests(tests, kit_setup, kit_teardown);
}
