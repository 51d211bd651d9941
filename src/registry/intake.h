/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/intake.h - how many octets of requests may wait for the registrar: in all, and of one
 * source.
 *
 * Octets are those of memory that a request takes until it is freed. A source has its own bound,
 * and may also have at most as much waiting as is still free in all: so there is always room for
 * another source, however many fill the rest. The octets of each source are counted twice, in two
 * arrays under independent hashes; sources that share a counter in one array do not share it in the
 * other, and the lower count is the one that holds. It does not know the requests. Any thread. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REGISTRY_INTAKE_COUNTERS = 4096 }; /* of each array */

/* The bounds, in octets. */
struct registry_intake_limits {
	uint64_t nbytes, nbytes_per_source;
};

struct registry_intake {
	/* any thread, atomic */
	_Atomic uint64_t nbytes_max, nbytes_per_source_max;
	_Atomic uint64_t nrefused; /* requests, since the start */
	_Atomic uint64_t nbytes;
	_Atomic uint64_t count[2][REGISTRY_INTAKE_COUNTERS];
};

/* Makes an intake of zeroed memory ready. */
void registry_intake_init(struct registry_intake *in, const struct registry_intake_limits *limits);

/* Changes the bounds; what waits already stays. */
void registry_intake_set_limits(struct registry_intake *in,
				const struct registry_intake_limits *limits);

/* Counts `nbytes` of a source. Returns true, or false with nothing counted if a bound would be
 * passed. */
bool registry_intake_take(struct registry_intake *in, uint64_t source, size_t nbytes);

/* Ends the count of `nbytes` of a source, which registry_intake_take has begun. */
void registry_intake_release(struct registry_intake *in, uint64_t source, size_t nbytes);
