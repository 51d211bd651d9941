/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The main() of a fuzz target that is built without a fuzzer: gives each file (or each file of
 * each folder) named on the command line to the target once, so that `make check` proves that
 * the bugs that a fuzzer once found stay mended. */

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
	FILE *in = fopen(path, "rb");
	uint8_t *data = NULL;
	size_t size = 0, room = 0, got;

	if (in == NULL)
		return -errno;
	do {
		room += 65536;
		data = realloc(data, room);
		if (data == NULL)
			abort();
		got = fread(data + size, 1, room - size, in);
		size += got;
	} while (size == room);
	fclose(in);

	/* A heap block of just this size, so that a sanitizer sees the first byte read past it. */
	data = realloc(data, size > 0 ? size : 1);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 0;
}

static int replay_path(const char *path, unsigned *count)
{
	char child[4096];
	struct dirent *entry;
	struct stat st;
	DIR *dir;
	int ret = 0;

	if (stat(path, &st) != 0)
		return -errno;
	if (!S_ISDIR(st.st_mode)) {
		++*count;
		return replay_file(path);
	}

	dir = opendir(path);
	if (dir == NULL)
		return -errno;
	while (ret == 0 && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(child, sizeof(child), "%s/%s", path, entry->d_name);
		ret = replay_path(child, count);
	}
	closedir(dir);
	return ret;
}

int main(int argc, char **argv)
{
	unsigned count = 0;

	for (int i = 1; i < argc; i++) {
		int ret = replay_path(argv[i], &count);

		if (ret != 0) {
			fprintf(stderr, "%s: %s\n", argv[i], strerror(-ret));
			return 1;
		}
	}
	printf("replayed %u files\n", count);
	return 0;
}
