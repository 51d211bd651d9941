/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "child/reaper.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <ev.h>

struct child_reaper {
	struct ev_loop *loop;
	ev_signal watcher;
	LIST_HEAD(, child_known) children;
	LIST_HEAD(, child_orphan_watch) watches;
};

static struct child_known *find(struct child_reaper *reaper, pid_t pid)
{
	struct child_known *child;

	LIST_FOREACH (child, &reaper->children, link)
		if (child->pid == pid)
			break;
	return child;
}

/* A signal may stand for several children. They are looked at first, and waited for by their
 * owners, which know them by their pidfds: only what is not known is waited for here. */
static void on_signal(struct ev_loop *loop, ev_signal *watcher, int revents)
{
	struct child_reaper *reaper = watcher->data;
	struct child_orphan_watch *watch, *next;
	bool has_orphans = false;
	siginfo_t info;

	(void)loop;
	(void)revents;
	for (;;) {
		struct child_known *child;

		info.si_pid = 0;
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
			break;
		child = find(reaper, info.si_pid);
		if (child != NULL) {
			child->on_end(child);
			continue;
		}
		waitid(P_PID, (id_t)info.si_pid, &info, WEXITED | WNOHANG);
		has_orphans = true;
	}
	if (!has_orphans)
		return;
	for (watch = LIST_FIRST(&reaper->watches); watch != NULL; watch = next) {
		next = LIST_NEXT(watch, link);
		watch->on_orphan(watch);
	}
}

int child_reaper_open(struct child_reaper **out, struct ev_loop *loop)
{
	struct child_reaper *reaper;

	assert(!ev_is_default_loop(loop));
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return -errno;
	reaper = calloc(1, sizeof(*reaper));
	if (reaper == NULL)
		return -ENOMEM;
	reaper->loop = loop;
	ev_signal_init(&reaper->watcher, on_signal, SIGCHLD);
	reaper->watcher.data = reaper;
	ev_signal_start(loop, &reaper->watcher);
	ev_unref(loop);
	/* Children that ended before anybody watched, in the program before this one. */
	ev_feed_event(loop, &reaper->watcher, EV_SIGNAL);
	*out = reaper;
	return 0;
}

void child_reaper_close(struct child_reaper *reaper)
{
	if (reaper == NULL)
		return;
	assert(LIST_EMPTY(&reaper->children) && LIST_EMPTY(&reaper->watches));
	ev_ref(reaper->loop);
	ev_signal_stop(reaper->loop, &reaper->watcher);
	free(reaper);
}

void child_reaper_know(struct child_reaper *reaper, struct child_known *child)
{
	LIST_INSERT_HEAD(&reaper->children, child, link);
}

void child_reaper_forget(struct child_known *child)
{
	LIST_REMOVE(child, link);
}

void child_reaper_watch(struct child_reaper *reaper, struct child_orphan_watch *watch)
{
	LIST_INSERT_HEAD(&reaper->watches, watch, link);
}

void child_reaper_unwatch(struct child_orphan_watch *watch)
{
	LIST_REMOVE(watch, link);
}

struct ev_loop *child_reaper_loop(const struct child_reaper *reaper)
{
	return reaper->loop;
}
