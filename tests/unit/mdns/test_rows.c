/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mdns/rows.h"

static void row_fill(struct mdns_row *row, enum mdns_direction direction, const char *name)
{
	*row = (struct mdns_row){.direction = direction, .state = MDNS_ROW_PENDING};
	assert_true(dns_name_from_text(row->name, name, strlen(name), NULL) > 0);
	memcpy(row->lan_name, row->name, sizeof(row->name));
}

/* Adds the first letter of each name to a text. */
static void letter_add(void *arg, const struct mdns_row *row)
{
	strncat(arg, (const char *)row->name + 1, 1);
}

static void assert_order(struct mdns_rows *rows, const char *letters)
{
	char text[16] = "";

	mdns_rows_each(rows, letter_add, text);
	assert_string_equal(text, letters);
}

static void assert_count(struct mdns_rows *rows, enum mdns_direction direction,
			 enum mdns_row_state state, uint64_t count)
{
	uint64_t counts[2][MDNS_ROW_STATES];

	mdns_rows_count(rows, counts);
	assert_int_equal(counts[direction][state], count);
}

static void rows_keep_the_order_in_which_they_were_added(void **state)
{
	struct mdns_row a, b, c;
	struct mdns_rows rows;

	(void)state;
	mdns_rows_init(&rows);
	row_fill(&a, MDNS_ADVERTISE, "a.");
	row_fill(&b, MDNS_ADVERTISE, "b.");
	row_fill(&c, MDNS_DISCOVER, "c.");
	mdns_rows_add(&rows, &a);
	mdns_rows_add(&rows, &b);
	mdns_rows_add(&rows, &c);
	assert_order(&rows, "abc");
	mdns_rows_remove(&rows, &b);
	assert_order(&rows, "ac");
	mdns_rows_add(&rows, &b);
	assert_order(&rows, "acb");
	mdns_rows_remove(&rows, &a);
	mdns_rows_remove(&rows, &b);
	assert_order(&rows, "c");
	mdns_rows_remove(&rows, &c);
	assert_order(&rows, "");
	mdns_rows_fini(&rows);
}

static void counts_follow_the_states_of_rows(void **state)
{
	struct mdns_row a, b;
	struct mdns_rows rows;

	(void)state;
	mdns_rows_init(&rows);
	row_fill(&a, MDNS_ADVERTISE, "a.");
	row_fill(&b, MDNS_DISCOVER, "b.");
	mdns_rows_add(&rows, &a);
	mdns_rows_add(&rows, &b);
	assert_count(&rows, MDNS_ADVERTISE, MDNS_ROW_PENDING, 1);
	assert_count(&rows, MDNS_DISCOVER, MDNS_ROW_PENDING, 1);
	mdns_rows_set(&rows, &a, MDNS_ROW_ACTIVE, NULL, "");
	mdns_rows_set(&rows, &b, MDNS_ROW_REFUSED, NULL, "no room");
	assert_count(&rows, MDNS_ADVERTISE, MDNS_ROW_PENDING, 0);
	assert_count(&rows, MDNS_ADVERTISE, MDNS_ROW_ACTIVE, 1);
	assert_count(&rows, MDNS_DISCOVER, MDNS_ROW_REFUSED, 1);
	assert_string_equal(b.why, "no room");
	mdns_rows_remove(&rows, &a);
	mdns_rows_remove(&rows, &b);
	assert_count(&rows, MDNS_ADVERTISE, MDNS_ROW_ACTIVE, 0);
	assert_count(&rows, MDNS_DISCOVER, MDNS_ROW_REFUSED, 0);
	mdns_rows_fini(&rows);
}

static void the_time_of_a_state_is_that_of_its_beginning(void **state)
{
	struct mdns_row a, other;
	struct mdns_rows rows;

	(void)state;
	mdns_rows_init(&rows);
	row_fill(&a, MDNS_ADVERTISE, "a.");
	row_fill(&other, MDNS_ADVERTISE, "a-2.");
	mdns_rows_add(&rows, &a);
	assert_true(a.since_s > 0);
	a.since_s = 7;
	mdns_rows_set(&rows, &a, MDNS_ROW_PENDING, other.name, "waits");
	assert_int_equal(a.since_s, 7);
	assert_true(dns_name_equal(a.lan_name, other.name));
	mdns_rows_set(&rows, &a, MDNS_ROW_ACTIVE, NULL, "");
	assert_true(a.since_s > 7);
	assert_true(dns_name_equal(a.lan_name, other.name));
	mdns_rows_remove(&rows, &a);
	mdns_rows_fini(&rows);
}

static void a_reason_that_is_too_long_is_cut(void **state)
{
	char why[2 * MDNS_ROW_WHY_MAX];
	struct mdns_rows rows;
	struct mdns_row a;

	(void)state;
	memset(why, 'x', sizeof(why) - 1);
	why[sizeof(why) - 1] = '\0';
	mdns_rows_init(&rows);
	row_fill(&a, MDNS_DISCOVER, "a.");
	mdns_rows_add(&rows, &a);
	mdns_rows_set(&rows, &a, MDNS_ROW_REFUSED, NULL, why);
	assert_int_equal(strlen(a.why), MDNS_ROW_WHY_MAX - 1);
	mdns_rows_remove(&rows, &a);
	mdns_rows_fini(&rows);
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
