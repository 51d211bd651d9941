/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* child/task.h - a command that is run to its end within a time: a check, a step of a
 * preparation, an action of an agent. What it writes is kept, as the reason for its result.
 *
 * When it ends, or its time is over, all of its session is killed. With `is_kept` it is left alone
 * when the command ends by itself: for commands that start something. Thread of the reaper's loop.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "child/exit.h"

struct base_error;
struct child_command;
struct child_reaper;
struct child_task;

enum { CHILD_TASK_OUTPUT_MAX = 65536 };

struct child_task_result {
	enum supervise_task_how {
		CHILD_TASK_ENDED,   /* see `exit` */
		CHILD_TASK_FAILED,  /* could not be started: see `reason` */
		CHILD_TASK_TIMEOUT, /* was killed, or cut off */
	} how;
	struct child_exit exit;
	const char *output; /* the last 64 KiB of what it wrote, with NUL; never NULL */
	size_t noutput;
	const char *line;   /* the last line of that, may be empty; NULL is as that */
	const char *reason; /* one line: how it ended, and the last line that it wrote */
};

/* Called once; `result` is valid during the call. The task is freed afterwards: the function must
 * not close it. */
typedef void (*child_task_fn)(void *arg, const struct child_task_result *result);

struct child_task_settings {
	const struct child_command *command;
	const char *group; /* its control group, or NULL */
	const char *mark;  /* for its environment, or NULL */
	int output;	   /* where it writes to; -1: into memory. Of a file the result has what was
			      written meanwhile */
	uint32_t timeout_ms;
	bool is_kept; /* what it starts goes on */
};

/* Runs a command. Returns 0, and calls `on_done` later; or a negative errno with `error` filled in.
 */
int child_task_start(struct child_task **out, struct child_reaper *reaper,
		     const struct child_task_settings *settings, child_task_fn on_done, void *arg,
		     struct base_error *error);

/* Kills the command and all of its session now, as if its time were over; `on_done` is called when
 * it has ended. */
void child_task_cut(struct child_task *task);

/* Kills the command and all of its session, and frees the task without a call. NULL is fine. */
void child_task_close(struct child_task *task);
