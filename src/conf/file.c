/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "conf/file.h"
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 64 * 1024 * 1024 };

void conf_file_free(struct conf_file *file)
{
	if (file->bytes != NULL)
		base_secret_wipe(file->bytes, file->nbytes);
	free(file->bytes);
}

static int file_fill(struct conf_file *file, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	if (st.st_size > FILE_MAX)
		return -EFBIG;
	file->is_open_to_others = (st.st_mode & S_IROTH) != 0;
	file->device = st.st_dev;
	file->inode = st.st_ino;
	file->bytes = malloc((size_t)st.st_size + 1);
	if (file->bytes == NULL)
		return -ENOMEM;
	while (file->nbytes < (size_t)st.st_size) {
		ssize_t n = read(fd, file->bytes + file->nbytes, (size_t)st.st_size - file->nbytes);

		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		file->nbytes += (size_t)n;
	}
	file->bytes[file->nbytes] = '\0';
	return 0;
}

int conf_file_read(struct conf_file *out, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int ret;

	*out = (struct conf_file){0};
	if (fd < 0)
		return -errno;
	ret = file_fill(out, fd);
	close(fd);
	return ret;
}
