/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A folder in memory for targets that read files: made once, removed at the end of the program. */
#pragma once

#include <dirent.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SCRATCH_PATH_MAX = 64 };

static char scratch_path[SCRATCH_PATH_MAX] = "/dev/shm/weft-fuzz-XXXXXX";

static inline void scratch_remove(void)
{
	DIR *dir = opendir(scratch_path);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir != NULL)
		closedir(dir);
	rmdir(scratch_path);
}

/* Returns the path of the folder. */
static inline const char *scratch_folder(void)
{
	static int is_made;

	if (!is_made && (mkdtemp(scratch_path) == NULL || atexit(scratch_remove) != 0))
		abort();
	is_made = 1;
	return scratch_path;
}

/* Writes a file of the folder, as it is. */
static inline void scratch_write(const char *name, const void *bytes, size_t nbytes)
{
	char path[SCRATCH_PATH_MAX + 64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", scratch_folder(), name);
	file = fopen(path, "we");
	if (file == NULL || fwrite(bytes, 1, nbytes, file) != nbytes || fclose(file) != 0)
		abort();
}
