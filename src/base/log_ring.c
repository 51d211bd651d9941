/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/log_ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

int base_log_ring_init(struct base_log_ring *r, size_t size)
{
	pthread_condattr_t attr;

	*r = (struct base_log_ring){.size = size, .bytes = malloc(size)};
	if (r->bytes == NULL)
		return -ENOMEM;
	pthread_mutex_init(&r->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&r->has_changed, &attr);
	pthread_cond_init(&r->is_idle, &attr);
	pthread_condattr_destroy(&attr);
	return 0;
}

void base_log_ring_fini(struct base_log_ring *r)
{
	pthread_cond_destroy(&r->has_changed);
	pthread_cond_destroy(&r->is_idle);
	pthread_mutex_destroy(&r->lock);
	free(r->bytes);
}

/* Copies to the ring's end, around its corner. */
static void copy_in(struct base_log_ring *r, const char *from, size_t nbytes)
{
	size_t to = (r->at + r->used) % r->size;
	size_t first = nbytes < r->size - to ? nbytes : r->size - to;

	memcpy(r->bytes + to, from, first);
	memcpy(r->bytes, from + first, nbytes - first);
	r->used += nbytes;
}

/* Copies from the ring's begin, around its corner, and leaves the bytes there. */
static void copy_out(const struct base_log_ring *r, char *to, size_t nbytes)
{
	size_t first = nbytes < r->size - r->at ? nbytes : r->size - r->at;

	memcpy(to, r->bytes + r->at, first);
	memcpy(to + first, r->bytes, nbytes - first);
}

bool base_log_ring_put(struct base_log_ring *r, const char *lines, size_t nbytes, uint64_t nlines)
{
	bool has_ended, must_wake = false;

	pthread_mutex_lock(&r->lock);
	has_ended = r->has_ended;
	if (!has_ended && nbytes > r->size - r->used) {
		r->dropped += nlines;
	} else if (!has_ended) {
		copy_in(r, lines, nbytes);
		must_wake = r->is_waiting;
		r->is_waiting = false;
	}
	pthread_mutex_unlock(&r->lock);
	if (must_wake)
		pthread_cond_signal(&r->has_changed);
	return !has_ended;
}

/* Waits under the lock. */
static void wait_for_lines(struct base_log_ring *r, int timeout_ms)
{
	struct timespec deadline = base_clock_steady_in(timeout_ms < 0 ? 0 : (unsigned)timeout_ms);
	int ret = 0;

	while (r->used == 0 && !r->has_ended && ret == 0) {
		r->is_waiting = true;
		pthread_cond_broadcast(&r->is_idle);
		ret = timeout_ms < 0 ? pthread_cond_wait(&r->has_changed, &r->lock)
				     : pthread_cond_timedwait(&r->has_changed, &r->lock, &deadline);
	}
	r->is_waiting = false;
}

/* Takes under the lock. */
static size_t take(struct base_log_ring *r, char *out, size_t size)
{
	size_t n = r->used < size ? r->used : size;

	copy_out(r, out, n);
	if (n < r->used) {
		const char *newline = memrchr(out, '\n', n);

		n = newline == NULL ? n : (size_t)(newline + 1 - out);
	}
	r->at = (r->at + n) % r->size;
	r->used -= n;
	return n;
}

size_t base_log_ring_take(struct base_log_ring *r, char *out, size_t size, int timeout_ms)
{
	size_t n;

	pthread_mutex_lock(&r->lock);
	wait_for_lines(r, timeout_ms);
	n = take(r, out, size);
	pthread_mutex_unlock(&r->lock);
	return n;
}

size_t base_log_ring_take_now(struct base_log_ring *r, char *out, size_t size)
{
	size_t n;

	if (pthread_mutex_trylock(&r->lock) != 0)
		return 0;
	n = take(r, out, size);
	pthread_mutex_unlock(&r->lock);
	return n;
}

void base_log_ring_wait_idle(struct base_log_ring *r, int timeout_ms)
{
	struct timespec deadline = base_clock_steady_in((unsigned)timeout_ms);
	int ret = 0;

	pthread_mutex_lock(&r->lock);
	while (!(r->used == 0 && r->is_waiting) && !r->has_ended && ret == 0)
		ret = pthread_cond_timedwait(&r->is_idle, &r->lock, &deadline);
	pthread_mutex_unlock(&r->lock);
}

void base_log_ring_drop(struct base_log_ring *r, uint64_t nlines)
{
	pthread_mutex_lock(&r->lock);
	r->dropped += nlines;
	pthread_mutex_unlock(&r->lock);
}

uint64_t base_log_ring_dropped(struct base_log_ring *r)
{
	uint64_t dropped;

	pthread_mutex_lock(&r->lock);
	dropped = r->dropped;
	pthread_mutex_unlock(&r->lock);
	return dropped;
}

void base_log_ring_end(struct base_log_ring *r)
{
	pthread_mutex_lock(&r->lock);
	r->has_ended = true;
	pthread_mutex_unlock(&r->lock);
	pthread_cond_signal(&r->has_changed);
}

bool base_log_ring_has_ended(struct base_log_ring *r)
{
	bool has_ended;

	pthread_mutex_lock(&r->lock);
	has_ended = r->has_ended;
	pthread_mutex_unlock(&r->lock);
	return has_ended;
}
