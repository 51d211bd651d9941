/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registry/intake.h"

void registry_intake_init(struct registry_intake *in, const struct registry_intake_limits *limits)
{
	atomic_init(&in->nbytes, 0);
	atomic_init(&in->nrefused, 0);
	for (size_t i = 0; i < REGISTRY_INTAKE_COUNTERS; i++) {
		atomic_init(&in->count[0][i], 0);
		atomic_init(&in->count[1][i], 0);
	}
	registry_intake_set_limits(in, limits);
}

void registry_intake_set_limits(struct registry_intake *in,
				const struct registry_intake_limits *limits)
{
	atomic_store_explicit(&in->nbytes_max, limits->nbytes, memory_order_relaxed);
	atomic_store_explicit(&in->nbytes_per_source_max, limits->nbytes_per_source,
			      memory_order_relaxed);
}

/* The two halves of the source's hash are independent. */
static _Atomic uint64_t *counter(struct registry_intake *in, unsigned array, uint64_t source)
{
	return &in->count[array][(source >> (32 * array)) % REGISTRY_INTAKE_COUNTERS];
}

/* Adds to a counter. Returns what it had before. */
static uint64_t add(_Atomic uint64_t *count, uint64_t nbytes)
{
	return atomic_fetch_add_explicit(count, nbytes, memory_order_relaxed);
}

bool registry_intake_take(struct registry_intake *in, uint64_t source, size_t nbytes)
{
	uint64_t most = atomic_load_explicit(&in->nbytes_max, memory_order_relaxed);
	uint64_t most_of_one =
		atomic_load_explicit(&in->nbytes_per_source_max, memory_order_relaxed);
	uint64_t all = add(&in->nbytes, nbytes) + nbytes;
	uint64_t first = add(counter(in, 0, source), nbytes) + nbytes;
	uint64_t second = add(counter(in, 1, source), nbytes) + nbytes;
	uint64_t own = first < second ? first : second;

	if (all <= most && own <= most_of_one && own <= most - all + nbytes)
		return true;
	registry_intake_release(in, source, nbytes);
	add(&in->nrefused, 1);
	return false;
}

void registry_intake_release(struct registry_intake *in, uint64_t source, size_t nbytes)
{
	atomic_fetch_sub_explicit(&in->nbytes, nbytes, memory_order_relaxed);
	atomic_fetch_sub_explicit(counter(in, 0, source), nbytes, memory_order_relaxed);
	atomic_fetch_sub_explicit(counter(in, 1, source), nbytes, memory_order_relaxed);
}
