/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "folder.h"

#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { DESCRIPTORS = 8 }; /* that the walk of a folder may use */

void folder_make(char path[static FOLDER_PATH_MAX], const char *name)
{
	const char *parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	int n = snprintf(path, FOLDER_PATH_MAX, "%s/weft-%s-XXXXXX", parent, name);

	assert_true(n > 0 && n < FOLDER_PATH_MAX);
	assert_non_null(mkdtemp(path));
}

void folder_write(const char *path, const char *name, const char *text)
{
	char file[PATH_MAX];
	FILE *out;

	snprintf(file, sizeof(file), "%s/%s", path, name);
	out = fopen(file, "w");
	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(file, 0600), 0);
}

static int entry_remove(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
	(void)st;
	(void)kind;
	return walk->level == 0 ? 0 : remove(path);
}

void folder_empty(const char *path)
{
	assert_int_equal(nftw(path, entry_remove, DESCRIPTORS, FTW_DEPTH | FTW_PHYS), 0);
}

void folder_remove(const char *path)
{
	folder_empty(path);
	assert_int_equal(rmdir(path), 0);
}
