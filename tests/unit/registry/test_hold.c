/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <sched.h>

#include "../zone/kit.h"
#include "registry/hold.h"

struct fixture {
	struct zone *zone;
	struct registry_hold hold;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->zone = kit_zone("z.cloud.", "$ORIGIN z.cloud.\n@ 60 SOA ns h 1 2 3 4 5\n");
	registry_hold_init(&f->hold);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	registry_hold_fini(&f->hold);
	base_rcu_offline();
	zone_free(f->zone);
	base_rcu_online();
	free(f);
	return 0;
}

static void add(struct fixture *f)
{
	assert_int_equal(zone_draft_add(f->hold.draft, kit_name("a.z.cloud."), DNS_TYPE_A, 60,
					(const uint8_t *)"\12\0\0\1", 4),
			 1);
}

static void a_draft_that_was_prepared_is_handed_over(void **state)
{
	struct fixture *f = *state;
	struct zone_draft *draft;

	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(registry_hold_begin(&f->hold, f->zone), 0);
		assert_int_equal(registry_hold_begin(&f->hold, f->zone), -EBUSY);
		assert_true(registry_hold_has(&f->hold, f->zone));
		if (i == 0)
			add(f);
		assert_int_equal(registry_hold_seal(&f->hold), 0);
		assert_int_equal(f->hold.is_changed, i == 0);
		registry_hold_let_go(&f->hold);
		draft = registry_hold_take(&f->hold);
		assert_non_null(draft);
		assert_false(registry_hold_has(&f->hold, f->zone));
		if (i == 0)
			zone_draft_publish(draft);
		else
			zone_draft_abort(draft);
		assert_true(zone_has(f->zone, kit_name("a.z.cloud."), DNS_TYPE_A));
	}
}

/* Works until it is asked to hurry. */
static void *prepare(void *arg)
{
	struct fixture *f = arg;

	while (!atomic_load(&f->hold.is_wanted_back))
		sched_yield();
	add(f);
	registry_hold_let_go(&f->hold);
	return NULL;
}

static void a_zone_is_taken_back_once_its_preparer_lets_go(void **state)
{
	struct fixture *f = *state;
	struct zone *other = kit_zone("y.cloud.", "$ORIGIN y.cloud.\n@ 60 SOA ns h 1 2 3 4 5\n");
	pthread_t preparer;

	assert_int_equal(registry_hold_begin(&f->hold, f->zone), 0);
	registry_hold_take_back(&f->hold, other);
	assert_true(registry_hold_has(&f->hold, f->zone));
	assert_int_equal(pthread_create(&preparer, NULL, prepare, f), 0);
	registry_hold_take_back(&f->hold, f->zone);
	assert_false(registry_hold_has(&f->hold, f->zone));
	assert_null(registry_hold_take(&f->hold));
	assert_int_equal(pthread_join(preparer, NULL), 0);
	assert_false(zone_has(f->zone, kit_name("a.z.cloud."), DNS_TYPE_A));
	zone_free(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_draft_that_was_prepared_is_handed_over),
		TEST(a_zone_is_taken_back_once_its_preparer_lets_go),
	};

	return cmocka_run_group_tests(tests, kit_setup, kit_teardown);
}
