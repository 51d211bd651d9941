/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/log_ring.h - a bounded queue of whole lines, between the threads that log and the one that
 * writes.
 *
 * Putting never waits: what does not fit is counted and dropped. The lock is held for a copy only,
 * and is a leaf. The ring does not know what the lines mean. Any thread may put; one thread takes.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct base_log_ring {
	pthread_mutex_t lock;
	pthread_cond_t has_changed; /* by CLOCK_MONOTONIC, as the next */
	pthread_cond_t is_idle;

	/* under lock */
	char *bytes;
	size_t size, at, used; /* at: of the oldest byte */
	uint64_t dropped;      /* lines, since the start */
	bool is_waiting;       /* the taker sleeps */
	bool has_ended;	       /* nothing is put any more */
};

/* Makes an empty ring of `size` bytes. Returns 0 or -ENOMEM. */
int base_log_ring_init(struct base_log_ring *r, size_t size);

/* Frees what `r` holds; no thread uses it any more. */
void base_log_ring_fini(struct base_log_ring *r);

/* Puts `nlines` lines, `nbytes` in all with their newlines: all of them or none. Returns false
 * after base_log_ring_end: then the caller has to write them itself. */
bool base_log_ring_put(struct base_log_ring *r, const char *lines, size_t nbytes, uint64_t nlines);

/* Waits until there are lines, the ring has ended, or `timeout_ms` have passed (negative: never).
 * Copies whole lines to `out`, which has room for `size` bytes, at least those of the longest line.
 * Returns their bytes; 0: the time has passed, or the ring has ended and is empty. */
size_t base_log_ring_take(struct base_log_ring *r, char *out, size_t size, int timeout_ms);

/* Like base_log_ring_take, but waits neither for lines nor for the lock. For a signal handler. */
size_t base_log_ring_take_now(struct base_log_ring *r, char *out, size_t size);

/* Waits until all lines have been taken and the taker has come back for more, but at most
 * `timeout_ms`. */
void base_log_ring_wait_idle(struct base_log_ring *r, int timeout_ms);

/* Counts lines that were taken and could not be written as dropped. */
void base_log_ring_drop(struct base_log_ring *r, uint64_t nlines);

/* Returns how many lines have been dropped since the start. */
uint64_t base_log_ring_dropped(struct base_log_ring *r);

/* Lets the ring take no more lines; those in it can still be taken. */
void base_log_ring_end(struct base_log_ring *r);

/* Returns whether the ring has ended. */
bool base_log_ring_has_ended(struct base_log_ring *r);
