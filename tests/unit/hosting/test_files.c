/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "hosting/files.h"

/* The list is in the store: it is the same on every host. */
static void a_list_is_these_octets(void **state)
{
	static const char wanted[] =
		"\0\2/a\0\0\0\0\0\0\1\2\0\0\0\0\3\4\5\6"   /* length, path, size, seconds, */
		"\0\0\0\0\7\10\11\12\0\0\0\13\14\15\16\17" /* nanoseconds, inode */
		"\0\1b\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"
		"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2";
	const struct stat first = {
		.st_size = 0x0102, .st_mtim = {0x03040506, 0x0708090a}, .st_ino = 0x0b0c0d0e0f};
	const struct stat second = {.st_mtim = {1, 0}, .st_ino = 2};
	struct hosting_files files = {.bytes = NULL};

	(void)state;
	hosting_files_add(&files, "/a", &first);
	hosting_files_add(&files, "b", &second);
	assert_false(files.is_short);
	assert_int_equal(files.nbytes, sizeof(wanted) - 1);
	assert_memory_equal(files.bytes, wanted, files.nbytes);
	hosting_files_fini(&files);
}

/* Makes a file with this content, instead of one that was there. */
static void put_file(const char *path, const char *content)
{
	FILE *f;

	unlink(path);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(content, f);
	assert_int_equal(fclose(f), 0);
}

static void add(struct hosting_files *list, const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	hosting_files_add(list, path, &st);
	assert_false(list->is_short);
}

static void a_change_of_any_file_is_noticed(void **state)
{
	char folder[] = "/tmp/weft-files-XXXXXX", path[3][64];
	struct hosting_files list = {.bytes = NULL};

	(void)state;
	assert_non_null(mkdtemp(folder));
	for (unsigned i = 0; i < 3; i++) {
		snprintf(path[i], sizeof(path[i]), "%s/%u", folder, i);
		put_file(path[i], "a");
		add(&list, path[i]);
	}
	assert_true(hosting_files_are_current(list.bytes, list.nbytes, path[0]));
	assert_false(
		hosting_files_are_current(list.bytes, list.nbytes, path[1])); /* not the first */
	for (unsigned i = 0; i < 3; i++) {
		put_file(path[i], "ab");
		assert_false(hosting_files_are_current(list.bytes, list.nbytes, path[0]));
		hosting_files_fini(&list);
		for (unsigned k = 0; k < 3; k++)
			add(&list, path[k]);
		assert_true(hosting_files_are_current(list.bytes, list.nbytes, path[0]));
	}
	unlink(path[2]);
	assert_false(hosting_files_are_current(list.bytes, list.nbytes, path[0]));
	hosting_files_fini(&list);
	unlink(path[0]);
	unlink(path[1]);
	rmdir(folder);
}

/* The list comes from the store: it may be anything. */
static void a_list_that_is_cut_is_not_current(void **state)
{
	char path[] = "/tmp/weft-files-XXXXXX";
	struct hosting_files list = {.bytes = NULL};
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	add(&list, path);
	for (size_t n = 0; n < list.nbytes; n++)
		assert_false(hosting_files_are_current(list.bytes, n, path));
	assert_true(hosting_files_are_current(list.bytes, list.nbytes, path));
	unlink(path);
	hosting_files_fini(&list);
	assert_int_equal(list.nbytes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_is_these_octets),
		cmocka_unit_test(a_change_of_any_file_is_noticed),
		cmocka_unit_test(a_list_that_is_cut_is_not_current),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
