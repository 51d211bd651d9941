/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The check itself is view/check.h's; these tests are about what it is given. */

#include "kit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "../memory.h"
#include "base/rcu.h"
#include "dns/type.h"
#include "engine.h"
#include "registry/check.h"
#include "registry/registrar.h"

#define TYPE "_http._tcp"

struct fixture {
	struct kit_world w;
	struct kit_engine engine;
	struct registry_registrar *registrar;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	kit_world_init(&f->w);
	kit_follow_clock(&f->w);
	kit_view(&f->w);
	assert_int_equal(kit_do(&f->w, "n1", 0, 0, "+ n1.nodes A 10.0.0.7"), 0);
	/* Places are shared among owners: the check has to know them. */
	f->w.services.srv_max = 3;
	for (unsigned i = 0; i < 6; i++) {
		char text[128];

		snprintf(text, sizeof(text), "+ i%u." TYPE " SRV 80 n1.nodes; + i%u." TYPE " TXT a",
			 i, i);
		assert_int_equal(kit_do(&f->w, i < 4 ? "n1" : "n2", 0, 0, text), 0);
	}
	f->registrar = kit_engine_registrar(&f->engine, &f->w.state);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	registry_registrar_stop(f->registrar);
	kit_world_fini(&f->w);
	free(f);
	return 0;
}

static void count_up(void *arg, bool is_missing, const struct dns_record *record)
{
	(void)is_missing;
	(void)record;
	++*(unsigned *)arg;
}

/* Runs and ends a check. Returns how many records are wrong. */
static unsigned run(struct registry_check *check)
{
	unsigned n = 0;

	assert_non_null(check);
	assert_int_equal(registry_check_run(check, count_up, &n), 0);
	base_rcu_offline();
	registry_check_free(check);
	base_rcu_online();
	return n;
}

/* Removes a derived record without the view. */
static void remove_one(struct zone *zone, const char *owner)
{
	struct zone_draft *d = zone_draft_new(zone);
	struct zone_changeset changes;

	assert_true(zone_draft_remove_rrset(d, kit_name(owner), DNS_TYPE_PTR) > 0);
	assert_int_equal(zone_draft_seal(d, &changes), 1);
	zone_draft_publish(d);
}

static struct registry_check *take(struct fixture *f)
{
	return registry_check_take(f->registrar, f->w.zone, &f->w.services);
}

static void records_that_are_wrong_are_found_in_all_zones(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(run(take(f)), 0);
	remove_one(f->w.zone, "_services._dns-sd._udp");
	assert_int_equal(run(take(f)), 1);
	remove_one(f->w.reverse, "7.0.0.10.in-addr.arpa.");
	assert_int_equal(run(take(f)), 2);
}

static void what_changes_after_a_check_was_taken_is_not_seen(void **state)
{
	struct fixture *f = *state;
	struct registry_check *check = take(f);

	remove_one(f->w.zone, "_services._dns-sd._udp");
	assert_ptr_not_equal(registry_check_snapshot(check), zone_current(f->w.zone));
	assert_int_equal(run(check), 0);
}

static void a_check_that_is_short_of_memory_fails(void **state)
{
	struct fixture *f = *state;
	int n = 0, ret;

	do {
		struct registry_check *check;
		unsigned nwrong = 0;

		memory_fail_after(n++);
		check = take(f);
		ret = check == NULL ? -ENOMEM : registry_check_run(check, count_up, &nwrong);
		memory_fail_after(MEMORY_ENOUGH);
		base_rcu_offline();
		registry_check_free(check);
		base_rcu_online();
		assert_int_equal(ret, memory_has_failed() ? -ENOMEM : 0);
		assert_int_equal(nwrong, 0);
	} while (ret < 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(records_that_are_wrong_are_found_in_all_zones),
		TEST(what_changes_after_a_check_was_taken_is_not_seen),
		TEST(a_check_that_is_short_of_memory_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
