/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

static const char small[] =
	"$ORIGIN z.\n$TTL 60\n@ SOA ns host 10 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n";

/* Publishes a version in which `w` has this TXT and no other. */
static void publish_txt(struct zone *z, const char *txt)
{
	struct zone_draft *d = zone_draft_new(z);
	char text[64];

	assert_non_null(d);
	assert_true(zone_draft_remove_rrset(d, kit_name("w.z."), DNS_TYPE_TXT) >= 0);
	snprintf(text, sizeof(text), "w 60 TXT \"%s\"\n", txt);
	kit_add(d, text);
	kit_publish(d);
}

static bool has_txt(const struct zone_snapshot *s, const char *txt)
{
	char *dump = kit_dump(s), wanted[64];
	bool has_it;

	snprintf(wanted, sizeof(wanted), "\"%s\"", txt);
	has_it = strstr(dump, wanted) != NULL;
	free(dump);
	return has_it;
}

static void a_pinned_version_stays_whatever_is_published(void **state)
{
	struct zone *z = kit_zone("z.", small);
	const struct zone_snapshot *first, *second;
	char txt[16];

	(void)state;
	publish_txt(z, "one");
	first = zone_acquire(z);
	publish_txt(z, "two");
	second = zone_acquire(z);
	assert_ptr_equal(zone_acquire(z), second); /* a second pin of the same */
	for (unsigned i = 0; i < 50; i++) {
		snprintf(txt, sizeof(txt), "later%u", i);
		publish_txt(z, txt);
		base_rcu_quiescent();
	}
	assert_true(has_txt(first, "one"));
	assert_true(has_txt(second, "two"));
	assert_int_equal(zone_snapshot_version(first), 2);
	assert_int_equal(zone_snapshot_version(second), 3);
	zone_release(z, second);
	zone_release(z, first);
	publish_txt(z, "last");
	base_rcu_quiescent();
	publish_txt(z, "very last");
	assert_true(has_txt(second, "two")); /* one pin is left */
	zone_release(z, second);
	base_rcu_offline();
	zone_free(z);
	base_rcu_online();
}

/* A pinned version costs memory, but what changes meanwhile does not pile up. */
static void only_what_a_pinned_version_uses_is_kept(void **state)
{
	struct zone *z = kit_zone("z.", small);
	const struct zone_snapshot *s;
	uint64_t before = 0;
	char txt[16];

	(void)state;
	publish_txt(z, "one");
	s = zone_acquire(z);
	for (unsigned round = 0; round < 2000; round++) {
		snprintf(txt, sizeof(txt), "round%04u", round);
		publish_txt(z, txt);
		base_rcu_quiescent();
		if (round == 100)
			before = zone_memory(z);
	}
	assert_int_equal(zone_memory(z), before);
	zone_release(z, s);
	base_rcu_offline();
	zone_free(z);
	base_rcu_online();
}

static void a_zone_without_a_version_has_no_snapshot(void **state)
{
	struct zone *z = zone_new(kit_name("z."), 42);

	(void)state;
	assert_null(zone_current(z));
	assert_null(zone_acquire(z));
	assert_false(zone_has(z, kit_name("z."), 0));
	assert_false(zone_is_unchanged(z, kit_name("z."), 3, 1));
	zone_free(z);
}

static void a_snapshot_counts_what_it_has(void **state)
{
	struct zone *z = kit_zone("z.", small);
	struct zone_draft *d;

	(void)state;
	assert_int_equal(zone_snapshot_version(zone_current(z)), 1);
	assert_int_equal(zone_snapshot_serial(zone_current(z)), 10);
	assert_int_equal(zone_snapshot_names(zone_current(z)), 2);
	assert_int_equal(zone_snapshot_records(zone_current(z)), 3);
	publish_txt(z, "one");
	assert_int_equal(zone_snapshot_version(zone_current(z)), 2);
	assert_int_equal(zone_snapshot_serial(zone_current(z)), 11);
	assert_int_equal(zone_snapshot_names(zone_current(z)), 3);
	assert_int_equal(zone_snapshot_records(zone_current(z)), 4);
	d = zone_draft_new(z);
	assert_int_equal(zone_draft_remove_rrset(d, kit_name("ns.z."), DNS_TYPE_A), 1);
	kit_publish(d);
	assert_int_equal(zone_snapshot_names(zone_current(z)), 2);
	assert_int_equal(zone_snapshot_records(zone_current(z)), 3);
	base_rcu_offline();
	zone_free(z);
	base_rcu_online();
}

static void a_changed_or_missing_name_is_noticed(void **state)
{
	struct zone *z = kit_zone("z.", small);
	static const uint8_t ns[] = "\2ns\1z", both[] = "\2ns\1z\0\1w\1z", missing[] = "\1x\1z";

	(void)state;
	publish_txt(z, "one"); /* version 2 */
	assert_true(zone_is_unchanged(z, ns, sizeof(ns), 1));
	assert_true(zone_is_unchanged(z, both, sizeof(both), 2));
	assert_false(zone_is_unchanged(z, both, sizeof(both), 1));
	assert_false(zone_is_unchanged(z, missing, sizeof(missing), 2));
	publish_txt(z, "two"); /* version 3 */
	assert_true(zone_is_unchanged(z, ns, sizeof(ns), 1));
	assert_false(zone_is_unchanged(z, both, sizeof(both), 2));
	assert_true(zone_is_unchanged(z, both, sizeof(both), 3));
	base_rcu_offline();
	zone_free(z);
	base_rcu_online();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pinned_version_stays_whatever_is_published),
		cmocka_unit_test(only_what_a_pinned_version_uses_is_kept),
		cmocka_unit_test(a_zone_without_a_version_has_no_snapshot),
		cmocka_unit_test(a_snapshot_counts_what_it_has),
		cmocka_unit_test(a_changed_or_missing_name_is_noticed),
	};

	return cmocka_run_group_tests(tests, kit_setup, kit_teardown);
}
