/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../zone/kit.h"

#include "mdns/changes.h"
#include "zone/changeset.h"

#include "../memory.h"

static struct mdns_changes queue;
static struct zone *zone;

static int begin(void **state)
{
	(void)state;
	base_rcu_register();
	mdns_changes_init(&queue);
	zone = kit_zone("lab.cloud.", "$TTL 3600\n@ SOA ns hostmaster 1 2 3 4 5\n@ NS ns\n");
	return 0;
}

static int end(void **state)
{
	(void)state;
	mdns_changes_fini(&queue);
	base_rcu_offline();
	zone_free(zone);
	base_rcu_online();
	base_rcu_unregister();
	return 0;
}

/* Adds the records to the zone, and queues the changeset `count` times. */
static void put(const char *records, unsigned count)
{
	struct zone_draft *d = zone_draft_new(zone);
	struct zone_changeset changes;

	kit_add(d, records);
	assert_int_equal(zone_draft_seal(d, &changes), 1);
	zone_draft_show(d);
	while (count-- > 0)
		mdns_changes_put(&queue, zone, &changes);
	zone_draft_finish(d);
}

static bool has(const struct mdns_changeset *set, const char *owner, const char *target)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct mdns_change *c = &set->items[i];

		if (dns_name_equal(c->owner, kit_name(owner)) &&
		    (target == NULL
			     ? c->target == NULL
			     : c->target != NULL && dns_name_equal(c->target, kit_name(target))))
			return true;
	}
	return false;
}

static void owners_and_targets_of_ptrs_are_queued(void **state)
{
	struct mdns_changeset *set;
	bool has_lost_one;

	(void)state;
	put("_http._tcp 10 PTR a._http._tcp\n_http._tcp 10 PTR b._http._tcp\n"
	    "a._http._tcp 10 SRV 0 0 80 n1\na._http._tcp 10 TXT \"x=1\"\nn1 10 A 192.0.2.1\n",
	    1);
	set = mdns_changes_take(&queue, &has_lost_one);
	assert_non_null(set);
	assert_null(set->link.next);
	assert_false(has_lost_one);
	assert_ptr_equal(set->zone, zone);
	assert_int_equal(set->count, 4);
	assert_true(has(set, "_http._tcp.lab.cloud.", "a._http._tcp.lab.cloud."));
	assert_true(has(set, "_http._tcp.lab.cloud.", "b._http._tcp.lab.cloud."));
	assert_true(has(set, "a._http._tcp.lab.cloud.", NULL));
	assert_true(has(set, "n1.lab.cloud.", NULL));
	mdns_changes_free(&queue, set);
	assert_int_equal(atomic_load(&queue.nbytes), 0);
}

static void changesets_come_in_their_order(void **state)
{
	struct mdns_changeset *set, *next;
	bool has_lost_one;

	(void)state;
	put("one 10 A 192.0.2.1\n", 1);
	put("two 10 A 192.0.2.1\n", 1);
	set = mdns_changes_take(&queue, &has_lost_one);
	assert_non_null(set);
	assert_true(has(set, "one.lab.cloud.", NULL));
	next = (struct mdns_changeset *)set->link.next;
	assert_true(has(next, "two.lab.cloud.", NULL));
	assert_null(next->link.next);
	mdns_changes_free(&queue, set);
	mdns_changes_free(&queue, next);
	assert_null(mdns_changes_take(&queue, &has_lost_one));
}

static void beyond_the_bound_changes_are_lost_and_that_is_known_once(void **state)
{
	struct mdns_changeset *set, *next;
	bool has_lost_one;
	size_t count = 0;

	(void)state;
	put("n1 10 A 192.0.2.1\n", MDNS_CHANGES_MAX / sizeof(struct mdns_changeset));
	assert_true(atomic_load(&queue.nbytes) <= MDNS_CHANGES_MAX + sizeof(struct mdns_changeset));
	set = mdns_changes_take(&queue, &has_lost_one);
	assert_true(has_lost_one);
	for (; set != NULL; set = next, count++) {
		next = (struct mdns_changeset *)set->link.next;
		mdns_changes_free(&queue, set);
	}
	assert_true(count > 0);
	put("n1 10 A 192.0.2.2\n", 1);
	set = mdns_changes_take(&queue, &has_lost_one);
	assert_false(has_lost_one);
	assert_non_null(set);
	mdns_changes_free(&queue, set);
}

static void without_memory_a_change_is_lost(void **state)
{
	struct zone_draft *d = zone_draft_new(zone);
	struct zone_changeset changes;
	bool has_lost_one;

	(void)state;
	kit_add(d, "n1 10 A 192.0.2.1\n");
	assert_int_equal(zone_draft_seal(d, &changes), 1);
	memory_fail_after(0);
	mdns_changes_put(&queue, zone, &changes);
	memory_fail_after(MEMORY_ENOUGH);
	zone_draft_show(d);
	zone_draft_finish(d);
	assert_null(mdns_changes_take(&queue, &has_lost_one));
	assert_true(has_lost_one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(owners_and_targets_of_ptrs_are_queued, begin, end),
		cmocka_unit_test_setup_teardown(changesets_come_in_their_order, begin, end),
		cmocka_unit_test_setup_teardown(
			beyond_the_bound_changes_are_lost_and_that_is_known_once, begin, end),
		cmocka_unit_test_setup_teardown(without_memory_a_change_is_lost, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
