/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "journal/format.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "journal/io.h"
#include "journal/path.h"
#include "journal/record.h"
#include "journal/segment.h"

enum { TEXT_MAX = 200 }; /* bytes of the file */

static int fail_damaged(const char *folder, struct base_error *error)
{
	return base_error_set_at(error, -EBADMSG, (struct base_location){folder, 0},
				 "%s/format is damaged: restore the folder from a copy", folder);
}

int journal_format_read(const char *folder, uint64_t *key, struct base_error *error)
{
	const struct base_location at = {folder, 0};
	char path[JOURNAL_PATH_MAX], text[TEXT_MAX + 1] = "";
	unsigned version;
	ssize_t n;
	int fd;

	journal_path_of(path, folder, "format");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return base_error_set_at(error, -errno, at, "cannot open %s/format: %s", folder,
					 strerror(errno));
	n = read(fd, text, TEXT_MAX);
	close(fd);
	if (n <= 0 || sscanf(text, "weft store %u\nkey %16" SCNx64 "\n", &version, key) < 1)
		return fail_damaged(folder, error);
	if (version > JOURNAL_FORMAT)
		return base_error_set_at(error, -EPROTO, at,
					 "the store has format %u, and this weftd knows formats up "
					 "to %d only: use the version of weft that wrote it, or a "
					 "later one",
					 version, JOURNAL_FORMAT);
	if (sscanf(text, "weft store %u\nkey %16" SCNx64 "\n", &version, key) != 2)
		return fail_damaged(folder, error);
	return 0;
}

static int file_make(const char *folder, uint64_t *key)
{
	char path[JOURNAL_PATH_MAX], text[TEXT_MAX];
	int n;

	if (getrandom(key, sizeof(*key), 0) != sizeof(*key))
		return -EIO;
	n = snprintf(text, sizeof(text), "weft store %d\nkey %016" PRIx64 "\n", JOURNAL_FORMAT,
		     *key);
	journal_path_of(path, folder, "format");
	return journal_io_put_file(folder, path, text, (size_t)n);
}

static int format_make(const char *folder, uint64_t *key, struct base_error *error)
{
	const struct base_location at = {folder, 0};
	uint64_t *numbers;
	size_t count;
	int ret = journal_segment_list(folder, &numbers, &count);

	free(numbers);
	if (ret == 0 && count > 0)
		return base_error_set_at(error, -EBADMSG, at,
					 "%s/format is missing, but there is a log: restore the "
					 "folder from a copy",
					 folder);
	if (ret == 0)
		ret = file_make(folder, key);
	if (ret < 0)
		base_error_set_at(error, ret, at, "cannot make a store: %s", strerror(-ret));
	return ret;
}

int journal_format_read_or_make(const char *folder, uint64_t *key, struct base_error *error)
{
	struct base_error of_reading;
	int ret = journal_format_read(folder, key, &of_reading);

	if (ret == -ENOENT)
		return format_make(folder, key, error);
	if (ret < 0 && error != NULL)
		*error = of_reading;
	return ret;
}
