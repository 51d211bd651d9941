/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "hosting/files.h"

/* The store keeps this list: it is the same on every host. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_is_these_octets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
