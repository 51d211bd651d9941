/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "resolve/events.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"

enum { RUN_MAX = 64 }; /* calls of each kind in a run; what is left over is still ready */

int resolve_events_init(struct resolve_events *e)
{
	e->timers.first = NULL;
	e->fd = epoll_create1(EPOLL_CLOEXEC);
	return e->fd < 0 ? -errno : 0;
}

void resolve_events_fini(struct resolve_events *e)
{
	if (e->fd >= 0)
		close(e->fd);
	e->fd = -1;
}

int resolve_events_add(struct resolve_events *e, struct resolve_descriptor *d)
{
	struct epoll_event event = {.events = d->wanted, .data.ptr = d};
	int ret;

	if (epoll_ctl(e->fd, EPOLL_CTL_ADD, d->fd, &event) == 0)
		return 0;
	ret = -errno;
	close(d->fd);
	d->fd = -1;
	return ret;
}

void resolve_events_want(struct resolve_events *e, struct resolve_descriptor *d, uint32_t wanted)
{
	struct epoll_event event = {.events = wanted, .data.ptr = d};

	if (d->fd < 0 || d->wanted == wanted)
		return;
	if (epoll_ctl(e->fd, EPOLL_CTL_MOD, d->fd, &event) == 0)
		d->wanted = wanted;
}

int resolve_events_remove(struct resolve_events *e, struct resolve_descriptor *d)
{
	int fd = d->fd;

	if (fd >= 0)
		epoll_ctl(e->fd, EPOLL_CTL_DEL, fd, NULL);
	d->fd = -1;
	return fd;
}

void resolve_events_close(struct resolve_events *e, struct resolve_descriptor *d)
{
	int fd = resolve_events_remove(e, d);

	if (fd >= 0)
		close(fd);
}

uint64_t resolve_events_deadline(const struct resolve_events *e)
{
	return resolve_timers_deadline(&e->timers);
}

void resolve_events_run(struct resolve_events *e, uint64_t now_ms)
{
	struct epoll_event event;

	resolve_timers_run(&e->timers, now_ms, RUN_MAX);
	/* One at a time: what one call removes cannot be in a batch that is still to be called. */
	for (unsigned i = 0; i < RUN_MAX && epoll_wait(e->fd, &event, 1, 0) == 1; i++) {
		struct resolve_descriptor *d = event.data.ptr;

		d->on_ready(d->arg, event.events, now_ms);
	}
}

uint64_t resolve_events_wait(struct resolve_events *e, uint64_t deadline_ms)
{
	struct pollfd waits = {.fd = e->fd, .events = POLLIN};
	uint64_t now_ms = base_clock_steady_us() / 1000, due_ms = resolve_events_deadline(e);
	uint64_t left_ms;

	due_ms = due_ms < deadline_ms ? due_ms : deadline_ms;
	left_ms = due_ms > now_ms ? due_ms - now_ms : 0;
	poll(&waits, 1, left_ms < INT_MAX ? (int)left_ms : INT_MAX);
	now_ms = base_clock_steady_us() / 1000;
	resolve_events_run(e, now_ms);
	return now_ms;
}
