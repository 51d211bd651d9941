/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* child/reaper.h - the process as the parent of all that its services leave behind
 * (PR_SET_CHILD_SUBREAPER): it waits for children that nobody knows, and for no others.
 *
 * There is one for a process, since it watches SIGCHLD. The loop must not be libev's default loop,
 * which waits for every child itself. Thread of the loop. */
#pragma once

#include <stdbool.h>
#include <sys/queue.h>
#include <sys/types.h>

struct child_reaper;
struct ev_loop;

/* A child that is known: embedded in its owner. */
struct child_known {
	LIST_ENTRY(child_known) link;
	pid_t pid;
	/* Is called when the child has ended; must wait for it and forget it. */
	void (*on_end)(struct child_known *child);
};

/* Something to be called when a child that is not known has ended: embedded in its owner. */
struct child_orphan_watch {
	LIST_ENTRY(child_orphan_watch) link;
	void (*on_orphan)(struct child_orphan_watch *watch);
};

/* Makes this process a subreaper and watches SIGCHLD. Returns 0, or a negative errno. */
int child_reaper_open(struct child_reaper **out, struct ev_loop *loop);

/* Stops watching. No child is known any more. NULL is fine. */
void child_reaper_close(struct child_reaper *reaper);

/* Adds and removes a child. */
void child_reaper_know(struct child_reaper *reaper, struct child_known *child);
void child_reaper_forget(struct child_known *child);

/* Adds and removes a watch. */
void child_reaper_watch(struct child_reaper *reaper, struct child_orphan_watch *watch);
void child_reaper_unwatch(struct child_orphan_watch *watch);

/* Returns the loop. */
struct ev_loop *child_reaper_loop(const struct child_reaper *reaper);
