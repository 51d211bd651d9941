/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ev.h>

enum { CHUNK = 65536 };

struct supervise_follow {
	struct ev_loop *loop;
	ev_io watcher;
	int inotify, fd;
	off_t offset; /* what was reported ends there */
	ino_t part;   /* the inode of FILE.1 then; 0: there was none */
	supervise_follow_fn on_bytes;
	void *arg;
	char part_path[]; /* FILE.1 */
};

/* Reports what a file has from `offset` on. Returns where that ends. */
static off_t report(struct supervise_follow *follow, int fd, off_t offset)
{
	static char bytes[CHUNK]; /* one thread, and on_bytes() does not come back here */
	ssize_t n;

	while ((n = pread(fd, bytes, sizeof(bytes), offset)) > 0) {
		follow->on_bytes(follow->arg, bytes, (size_t)n);
		offset += n;
	}
	return offset;
}

/* Follows a rotation, if there was one: FILE.1 is another file then, and has exactly what was cut
 * off at the front of FILE. */
static void rotated(struct supervise_follow *follow)
{
	int fd = open(follow->part_path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && st.st_ino != follow->part) {
		if (follow->offset < st.st_size)
			follow->offset = report(follow, fd, follow->offset);
		follow->offset -= st.st_size;
		follow->part = st.st_ino;
	}
	close(fd);
}

static void look(struct supervise_follow *follow)
{
	struct stat st;

	/* A rotation that is going on ends with an event (IN_CLOSE_WRITE). */
	if (flock(follow->fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return;
	rotated(follow);
	if (fstat(follow->fd, &st) == 0 && st.st_size < follow->offset)
		follow->offset = 0; /* truncated by somebody */
	follow->offset = report(follow, follow->fd, follow->offset);
	flock(follow->fd, LOCK_UN);
}

static void on_readable(struct ev_loop *loop, ev_io *watcher, int revents)
{
	struct supervise_follow *follow = watcher->data;
	char events[4096];

	(void)loop;
	(void)revents;
	while (read(follow->inotify, events, sizeof(events)) > 0)
		;
	look(follow);
}

int supervise_follow_open(struct supervise_follow **out, struct ev_loop *loop, const char *path,
			  supervise_follow_fn on_bytes, void *arg)
{
	size_t n = strlen(path) + 3;
	struct supervise_follow *follow = calloc(1, sizeof(*follow) + n);
	struct stat st;
	int ret;

	if (follow == NULL)
		return -ENOMEM;
	follow->loop = loop;
	follow->on_bytes = on_bytes;
	follow->arg = arg;
	snprintf(follow->part_path, n, "%s.1", path);
	follow->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	follow->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (follow->inotify < 0 || follow->fd < 0 || fstat(follow->fd, &st) < 0 ||
	    inotify_add_watch(follow->inotify, path, IN_MODIFY | IN_CLOSE_WRITE) < 0) {
		ret = -errno;
		if (follow->inotify >= 0)
			close(follow->inotify);
		if (follow->fd >= 0)
			close(follow->fd);
		free(follow);
		return ret;
	}
	follow->offset = st.st_size;
	if (stat(follow->part_path, &st) == 0)
		follow->part = st.st_ino;
	ev_io_init(&follow->watcher, on_readable, follow->inotify, EV_READ);
	follow->watcher.data = follow;
	ev_io_start(loop, &follow->watcher);
	*out = follow;
	return 0;
}

void supervise_follow_close(struct supervise_follow *follow)
{
	if (follow == NULL)
		return;
	ev_io_stop(follow->loop, &follow->watcher);
	close(follow->inotify);
	close(follow->fd);
	free(follow);
}
