/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"

static char folder[FOLDER_PATH_MAX], path[FOLDER_PATH_MAX + 64];

static char *of(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void the_folders_above_a_path_are_made(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(base_folder_make_above(of("a/b/c")), 0);
		assert_string_equal(path + strlen(folder), "/a/b/c");
		assert_int_equal(access(path, F_OK), -1);
		assert_int_equal(access(of("a/b"), X_OK), 0);
	}
}

static void the_folder_that_cannot_be_made_is_named(void **state)
{
	(void)state;
	folder_write(folder, "file", "x");
	assert_int_equal(base_folder_make_above(of("file/b/c")), -ENOTDIR);
	assert_string_equal(path + strlen(folder), "/file/b");
}

static bool is_known(void *arg, const char *name)
{
	(void)arg;
	return strcmp(name, "known") == 0;
}

static void old_files_that_are_not_kept_are_removed(void **state)
{
	static const char *const names[] = {"known", "old", "young"};
	const struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		folder_write(folder, names[i], "x");
		if (i < 2)
			assert_int_equal(utimensat(AT_FDCWD, of(names[i]), times, 0), 0);
	}
	assert_int_equal(mkdir(of("folder"), 0700), 0);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	assert_int_equal(base_folder_prune(folder, 3600, is_known, NULL), 1);
	assert_int_equal(access(of("known"), F_OK), 0);
	assert_int_equal(access(of("old"), F_OK), -1);
	assert_int_equal(access(of("young"), F_OK), 0);
	assert_int_equal(access(of("folder"), F_OK), 0);
	assert_int_equal(base_folder_prune("/nowhere", 3600, is_known, NULL), 0);
}

static int set_up(void **state)
{
	(void)state;
	folder_make(folder, "folder");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_folders_above_a_path_are_made, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_folder_that_cannot_be_made_is_named, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(old_files_that_are_not_kept_are_removed, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
