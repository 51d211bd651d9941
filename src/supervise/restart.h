/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* supervise/restart.h - when a unit that has died is started again, and when no more: pure
 * functions of time. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { SUPERVISE_RESTART_TIMES_MAX = 32 }; /* that are counted */

struct supervise_restart_settings {
	unsigned times;		 /* restarts; more than can be counted is without end ... */
	uint32_t within_ms;	 /* ... within this time; one more is a failure */
	uint32_t backoff_min_ms; /* the second restart waits for so long, the next twice as long */
	uint32_t backoff_max_ms; /* ... up to this */
	uint32_t quiet_ms;	 /* a unit that was up for so long starts anew; 0: `within_ms` */
};

/* All zero: never restarted. */
struct supervise_restart {
	uint64_t at_ms[SUPERVISE_RESTART_TIMES_MAX]; /* the last restarts, oldest first */
	unsigned n;
	unsigned in_row; /* without a quiet time between */
};

enum { SUPERVISE_RESTART_NEVER = -1 };

/* Decides about a unit that has died at `now_ms`, after it was up for `up_ms`. Returns after how
 * many milliseconds it is started again, and counts that: 0 for the first time, so that a service
 * which is killed once is back at once; then between three quarters and all of the back-off, by
 * `random`. Returns SUPERVISE_RESTART_NEVER if it has had its restarts. */
int64_t supervise_restart_next(struct supervise_restart *restart,
			       const struct supervise_restart_settings *settings, uint64_t now_ms,
			       uint64_t up_ms, uint32_t random);
