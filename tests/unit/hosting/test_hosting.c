/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hosting/hosting.h"
#include "zone/zone.h"

enum { ZONES = 3 };

static const uint8_t *const names[ZONES] = {(const uint8_t *)"\3lab\5cloud",
					    (const uint8_t *)"\5cloud", (const uint8_t *)"\5Other"};

static void a_zone_is_found_by_its_name_in_any_case(void **state)
{
	struct hosting list = {.items = NULL};

	(void)state;
	assert_null(hosting_find(&list, names[0]));
	for (unsigned i = 0; i < ZONES; i++)
		assert_int_equal(hosting_add(&list, hosting_zone_new(names[i], NULL, 1)), 0);
	assert_ptr_equal(hosting_find(&list, (const uint8_t *)"\3LAB\5cloud"), list.items[0]);
	assert_ptr_equal(hosting_find(&list, (const uint8_t *)"\5other"), list.items[2]);
	assert_null(hosting_find(&list, (const uint8_t *)"\1x\5other"));
	for (unsigned i = 0; i < ZONES; i++)
		hosting_zone_free(list.items[i]);
	free(list.items);
}

static void a_removed_zone_leaves_the_others_in_order(void **state)
{
	(void)state;
	for (unsigned gone = 0; gone <= ZONES; gone++) {
		struct hosting list = {.items = NULL};
		struct hosting_zone *h[ZONES + 1];

		for (unsigned i = 0; i <= ZONES; i++)
			h[i] = hosting_zone_new(names[i % ZONES], NULL, 1);
		for (unsigned i = 0; i < ZONES; i++)
			assert_int_equal(hosting_add(&list, h[i]), 0);
		hosting_remove(&list, h[gone]); /* the last was never added */
		assert_int_equal(list.count, gone < ZONES ? ZONES - 1 : ZONES);
		for (unsigned i = 0, at = 0; i < ZONES; i++)
			if (i != gone)
				assert_ptr_equal(list.items[at++], h[i]);
		for (unsigned i = 0; i <= ZONES; i++)
			hosting_zone_free(h[i]);
		free(list.items);
	}
}

static void a_zone_gets_the_lowest_number_that_is_free(void **state)
{
	struct hosting list = {.items = NULL};
	struct hosting_zone *gone;

	(void)state;
	for (unsigned i = 0; i < ZONE_NUMBERS + 2; i++) {
		assert_int_equal(hosting_add(&list, hosting_zone_new(names[0], NULL, 1)), 0);
		/* Those without a number of their own share the last. */
		assert_int_equal(zone_number(list.items[i]->zone),
				 i < ZONE_NUMBERS ? i : ZONE_NUMBERS - 1);
	}
	while (list.count > 5) {
		gone = list.items[list.count - 1];
		hosting_remove(&list, gone);
		hosting_zone_free(gone);
	}
	gone = list.items[1];
	hosting_remove(&list, gone);
	hosting_zone_free(gone);
	assert_int_equal(hosting_add(&list, hosting_zone_new(names[1], NULL, 1)), 0);
	assert_int_equal(zone_number(hosting_find(&list, names[1])->zone), 1);
	assert_int_equal(hosting_add(&list, hosting_zone_new(names[2], NULL, 1)), 0);
	assert_int_equal(zone_number(hosting_find(&list, names[2])->zone), 5);
	for (size_t i = 0; i < list.count; i++)
		hosting_zone_free(list.items[i]);
	free(list.items);
}

static void a_path_is_copied_and_can_be_taken_away(void **state)
{
	char path[] = "/zones/lab.zone";
	struct hosting_zone *h = hosting_zone_new(names[0], path, 1);

	(void)state;
	assert_non_null(h);
	path[1] = 'Z';
	assert_string_equal(h->file, "/zones/lab.zone");
	assert_int_equal(hosting_zone_set_file(h, path), 0);
	assert_string_equal(h->file, "/Zones/lab.zone");
	assert_int_equal(hosting_zone_set_file(h, NULL), 0);
	assert_null(h->file);
	assert_null(zone_current(h->zone));
	hosting_zone_free(h);
	hosting_zone_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zone_is_found_by_its_name_in_any_case),
		cmocka_unit_test(a_removed_zone_leaves_the_others_in_order),
		cmocka_unit_test(a_zone_gets_the_lowest_number_that_is_free),
		cmocka_unit_test(a_path_is_copied_and_can_be_taken_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
