/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* supervise/runner.h - what starts and stops a unit: a process of ours (supervise/service.h), or
 * commands that act on something outside (supervise/machine.h). supervise/unit.h has the policy.
 *
 * A runner is idle, or it has been started. Start it when it is idle; then on_gone() follows
 * exactly once, when nothing of it is left and it is idle again. Thread of the loop. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "child/exit.h"

struct supervise_runner;
struct supervise_state;

/* How a runner came to be idle. */
struct supervise_gone {
	bool is_start_failure; /* it never ran */
	bool is_final;	       /* neither would it another time */
	bool is_incomplete;    /* a stop that failed: something may still run */
	struct child_exit exit;
	const char *reason; /* one line; borrowed during the call */
};

struct supervise_runner_events {
	/* It runs: after exec, or when its start command has ended well. */
	void (*on_running)(void *arg);
	/* It reports that it is ready. */
	void (*on_ready)(void *arg);
	/* It reports how it is doing (NULL: does not), and that it needs `extend_us` from now (0:
	 * does not). */
	void (*on_status)(void *arg, const char *status, uint64_t extend_us);
	/* Its part of the state has changed: the file is to be written. */
	void (*on_record)(void *arg);
	/* It is idle. The last thing that the runner does: it may be closed, or started again. */
	void (*on_gone)(void *arg, const struct supervise_gone *gone);
};

struct supervise_runner_ops {
	/* Starts it. Failure comes by on_gone(), from the loop. */
	void (*start)(struct supervise_runner *runner);
	/* Stops it, with its signal or command, and then by force. Again: does nothing. */
	void (*stop)(struct supervise_runner *runner);
	/* Makes it work again without a stop; on_running() or on_gone() follows. NULL: cannot. */
	void (*recycle)(struct supervise_runner *runner);
	/* Returns whether this one can do that. */
	bool (*can_recycle)(const struct supervise_runner *runner);
	/* Looks at opening for what runs already, by the state. Returns whether it does: then the
	 * runner is started, without on_running(); else whatever is left of it was killed. */
	bool (*adopt)(struct supervise_runner *runner);
	/* Sends a signal to its main process. Returns 0 or a negative errno. */
	int (*signal)(struct supervise_runner *runner, int signal);
	/* Returns its main process, or 0. */
	pid_t (*pid)(const struct supervise_runner *runner);
	/* Frees it. What runs goes on. */
	void (*close)(struct supervise_runner *runner);
};

struct supervise_runner {
	const struct supervise_runner_ops *ops; /* set by what makes it */

	/* set by the unit */
	const struct supervise_runner_events *events;
	void *arg;
	struct supervise_state *state; /* the runner fills in process, group and sockets */
};
