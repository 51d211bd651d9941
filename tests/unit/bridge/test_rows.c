/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/rows.h"

static void row_fill(struct bridge_row *row, enum bridge_direction direction, const char *name)
{
	*row = (struct bridge_row){.direction = direction, .state = BRIDGE_ROW_PENDING};
	assert_true(dns_name_from_text(row->name, name, strlen(name), NULL) > 0);
	memcpy(row->lan_name, row->name, sizeof(row->name));
}

/* Adds the first letter of each name to a text. */
static void letter_add(void *arg, const struct bridge_row *row)
{
	strncat(arg, (const char *)row->name + 1, 1);
}

static void assert_order(struct bridge_rows *rows, const char *letters)
{
	char text[16] = "";

	bridge_rows_each(rows, letter_add, text);
	assert_string_equal(text, letters);
}

static void assert_count(struct bridge_rows *rows, enum bridge_direction direction,
			 enum bridge_row_state state, uint64_t count)
{
	uint64_t counts[2][BRIDGE_ROW_STATES];

	bridge_rows_count(rows, counts);
	assert_int_equal(counts[direction][state], count);
}

static void rows_keep_the_order_in_which_they_were_added(void **state)
{
	struct bridge_row a, b, c;
	struct bridge_rows rows;

	(void)state;
	bridge_rows_init(&rows);
	row_fill(&a, BRIDGE_ADVERTISE, "a.");
	row_fill(&b, BRIDGE_ADVERTISE, "b.");
	row_fill(&c, BRIDGE_DISCOVER, "c.");
	bridge_rows_add(&rows, &a);
	bridge_rows_add(&rows, &b);
	bridge_rows_add(&rows, &c);
	assert_order(&rows, "abc");
	bridge_rows_remove(&rows, &b);
	assert_order(&rows, "ac");
	bridge_rows_add(&rows, &b);
	assert_order(&rows, "acb");
	bridge_rows_remove(&rows, &a);
	bridge_rows_remove(&rows, &b);
	assert_order(&rows, "c");
	bridge_rows_remove(&rows, &c);
	assert_order(&rows, "");
	bridge_rows_fini(&rows);
}

static void counts_follow_the_states_of_rows(void **state)
{
	struct bridge_row a, b;
	struct bridge_rows rows;

	(void)state;
	bridge_rows_init(&rows);
	row_fill(&a, BRIDGE_ADVERTISE, "a.");
	row_fill(&b, BRIDGE_DISCOVER, "b.");
	bridge_rows_add(&rows, &a);
	bridge_rows_add(&rows, &b);
	assert_count(&rows, BRIDGE_ADVERTISE, BRIDGE_ROW_PENDING, 1);
	assert_count(&rows, BRIDGE_DISCOVER, BRIDGE_ROW_PENDING, 1);
	bridge_rows_set(&rows, &a, BRIDGE_ROW_ACTIVE, NULL, "");
	bridge_rows_set(&rows, &b, BRIDGE_ROW_REFUSED, NULL, "no room");
	assert_count(&rows, BRIDGE_ADVERTISE, BRIDGE_ROW_PENDING, 0);
	assert_count(&rows, BRIDGE_ADVERTISE, BRIDGE_ROW_ACTIVE, 1);
	assert_count(&rows, BRIDGE_DISCOVER, BRIDGE_ROW_REFUSED, 1);
	assert_string_equal(b.why, "no room");
	bridge_rows_remove(&rows, &a);
	bridge_rows_remove(&rows, &b);
	assert_count(&rows, BRIDGE_ADVERTISE, BRIDGE_ROW_ACTIVE, 0);
	assert_count(&rows, BRIDGE_DISCOVER, BRIDGE_ROW_REFUSED, 0);
	bridge_rows_fini(&rows);
}

static void the_time_of_a_state_is_that_of_its_beginning(void **state)
{
	struct bridge_row a, other;
	struct bridge_rows rows;

	(void)state;
	bridge_rows_init(&rows);
	row_fill(&a, BRIDGE_ADVERTISE, "a.");
	row_fill(&other, BRIDGE_ADVERTISE, "a-2.");
	bridge_rows_add(&rows, &a);
	assert_true(a.since_s > 0);
	a.since_s = 7;
	bridge_rows_set(&rows, &a, BRIDGE_ROW_PENDING, other.name, "waits");
	assert_int_equal(a.since_s, 7);
	assert_true(dns_name_equal(a.lan_name, other.name));
	bridge_rows_set(&rows, &a, BRIDGE_ROW_ACTIVE, NULL, "");
	assert_true(a.since_s > 7);
	assert_true(dns_name_equal(a.lan_name, other.name));
	bridge_rows_remove(&rows, &a);
	bridge_rows_fini(&rows);
}

static void a_reason_that_is_too_long_is_cut(void **state)
{
	char why[2 * BRIDGE_ROW_WHY_MAX];
	struct bridge_rows rows;
	struct bridge_row a;

	(void)state;
	memset(why, 'x', sizeof(why) - 1);
	why[sizeof(why) - 1] = '\0';
	bridge_rows_init(&rows);
	row_fill(&a, BRIDGE_DISCOVER, "a.");
	bridge_rows_add(&rows, &a);
	bridge_rows_set(&rows, &a, BRIDGE_ROW_REFUSED, NULL, why);
	assert_int_equal(strlen(a.why), BRIDGE_ROW_WHY_MAX - 1);
	bridge_rows_remove(&rows, &a);
	bridge_rows_fini(&rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_keep_the_order_in_which_they_were_added),
		cmocka_unit_test(counts_follow_the_states_of_rows),
		cmocka_unit_test(the_time_of_a_state_is_that_of_its_beginning),
		cmocka_unit_test(a_reason_that_is_too_long_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
