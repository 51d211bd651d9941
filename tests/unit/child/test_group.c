/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "child/group.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "../folder.h"
#include "base/error.h"

static char folder[FOLDER_PATH_MAX], group[FOLDER_PATH_MAX + 64];

/* A folder with the files that the kernel would have. */
static void group_make(bool has_controllers)
{
	folder_make(folder, "group");
	snprintf(group, sizeof(group), "%s/weft", folder);
	assert_int_equal(mkdir(group, 0755), 0);
	folder_write(group, "cgroup.subtree_control", "");
	snprintf(group, sizeof(group), "%s/weft/web-1", folder);
	assert_int_equal(mkdir(group, 0755), 0);
	if (!has_controllers)
		return;
	folder_write(group, "memory.max", "");
	folder_write(group, "pids.max", "");
}

static const char *read_of(const char *file)
{
	char path[FOLDER_PATH_MAX + 128];
	static char text[64];
	FILE *in;

	snprintf(path, sizeof(path), "%s/%s", group, file);
	in = fopen(path, "r");
	memset(text, 0, sizeof(text));
	if (in != NULL && fgets(text, sizeof(text), in) == NULL)
		text[0] = '\0';
	if (in != NULL)
		fclose(in);
	return text;
}

static void limits_are_written_to_the_group(void **state)
{
	struct base_error error;

	(void)state;
	group_make(true);
	assert_int_equal(child_group_limit(group, 123456789012, 77, &error), 0);
	assert_string_equal(read_of("memory.max"), "123456789012");
	assert_string_equal(read_of("pids.max"), "77");
	folder_write(group, "memory.max", "");
	assert_int_equal(child_group_limit(group, 0, 5, &error), 0);
	assert_string_equal(read_of("memory.max"), "max");
	folder_remove(folder);
}

static void without_a_controller_that_is_the_reason(void **state)
{
	struct base_error error;

	(void)state;
	group_make(false);
	assert_int_equal(child_group_limit(group, 0, 0, &error), 0);
	assert_int_equal(child_group_limit(group, 4096, 0, &error), -ENOTSUP);
	assert_non_null(strstr(error.text, "/memory.max: there is no such controller"));
	snprintf(group, sizeof(group), "%s/none/web-1", folder);
	assert_int_equal(child_group_limit(group, 4096, 0, &error), -ENOENT);
	folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_are_written_to_the_group),
		cmocka_unit_test(without_a_controller_that_is_the_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
