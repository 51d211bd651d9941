/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include "zone/look.h"

static void zone_end(struct zone *z)
{
	base_rcu_offline();
	zone_free(z);
	base_rcu_online();
}

#define HEAD "@ 3600 SOA ns hostmaster 1 2 3 4 5\n@ 3600 NS ns\n"

static void all_rrsets_of_a_name_are_found(void **state)
{
	struct zone *z = kit_zone("lab.cloud.", HEAD "Web 60 A 192.0.2.1\nWeb 30 TXT \"x\"\n");
	uint8_t spelling[DNS_NAME_MAX];
	char text[DNS_NAME_TEXT_MAX];
	struct zone_rrset rrset;
	struct zone_look l;

	(void)state;
	assert_true(zone_look_find(&l, zone_current(z), kit_name("WEB.lab.cloud.")));
	assert_true(zone_look_next(&l, &rrset));
	assert_int_equal(rrset.type, DNS_TYPE_A);
	assert_true(zone_look_next(&l, &rrset));
	assert_int_equal(rrset.type, DNS_TYPE_TXT);
	assert_false(zone_look_next(&l, &rrset));
	assert_true(zone_look_rrset(&l, DNS_TYPE_TXT, &rrset));
	assert_int_equal(rrset.ttl, 30);
	assert_false(zone_look_rrset(&l, DNS_TYPE_AAAA, &rrset));
	zone_look_spelling(&l, spelling);
	dns_name_to_text(text, spelling);
	assert_string_equal(text, "Web.lab.cloud.");
	zone_end(z);
}

static void a_name_without_records_is_not_found(void **state)
{
	struct zone *z = kit_zone("lab.cloud.", HEAD "*.w A 192.0.2.1\na.b.c A 192.0.2.1\n");
	static const char *const names[] = {"x.w.lab.cloud.", "b.c.lab.cloud.", "d.lab.cloud."};
	struct zone_rrset rrset;
	struct zone_look l;

	(void)state;
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_false(zone_look_find(&l, zone_current(z), kit_name(names[i])));
		assert_false(zone_look_next(&l, &rrset));
		assert_false(zone_look_rrset(&l, DNS_TYPE_A, &rrset));
	}
	assert_true(zone_look_find(&l, zone_current(z), kit_name("*.w.lab.cloud.")));
	zone_end(z);
}

static void the_version_of_the_last_change_is_never_too_early(void **state)
{
	struct zone *z = kit_zone("lab.cloud.", HEAD "web A 192.0.2.1\n");
	struct zone_draft *d = zone_draft_new(z);
	const uint8_t *web = kit_name("web.lab.cloud.");

	(void)state;
	kit_add(d, "web 3600 A 192.0.2.2\n");
	kit_publish(d);
	assert_int_equal(zone_look_changed(zone_current(z), web), 2);
	d = zone_draft_new(z);
	assert_true(zone_draft_remove_rrset(d, web, DNS_TYPE_A) >= 0);
	kit_publish(d);
	assert_int_equal(zone_look_changed(zone_current(z), web), 3);
	zone_end(z);
}

static void names_at_and_below_a_delegation_are_told_apart(void **state)
{
	static const struct {
		const char *name;
		enum zone_authority authority;
	} names[] = {
		{"lab.cloud.", ZONE_AUTHORITY},
		{"sub.lab.cloud.", ZONE_AUTHORITY_CUT},
		{"SUB.lab.cloud.", ZONE_AUTHORITY_CUT},
		{"ns.sub.lab.cloud.", ZONE_AUTHORITY_BELOW},
		{"a.b.sub.lab.cloud.", ZONE_AUTHORITY_BELOW},
		{"other.lab.cloud.", ZONE_AUTHORITY},
		{"x.alias.lab.cloud.", ZONE_AUTHORITY},
	};
	struct zone *z = kit_zone("lab.cloud.", HEAD "sub NS ns.sub\nns.sub A 192.0.2.1\n"
						     "alias DNAME other\n");

	(void)state;
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_int_equal(zone_look_authority(zone_current(z), kit_name(names[i].name)),
				 names[i].authority);
	zone_end(z);
}

static void a_changeset_outlives_the_showing_of_its_version(void **state)
{
	struct zone *z = kit_zone("lab.cloud.", HEAD);
	struct zone_draft *d = zone_draft_new(z);
	struct zone_changeset changes;
	struct dns_record r;
	struct base_buf b;
	struct zone_look l;

	(void)state;
	kit_add(d, "web 3600 A 192.0.2.1\n");
	assert_int_equal(zone_draft_seal(d, &changes), 1);
	zone_draft_show(d);
	assert_true(zone_look_find(&l, zone_current(z), kit_name("web.lab.cloud.")));
	b = base_buf_over(changes.added, changes.nadded_bytes);
	assert_true(zone_changeset_next(&b, &r) && r.type == DNS_TYPE_SOA);
	assert_true(zone_changeset_next(&b, &r) && r.type == DNS_TYPE_A);
	zone_draft_finish(d);
	zone_end(z);
}

static int enter(void **state)
{
	(void)state;
	base_rcu_register();
	return 0;
}

static int leave(void **state)
{
	(void)state;
	base_rcu_unregister();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_rrsets_of_a_name_are_found),
		cmocka_unit_test(a_name_without_records_is_not_found),
		cmocka_unit_test(the_version_of_the_last_change_is_never_too_early),
		cmocka_unit_test(names_at_and_below_a_delegation_are_told_apart),
		cmocka_unit_test(a_changeset_outlives_the_showing_of_its_version),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
