/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "remote/top_view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../json.h"

#define STATUS                                                                         \
	"'status': {'version': '1.2', 'health': 'well', 'reasons': [], 'uptime': 792," \
	"           'zones': 2, 'leases': 3, 'memory': 68096, 'workers': 4}"

#define BEFORE                                                                              \
	"{" STATUS ", 'server': {'responses-udp': 100, 'tcp-connections': 5, 'dropped': 1," \
	" 'opcodes': {'QUERY': 100, 'UPDATE': 10}, 'rcodes': {'NOERROR': 100},"             \
	" 'types': {'A': 60, 'SRV': 40}},"                                                  \
	" 'registrar': {'batches': 10, 'commit-us-sum': 1000}, 'store': {'commits': 10},"   \
	" 'commit-us': [[64, 0], [128, 10], [null, 0]],"                                    \
	" 'zones': [{'zone': 'a.', 'requests': 5, 'serial': 1, 'records': 3},"              \
	"           {'zone': 'b.', 'requests': 5, 'serial': 1, 'records': 7}],"             \
	" 'keys': [{'key': 'n1.', 'epoch': 1, 'requests': 1}]}"

#define AFTER                                                                                \
	"{" STATUS ", 'server': {'responses-udp': 2100, 'tcp-connections': 7, 'dropped': 2," \
	" 'opcodes': {'QUERY': 2100, 'UPDATE': 20}, 'rcodes': {'NOERROR': 1100, 'NXDOMAIN':" \
	" 200}, 'types': {'A': 70, 'SRV': 1040}},"                                           \
	" 'registrar': {'batches': 20, 'commit-us-sum': 16000}, 'store': {'commits': 20},"   \
	" 'commit-us': [[64, 0], [128, 19], [null, 1]],"                                     \
	" 'zones': [{'zone': 'a.', 'requests': 15, 'serial': 11, 'records': 4},"             \
	"           {'zone': 'b.', 'requests': 25, 'serial': 1, 'records': 7}],"             \
	" 'keys': [{'key': 'n1.', 'epoch': 1, 'requests': 21}]}"

static char *text; /* of the last screen */

static int tear_down(void **state)
{
	(void)state;
	free(text);
	text = NULL;
	return 0;
}

/* Writes a screen to `text`, and returns that. */
static const char *written(const char *before, const char *after,
			   const struct remote_top_view *view)
{
	json_t *old = json_of(before), *new = json_of(after);
	size_t nbytes;
	FILE *out;

	free(text);
	text = NULL;
	out = open_memstream(&text, &nbytes);
	assert_non_null(out);
	remote_top_write(out, old, new, 10, view);
	fclose(out);
	json_decref(old);
	json_decref(new);
	return text;
}

static void the_screen_has_rates_and_lists(void **state)
{
	const struct remote_top_view view = {.columns = 60};

	(void)state;
	assert_string_equal(written(BEFORE, AFTER, &view),
			    "weft 1.2  well  up 13m12s  zones 2  leases 3  memory 66.5K  \n"
			    "a second: queries 200  answers 200  updates 1.0  drops 0.1  \n"
			    "rcodes:   NOERROR 100  NXDOMAIN 20.0\n"
			    "commits:  1.0  failing 0.0  mean 1.5ms  99% longer than 8389\n"
			    "\n"
			    "ZONE                      REQUESTS/s   CHANGES/s     RECORDS\n"
			    "b.                               2.0         0.0           7\n"
			    "a.                               1.0         1.0           4\n"
			    "\n"
			    "KEY                                   REQUESTS/s       EPOCH\n"
			    "n1.                                          2.0           1\n"
			    "\n"
			    "TYPE                                               QUERIES/s\n"
			    "SRV                                                      100\n"
			    "A                                                        1.0\n");
}

static void lists_are_sorted_as_is_asked(void **state)
{
	struct remote_top_view view = {.columns = 60, .sort = REMOTE_TOP_BY_CHANGES};
	const char *at;

	(void)state;
	at = strstr(written(BEFORE, AFTER, &view), "ZONE");
	assert_true(strstr(at, "\na.") < strstr(at, "\nb."));
	view.sort = REMOTE_TOP_BY_NAME;
	at = strstr(written(BEFORE, AFTER, &view), "ZONE");
	assert_true(strstr(at, "\na.") < strstr(at, "\nb."));
	view.sort = REMOTE_TOP_BY_REQUESTS;
	at = strstr(written(BEFORE, AFTER, &view), "ZONE");
	assert_true(strstr(at, "\nb.") < strstr(at, "\na."));
}

static unsigned lines_of(const char *screen, size_t *longest)
{
	unsigned n = 0;

	for (*longest = 0; *screen != '\0'; n++) {
		size_t nchars = strcspn(screen, "\n");

		*longest = nchars > *longest ? nchars : *longest;
		screen += nchars + 1;
	}
	return n;
}

static void a_screen_of_any_size_is_filled_and_not_exceeded(void **state)
{
	(void)state;
	for (int rows = 1; rows < 40; rows++)
		for (int columns = 1; columns < 200; columns += 7) {
			const struct remote_top_view view = {rows, columns, REMOTE_TOP_BY_NAME,
							     "q quit"};
			size_t longest;

			assert_int_equal(lines_of(written(BEFORE, AFTER, &view), &longest), rows);
			assert_true(longest <= (size_t)columns);
		}
}

static void the_reasons_to_be_unwell_are_shown(void **state)
{
	const struct remote_top_view view = {0};

	(void)state;
	written("{}",
		"{'status': {'version': '1', 'health': 'unwell',"
		" 'reasons': [{'reason': 'zones', 'why': 'zones are old'}]}}",
		&view);
	assert_non_null(strstr(text, "weft 1  unwell  up -"));
	assert_non_null(strstr(text, "\nunwell: zones are old\n"));
}

static void an_answer_without_figures_is_shown_all_the_same(void **state)
{
	const struct remote_top_view view = {.rows = 24, .columns = 80};

	(void)state;
	assert_non_null(strstr(written("{}", "{}", &view), "a second: queries 0.0"));
	assert_non_null(strstr(written("[]", "null", &view), "rcodes:   -"));
}

static void commits_are_counted_up_to_a_share(void **state)
{
	json_t *before = json_of("{'commit-us': [[64, 10], [128, 10], [null, 0]]}");
	json_t *after = json_of("{'commit-us': [[64, 100], [128, 19], [null, 1]]}");
	json_t *none = json_of("{}");

	(void)state;
	assert_int_equal(remote_top_commit_us(before, after, 0.9), 64);
	assert_int_equal(remote_top_commit_us(before, after, 0.99), 128);
	assert_int_equal(remote_top_commit_us(before, after, 1), -1);
	assert_int_equal(remote_top_commit_us(before, before, 0.99), 0);
	assert_int_equal(remote_top_commit_us(none, none, 0.99), 0);
	json_decref(before);
	json_decref(after);
	json_decref(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_screen_has_rates_and_lists),
		cmocka_unit_test(lists_are_sorted_as_is_asked),
		cmocka_unit_test(a_screen_of_any_size_is_filled_and_not_exceeded),
		cmocka_unit_test(the_reasons_to_be_unwell_are_shown),
		cmocka_unit_test(an_answer_without_figures_is_shown_all_the_same),
		cmocka_unit_test(commits_are_counted_up_to_a_share),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
