/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/histogram.h - how many durations were how long, for figures like those of base/counter.h.
 *
 * A bucket ends at a power of two of microseconds, so that finding it is one instruction: 64 us,
 * shorter than any commit to a disk, to 8.4 s, longer than a client waits, and one for what takes
 * longer. One thread writes, any thread reads. */
#pragma once

#include <stdint.h>

#include "base/counter.h"

enum {
	BASE_HISTOGRAM_FIRST = 6, /* the first bucket ends at 2^6 us */
	BASE_HISTOGRAM_BUCKETS = 19,
};

/* All zero at first; consists of uint64_t only. */
struct base_histogram {
	uint64_t bucket[BASE_HISTOGRAM_BUCKETS]; /* by the bucket that a duration falls into */
	uint64_t sum_us;
};

/* Returns the bucket of a duration: the first that does not end before it. */
static inline unsigned base_histogram_bucket(uint64_t us)
{
	unsigned bits = us < 2 ? 0 : 64 - (unsigned)__builtin_clzll(us - 1);

	if (bits <= BASE_HISTOGRAM_FIRST)
		return 0;
	bits -= BASE_HISTOGRAM_FIRST;
	return bits < BASE_HISTOGRAM_BUCKETS ? bits : BASE_HISTOGRAM_BUCKETS - 1;
}

/* Returns the longest duration in the bucket `i`, which is not the last one, in microseconds. */
static inline uint64_t base_histogram_end_us(unsigned i)
{
	return UINT64_C(1) << (BASE_HISTOGRAM_FIRST + i);
}

/* Counts a duration. The owner only. */
static inline void base_histogram_add(struct base_histogram *h, uint64_t us)
{
	base_counter_add(&h->bucket[base_histogram_bucket(us)], 1);
	base_counter_add(&h->sum_us, us);
}
