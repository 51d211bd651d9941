/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* advertise/waits.h - things that wait for a time, any number of them on one timer.
 *
 * A wait is a member of what waits, all zero at first. Times are the loop's, in milliseconds, and
 * kept to a tenth of a second, so that many waits that end one after the other do not cost a
 * wake-up each. It does not know what waits. The loop's thread. */
#pragma once

#include <stdint.h>

#include <ev.h>

struct advertise_wait {
	struct advertise_wait *next, *previous; /* NULL: it does not wait */
	uint64_t at_ms;
	void (*fn)(struct advertise_wait *w);
};

struct advertise_waits {
	struct ev_loop *loop;
	struct ev_timer timer;
	uint64_t at_ms;		     /* when the timer ends; UINT64_MAX: it does not run */
	struct advertise_wait waits; /* of the list only the links are used */
};

/* Makes an empty set on a loop. */
void advertise_waits_init(struct advertise_waits *ws, struct ev_loop *loop);

/* Stops the timer; nothing may wait any more. */
void advertise_waits_fini(struct advertise_waits *ws);

/* Returns the loop's time. */
uint64_t advertise_waits_now(const struct advertise_waits *ws);

/* Has `fn` called once, from the loop, in `in_ms` milliseconds, instead of what was waited for
 * before. `fn` may begin and end any waits and free what waits. */
void advertise_wait_begin(struct advertise_waits *ws, struct advertise_wait *w, uint64_t in_ms,
			  void (*fn)(struct advertise_wait *w));

/* Ends a wait, if there is one, without a call. */
void advertise_wait_end(struct advertise_wait *w);
