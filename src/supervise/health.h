/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* supervise/health.h - from the results of checks to health: how many good ones in a row make a
 * unit healthy, how many bad ones unhealthy. A pure function. Any thread. */
#pragma once

#include <stdbool.h>

/* The result of a check, and the health that follows. */
enum supervise_verdict {
	SUPERVISE_UNKNOWN, /* not checked yet */
	SUPERVISE_PASSED,
	SUPERVISE_DEGRADED, /* works, but not well: takes less */
	SUPERVISE_FAILED,
};

struct supervise_health {
	enum supervise_verdict now;  /* what holds */
	enum supervise_verdict last; /* the last result */
	unsigned streak;	     /* results in a row of the kind of `last`, good or bad */
};

/* Adds a result. Passed and degraded are both good: `rise` of them in a row end a failure, and
 * while it is good each of them holds at once; `fall` failures in a row are one. A first result
 * from unknown needs `rise` or `fall` alike. Returns whether health->now has changed. */
bool supervise_health_add(struct supervise_health *health, enum supervise_verdict verdict,
			  unsigned rise, unsigned fall);

/* Returns "unknown", "passed", "degraded" or "failed". */
const char *supervise_verdict_to_text(enum supervise_verdict verdict);
