/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agent/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/folder.h"
#include "base/overwrite.h"

enum { SEED = 71 };

static const char key[] = "checksum ";

/* Has the new name of a file be on the disk, too. */
static int folder_sync(const char *path)
{
	char folder[PATH_MAX];
	const char *end = strrchr(path, '/');
	int fd, ret = 0;

	snprintf(folder, sizeof(folder), "%.*s", end == NULL ? 1 : (int)(end - path),
		 end == NULL ? "." : path);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fsync(fd) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

int agent_file_write(const char *path, const char *text, bool is_durable)
{
	char bytes[AGENT_FILE_MAX], other[PATH_MAX];
	size_t nchars = strlen(text);
	int n, ret;

	n = snprintf(bytes, sizeof(bytes), "%s%s%016" PRIx64 "\n", text, key,
		     base_checksum(text, nchars, SEED));
	if (n < 0 || (size_t)n >= sizeof(bytes))
		return -E2BIG;
	/* Fast, and safe from a kill: base/overwrite.h. */
	if (!is_durable)
		return base_overwrite(path, bytes, (size_t)n, false);
	if ((size_t)snprintf(other, sizeof(other), "%s.new", path) >= sizeof(other))
		return -ENAMETOOLONG;
	ret = base_overwrite(other, bytes, (size_t)n, true);
	if (ret == 0 && rename(other, path) < 0)
		ret = -errno;
	if (ret < 0)
		unlink(other);
	else
		ret = folder_sync(path);
	return ret;
}

/* Ends the text before the line of its checksum. Returns whether there is one. */
static bool text_end(char *text)
{
	uint64_t checksum;

	for (char *at = text; (at = strstr(at, key)) != NULL; at++)
		if ((at == text || at[-1] == '\n') &&
		    sscanf(at + strlen(key), "%16" SCNx64, &checksum) == 1 &&
		    base_checksum(text, (size_t)(at - text), SEED) == checksum) {
			*at = '\0';
			return true;
		}
	return false;
}

int agent_file_read(const char *path, char out[static AGENT_FILE_MAX])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, out, AGENT_FILE_MAX - 1);
	close(fd);
	if (n < 0)
		return -EIO;
	out[n] = '\0';
	return strlen(out) == (size_t)n && text_end(out) ? 0 : -EBADMSG;
}

int agent_file_folder(const char *path, unsigned mode)
{
	char part[PATH_MAX];
	int ret;

	if ((size_t)snprintf(part, sizeof(part), "%s", path) >= sizeof(part))
		return -ENAMETOOLONG;
	ret = base_folder_make_above(part);
	if (ret == 0 && mkdir(part, mode) < 0 && errno != EEXIST)
		ret = -errno;
	return ret;
}
