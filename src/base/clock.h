/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/clock.h - the only reader of the system's clocks.
 *
 * The wall clock has the time of day and may be set; the steady clock only goes forward and counts
 * from an arbitrary start. Rooms below the programs take `now` as an argument: the owner of a turn
 * (a worker, the registrar, main) reads the clock once for it, so that a test needs no sleep. Any
 * thread. */
#pragma once

#include <stdint.h>
#include <time.h>

/* Reads one clock; for the functions below. */
static inline struct timespec base_clock_read(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts); /* cannot fail for the clocks below */
	return ts;
}

/* Returns the wall clock in seconds since 1970. */
static inline uint64_t base_clock_wall_s(void)
{
	return (uint64_t)base_clock_read(CLOCK_REALTIME_COARSE).tv_sec;
}

/* Returns the wall clock in milliseconds since 1970. */
static inline uint64_t base_clock_wall_ms(void)
{
	struct timespec ts = base_clock_read(CLOCK_REALTIME);

	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* Returns for how many milliseconds the host has slept since it was booted: the steady clock does
 * not count them. */
static inline uint64_t base_clock_slept_ms(void)
{
	struct timespec boot = base_clock_read(CLOCK_BOOTTIME);
	struct timespec steady = base_clock_read(CLOCK_MONOTONIC);
	int64_t ns = (boot.tv_sec - steady.tv_sec) * INT64_C(1000000000) +
		     (boot.tv_nsec - steady.tv_nsec);

	return ns < 0 ? 0 : (uint64_t)ns / 1000000;
}

/* Returns the steady clock in milliseconds, at most one tick of the kernel (some milliseconds)
 * late: cheap enough for every turn of a worker. */
static inline uint64_t base_clock_steady_ms(void)
{
	struct timespec ts = base_clock_read(CLOCK_MONOTONIC_COARSE);

	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* Returns the steady clock as it will be in `ms` milliseconds: the end of a wait for a condition
 * that goes by CLOCK_MONOTONIC. */
static inline struct timespec base_clock_steady_in(unsigned ms)
{
	struct timespec ts = base_clock_read(CLOCK_MONOTONIC);

	ts.tv_sec += ms / 1000;
	ts.tv_nsec += ms % 1000 * 1000000L;
	if (ts.tv_nsec >= 1000000000L) {
		ts.tv_nsec -= 1000000000L;
		ts.tv_sec++;
	}
	return ts;
}

/* Returns the steady clock in microseconds, exactly: for durations that are measured. */
static inline uint64_t base_clock_steady_us(void)
{
	struct timespec ts = base_clock_read(CLOCK_MONOTONIC);

	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}
