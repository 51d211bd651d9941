/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/overwrite.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

int base_overwrite(const char *path, const char *bytes, size_t nbytes, bool is_durable)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ssize_t n;
	int ret = 0;

	if (fd < 0)
		return -errno;
	n = write(fd, bytes, nbytes);
	if (n < 0 || (size_t)n != nbytes)
		ret = n < 0 ? -errno : -ENOSPC;
	else if (ftruncate(fd, (off_t)nbytes) < 0 || (is_durable && fsync(fd) < 0))
		ret = -errno;
	close(fd);
	return ret;
}
