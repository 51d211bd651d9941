/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <ev.h>

enum {
	MESSAGE_BYTES = 4096,
	DESCRIPTORS_MAX = 253,
	TURN_MAX = 32,	 /* messages that are taken before others have their turn */
	BURST_MAX = 512, /* messages that are taken at once; then as many a second as: */
	RATE = 2000,
	PAUSE_MS = 10,
};

struct supervise_notify {
	struct ev_loop *loop;
	ev_io watcher;
	ev_timer pause;
	double credit, credit_s; /* messages that may be taken, and since when */
	int fd;
	struct sockaddr_un address;
	supervise_notify_fn on_message;
	void *arg;
};

/* Parses a number that is all of `text`. Returns whether it is one. */
static bool number_parse(uint64_t *out, const char *text)
{
	char *end;
	unsigned long long value;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (*end != '\0' || errno != 0)
		return false;
	*out = value;
	return true;
}

static void status_set(struct supervise_notify_message *out, const char *text)
{
	size_t n = 0;

	for (; text[n] != '\0' && n < sizeof(out->status) - 1; n++)
		out->status[n] = (unsigned char)text[n] < ' ' || text[n] == 127 ? '?' : text[n];
	out->status[n] = '\0';
	out->has_status = true;
}

static void line_parse(struct supervise_notify_message *out, const char *name, const char *value)
{
	uint64_t number;

	if (strcmp(name, "STATUS") == 0)
		status_set(out, value);
	else if (strcmp(name, "WATCHDOG") == 0 && strcmp(value, "trigger") == 0)
		out->is_watchdog_trigger = true;
	if (!number_parse(&number, value))
		return;
	if (strcmp(name, "READY") == 0)
		out->is_ready = number == 1;
	else if (strcmp(name, "STOPPING") == 0)
		out->is_stopping = number == 1;
	else if (strcmp(name, "RELOADING") == 0)
		out->is_reloading = number == 1;
	else if (strcmp(name, "WATCHDOG") == 0)
		out->is_watchdog = number == 1;
	else if (strcmp(name, "MAINPID") == 0 && number > 1 && number <= INT32_MAX)
		out->main_pid = (pid_t)number;
	else if (strcmp(name, "ERRNO") == 0 && number <= 4095)
		out->exit_errno = (int)number;
	else if (strcmp(name, "EXTEND_TIMEOUT_USEC") == 0)
		out->extend_us = number;
	else if (strcmp(name, "WATCHDOG_USEC") == 0)
		out->watchdog_us = number;
}

void supervise_notify_parse(struct supervise_notify_message *out, const char *bytes, size_t nbytes)
{
	char text[MESSAGE_BYTES + 1], *at = text, *line;

	memset(out, 0, sizeof(*out));
	if (nbytes > MESSAGE_BYTES)
		nbytes = MESSAGE_BYTES;
	memcpy(text, bytes, nbytes);
	text[nbytes] = '\0';
	while ((line = strsep(&at, "\n")) != NULL) {
		char *value = strchr(line, '=');

		if (value == NULL)
			continue;
		*value = '\0';
		line_parse(out, line, value + 1);
	}
}

/* Closes what came along, and returns the sender; 0 if the kernel does not name it. */
static pid_t control_read(struct msghdr *message)
{
	struct cmsghdr *c;
	pid_t sender = 0;

	for (c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_CREDENTIALS) {
			struct ucred credentials;

			memcpy(&credentials, CMSG_DATA(c), sizeof(credentials));
			sender = credentials.pid;
		} else if (c->cmsg_type == SCM_RIGHTS) {
			size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
			int fd;

			for (size_t i = 0; i < count; i++) {
				memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
				close(fd);
			}
		}
	}
	return sender;
}

/* Every user may send: a flood must cost its sender, not the agent. Returns whether a message may
 * be taken now; else none is for a while. */
static bool credit_take(struct supervise_notify *notify)
{
	double now_s = ev_now(notify->loop);

	notify->credit += (now_s - notify->credit_s) * RATE;
	notify->credit_s = now_s;
	if (notify->credit > BURST_MAX)
		notify->credit = BURST_MAX;
	if (notify->credit >= 1) {
		notify->credit--;
		return true;
	}
	ev_io_stop(notify->loop, &notify->watcher);
	ev_timer_set(&notify->pause, PAUSE_MS / 1e3, 0);
	ev_timer_start(notify->loop, &notify->pause);
	return false;
}

static void on_readable(struct ev_loop *loop, ev_io *watcher, int revents)
{
	struct supervise_notify *notify = watcher->data;
	char bytes[MESSAGE_BYTES];
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(struct ucred)) +
			   CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))];
	} control;

	(void)loop;
	(void)revents;
	for (int i = 0; i < TURN_MAX && credit_take(notify); i++) {
		struct iovec part = {bytes, sizeof(bytes)};
		struct msghdr header = {.msg_iov = &part,
					.msg_iovlen = 1,
					.msg_control = control.bytes,
					.msg_controllen = sizeof(control.bytes)};
		struct supervise_notify_message message;
		ssize_t n = recvmsg(notify->fd, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
		pid_t sender;

		if (n < 0) {
			notify->credit++;
			return;
		}
		sender = control_read(&header);
		if (sender <= 0 || (header.msg_flags & MSG_TRUNC) != 0)
			continue;
		supervise_notify_parse(&message, bytes, (size_t)n);
		notify->on_message(notify->arg, sender, &message);
	}
}

static void on_pause(struct ev_loop *loop, ev_timer *watcher, int revents)
{
	struct supervise_notify *notify = watcher->data;

	(void)revents;
	ev_io_start(loop, &notify->watcher);
}

static int set_up(struct supervise_notify *notify)
{
	int on = 1;

	notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (notify->fd < 0 || setsockopt(notify->fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0)
		return -errno;
	if (unlink(notify->address.sun_path) < 0 && errno != ENOENT)
		return -errno;
	if (bind(notify->fd, (struct sockaddr *)&notify->address, sizeof(notify->address)) < 0 ||
	    chmod(notify->address.sun_path, 0777) < 0)
		return -errno;
	return 0;
}

int supervise_notify_open(struct supervise_notify **out, struct ev_loop *loop, const char *path,
			  supervise_notify_fn on_message, void *arg)
{
	struct supervise_notify *notify;
	int ret;

	if (strlen(path) >= sizeof(notify->address.sun_path))
		return -ENAMETOOLONG;
	notify = calloc(1, sizeof(*notify));
	if (notify == NULL)
		return -ENOMEM;
	notify->loop = loop;
	notify->on_message = on_message;
	notify->arg = arg;
	notify->address.sun_family = AF_UNIX;
	strcpy(notify->address.sun_path, path);
	ret = set_up(notify);
	if (ret < 0) {
		if (notify->fd >= 0)
			close(notify->fd);
		free(notify);
		return ret;
	}
	ev_io_init(&notify->watcher, on_readable, notify->fd, EV_READ);
	ev_init(&notify->pause, on_pause);
	notify->watcher.data = notify->pause.data = notify;
	ev_io_start(loop, &notify->watcher);
	ev_unref(loop);
	*out = notify;
	return 0;
}

void supervise_notify_close(struct supervise_notify *notify)
{
	if (notify == NULL)
		return;
	ev_ref(notify->loop);
	ev_io_stop(notify->loop, &notify->watcher);
	ev_timer_stop(notify->loop, &notify->pause);
	close(notify->fd);
	free(notify);
}

const char *supervise_notify_path(const struct supervise_notify *notify)
{
	return notify->address.sun_path;
}
