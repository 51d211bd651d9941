/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "outfit/folder.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"
#include "base/error.h"

static char folder[FOLDER_PATH_MAX], path[FOLDER_PATH_MAX + 64];

static const char *of(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void folders_are_made_with_those_above_them(void **state)
{
	struct base_error error;
	struct stat st;

	(void)state;
	folder_make(folder, "folder");
	for (int i = 0; i < 2; i++)
		assert_int_equal(outfit_folder_make_parents(of("a/b/c"), 0711, &error), 0);
	assert_int_equal(stat(of("a/b/c"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0711);
	assert_int_equal(chmod(of("a/b/c"), 0700), 0);
	assert_int_equal(outfit_folder_make_parents(of("a/b/c"), 0711, &error), 0);
	assert_int_equal(stat(of("a/b/c"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0711);
	umask(077);
	assert_int_equal(outfit_folder_make_parents(of("d"), 0711, &error), 0);
	umask(022);
	assert_int_equal(stat(of("d"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0711);
	folder_write(folder, "file", "x");
	assert_int_equal(outfit_folder_make_parents(of("file/b"), 0711, &error), -ENOTDIR);
	folder_remove(folder);
}

static void the_folder_of_an_instance_is_its_own_and_no_link(void **state)
{
	struct base_error error;
	struct stat st;

	(void)state;
	folder_make(folder, "folder");
	assert_int_equal(mkdir(of("web-1"), 0777), 0);
	assert_int_equal(outfit_folder_make(of("web-1"), NULL, &error), 0);
	assert_int_equal(stat(of("web-1"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	assert_int_equal(symlink("web-1", of("link")), 0);
	assert_true(outfit_folder_make(of("link"), NULL, &error) < 0);
	folder_remove(folder);
}

static void a_file_is_replaced_in_whole(void **state)
{
	struct base_error error;
	char text[64] = "";
	FILE *file;

	(void)state;
	folder_make(folder, "folder");
	assert_int_equal(outfit_folder_write(of("p.json"), "{\"a\":123456}", NULL, &error), 0);
	assert_int_equal(outfit_folder_write(of("p.json"), "{}", NULL, &error), 0);
	file = fopen(of("p.json"), "r");
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	assert_string_equal(text, "{}");
	assert_int_equal(access(of("p.json.new"), F_OK), -1);
	assert_int_equal(outfit_folder_write(of("none/p"), "{}", NULL, &error), -ENOENT);
	folder_remove(folder);
}

static ino_t inode_of(const char *name)
{
	struct stat st;

	assert_int_equal(stat(name, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	return st.st_ino;
}

static void a_file_that_has_this_already_is_left_alone(void **state)
{
	struct base_error error;
	char *file;
	ino_t inode;

	(void)state;
	folder_make(folder, "folder");
	file = strdup(of("p.json"));
	assert_int_equal(outfit_folder_write(file, "{\"a\":1}", NULL, &error), 0);
	inode = inode_of(file);
	assert_int_equal(outfit_folder_write(file, "{\"a\":1}", NULL, &error), 0);
	assert_int_equal(inode_of(file), inode);
	assert_int_equal(outfit_folder_write(file, "{\"a\":2}", NULL, &error), 0);
	assert_int_not_equal(inode_of(file), inode);
	assert_int_equal(chmod(file, 0666), 0);
	assert_int_equal(outfit_folder_write(file, "{\"a\":2}", NULL, &error), 0);
	inode_of(file);
	free(file);
	folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folders_are_made_with_those_above_them),
		cmocka_unit_test(the_folder_of_an_instance_is_its_own_and_no_link),
		cmocka_unit_test(a_file_is_replaced_in_whole),
		cmocka_unit_test(a_file_that_has_this_already_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
