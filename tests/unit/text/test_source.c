/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "../folder.h"
#include "text/source.h"

static char folder[FOLDER_PATH_MAX];

static char *path_of(const char *name)
{
	char path[FOLDER_PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return strdup(path);
}

/* A file of `nbytes` octets, each of them its offset modulo 251. */
static void make_file(const char *name, size_t nbytes)
{
	char *path = path_of(name);
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	for (size_t i = 0; i < nbytes; i++)
		fputc((int)(i % 251), f);
	assert_int_equal(fclose(f), 0);
	free(path);
}

static void a_file_passes_through_the_window(void **state)
{
	enum { SIZE = 1000000, STEP = 999 };
	struct text_source s;
	struct stat st;
	size_t at = 0;

	(void)state;
	make_file("big", SIZE);
	assert_int_equal(text_source_open(&s, path_of("big"), &st), 0);
	assert_int_equal(st.st_size, SIZE);
	while (at < SIZE) {
		if (s.fill - s.start < STEP && !s.is_last)
			assert_int_equal(text_source_fill(&s), 0);
		for (size_t i = 0; i < STEP && at < SIZE; i++)
			assert_int_equal((uint8_t)s.window[s.start++], at++ % 251);
	}
	assert_int_equal(text_source_fill(&s), 0);
	assert_true(s.is_last);
	assert_int_equal(s.start, s.fill);
	text_source_close(&s);
}

static void a_window_grows_until_one_entry_is_too_long(void **state)
{
	struct text_source s;
	struct stat st;
	int ret;

	(void)state;
	make_file("long", TEXT_ENTRY_MAX + 1);
	assert_int_equal(text_source_open(&s, path_of("long"), &st), 0);
	while ((ret = text_source_fill(&s)) == 0)
		assert_int_equal(s.fill, s.size);
	assert_int_equal(ret, -EMSGSIZE);
	assert_int_equal(s.size, TEXT_ENTRY_MAX);
	text_source_close(&s);
}

static void only_a_regular_file_is_opened(void **state)
{
	struct text_source s;
	struct stat st;
	char *fifo = path_of("fifo");

	(void)state;
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(text_source_open(&s, fifo, &st), -EINVAL);
	assert_int_equal(text_source_open(&s, strdup(folder), &st), -EISDIR);
	assert_int_equal(text_source_open(&s, path_of("absent"), &st), -ENOENT);
	assert_int_equal(text_source_open(&s, NULL, &st), -ENOMEM);
}

static int setup(void **state)
{
	(void)state;
	folder_make(folder, "source");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_passes_through_the_window),
		cmocka_unit_test(a_window_grows_until_one_entry_is_too_long),
		cmocka_unit_test(only_a_regular_file_is_opened),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
