/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/health.h"

static bool is_good(enum supervise_verdict verdict)
{
	return verdict == SUPERVISE_PASSED || verdict == SUPERVISE_DEGRADED;
}

bool supervise_health_add(struct supervise_health *health, enum supervise_verdict verdict,
			  unsigned rise, unsigned fall)
{
	enum supervise_verdict before = health->now;

	if (is_good(verdict) != is_good(health->last) || health->last == SUPERVISE_UNKNOWN)
		health->streak = 0;
	health->last = verdict;
	health->streak++;
	if (is_good(verdict) && (is_good(before) || health->streak >= rise))
		health->now = verdict;
	else if (!is_good(verdict) && health->streak >= fall)
		health->now = SUPERVISE_FAILED;
	return health->now != before;
}

const char *supervise_verdict_to_text(enum supervise_verdict verdict)
{
	switch (verdict) {
	case SUPERVISE_PASSED:
		return "passed";
	case SUPERVISE_DEGRADED:
		return "degraded";
	case SUPERVISE_FAILED:
		return "failed";
	default:
		return "unknown";
	}
}
