/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* supervise/check.h - the checks of a unit, one after the other, and the health that follows.
 *
 * A check begins `interval_ms` after the last one began, with up to a tenth of it as jitter, but
 * never before that has ended. Times are rounded to a tenth of a second, so that the checks of many
 * units share the wake-ups of the process. Thread of the reaper's loop. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "supervise/health.h"
#include "supervise/probe.h"

struct child_command;
struct child_exit;
struct child_reaper;
struct supervise_check;

/* Judges how a command of a check ended. */
typedef enum supervise_verdict (*supervise_check_judge_fn)(struct child_exit exit);

struct supervise_check_settings {
	enum supervise_check_kind {
		SUPERVISE_CHECK_PROBE, /* tcp or http: `probe` */
		SUPERVISE_CHECK_EXEC,  /* `command` */
	} kind;
	struct supervise_probe_settings probe; /* its timeout_ms is not used */
	const struct child_command *command;   /* borrowed until the check is closed */
	supervise_check_judge_fn judge; /* NULL: 0 passed, 1 degraded, anything else failed */
	uint32_t interval_ms, timeout_ms;
	unsigned rise, fall; /* at least 1 */
};

struct supervise_check_events {
	/* Called after each check, when the health is settled: whether that has changed, and a
	 * reason of one line. May close the check. */
	void (*on_result)(void *arg, const struct supervise_health *health, bool has_changed,
			  const char *reason);
};

/* Begins with a check at once, or for a unit that was adopted after an interval. While the health
 * is unknown checks follow each other faster, from 20 ms on, so that readiness is seen early.
 * Returns 0 or -ENOMEM. `settings` and `events` are borrowed until it is closed. */
int supervise_check_open(struct supervise_check **out, struct child_reaper *reaper,
			 const struct supervise_check_settings *settings, const char *mark,
			 const struct supervise_check_events *events, void *arg);

/* Sets the health of a unit that was adopted. */
void supervise_check_assume(struct supervise_check *check, enum supervise_verdict verdict);

/* Checks now, or as soon as the running check has ended. */
void supervise_check_now(struct supervise_check *check);

/* Ends checking. NULL is fine. */
void supervise_check_close(struct supervise_check *check);

/* Returns after how many milliseconds the next check begins: pure. `random` is any number. */
uint64_t supervise_check_delay(uint64_t now_ms, uint64_t begun_ms, uint32_t interval_ms,
			       uint32_t random);
