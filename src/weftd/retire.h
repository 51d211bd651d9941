/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd/retire.h - what has been replaced, and is freed when no other thread uses it any more.
 *
 * The main thread does not wait for that: a timer of its loop looks from time to time. Main thread
 * only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct weftd;

/* The first member of a struct that is retired. */
struct weftd_retired {
	struct weftd_retired *next;
	uint64_t grace;
	bool is_ordered;				      /* ends after earlier ordered ones */
	bool (*is_used)(const struct weftd_retired *retired); /* NULL: a grace period is enough */
	void (*end)(struct weftd_retired *retired);	      /* it is its own from here on */
};

/* Prepares the timer. */
void weftd_retire_start(struct weftd *d);

/* Begins a grace period for what has been made unreachable, and calls `end` some time after it is
 * over and `is_used` is false: for ordered ones in their order. */
void weftd_retire(struct weftd *d, struct weftd_retired *retired);

/* Ends all that is left, when no other thread runs. */
void weftd_retire_stop(struct weftd *d);
