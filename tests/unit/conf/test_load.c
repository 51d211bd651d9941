/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "conf/load.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../folder.h"
#include "conf/type.h"
#include "kit.h"

struct record {
	uint32_t one, two;
	const char *path;
};

static const struct conf_setting table[] = {
	{"include", .read = conf_load_included},
	{"one", &conf_type_number, .offset = offsetof(struct record, one), .max = 9,
	 .initial = "1"},
	{"two", &conf_type_number, .offset = offsetof(struct record, two), .max = 9,
	 .initial = "2"},
	{"path", &conf_type_path, .offset = offsetof(struct record, path)},
	{0},
};

static char folder[FOLDER_PATH_MAX];
static bool has_keyfiles = true;
static char keyfiles[200]; /* the paths that were handed over */

static int set_up(void **state)
{
	(void)state;
	folder_make(folder, "conf-load");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

static void on_keyfile(struct conf_reader *r, const char *path, const struct base_location *at)
{
	(void)r;
	assert_int_equal(at->line, 1);
	strcat(strcat(keyfiles, strrchr(path, '/') + 1), " ");
}

/* Loads the text as the main file; the reports must be `reports`. */
static int load(struct kit *kit, struct record *out, const char *text, const char *reports)
{
	char path[FOLDER_PATH_MAX + 20];
	int ret;

	folder_write(folder, "main", text);
	snprintf(path, sizeof(path), "%s/main", folder);
	keyfiles[0] = '\0';
	kit_setup(kit, table, out, sizeof(*out));
	kit->reader.on_keyfile = has_keyfiles ? on_keyfile : NULL;
	ret = conf_load(&kit->reader, path);
	assert_string_equal(kit->reports, reports);
	return ret;
}

static void included_files_are_read_where_they_are_named(void **state)
{
	struct record record;
	struct kit kit;
	char path[FOLDER_PATH_MAX + 20];

	(void)state;
	folder_write(folder, "a.part", "one: 7\npath: x\n");
	folder_write(folder, "b.part", "two: 8\n");
	assert_int_equal(load(&kit, &record, "include: [a.part, 'b*', 'none*']\n", ""), 0);
	assert_int_equal(record.one, 7);
	assert_int_equal(record.two, 8);
	snprintf(path, sizeof(path), "%s/x", folder);
	assert_string_equal(record.path, path);
	assert_int_equal(kit_teardown(&kit), 0);

	assert_int_equal(load(&kit, &record, "one: 3\n", ""), 0);
	assert_int_equal(record.one, 3);
	assert_int_equal(record.two, 2);
	assert_int_equal(kit_teardown(&kit), 0);
}

static void key_files_are_handed_over_or_skipped(void **state)
{
	struct record record;
	struct kit kit;

	(void)state;
	folder_write(folder, "a.key", "# a comment\nkey \"a\" {\n");
	folder_write(folder, "b.key", "/* another */ key b {\n");
	folder_write(folder, "c.key", "two: 5\n");
	assert_int_equal(load(&kit, &record, "include: '*.key'\n", ""), 0);
	assert_string_equal(keyfiles, "a.key b.key ");
	assert_int_equal(record.two, 5);
	assert_int_equal(kit_teardown(&kit), 0);

	has_keyfiles = false;
	assert_int_equal(load(&kit, &record, "include: '*.key'\n", ""), 0);
	assert_string_equal(keyfiles, "");
	assert_int_equal(record.two, 5);
	assert_int_equal(kit_teardown(&kit), 0);
	has_keyfiles = true;
}

static void an_include_of_an_unreadable_file_is_an_error(void **state)
{
	struct record record;
	struct kit kit;
	char reports[300];

	(void)state;
	snprintf(reports, sizeof(reports), "1: %s/main includes itself\n", folder);
	assert_int_equal(load(&kit, &record, "include: main\n", reports), 0);
	assert_int_equal(kit_teardown(&kit), -EBADMSG);
	snprintf(reports, sizeof(reports), "1: cannot read %s/none: No such file or directory\n",
		 folder);
	assert_int_equal(load(&kit, &record, "include: none\n", reports), 0);
	assert_int_equal(kit_teardown(&kit), -EBADMSG);
	assert_int_equal(
		load(&kit, &record, "include: {}\n", "1: include is a path, or a list of paths\n"),
		0);
	assert_int_equal(kit_teardown(&kit), -EBADMSG);
}

static void a_main_file_that_cannot_be_read_is_an_error(void **state)
{
	struct record record;
	struct kit kit;

	(void)state;
	kit_setup(&kit, table, &record, sizeof(record));
	assert_int_equal(conf_load(&kit.reader, "/nowhere"), -ENOENT);
	assert_string_equal(kit.reports, "0: cannot be read: No such file or directory\n");
	assert_int_equal(record.one, 1);
	assert_int_equal(kit_teardown(&kit), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(included_files_are_read_where_they_are_named),
		cmocka_unit_test(key_files_are_handed_over_or_skipped),
		cmocka_unit_test(an_include_of_an_unreadable_file_is_an_error),
		cmocka_unit_test(a_main_file_that_cannot_be_read_is_an_error),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
