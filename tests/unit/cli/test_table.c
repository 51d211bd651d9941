/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "cli/table.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../memory.h"

static const char *const rows[][3] = {
	{"web-1", "8080", "n1.nodes.lab.cloud."},
	{"b\xc3\xbcro", "80", NULL},
};

static struct cli_table *table_make(bool is_named)
{
	struct cli_table *t = cli_table_new(3);

	assert_non_null(t);
	if (is_named) {
		cli_table_column(t, 0, "name", false);
		cli_table_column(t, 1, "port", true);
		cli_table_column(t, 2, "host", false);
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(cli_table_add(t, rows[i]), 0);
	return t;
}

static void writes(bool is_named, size_t width, const char *expected)
{
	struct cli_table *t = table_make(is_named);
	char *text = NULL;
	size_t nbytes;
	FILE *out = open_memstream(&text, &nbytes);

	assert_non_null(out);
	cli_table_write(t, out, width, 0);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
	cli_table_free(t);
}

static void columns_are_aligned_and_nothing_is_cut_in_a_pipe(void **state)
{
	(void)state;
	writes(true, 0,
	       "name   port  host\n"
	       "web-1  8080  n1.nodes.lab.cloud.\n"
	       "b\xc3\xbcro     80  -\n");
	writes(false, 0,
	       "web-1  8080  n1.nodes.lab.cloud.\n"
	       "b\xc3\xbcro   80    -\n");
}

static void a_table_as_wide_as_the_terminal_is_whole(void **state)
{
	(void)state;
	writes(true, 32,
	       "name   port  host\n"
	       "web-1  8080  n1.nodes.lab.cloud.\n"
	       "b\xc3\xbcro     80  -\n");
}

static void the_widest_column_is_cut_on_a_narrow_terminal(void **state)
{
	(void)state;
	writes(true, 28,
	       "name   port  host\n"
	       "web-1  8080  n1.nodes.lab.c…\n"
	       "b\xc3\xbcro     80  -\n");
}

static void a_row_is_a_list_of_fields_where_too_little_would_be_left(void **state)
{
	(void)state;
	writes(true, 20,
	       "name web-1\n"
	       "port 8080\n"
	       "host n1.nodes.lab.cl\n"
	       "     oud.\n"
	       "\n"
	       "name b\xc3\xbcro\n"
	       "port 80\n"
	       "host -\n");
}

static void the_narrowest_terminal_shows_something(void **state)
{
	struct cli_table *t = table_make(true);
	FILE *out = fopen("/dev/null", "w");

	(void)state;
	for (size_t width = 1; width < 12; width++)
		cli_table_write(t, out, width, 4);
	fclose(out);
	assert_int_equal(cli_table_terminal(stdin), 0);
	cli_table_free(t);
}

static void a_row_that_does_not_fit_into_memory_is_not_added(void **state)
{
	(void)state;
	for (int n = 0; n < 4; n++) {
		struct cli_table *t = cli_table_new(3);
		char *text = NULL;
		size_t nbytes;
		FILE *out;

		memory_fail_after(n);
		assert_int_equal(cli_table_add(t, rows[0]), -ENOMEM);
		memory_fail_after(MEMORY_ENOUGH);
		out = open_memstream(&text, &nbytes);
		cli_table_write(t, out, 0, 0);
		fclose(out);
		assert_string_equal(text, "");
		free(text);
		cli_table_free(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_aligned_and_nothing_is_cut_in_a_pipe),
		cmocka_unit_test(a_table_as_wide_as_the_terminal_is_whole),
		cmocka_unit_test(the_widest_column_is_cut_on_a_narrow_terminal),
		cmocka_unit_test(a_row_is_a_list_of_fields_where_too_little_would_be_left),
		cmocka_unit_test(the_narrowest_terminal_shows_something),
		cmocka_unit_test(a_row_that_does_not_fit_into_memory_is_not_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
