/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agent/file.h"

#include <errno.h>
#include <fcntl.h>
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

static char folder[] = "/tmp/weft-test-file-XXXXXX";
static char path[64];

static void what_was_written_is_read(void **state)
{
	char got[AGENT_FILE_MAX];

	(void)state;
	assert_int_equal(agent_file_write(path, "a 1\nb 2\n", false), 0);
	assert_int_equal(agent_file_read(path, got), 0);
	assert_string_equal(got, "a 1\nb 2\n");
	assert_int_equal(agent_file_write(path, "", true), 0);
	assert_int_equal(agent_file_read(path, got), 0);
	assert_string_equal(got, "");
}

static void a_missing_file_is_not_a_damaged_one(void **state)
{
	char got[AGENT_FILE_MAX];

	(void)state;
	unlink(path);
	assert_int_equal(agent_file_read(path, got), -ENOENT);
}

/* As after a power failure, or when another program was at it. */
static void any_cut_and_any_other_octet_is_damage(void **state)
{
	static const char text[] = "inc 17\nchecksum of another kind\n";
	char whole[AGENT_FILE_MAX], got[AGENT_FILE_MAX];
	ssize_t n;
	int fd;

	(void)state;
	assert_int_equal(agent_file_write(path, text, false), 0);
	fd = open(path, O_RDONLY);
	n = read(fd, whole, sizeof(whole));
	close(fd);
	assert_true(n > 0);
	assert_int_equal(agent_file_read(path, got), 0);
	assert_string_equal(got, text);
	for (ssize_t i = 0; i < n - 1; i++) {
		fd = open(path, O_WRONLY | O_TRUNC);
		assert_int_equal(write(fd, whole, (size_t)i), i);
		close(fd);
		assert_int_equal(agent_file_read(path, got), -EBADMSG);

		whole[i] ^= 1;
		fd = open(path, O_WRONLY | O_TRUNC);
		assert_int_equal(write(fd, whole, (size_t)n), n);
		close(fd);
		assert_int_equal(agent_file_read(path, got), -EBADMSG);
		whole[i] ^= 1;
	}
}

/* As after a kill between the two steps of writing a shorter text over a longer one. */
static void what_follows_the_checksum_does_not_count(void **state)
{
	static const char more[] = "rest of it 7\nchecksum 0123456789abcdef\n";
	char got[AGENT_FILE_MAX];
	struct stat before, after;
	int fd;

	(void)state;
	assert_int_equal(agent_file_write(path, "long 1234567890\n", false), 0);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(agent_file_write(path, "b 2\n", false), 0);
	assert_int_equal(stat(path, &after), 0);
	assert_true(before.st_ino == after.st_ino && before.st_size > after.st_size);
	fd = open(path, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, more, sizeof(more) - 1), sizeof(more) - 1);
	close(fd);
	assert_int_equal(agent_file_read(path, got), 0);
	assert_string_equal(got, "b 2\n");
}

static void a_text_that_is_too_long_leaves_the_file_as_it_was(void **state)
{
	char text[AGENT_FILE_MAX], got[AGENT_FILE_MAX];

	(void)state;
	assert_int_equal(agent_file_write(path, "old\n", false), 0);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(agent_file_write(path, text, false), -E2BIG);
	assert_int_equal(agent_file_read(path, got), 0);
	assert_string_equal(got, "old\n");
	assert_int_equal(agent_file_write("/nowhere/file", "x\n", false), -ENOENT);
}

static void folders_are_made_with_those_above(void **state)
{
	char deep[128];

	(void)state;
	snprintf(deep, sizeof(deep), "%s/a/b/c", folder);
	assert_int_equal(agent_file_folder(deep, 0700), 0);
	assert_int_equal(agent_file_folder(deep, 0700), 0);
	assert_int_equal(access(deep, X_OK), 0);
	assert_int_equal(agent_file_folder("/proc/a/b", 0700), -ENOENT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(a_missing_file_is_not_a_damaged_one),
		cmocka_unit_test(any_cut_and_any_other_octet_is_damage),
		cmocka_unit_test(what_follows_the_checksum_does_not_count),
		cmocka_unit_test(a_text_that_is_too_long_leaves_the_file_as_it_was),
		cmocka_unit_test(folders_are_made_with_those_above),
	};
	char command[96];
	int ret;

	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/file", folder);
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command) == 0 ? ret : 1;
}
