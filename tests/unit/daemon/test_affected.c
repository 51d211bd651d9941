/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../zone/kit.h"

#include "daemon/affected.h"

#define HEAD "$TTL 3600\n@ SOA ns hostmaster 1 2 3 4 5\n@ NS ns\n"

static void change(struct zone *z, struct daemon_affected *a, const char *added,
		   const char *removed)
{
	struct zone_draft *d = zone_draft_new(z);
	struct zone_changeset changes;

	kit_add(d, added);
	if (removed != NULL)
		zone_draft_remove_rrset(d, kit_name(removed), DNS_TYPE_A);
	assert_int_equal(zone_draft_seal(d, &changes), 1);
	zone_draft_show(d);
	daemon_affected_add(a, z, &changes);
	zone_draft_finish(d);
}

static void names_and_the_longest_ttl_of_what_is_gone_are_known(void **state)
{
	struct zone *z = kit_zone("lab.cloud.", HEAD "Web 60 A 192.0.2.1\nweb 60 A 192.0.2.2\n"
						     "db 30 A 192.0.2.3\n");
	struct daemon_affected a = {.zone = z};
	const uint8_t *second;

	(void)state;
	change(z, &a, "new 600 TXT x\n", "web.lab.cloud.");
	assert_int_equal(a.version, 2);
	assert_int_equal(a.ttl_s, 60);
	assert_true(dns_name_equal(a.names, kit_name("web.lab.cloud.")));
	second = a.names + dns_name_nbytes(a.names);
	assert_true(dns_name_equal(second, kit_name("new.lab.cloud.")));
	assert_int_equal(a.nbytes, dns_name_nbytes(a.names) + dns_name_nbytes(second));
	assert_int_equal(daemon_affected_add_name(&a, kit_name("NEW.lab.cloud.")), 0);
	assert_int_equal(a.nbytes, dns_name_nbytes(a.names) + dns_name_nbytes(second));
	daemon_affected_fini(&a);
	assert_int_equal(a.version, 0);
	base_rcu_offline();
	zone_free(z);
	base_rcu_online();
}

static void other_zones_are_not_looked_at(void **state)
{
	struct zone *z = kit_zone("lab.cloud.", HEAD);
	struct daemon_affected a = {.zone = NULL};

	(void)state;
	change(z, &a, "new 600 TXT x\n", NULL);
	assert_int_equal(a.version, 0);
	assert_int_equal(a.nbytes, 0);
	change(z, NULL, "new 600 TXT y\n", NULL);
	daemon_affected_fini(&a);
	base_rcu_offline();
	zone_free(z);
	base_rcu_online();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_the_longest_ttl_of_what_is_gone_are_known),
		cmocka_unit_test(other_zones_are_not_looked_at),
	};

	return cmocka_run_group_tests(tests, kit_setup, kit_teardown);
}
