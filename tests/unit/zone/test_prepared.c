/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include "zone/prepared.h"
#include "zone/stamps.h"

static uint8_t body[UINT16_MAX];

static struct zone_prepared *prepared_of(uint16_t nbytes)
{
	struct zone_prepared plan = {.nbytes = nbytes, .room = UINT16_MAX};

	return zone_prepared_new(&plan, NULL, NULL, body);
}

static void as_much_is_given_as_fits(void **state)
{
	static const struct zone_prepared_part parts[] = {
		{100, 0, 0}, {300, 2, 1}, {500, 3, 4}, {900, 4, 5}};
	static const uint32_t depends[] = {1, 2, 3, 4, 5, 6, 7};
	static const struct {
		size_t room;
		bool fits;
		struct zone_prepared_part part;
	} cases[] = {
		{99, true, {0, 0, 0}},
		{100, true, {100, 0, 1}},
		{299, true, {100, 0, 1}},
		{300, true, {300, 2, 4}},
		{899, true, {500, 3, 5}},
		{900, false, {0, 0, 0}}, /* where the next set ends is not known */
		{1999, false, {0, 0, 0}},
		{2000, true, {2000, 9, 7}},
		{2100, true, {2000, 9, 7}},
		{2101, false, {0, 0, 0}}, /* might be longer */
	};
	struct zone_prepared plan = {
		.nbytes = 2000, .room = 2100, .arcount = 9, .ndepends = 7, .nparts = 4};
	struct zone_prepared *p = zone_prepared_new(&plan, depends, parts, body);

	(void)state;
	assert_non_null(p);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct zone_prepared_part part = {0};

		assert_int_equal(zone_prepared_fit(p, cases[i].room, &part), cases[i].fits);
		assert_memory_equal(&part, &cases[i].part, sizeof(part));
	}
	zone_prepared_free(p);
}

static void an_answer_without_parts_is_given_whole_or_not_at_all(void **state)
{
	struct zone_prepared *p = prepared_of(200);
	struct zone_prepared_part part;

	(void)state;
	assert_false(zone_prepared_fit(p, 199, &part));
	assert_true(zone_prepared_fit(p, 200, &part));
	assert_true(zone_prepared_fit(p, UINT16_MAX, &part));
	zone_prepared_free(p);
}

static void a_part_is_valid_while_its_own_names_are(void **state)
{
	static const uint32_t depends[] = {1, 2};
	struct zone_prepared plan = {.version = 5, .nbytes = 10, .room = UINT16_MAX, .ndepends = 2};
	struct zone_prepared *p = zone_prepared_new(&plan, depends, NULL, body);
	struct zone_stamps *stamps = zone_stamps_new(64);

	(void)state;
	zone_stamps_set(stamps, 2, 6);
	assert_true(zone_prepared_is_valid(p, 1, stamps));
	assert_false(zone_prepared_is_valid(p, 2, stamps));
	free(stamps);
	zone_prepared_free(p);
}

static void long_answers_have_a_bound_in_all(void **state)
{
	static struct zone_prepared *all[ZONE_PREPARED_LONG_ALL / UINT16_MAX + 1];
	struct zone_prepared *p;
	unsigned n = 0;

	(void)state;
	while (n < sizeof(all) / sizeof(all[0]) && (p = prepared_of(UINT16_MAX)) != NULL)
		all[n++] = p;
	assert_in_range(n, 1, sizeof(all) / sizeof(all[0]) - 1);
	assert_in_range(zone_prepared_long_nbytes(), ZONE_PREPARED_LONG_ALL - 2 * UINT16_MAX,
			ZONE_PREPARED_LONG_ALL);
	p = prepared_of(ZONE_PREPARED_LONG);
	assert_non_null(p);
	zone_prepared_free(p);
	while (n > 0)
		zone_prepared_free(all[--n]);
	assert_int_equal(zone_prepared_long_nbytes(), 0);
}

static void a_replaced_answer_counts_no_more(void **state)
{
	zone_prepared_slot slot;

	(void)state;
	atomic_init(&slot, prepared_of(4000));
	zone_prepared_cache_add(&slot, atomic_load(&slot), prepared_of(8000));
	assert_in_range(zone_prepared_long_nbytes(), 8000, 8200);
	/* This thread was too slow. */
	zone_prepared_cache_add(&slot, NULL, prepared_of(5000));
	assert_in_range(zone_prepared_long_nbytes(), 8000, 8200);
	zone_prepared_free(atomic_load(&slot));
	assert_int_equal(zone_prepared_long_nbytes(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_much_is_given_as_fits),
		cmocka_unit_test(an_answer_without_parts_is_given_whole_or_not_at_all),
		cmocka_unit_test(a_part_is_valid_while_its_own_names_are),
		cmocka_unit_test(long_answers_have_a_bound_in_all),
		cmocka_unit_test_setup_teardown(a_replaced_answer_counts_no_more, kit_setup,
						kit_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
