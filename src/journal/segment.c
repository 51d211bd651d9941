/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "journal/segment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/grow.h"
#include "journal/io.h"
#include "journal/system.h"

void journal_segment_path(char out[static JOURNAL_PATH_MAX], const char *folder, uint64_t number)
{
	snprintf(out, JOURNAL_PATH_MAX, "%s/log-%08" PRIu64, folder, number);
}

static struct journal_segment *segment_new(uint64_t number, uint64_t size, int fd)
{
	struct journal_segment *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->number = number;
	s->size = size;
	s->fd = fd;
	s->direct_fd = -1;
	return s;
}

/* Opens the file a second time for direct writes, which not every file system has. */
static void direct_open(struct journal_segment *s, const char *path)
{
	s->direct_fd = journal_system.open(path, O_WRONLY | O_DIRECT | O_CLOEXEC, 0);
}

static void direct_close(struct journal_segment *s)
{
	if (s->direct_fd >= 0)
		close(s->direct_fd);
	s->direct_fd = -1;
}

int journal_segment_write(struct journal_segment *s, void *buffer, struct iovec *pieces,
			  size_t npieces, uint64_t at)
{
	if (s->direct_fd >= 0) {
		int ret = journal_io_write_direct(s->direct_fd, buffer, pieces, npieces, at);

		if (ret != -EINVAL)
			return ret;
		/* Some file systems refuse direct writes only at the first one. */
		direct_close(s);
	}
	return journal_io_write(s->fd, pieces, npieces, at);
}

void journal_segment_finish(struct journal_segment *s)
{
	if (s != NULL)
		direct_close(s);
}

void journal_segment_close(struct journal_segment *s)
{
	if (s == NULL)
		return;
	direct_close(s);
	close(s->fd);
	free(s);
}

void journal_segment_pin(struct journal_segment *s)
{
	s->npins++;
}

void journal_segment_unpin(struct journal_segment *s)
{
	if (--s->npins == 0 && s->is_gone)
		journal_segment_close(s);
}

int journal_segment_remove(struct journal_segment *s, const char *folder)
{
	char path[JOURNAL_PATH_MAX];
	int ret;

	journal_segment_path(path, folder, s->number);
	ret = journal_system.unlink(path) < 0 ? -errno : 0;
	journal_segment_close(s);
	return ret;
}

/* Allocates the space first, where the file system can, so that a full disk fails at once. */
static int fill(struct journal_segment *s)
{
	int ret = -EINVAL;

	if (journal_system.fallocate(s->fd, 0, 0, (off_t)s->size) < 0 && errno != EOPNOTSUPP &&
	    errno != ENOSYS)
		return -errno;
	if (s->direct_fd >= 0)
		ret = journal_io_write_zeroes(s->direct_fd, 0, s->size);
	if (ret == -EINVAL) {
		direct_close(s);
		ret = journal_io_write_zeroes(s->fd, 0, s->size);
	}
	if (ret == 0 && journal_system.fsync(s->fd) < 0)
		ret = -errno;
	return ret;
}

int journal_segment_make(struct journal_segment **out, const char *folder, uint64_t number,
			 uint64_t size)
{
	char path[JOURNAL_PATH_MAX];
	struct journal_segment *s;
	int fd, ret;

	journal_segment_path(path, folder, number);
	fd = journal_system.open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	s = segment_new(number, size, fd);
	if (s == NULL) {
		journal_system.unlink(path);
		close(fd);
		return -ENOMEM;
	}
	direct_open(s, path);
	ret = fill(s);
	if (ret == 0)
		ret = journal_io_sync_folder(folder);
	if (ret < 0) {
		journal_segment_remove(s, folder);
		return ret;
	}
	*out = s;
	return 0;
}

int journal_segment_recycle(struct journal_segment **out, struct journal_segment *old,
			    const char *folder, uint64_t number)
{
	char from[JOURNAL_PATH_MAX], to[JOURNAL_PATH_MAX];
	int fd, ret;

	journal_segment_path(from, folder, old->number);
	journal_segment_path(to, folder, number);
	ret = journal_io_rename(folder, from, to);
	fd = ret < 0 ? -1 : journal_system.open(to, O_RDWR | O_CLOEXEC, 0);
	if (fd < 0) {
		ret = ret < 0 ? ret : -errno;
		journal_segment_close(old);
		return ret;
	}
	direct_close(old);
	close(old->fd); /* it may be open for reading only */
	*old = (struct journal_segment){
		.number = number, .size = old->size, .fd = fd, .direct_fd = -1};
	direct_open(old, to);
	*out = old;
	return 0;
}

int journal_segment_open(struct journal_segment **out, const char *folder, uint64_t number)
{
	char path[JOURNAL_PATH_MAX];
	struct stat st;
	int fd, ret = 0;

	journal_segment_path(path, folder, number);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		ret = -errno;
	else if ((*out = segment_new(number, (uint64_t)st.st_size, fd)) == NULL)
		ret = -ENOMEM;
	if (ret < 0)
		close(fd);
	return ret;
}

int journal_segment_dup(struct journal_segment **out, const struct journal_segment *s,
			uint64_t size)
{
	int fd = fcntl(s->fd, F_DUPFD_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	*out = segment_new(s->number, size, fd);
	if (*out != NULL)
		return 0;
	close(fd);
	return -ENOMEM;
}

int journal_segment_reopen(struct journal_segment *s, const char *folder)
{
	char path[JOURNAL_PATH_MAX];
	int fd;

	journal_segment_path(path, folder, s->number);
	fd = journal_system.open(path, O_RDWR | O_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	close(s->fd);
	s->fd = fd;
	direct_open(s, path);
	return 0;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Parses the number in a name like log-00000012. */
static bool number_of(const char *name, uint64_t *number)
{
	char *end;

	if (strncmp(name, "log-", 4) != 0 || strspn(name + 4, "0123456789") < 8)
		return false;
	errno = 0;
	*number = strtoull(name + 4, &end, 10);
	return *end == '\0' && errno == 0;
}

int journal_segment_list(const char *folder, uint64_t **numbers, size_t *count)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	size_t capacity = 0;
	int ret = 0;

	*numbers = NULL;
	*count = 0;
	if (dir == NULL)
		return -errno;
	while ((entry = readdir(dir)) != NULL && ret == 0) {
		uint64_t number, *grown;

		if (!number_of(entry->d_name, &number))
			continue;
		grown = base_grow(*numbers, *count, &capacity, sizeof(*grown));
		if (grown == NULL) {
			ret = -ENOMEM;
			break;
		}
		*numbers = grown;
		(*numbers)[(*count)++] = number;
	}
	closedir(dir);
	if (ret < 0) {
		free(*numbers);
		*numbers = NULL;
	} else if (*count > 0) {
		qsort(*numbers, *count, sizeof(**numbers), by_number);
	}
	return ret;
}
