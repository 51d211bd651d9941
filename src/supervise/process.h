/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* supervise/process.h - one process: started in a session of its own, watched by a pidfd, or
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

#include "supervise/exit.h"
#include "supervise/launch.h"

struct base_error;
struct supervise_identity;
struct supervise_process;
struct supervise_reaper;

/* Called once each, in this order; the functions may close the process. */
struct supervise_process_events {
	/* The program runs; or `error` is what has failed before it did: then the child is gone, no
	 * other call follows. Not called for an adopted process. */
	void (*on_exec)(void *arg, const struct base_error *error);
	/* The process has ended, and was waited for. */
	void (*on_end)(void *arg, struct supervise_exit exit);
};

/* Starts a process. Returns 0 with it in `out`; the calls follow from the loop. Returns a negative
 * errno, with `error` filled in, if there is not even a child. `events` is borrowed until the
 * process is closed. */
int supervise_process_start(struct supervise_process **out, struct supervise_reaper *reaper,
			    const struct supervise_launch *launch,
			    const struct supervise_process_events *events, void *arg,
			    struct base_error *error);

/* Watches a process that runs, or has ended and was not waited for. Returns 0, or a negative errno:
 * -ESRCH if it is gone. */
int supervise_process_adopt(struct supervise_process **out, struct supervise_reaper *reaper,
			    const struct supervise_identity *id,
			    const struct supervise_process_events *events, void *arg);

/* Stops watching; the process goes on, and is waited for when it ends. NULL is fine. */
void supervise_process_close(struct supervise_process *process);

/* Sends a signal to the process. Returns 0, or a negative errno: -ESRCH if it has ended. */
int supervise_process_signal(struct supervise_process *process, int signal);

/* Returns the process id: of a leader of a session and of a process group, unless adopted. */
pid_t supervise_process_pid(const struct supervise_process *process);

/* Returns its pidfd, borrowed. */
int supervise_process_pidfd(const struct supervise_process *process);
