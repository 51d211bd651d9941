/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/counter.h - figures that one thread writes and any thread reads.
 *
 * Only the owner writes, so an addition need not be atomic; each load and store is, for the sake of
 * the readers. Neither side ever waits. Figures that are read together need not be of the same
 * moment. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Sets a figure. Its owner only. */
static inline void base_counter_set(uint64_t *counter, uint64_t value)
{
	__atomic_store_n(counter, value, __ATOMIC_RELAXED);
}

/* Returns a figure. Any thread. */
static inline uint64_t base_counter_get(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

/* Adds `n` to a figure. Its owner only. */
static inline void base_counter_add(uint64_t *counter, uint64_t n)
{
	base_counter_set(counter, base_counter_get(counter) + n);
}

/* Copies `count` figures of the calling thread, or its own copy of some, to figures that it
 * owns. */
static inline void base_counters_set(uint64_t *to, const uint64_t *from, size_t count)
{
	for (size_t i = 0; i < count; i++)
		base_counter_set(&to[i], from[i]);
}

/* Copies `count` figures that another thread owns to memory of the calling thread. Any thread. */
static inline void base_counters_get(uint64_t *to, const uint64_t *from, size_t count)
{
	for (size_t i = 0; i < count; i++)
		to[i] = base_counter_get(&from[i]);
}
