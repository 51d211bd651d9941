/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* child/process.h - one process: started in a session of its own, watched by a pidfd, or
 * adopted when another supervisor has started it.
 *
 * Between clone and exec the child calls the kernel only, so other threads do not matter; what goes
 * wrong there comes back by a pipe, with the step, the path and the errno. Its standard input is
 * /dev/null; no descriptor but those that are given survives the exec; no signal is blocked or
 * ignored. The unit knows nothing of restarts. Thread of the reaper's loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "child/exit.h"
#include "child/launch.h"

struct base_error;
struct child_identity;
struct child_process;
struct child_reaper;

/* Called once each, in this order; the functions may close the process. */
struct child_process_events {
	/* The program runs; or `error` is what has failed before it did: then the child is gone, no
	 * other call follows. Not called for an adopted process. */
	void (*on_exec)(void *arg, const struct base_error *error);
	/* The process has ended, and was waited for. */
	void (*on_end)(void *arg, struct child_exit exit);
};

/* Starts a process. Returns 0 with it in `out`; the calls follow from the loop. Returns a negative
 * errno, with `error` filled in, if there is not even a child. `events` is borrowed until the
 * process is closed. */
int child_process_start(struct child_process **out, struct child_reaper *reaper,
			const struct child_launch *launch,
			const struct child_process_events *events, void *arg,
			struct base_error *error);

/* Watches a process that runs, or has ended and was not waited for. Returns 0, or a negative errno:
 * -ESRCH if it is gone. */
int child_process_adopt(struct child_process **out, struct child_reaper *reaper,
			const struct child_identity *id, const struct child_process_events *events,
			void *arg);

/* Stops watching; the process goes on, and is waited for when it ends. NULL is fine. */
void child_process_close(struct child_process *process);

/* Sends a signal to the process. Returns 0, or a negative errno: -ESRCH if it has ended. */
int child_process_signal(struct child_process *process, int signal);

/* Returns the process id: of a leader of a session and of a process group, unless adopted. */
pid_t child_process_pid(const struct child_process *process);

/* Returns its pidfd, borrowed. */
int child_process_pidfd(const struct child_process *process);
