/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/output.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, COPY_BYTES = 65536, TAIL_MAX = 1024 * 1024, FLOOD_BYTES = 1 << 20 };

static const char journal_path[] = "/run/systemd/journal/stdout";

/* Between rotations and followers. Not a lock of the file: its service has that, too, and could
 * keep it locked. */
static pthread_mutex_t rotating = PTHREAD_MUTEX_INITIALIZER;

int supervise_output_open(const struct supervise_output_settings *settings)
{
	int fd;

	if (settings->path == NULL)
		return -ENOENT;
	fd = open(settings->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
	return fd < 0 ? -errno : fd;
}

/* The journal's stream begins with a header of lines: identifier, unit, priority, and whether there
 * are prefixes of levels, and where copies go. */
int supervise_output_journal(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), ret = 0, n;
	char header[512];

	if (fd < 0)
		return -errno;
	strcpy(address.sun_path, journal_path);
	n = snprintf(header, sizeof(header), "%.200s\n\n6\n1\n0\n0\n0\n", name);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		ret = errno == ECONNREFUSED ? -ENOENT : -errno;
	else if (send(fd, header, (size_t)n, MSG_NOSIGNAL) != n)
		ret = -EIO;
	if (ret == 0)
		return fd;
	close(fd);
	return ret;
}

/* ---- rotation ---- */

/* Copies the bytes from `at` up to `end`. */
static int file_copy(int to, int from, off_t at, off_t end)
{
	char *bytes = malloc(COPY_BYTES);
	int ret = bytes == NULL ? -ENOMEM : 0;

	while (ret == 0 && at < end) {
		size_t want = end - at < COPY_BYTES ? (size_t)(end - at) : COPY_BYTES;
		ssize_t n = pread(from, bytes, want, at);

		if (n <= 0 || write(to, bytes, (size_t)n) != n)
			ret = n < 0 || errno != 0 ? -EIO : -ENODATA;
		else
			at += n;
	}
	free(bytes);
	return ret;
}

/* Returns where the part begins that is kept of the first `nbytes`: a service that floods its
 * output, or has made it as long as it likes (ftruncate), is not to fill the disk by that. */
static off_t kept_from(const struct supervise_output_settings *settings, off_t nbytes)
{
	uint64_t most = settings->size < FLOOD_BYTES ? FLOOD_BYTES : settings->size;

	return (uint64_t)nbytes > 2 * most ? nbytes - (off_t)most : 0;
}

/* Copies the end of the first `nbytes` to FILE.1, after the older files have moved up. */
static int part_keep(const struct supervise_output_settings *settings, int from, off_t nbytes)
{
	char path[PATH_BYTES], other[PATH_BYTES];
	int fd, ret;

	if (snprintf(path, sizeof(path), "%s.new", settings->path) >= PATH_BYTES - 8)
		return -ENAMETOOLONG;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd < 0)
		return -errno;
	ret = file_copy(fd, from, kept_from(settings, nbytes), nbytes);
	close(fd);
	if (ret < 0) {
		unlink(path);
		return ret;
	}
	for (unsigned i = settings->count; i > 1; i--) {
		snprintf(path, sizeof(path), "%s.%u", settings->path, i - 1);
		snprintf(other, sizeof(other), "%s.%u", settings->path, i);
		rename(path, other);
	}
	snprintf(path, sizeof(path), "%s.new", settings->path);
	snprintf(other, sizeof(other), "%s.1", settings->path);
	return rename(path, other) < 0 ? -errno : 0;
}

/* Cuts off what was kept. Returns 0, or a negative errno if the file system cannot. */
static int front_cut(int fd, off_t nbytes)
{
	return fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 0, nbytes) < 0 ? -errno : 0;
}

/* Whether front_cut() works is tried on a file of its own: what was copied would be too little for
 * the other way. */
