/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "history/kept.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../folder.h"
#include "history/event.h"
#include "registrant/clocks.h"

static char folder[FOLDER_PATH_MAX], path[FOLDER_PATH_MAX + 16];
static unsigned nreports;
static char reported[BASE_ERROR_TEXT_MAX];

static uint64_t wall_ms(void *arg)
{
	(void)arg;
	return 1000;
}

static const struct registrant_clocks clocks = {.wall_ms = wall_ms};

static void on_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	(void)arg;
	(void)level;
	nreports++;
	snprintf(reported, sizeof(reported), "%s", error->text);
}

static int folder_begin(void **state)
{
	(void)state;
	nreports = 0;
	folder_make(folder, "history");
	snprintf(path, sizeof(path), "%s/history", folder);
	return 0;
}

static int folder_end(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

static void open_it(struct history_kept *k)
{
	struct base_error error;

	*k = (struct history_kept){.clocks = &clocks, .node = "n1", .report = on_report};
	assert_int_equal(history_kept_open(k, folder, &error), 0);
}

static int add(struct history_kept *k)
{
	const struct history_event_parts parts = {
		.time_ms = 1, .node = "n1", .what = "up", .of = "", .why = ""};

	return history_kept_add(k, &parts);
}

static void what_is_noted_is_there_when_it_is_opened_again(void **state)
{
	struct history_kept k;

	(void)state;
	open_it(&k);
	assert_int_equal(history_content_era(&k.content)->era, 1000);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(add(&k), 0);
	history_kept_done(&k, 3, 0);
	history_kept_done(&k, 1, 2);
	history_kept_close(&k);

	open_it(&k);
	assert_int_equal(k.content.nwaiting, 1);
	assert_int_equal(k.content.nspans, 1);
	assert_int_equal(history_content_era(&k.content)->first, 3);
	assert_int_equal(history_content_era(&k.content)->last, 4);
	assert_int_equal(nreports, 0);
	history_kept_close(&k);
}

static void events_are_removed_from_the_oldest_era_on(void **state)
{
	struct history_kept k;

	(void)state;
	open_it(&k);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(add(&k), 0);
	history_kept_done(&k, 2, 0);
	history_kept_begin(&k, 5000);
	history_kept_done(&k, 2, 1);
	assert_int_equal(history_content_nthere(&k.content), 3);
	history_kept_done(&k, 0, 2);
	assert_int_equal(history_content_nthere(&k.content), 1);
	assert_int_equal(history_content_era(&k.content)->era, 5000);
	assert_int_equal(history_content_era(&k.content)->first, 2);
	history_kept_close(&k);
}

static void an_event_counts_those_that_were_dropped(void **state)
{
	char text[HISTORY_EVENT_TEXT_MAX];
	const struct history_event *last;
	struct history_kept k;

	(void)state;
	open_it(&k);
	history_kept_count_dropped(&k);
	assert_int_equal(k.content.nwaiting, 0);
	for (unsigned i = 0; i < HISTORY_WAITING_MOST; i++)
		assert_int_equal(add(&k), 0);
	assert_int_equal(add(&k), -ENOSPC);
	assert_int_equal(add(&k), -ENOSPC);
	history_kept_count_dropped(&k);
	assert_int_equal(k.nuncounted, 2);
	history_kept_done(&k, 1, 0);
	history_kept_count_dropped(&k);
	assert_int_equal(k.nuncounted, 0);
	assert_int_equal(k.ndropped, 2);
	for (last = k.content.first; last->next != NULL;)
		last = last->next;
	history_event_to_text(text, last);
	assert_non_null(strstr(text, "what=dropped"));
	assert_non_null(strstr(text, "why=2\\032events:"));
	history_kept_close(&k);
}

static void a_damaged_file_is_reported(void **state)
{
	struct history_kept k;
	FILE *file;

	(void)state;
	open_it(&k);
	assert_int_equal(add(&k), 0);
	history_kept_close(&k);
	file = fopen(path, "a");
	assert_non_null(file);
	fputs("torn", file);
	fclose(file);
	open_it(&k);
	assert_int_equal(k.content.nwaiting, 1);
	assert_int_equal(nreports, 1);
	assert_non_null(strstr(reported, "is damaged"));
	history_kept_close(&k);
	open_it(&k);
	assert_int_equal(nreports, 1);
	history_kept_close(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_noted_is_there_when_it_is_opened_again,
						folder_begin, folder_end),
		cmocka_unit_test_setup_teardown(events_are_removed_from_the_oldest_era_on,
						folder_begin, folder_end),
		cmocka_unit_test_setup_teardown(an_event_counts_those_that_were_dropped,
						folder_begin, folder_end),
		cmocka_unit_test_setup_teardown(a_damaged_file_is_reported, folder_begin,
						folder_end),
	};

	return cmocka_run_group_tests_name("history/kept", tests, NULL, NULL);
}
