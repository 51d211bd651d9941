/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* supervise/stop.h - the steps by which a process and all that it has started come to an end:
 * signal, time, SIGKILL. Pure functions of time. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct supervise_stop_settings {
	int signal;	     /* e.g. SIGTERM, to the main process */
	uint32_t timeout_ms; /* then SIGKILL, to all */
};

enum supervise_stop_step {
	SUPERVISE_STOP_WAIT,   /* until `stop->due_ms`, or something has ended */
	SUPERVISE_STOP_SIGNAL, /* send settings->signal to the main process */
	SUPERVISE_STOP_SWEEP,  /* the main process is gone: signal what it has left */
	SUPERVISE_STOP_KILL,   /* send SIGKILL to all */
	SUPERVISE_STOP_DONE,   /* nothing is left */
};

/* All zero: not stopping. */
struct supervise_stop {
	uint64_t begun_ms, due_ms;
	enum supervise_stop_stage {
		SUPERVISE_STOP_STAGE_NONE,
		SUPERVISE_STOP_STAGE_SIGNALLED,
		SUPERVISE_STOP_STAGE_SWEPT,
		SUPERVISE_STOP_STAGE_KILLED,
	} stage;
	unsigned nkills;
};

/* Returns the next step, which the caller takes, and asks again. What a main process leaves gets
 * the signal and SUPERVISE_STOP_LINGER_MS at most of the remaining time. After SIGKILL it is sent
 * again every 50 ms at first, and then less often, up to a second. */
enum supervise_stop_step supervise_stop_next(struct supervise_stop *stop,
					     const struct supervise_stop_settings *settings,
					     uint64_t now_ms, bool is_main_alive, bool has_others);

enum { SUPERVISE_STOP_LINGER_MS = 500 };