static bool can_cut(const char *path, off_t block)
{
	char other[PATH_BYTES];
	bool can = false;
	int fd;

	if (snprintf(other, sizeof(other), "%s.try", path) >= PATH_BYTES)
		return false;
	fd = open(other, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	can = ftruncate(fd, 2 * block) == 0 && front_cut(fd, block) == 0;
	close(fd);
	unlink(other);
	return can;
}

static int rotate(const struct supervise_output_settings *settings, int fd, const struct stat *st)
{
	off_t block = st->st_blksize, nbytes = st->st_size;
	bool is_cut = block > 0 && can_cut(settings->path, block);
	int ret = 0;

	if (is_cut) /* at least a byte must be left */
		nbytes = (st->st_size - 1) / block * block;
	if (nbytes <= 0)
		return 0;
	if (settings->count > 0)
		ret = part_keep(settings, fd, nbytes);
	if (ret == 0 && (!is_cut || front_cut(fd, nbytes) < 0) && ftruncate(fd, 0) < 0)
		ret = -errno;
	return ret < 0 ? ret : 1;
}

int supervise_output_rotate(const struct supervise_output_settings *settings)
{
	struct stat st;
	int fd, ret = 0;

	if (settings->path == NULL || settings->size == 0)
		return 0;
	fd = open(settings->path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	errno = 0;
	if (fstat(fd, &st) < 0)
		ret = -errno;
	else if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > settings->size) {
		pthread_mutex_lock(&rotating);
		ret = rotate(settings, fd, &st);
		pthread_mutex_unlock(&rotating);
	}
	close(fd);
	return ret;
}

bool supervise_output_hold(void)
{
	return pthread_mutex_trylock(&rotating) == 0;
}

void supervise_output_let(void)
{
	pthread_mutex_unlock(&rotating);
}

/* ---- reading ---- */

/* Reads the end of a file in front of what is in `out`, from `*begin` on down. Returns 0 or a
 * negative errno. */
static int end_prepend(const char *path, char *out, size_t *begin)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	size_t want;
	ssize_t n;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0) {
		close(fd);
		return -EIO;
	}
	want = (uint64_t)st.st_size < *begin ? (size_t)st.st_size : *begin;
	n = pread(fd, out + *begin - want, want, st.st_size - (off_t)want);
	close(fd);
	if (n < 0)
		return -EIO;
	if ((size_t)n < want) /* cut meanwhile */
		memmove(out + *begin - n, out + *begin - want, (size_t)n);
	*begin -= (size_t)n;
	return 0;
}

/* Returns where the last `lines` lines begin; `end` if that is not in sight yet. */
static bool lines_find(const char *text, size_t begin, size_t end, size_t lines, size_t *out)
{
	size_t at = end;

	if (at > begin && text[at - 1] == '\n')
		at--;
	for (; at > begin; at--)
		if (text[at - 1] == '\n' && --lines == 0)
			break;
	*out = at;
	return at > begin;
}

int supervise_output_tail(const struct supervise_output_settings *settings, size_t lines,
			  char **out, size_t *nbytes)
{
	size_t begin = TAIL_MAX, first = TAIL_MAX;
	char *text, path[PATH_BYTES];
	int ret;

	if (settings->path == NULL)
		return -ENOENT;
	text = malloc(TAIL_MAX + 1);
	if (text == NULL)
		return -ENOMEM;
	ret = end_prepend(settings->path, text, &begin);
	if (ret < 0) {
		free(text);
		return ret;
	}
	for (unsigned i = 1; lines > 0 && i <= settings->count && begin > 0; i++) {
		if (lines_find(text, begin, TAIL_MAX, lines, &first))
			break;
		snprintf(path, sizeof(path), "%s.%u", settings->path, i);
		if (end_prepend(path, text, &begin) < 0)
			break;
	}
	if (lines > 0)
		lines_find(text, begin, TAIL_MAX, lines, &first);
	*nbytes = TAIL_MAX - first;
	memmove(text, text + first, *nbytes);
	text[*nbytes] = '\0';
	*out = text;
	return 0;
}
