/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agent/loop.h - all that waits by resolve/events.h, in a loop of libev; and what is done once a
 * turn, before the loop waits. It does not know what that is. Thread of the loop. */
#pragma once

#include <stdint.h>

#include <ev.h>

struct resolve_events;

struct agent_loop {
	struct ev_loop *loop;
	struct resolve_events *events;
	void (*on_turn)(void *arg); /* may do anything but end the loop's watchers */
	void *arg;
	/* private */
	ev_io io;
	ev_timer timer;
	ev_prepare prepare;
	uint64_t armed_ms;
};

/* Begins; the first four members are set, and borrowed until the end. */
void agent_loop_start(struct agent_loop *l);

/* Ends, if it was begun. */
void agent_loop_stop(struct agent_loop *l);

/* Returns the steady clock in milliseconds, as all timers of the events have it. */
uint64_t agent_loop_now_ms(void);
