/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* resolve/events.h - what a client waits for: descriptors, as one descriptor, and times.
 *
 * A caller's loop waits for a single descriptor, which is readable when any of the client's own is
 * ready (epoll): what they are may change at any time without the caller's knowledge. It also calls
 * at the deadline, that of the earliest timer. Knows no DNS. One thread. */
#pragma once

#include <stdint.h>

#include "resolve/timer.h"

/* Called when a descriptor is ready: `events` are EPOLLIN and so on. The function may
 * remove any descriptor, and free the memory of its struct. */
typedef void (*resolve_events_fn)(void *arg, uint32_t events, uint64_t now_ms);

struct resolve_events {
	int fd; /* for the caller's loop: wait until it is readable */
	struct resolve_timers timers;
};

/* One descriptor, which the caller opens; the struct is the caller's, too. */
struct resolve_descriptor {
	int fd;		 /* -1: not added */
	uint32_t wanted; /* EPOLLIN, EPOLLOUT */
	resolve_events_fn on_ready;
	void *arg;
};

/* Makes an empty set. Returns 0 or a negative errno. */
int resolve_events_init(struct resolve_events *e);

/* Closes the set's descriptor; those in it remain open. */
void resolve_events_fini(struct resolve_events *e);

/* Adds a descriptor, all of whose fields are set. Returns 0, or a negative errno with the
 * descriptor closed and `d->fd` -1. */
int resolve_events_add(struct resolve_events *e, struct resolve_descriptor *d);

/* Changes what is waited for. */
void resolve_events_want(struct resolve_events *e, struct resolve_descriptor *d, uint32_t wanted);

/* Removes the descriptor, if it was added, and closes it. */
void resolve_events_close(struct resolve_events *e, struct resolve_descriptor *d);

/* Removes the descriptor, if it was added, and returns it, still open; or -1. */
int resolve_events_remove(struct resolve_events *e, struct resolve_descriptor *d);

/* Returns when resolve_events_run wants to be called even if the descriptor is not readable; it may
 * be in the past. UINT64_MAX: not by time. */
uint64_t resolve_events_deadline(const struct resolve_events *e);

/* Calls the functions of timers that are due and of ready descriptors, a bounded number of each,
 * without waiting. */
void resolve_events_run(struct resolve_events *e, uint64_t now_ms);

/* Waits until a descriptor is ready or a timer due, at most until `deadline_ms` on the steady
 * clock, and calls resolve_events_run: the loop of a program that waits for nothing else. Returns
 * the time then, which may be before the deadline. */
uint64_t resolve_events_wait(struct resolve_events *e, uint64_t deadline_ms);
