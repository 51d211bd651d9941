/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* client/events.h - the descriptors that a client waits for, as one descriptor.
 *
 * A caller's loop waits for a single descriptor, which is readable when any of the client's own is
 * ready (epoll): what they are may change at any time without the caller's knowledge. Knows no DNS.
 * One thread. */
#pragma once

#include <stdint.h>

/* Called when a descriptor is ready: `events` are EPOLLIN and so on. The function may
 * remove any descriptor, and free the memory of its struct. */
typedef void (*client_events_fn)(void *arg, uint32_t events, uint64_t now_ms);

struct client_events {
	int fd; /* for the caller's loop: wait until it is readable */
};

/* One descriptor, which the caller opens and closes; the struct is the caller's, too. */
struct client_descriptor {
	int fd;		 /* -1: not added */
	uint32_t wanted; /* EPOLLIN, EPOLLOUT */
	client_events_fn on_ready;
	void *arg;
};

/* Makes an empty set. Returns 0 or a negative errno. */
int client_events_init(struct client_events *e);

/* Closes the set's descriptor; those in it remain open. */
void client_events_fini(struct client_events *e);

/* Adds a descriptor, all of whose fields are set. Returns 0, or a negative errno with `d->fd` -1.
 */
int client_events_add(struct client_events *e, struct client_descriptor *d);

/* Changes what is waited for. */
void client_events_want(struct client_events *e, struct client_descriptor *d, uint32_t wanted);

/* Removes the descriptor, if it was added, and closes it. */
void client_events_close(struct client_events *e, struct client_descriptor *d);

/* Calls the functions of ready descriptors, a bounded number of them, without waiting. */
void client_events_run(struct client_events *e, uint64_t now_ms);
