/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* resolve/timer.h - times at which something is due, the earliest first: a pairing heap.
 *
 * A timer is a struct of its owner, so that setting one cannot fail. It reads no clock: times are
 * milliseconds of whatever clock the caller goes by. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Called when the time has come; the timer is not set any more. The function may set and clear any
 * timer, and free the memory of its struct. */
typedef void (*resolve_timer_fn)(void *arg, uint64_t now_ms);

/* All zero but for `on_due` and `arg`: not set. */
struct resolve_timer {
	resolve_timer_fn on_due;
	void *arg;
	uint64_t due_ms;
	/* private */
	struct resolve_timer *child,
		*next;		      /* the first of those that are later; its next sibling */
	struct resolve_timer **link;  /* what points to this one; NULL: not set */
	struct resolve_timer *before; /* the sibling before, or the parent; NULL: the root */
};

struct resolve_timers {
	struct resolve_timer *first;
};

/* Has the timer be due at `due_ms`, whether it is set or not. */
void resolve_timer_set(struct resolve_timers *all, struct resolve_timer *t, uint64_t due_ms);

/* Has the timer not be due at all. */
void resolve_timer_clear(struct resolve_timers *all, struct resolve_timer *t);

/* Returns whether the timer is set. */
bool resolve_timer_is_set(const struct resolve_timer *t);

/* Returns when the first timer is due; UINT64_MAX: none is set. */
uint64_t resolve_timers_deadline(const struct resolve_timers *all);

/* Calls the functions of timers that are due, at most `most`. Returns how many it has called. */
unsigned resolve_timers_run(struct resolve_timers *all, uint64_t now_ms, unsigned most);
