/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* reach/reach.h - a connected socket to one of several instances.
 *
 * Instances are tried in the order given; the addresses of one race (RFC 8305), and the next
 * instance is begun while the one before is silent. The first connection wins, the others are
 * closed. It does not know where instances come from. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "find/instance.h"
#include "reach/memory.h"
#include "resolve/events.h"

struct reach;

enum {
	REACH_ATTEMPTS_MAX = 32, /* connections of one reach at a time */
	REACH_WHY_MAX = 512,
};

struct reach_options {
	bool is_datagram;
	bool is_nonblocking; /* the socket that is handed out */
	uint64_t deadline_ms;
};

/* Takes the connected socket, which is the function's then, and the instance; or -1 with
 * -ETIMEDOUT, -EHOSTUNREACH (all have failed) or -ENOMEM. `why` is for people: each instance that
 * was tried, with the reason. The owner frees the reach, then or later. */
typedef void (*reach_fn)(void *arg, int error, int fd, const struct find_instance *to,
			 const char *why, uint64_t now_ms);

/* Takes that an instance could not be connected to; for reports. */
typedef void (*reach_failed_fn)(void *arg, const struct find_instance *i, int error);

/* Begins with `n` instances, which are acquired, in this order, but those that `memory` knows to
 * have failed come last. `memory` is borrowed. Nothing is called before resolve_events_run. Returns
 * 0 or -ENOMEM. */
int reach_new(struct reach **out, struct resolve_events *events, struct reach_memory *memory,
	      struct find_instance *const *all, size_t n, const struct reach_options *options,
	      reach_fn done, reach_failed_fn on_failed, void *arg);

/* Ends it, also from within a call: sockets that are not handed out are closed. NULL is fine. */
void reach_free(struct reach *r);
