/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "conf/file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"

static char folder[FOLDER_PATH_MAX];
static char path[FOLDER_PATH_MAX + 8];

static int set_up(void **state)
{
	(void)state;
	folder_make(folder, "conf-file");
	snprintf(path, sizeof(path), "%s/f", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

static void text_write(const char *text, mode_t mode)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
	assert_int_equal(chmod(path, mode), 0);
}

static void a_file_is_read_whole_with_a_nul_after_it(void **state)
{
	struct conf_file file;
	struct stat st;

	(void)state;
	text_write("key: value\n", 0600);
	assert_int_equal(conf_file_read(&file, path), 0);
	assert_int_equal(file.nbytes, 11);
	assert_string_equal(file.bytes, "key: value\n");
	assert_false(file.is_open_to_others);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(file.inode, st.st_ino);
	conf_file_free(&file);

	text_write("", 0604);
	assert_int_equal(conf_file_read(&file, path), 0);
	assert_string_equal(file.bytes, "");
	assert_true(file.is_open_to_others);
	conf_file_free(&file);
}

static void only_regular_files_are_read(void **state)
{
	struct conf_file file;

	(void)state;
	assert_int_equal(conf_file_read(&file, folder), -EISDIR);
	conf_file_free(&file);
	unlink(path);
	assert_int_equal(conf_file_read(&file, path), -ENOENT);
	conf_file_free(&file);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(conf_file_read(&file, path), -EINVAL);
	conf_file_free(&file);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_read_whole_with_a_nul_after_it),
		cmocka_unit_test(only_regular_files_are_read),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
