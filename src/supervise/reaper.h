/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* supervise/reaper.h - the process as the parent of all that its services leave behind
 * (PR_SET_CHILD_SUBREAPER): it waits for children that nobody knows, and for no others.
 *
 * There is one for a process, since it watches SIGCHLD. The loop must not be libev's default loop,
 * which waits for every child itself. Thread of the loop. */
#pragma once

#include <stdbool.h>
#include <sys/queue.h>
#include <sys/types.h>

struct ev_loop;
struct supervise_reaper;

/* A child that is known: embedded in its owner. */
struct supervise_child {
	LIST_ENTRY(supervise_child) link;
	pid_t pid;
	/* Is called when the child has ended; must wait for it and forget it. */
	void (*on_end)(struct supervise_child *child);
};

/* Something to be called when a child that is not known has ended: embedded in its owner. */
struct supervise_orphan_watch {
	LIST_ENTRY(supervise_orphan_watch) link;
	void (*on_orphan)(struct supervise_orphan_watch *watch);
};

/* Makes this process a subreaper and watches SIGCHLD. Returns 0, or a negative errno. */
int supervise_reaper_open(struct supervise_reaper **out, struct ev_loop *loop);

/* Stops watching. No child is known any more. NULL is fine. */
void supervise_reaper_close(struct supervise_reaper *reaper);

/* Adds and removes a child. */
void supervise_reaper_know(struct supervise_reaper *reaper, struct supervise_child *child);
void supervise_reaper_forget(struct supervise_child *child);

/* Adds and removes a watch. */
void supervise_reaper_watch(struct supervise_reaper *reaper, struct supervise_orphan_watch *watch);
void supervise_reaper_unwatch(struct supervise_orphan_watch *watch);

/* Returns the loop. */
struct ev_loop *supervise_reaper_loop(const struct supervise_reaper *reaper);
