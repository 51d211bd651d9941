/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* daemon/retire.h - what has been replaced, and is freed when no other thread uses it any more.
 *
 * The main thread does not wait for that: a timer of its loop looks from time to time. Main thread
 * only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct daemon;

/* The first member of a struct that is retired. */
struct daemon_retired {
	struct daemon_retired *next;
	uint64_t grace;
	bool is_ordered;				      /* ends after earlier ordered ones */
	bool (*is_used)(const struct daemon_retired *retired); /* NULL: a grace period is enough */
	void (*end)(struct daemon_retired *retired);	       /* it is its own from here on */
};

/* Prepares the timer. */
void daemon_retire_start(struct daemon *d);

/* Begins a grace period for what has been made unreachable, and calls `end` some time after it is
 * over and `is_used` is false: for ordered ones in their order. */
void daemon_retire(struct daemon *d, struct daemon_retired *retired);

/* Ends all that is left, when no other thread runs. */
void daemon_retire_stop(struct daemon *d);
