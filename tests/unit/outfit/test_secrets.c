/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "outfit/secrets.h"

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
#include "base/arena.h"
#include "base/error.h"

static char folder[FOLDER_PATH_MAX];

/* Reads one secret of the folder. Returns what outfit_secrets_read() does. */
static int read_one(struct base_arena *arena, const char *name, const char **value,
		    struct base_error *error)
{
	char path[FOLDER_PATH_MAX + 64];
	struct spec_pair pair = {"TOKEN", path};
	struct spec_pairs declared = {&pair, 1}, out;
	int ret;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	ret = outfit_secrets_read(&out, arena, &declared, error);
	if (ret == 0)
		*value = out.items[0].value;
	return ret;
}

static void the_end_of_the_last_line_is_not_of_the_value(void **state)
{
	static const struct {
		const char *text, *value;
	} cases[] = {{"a", "a"},       {"a\n", "a"}, {"a\r\n", "a"}, {"a\nb\n", "a\nb"},
		     {"a\n\n", "a\n"}, {"\n", ""},   {" a ", " a "}};
	struct base_arena arena;
	const char *value;

	(void)state;
	folder_make(folder, "secrets");
	base_arena_init(&arena, 1024);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		folder_write(folder, "s", cases[i].text);
		assert_int_equal(read_one(&arena, "s", &value, NULL), 0);
		assert_string_equal(value, cases[i].value);
	}
	base_arena_fini(&arena);
	folder_remove(folder);
}

static void what_cannot_be_read_is_named_and_nothing_of_it_is_shown(void **state)
{
	char large[OUTFIT_SECRET_MAX + 2], path[FOLDER_PATH_MAX + 64];
	struct base_arena arena;
	struct base_error error;
	const char *value;
	FILE *file;

	(void)state;
	folder_make(folder, "secrets");
	base_arena_init(&arena, 1024);
	assert_int_equal(read_one(&arena, "none", &value, &error), -ENOENT);
	assert_non_null(strstr(error.text, "secret TOKEN: /"));
	assert_non_null(strstr(error.text, "/none: No such file or directory"));
	assert_int_equal(read_one(&arena, "", &value, &error), -EINVAL);
	assert_non_null(strstr(error.text, "not a regular file"));
	snprintf(path, sizeof(path), "%s/fifo", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(read_one(&arena, "fifo", &value, &error), -EINVAL);
	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	folder_write(folder, "large", large);
	assert_int_equal(read_one(&arena, "large", &value, &error), -E2BIG);
	assert_null(strstr(error.text, "xxx"));
	snprintf(path, sizeof(path), "%s/zero", folder);
	file = fopen(path, "w");
	fwrite("a\0b", 1, 3, file);
	fclose(file);
	assert_int_equal(read_one(&arena, "zero", &value, &error), -EINVAL);
	base_arena_fini(&arena);
	folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_end_of_the_last_line_is_not_of_the_value),
		cmocka_unit_test(what_cannot_be_read_is_named_and_nothing_of_it_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
