/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ev.h>

#include "supervise/output.h"

enum {
	CHUNK = 65536,
	TURN_CHUNKS = 16,		      /* that are reported before others have their turn */
	FAR_BYTES = 16 * TURN_CHUNKS * CHUNK, /* what is farther back is left out */
	AGAIN_MS = 10,
};

struct supervise_follow {
	struct ev_loop *loop;
	ev_io watcher;
	ev_timer again;
	int inotify, fd;
	off_t offset; /* what was reported ends there */
	ino_t part;   /* the inode of FILE.1 then; 0: there was none */
	supervise_follow_fn on_bytes;
	void *arg;
	char part_path[]; /* FILE.1 */
};

/* Reports what a file has from `offset` on, up to `end` or less. Returns where that ends. */
static off_t report(struct supervise_follow *follow, int fd, off_t offset, off_t end)
{
	static char bytes[CHUNK]; /* one thread, and on_bytes() does not come back here */
	ssize_t n;

	if (end - offset > FAR_BYTES)
		offset = end - FAR_BYTES;
	for (int i = 0; i < TURN_CHUNKS && offset < end; i++) {
		n = pread(fd, bytes, end - offset < CHUNK ? (size_t)(end - offset) : CHUNK, offset);
		if (n <= 0)
			return end;
		follow->on_bytes(follow->arg, bytes, (size_t)n);
		offset += n;
	}
	return offset;
}

/* Follows a rotation, if there was one: FILE.1 is another file then, and has exactly what was cut
 * off at the front of FILE, if that was not too much. Returns whether all of it was reported. */
static bool rotated(struct supervise_follow *follow)
{
	int fd = open(follow->part_path, O_RDONLY | O_CLOEXEC);
	bool is_done = true;
	struct stat st;

	if (fd < 0)
		return true;
	if (fstat(fd, &st) == 0 && st.st_ino != follow->part) {
		if (follow->offset < st.st_size)
			follow->offset = report(follow, fd, follow->offset, st.st_size);
		is_done = follow->offset >= st.st_size;
		if (is_done) {
			follow->offset -= st.st_size;
			follow->part = st.st_ino;
		}
	}
	close(fd);
	return is_done;
}

/* Returns whether there is more. */
static bool look(struct supervise_follow *follow)
{
	bool has_more = true;
	struct stat st;

	if (!supervise_output_hold())
		return true;
	if (rotated(follow) && fstat(follow->fd, &st) == 0) {
		if (st.st_size < follow->offset)
			follow->offset = 0; /* truncated by somebody */
		follow->offset = report(follow, follow->fd, follow->offset, st.st_size);
		has_more = follow->offset < st.st_size;
	}
	supervise_output_let();
	return has_more;
}

static void on_again(struct ev_loop *loop, ev_timer *watcher, int revents)
{
	struct supervise_follow *follow = watcher->data;

	(void)revents;
	if (!look(follow)) {
		ev_timer_stop(loop, &follow->again);
		ev_io_start(loop, &follow->watcher);
	}
}

static void on_readable(struct ev_loop *loop, ev_io *watcher, int revents)
{
	struct supervise_follow *follow = watcher->data;
	char events[4096];

	(void)revents;
	if (read(follow->inotify, events, sizeof(events)) > 0 && look(follow)) {
		ev_io_stop(loop, &follow->watcher);
		ev_timer_again(loop, &follow->again);
	}
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
	ev_init(&follow->again, on_again);
	follow->again.repeat = AGAIN_MS / 1e3;
	follow->watcher.data = follow->again.data = follow;
	ev_io_start(loop, &follow->watcher);
	*out = follow;
	return 0;
}

void supervise_follow_close(struct supervise_follow *follow)
{
	if (follow == NULL)
		return;
	ev_io_stop(follow->loop, &follow->watcher);
	ev_timer_stop(follow->loop, &follow->again);
	close(follow->inotify);
	close(follow->fd);
	free(follow);
}
