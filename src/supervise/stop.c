/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/stop.h"

enum { KILL_FIRST_MS = 50, KILL_LAST_MS = 1000 };

static enum supervise_stop_step signalled(struct supervise_stop *stop, uint64_t now_ms,
					  uint32_t timeout_ms)
{
	stop->begun_ms = now_ms;
	stop->due_ms = now_ms + timeout_ms;
	stop->stage = SUPERVISE_STOP_STAGE_SIGNALLED;
	return SUPERVISE_STOP_SIGNAL;
}

/* What is left of a main process that ended by itself or by its signal. */
static enum supervise_stop_step swept(struct supervise_stop *stop, uint64_t now_ms)
{
	uint64_t linger_ms = now_ms + SUPERVISE_STOP_LINGER_MS;

	if (stop->stage == SUPERVISE_STOP_STAGE_NONE)
		stop->begun_ms = now_ms;
	if (stop->stage == SUPERVISE_STOP_STAGE_NONE || stop->due_ms > linger_ms)
		stop->due_ms = linger_ms;
	stop->stage = SUPERVISE_STOP_STAGE_SWEPT;
	return SUPERVISE_STOP_SWEEP;
}

static enum supervise_stop_step killed(struct supervise_stop *stop, uint64_t now_ms)
{
	unsigned shift = stop->nkills < 5 ? stop->nkills : 5;
	uint64_t wait_ms = (uint64_t)KILL_FIRST_MS << shift;

	stop->nkills++;
	stop->due_ms = now_ms + (wait_ms < KILL_LAST_MS ? wait_ms : KILL_LAST_MS);
	stop->stage = SUPERVISE_STOP_STAGE_KILLED;
	return SUPERVISE_STOP_KILL;
}

enum supervise_stop_step supervise_stop_next(struct supervise_stop *stop,
					     const struct supervise_stop_settings *settings,
					     uint64_t now_ms, bool is_main_alive, bool has_others)
{
	if (!is_main_alive && !has_others)
		return SUPERVISE_STOP_DONE;
	if (is_main_alive && stop->stage == SUPERVISE_STOP_STAGE_NONE)
		return signalled(stop, now_ms, settings->timeout_ms);
	if (!is_main_alive && stop->stage < SUPERVISE_STOP_STAGE_SWEPT)
		return swept(stop, now_ms);
	if (now_ms >= stop->due_ms)
		return killed(stop, now_ms);
	return SUPERVISE_STOP_WAIT;
}
