/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Places, with instances that are looked at as soon as the loop has turned. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../mdns/lan_kit.h"
#include "discover/places.h"

enum { N = 12, MAX = 2, ANSWER_MS = 1000 };

static struct instance {
	struct discover_place place;
	bool is_touched, has_place, answers, is_hopeless;
	unsigned nturns;
} all[N];

static struct discover_places places;
static uint64_t nrefused;

static void on_turn(struct discover_place *p)
{
	((struct instance *)p)->is_touched = true;
}

static void look_at(struct instance *i)
{
	bool had = i->has_place;

	i->is_touched = false;
	i->has_place = discover_place_take(&i->place);
	i->nturns += i->has_place && !had;
	if (i->has_place && i->answers)
		discover_place_settle(&i->place);
	else if (i->has_place && discover_place_yield(&i->place, i->is_hopeless))
		i->has_place = false;
}

/* Lets seconds pass, and looks at whatever is to be looked at. */
static void pass(unsigned seconds)
{
	bool has_more = true;

	for (unsigned s = 0; s <= 10 * seconds; s++, has_more = true) {
		while (has_more) {
			has_more = false;
			for (unsigned i = 0; i < N; i++)
				if (all[i].is_touched) {
					look_at(&all[i]);
					has_more = true;
				}
		}
		if (s < 10 * seconds)
			lan_kit_pass(100);
	}
}

static int setup(void **state)
{
	(void)state;
	memset(all, 0, sizeof(all));
	nrefused = 0;
	discover_places_init(&places, NULL, 1, MAX, ANSWER_MS, &nrefused, on_turn);
	for (unsigned i = 0; i < N; i++)
		discover_place_init(&all[i].place, &places);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N; i++)
		discover_place_leave(&all[i].place);
	assert_int_equal(nrefused, 0);
	assert_int_equal(places.count, 0);
	discover_places_fini(&places);
	return 0;
}

static void begin(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		all[i].is_touched = true;
	pass(0);
}

static void what_is_settled_keeps_its_place(void **state)
{
	(void)state;
	all[0].answers = all[1].answers = true;
	begin(4);
	pass(100);
	assert_true(all[0].has_place && all[1].has_place);
	assert_int_equal(nrefused, 2);
	discover_place_leave(&all[0].place);
	discover_place_leave(&all[1].place);
	pass(0);
	assert_true(all[2].has_place && all[3].has_place);
	assert_int_equal(nrefused, 0);
}

static void what_is_late_makes_way_for_new_ones_at_once(void **state)
{
	(void)state;
	begin(2);
	pass(5);
	assert_true(all[0].has_place && all[1].has_place);
	all[2].answers = true;
	all[2].is_touched = true;
	pass(0);
	assert_true(all[2].has_place);
	assert_int_equal(places.count, MAX);
	assert_int_equal(nrefused, 1);
}

static void what_is_hopeless_makes_way_at_once(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N - 1; i++)
		all[i].is_hopeless = true;
	all[N - 1].answers = true;
	begin(N);
	assert_true(all[N - 1].has_place);
	assert_int_equal(places.count, MAX);
}

static void each_gets_its_turn_and_turns_get_longer(void **state)
{
	unsigned nturns = 0, before;

	(void)state;
	begin(N);
	pass(60);
	for (unsigned i = 0; i < N; i++) {
		assert_true(all[i].nturns >= 1);
		nturns += all[i].nturns;
	}
	before = nturns;
	pass(3600);
	for (unsigned i = nturns = 0; i < N; i++)
		nturns += all[i].nturns;
	assert_in_range(nturns - before, N, 300);
	all[5].answers = true;
	for (unsigned s = 0; s < 100 && !all[5].has_place; s++)
		pass(10);
	assert_true(all[5].has_place);
	pass(1000);
	assert_true(all[5].has_place);
}

static void a_host_has_a_part_of_the_places(void **state)
{
	static struct discover_place many[DISCOVER_PLACES_HOST_MIN + 1];
	const uint8_t host[] = "\2pc", other[] = "\2tv";
	unsigned i;

	(void)state;
	for (i = 0; i < DISCOVER_PLACES_HOST_MIN; i++) {
		discover_place_init(&many[i], &places);
		assert_int_equal(discover_place_set_host(&many[i], host), 0);
	}
	discover_place_init(&many[i], &places);
	assert_true(discover_place_set_host(&many[i], host) < 0);
	assert_int_equal(discover_place_set_host(&many[i], other), 0);
	assert_int_equal(discover_place_set_host(&many[0], NULL), 0);
	assert_int_equal(discover_place_set_host(&many[i], host), 0);
	for (i = 0; i <= DISCOVER_PLACES_HOST_MIN; i++)
		discover_place_leave(&many[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(what_is_settled_keeps_its_place),
		TEST(what_is_late_makes_way_for_new_ones_at_once),
		TEST(what_is_hopeless_makes_way_at_once),
		TEST(each_gets_its_turn_and_turns_get_longer),
		TEST(a_host_has_a_part_of_the_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
