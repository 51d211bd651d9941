/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <errno.h>
#include <stdio.h>

#include "../memory.h"
#include "undo/list.h"
#include "view/waiting.h"

#define TYPE "_http._tcp"

enum { MANY = 200 };

static const uint8_t *instance(unsigned i)
{
	char text[32];

	snprintf(text, sizeof(text), "i%u." TYPE, i);
	return kit_name(text);
}

/* Makes an instance live: only the names of live instances are scanned. */
static void make_live(struct view *v, unsigned i)
{
	assert_int_equal(undo_list_put(&v->srvs, kit_name("lab.cloud."), instance(i),
				       (const uint8_t *)"\0", 1),
			 0);
}

static void a_name_waits_at_one_owner_and_once(void **state)
{
	struct view v;

	(void)state;
	assert_int_equal(view_init(&v, 1), 0);
	assert_false(view_waiting_has(&v, kit_name(TYPE), instance(1)));
	assert_int_equal(view_waiting_remove(&v, kit_name(TYPE), instance(1)), 0);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(view_waiting_add(&v, kit_name(TYPE), instance(1)), 0);
	assert_int_equal(view_waiting_add(&v, kit_name(TYPE), instance(2)), 0);
	assert_int_equal(view_waiting_add(&v, kit_name("_p._sub." TYPE), instance(1)), 0);
	assert_int_equal(view_waiting_count(&v, kit_name("_HTTP._TCP")), 2);
	assert_int_equal(view_waiting_count(&v, kit_name("_p._sub." TYPE)), 1);
	assert_int_equal(v.nwaiting, 3);
	assert_true(view_waiting_has(&v, kit_name("_HTTP._tcp"), kit_name("I1." TYPE)));
	assert_false(view_waiting_has(&v, kit_name("_p._sub." TYPE), instance(2)));
	assert_int_equal(view_waiting_remove(&v, kit_name(TYPE), instance(1)), 0);
	assert_false(view_waiting_has(&v, kit_name(TYPE), instance(1)));
	assert_true(view_waiting_has(&v, kit_name("_p._sub." TYPE), instance(1)));
	assert_int_equal(v.nwaiting, 2);
	view_commit(&v);
	view_fini(&v);
}

static int count_up(void *arg, const uint8_t *name)
{
	unsigned *left = arg;

	(void)name;
	return --*left == 0 ? 7 : 0;
}

static void all_live_names_that_wait_are_walked_until_a_result(void **state)
{
	static const struct {
		unsigned stop_after;
		int ret;
	} rows[] = {{1, 7}, {3, 7}, {5, 7}, {6, 0}};
	struct view v;

	(void)state;
	assert_int_equal(view_init(&v, 1), 0);
	for (unsigned i = 0; i < 10; i++) {
		make_live(&v, i);
		if (i % 2 == 0)
			assert_int_equal(view_waiting_add(&v, kit_name(TYPE), instance(i)), 0);
	}
	/* It is not live, so no scan finds it. */
	assert_int_equal(view_waiting_add(&v, kit_name(TYPE), instance(11)), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		unsigned left = rows[i].stop_after;

		assert_int_equal(view_waiting_each(&v, kit_name("lab.cloud."), kit_name(TYPE),
						   count_up, &left),
				 rows[i].ret);
		assert_int_equal(left, rows[i].ret == 0);
	}
	view_commit(&v);
	view_fini(&v);
}

static void each_waiting_name_comes_next_once(void **state)
{
	uint8_t name[DNS_NAME_MAX];
	unsigned n = 0;
	struct view v;

	(void)state;
	assert_int_equal(view_init(&v, 1), 0);
	for (unsigned i = 0; i < MANY; i++) {
		make_live(&v, i);
		assert_int_equal(view_waiting_add(&v, kit_name(TYPE), instance(i)), 0);
	}
	while (view_waiting_next(&v, kit_name("lab.cloud."), kit_name(TYPE), name) == 1) {
		assert_true(view_waiting_has(&v, kit_name(TYPE), name));
		assert_int_equal(view_waiting_remove(&v, kit_name(TYPE), name), 0);
		/* Some stop waiting after a scan has collected them. */
		if (n % 3 == 0)
			assert_int_equal(view_waiting_remove(&v, kit_name(TYPE), instance(n)), 0);
		n++;
	}
	assert_true(n > MANY / 2 && n < MANY);
	assert_int_equal(view_waiting_count(&v, kit_name(TYPE)), 0);
	view_commit(&v);
	view_fini(&v);
}

static void an_undone_batch_is_as_if_it_had_not_waited(void **state)
{
	struct view v;

	(void)state;
	assert_int_equal(view_init(&v, 1), 0);
	assert_int_equal(view_waiting_add(&v, kit_name(TYPE), instance(1)), 0);
	view_commit(&v);
	assert_int_equal(view_waiting_remove(&v, kit_name(TYPE), instance(1)), 0);
	assert_int_equal(view_waiting_add(&v, kit_name(TYPE), instance(2)), 0);
	view_undo(&v);
	assert_true(view_waiting_has(&v, kit_name(TYPE), instance(1)));
	assert_false(view_waiting_has(&v, kit_name(TYPE), instance(2)));
	assert_int_equal(v.nwaiting, 1);
	view_fini(&v);
}

static void without_memory_no_name_comes_next(void **state)
{
	uint8_t name[DNS_NAME_MAX];
	struct view v;

	(void)state;
	assert_int_equal(view_init(&v, 1), 0);
	make_live(&v, 1);
	assert_int_equal(view_waiting_add(&v, kit_name(TYPE), instance(1)), 0);
	memory_fail_after(0);
	assert_int_equal(view_waiting_next(&v, kit_name("lab.cloud."), kit_name(TYPE), name),
			 -ENOMEM);
	memory_fail_after(MEMORY_ENOUGH);
	assert_int_equal(view_waiting_next(&v, kit_name("lab.cloud."), kit_name(TYPE), name), 1);
	view_commit(&v);
	view_fini(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_waits_at_one_owner_and_once),
		cmocka_unit_test(all_live_names_that_wait_are_walked_until_a_result),
		cmocka_unit_test(each_waiting_name_comes_next_once),
		cmocka_unit_test(an_undone_batch_is_as_if_it_had_not_waited),
		cmocka_unit_test(without_memory_no_name_comes_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
