/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* bridge/waits.h - things that wait for a time, any number of them on one timer.
 *
 * A wait is a member of what waits, all zero at first. Times are the loop's, in milliseconds, and
 * kept to a tenth of a second, so that many waits that end one after the other do not cost a
 * wake-up each. It does not know what waits. The loop's thread. */
#pragma once

#include <stdint.h>

#include <ev.h>

struct bridge_wait {
	struct bridge_wait *next, *previous; /* NULL: it does not wait */
	uint64_t at_ms;
	void (*fn)(struct bridge_wait *w);
};

struct bridge_waits {
	struct ev_loop *loop;
	struct ev_timer timer;
	uint64_t at_ms;		  /* when the timer ends; UINT64_MAX: it does not run */
	struct bridge_wait waits; /* of the list only the links are used */
};

/* Makes an empty set on a loop. */
void bridge_waits_init(struct bridge_waits *ws, struct ev_loop *loop);

/* Stops the timer; nothing may wait any more. */
void bridge_waits_fini(struct bridge_waits *ws);

/* Returns the loop's time. */
uint64_t bridge_waits_now(const struct bridge_waits *ws);

/* Has `fn` called once, from the loop, in `in_ms` milliseconds, instead of what was waited for
 * before. `fn` may begin and end any waits and free what waits. */
void bridge_wait_begin(struct bridge_waits *ws, struct bridge_wait *w, uint64_t in_ms,
		       void (*fn)(struct bridge_wait *w));

/* Ends a wait, if there is one, without a call. */
void bridge_wait_end(struct bridge_wait *w);
