/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/overwrite.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>

#include "../folder.h"

static char folder[FOLDER_PATH_MAX], path[FOLDER_PATH_MAX + 16];

static int folder_begin(void **state)
{
	(void)state;
	folder_make(folder, "overwrite");
	snprintf(path, sizeof(path), "%s/file", folder);
	return 0;
}

static int folder_end(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

static void the_file_has_the_bytes_and_no_more(void **state)
{
	static const char *const contents[] = {"first", "a longer one", "short", ""};
	char bytes[64];
	struct stat st;
	FILE *file;

	(void)state;
	for (unsigned i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		size_t nbytes = strlen(contents[i]);

		assert_int_equal(base_overwrite(path, contents[i], nbytes, i % 2 == 0), 0);
		file = fopen(path, "r");
		assert_non_null(file);
		assert_int_equal(fread(bytes, 1, sizeof(bytes), file), nbytes);
		fclose(file);
		assert_memory_equal(bytes, contents[i], nbytes);
	}
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void the_file_stays_the_same_one(void **state)
{
	struct stat before, after;

	(void)state;
	assert_int_equal(base_overwrite(path, "a", 1, false), 0);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(base_overwrite(path, "bc", 2, true), 0);
	assert_int_equal(stat(path, &after), 0);
	assert_true(before.st_ino == after.st_ino);
}

static void failure_is_an_errno(void **state)
{
	(void)state;
	assert_int_equal(base_overwrite("/no/such/folder/file", "a", 1, false), -ENOENT);
	assert_int_equal(base_overwrite("/dev/full", "a", 1, false), -ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_file_has_the_bytes_and_no_more, folder_begin,
						folder_end),
		cmocka_unit_test_setup_teardown(the_file_stays_the_same_one, folder_begin,
						folder_end),
		cmocka_unit_test(failure_is_an_errno),
	};

	return cmocka_run_group_tests_name("base/overwrite", tests, NULL, NULL);
}
