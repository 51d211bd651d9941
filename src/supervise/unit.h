/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* supervise/unit.h - one supervised service: when it is prepared, started, checked, started again,
 * and stopped.
 *
 *	stopped -> preparing -> starting -> up -> draining -> stopped
 *
 * and `failed` from any of them, with a reason. A unit that dies goes back to starting, by its
 * restart settings, and waits there. It is up when it reports READY=1, when its first check is
 * good, or, if it has neither, when it runs. It does not know what its service is or what for.
 * Thread of the host's loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "child/exit.h"
#include "supervise/check.h"
#include "supervise/health.h"
#include "supervise/restart.h"

struct base_error;
struct child_command;
struct supervise_host;
struct supervise_runner;
struct supervise_unit;

enum {
	SUPERVISE_UNIT_NAME_MAX = 200,	 /* file names are made of it */
	SUPERVISE_UNIT_REASON_MAX = 512, /* one line */
	SUPERVISE_EXIT_LOST = 65,	 /* a service that cannot pick up its state */
};

enum supervise_unit_state {
	SUPERVISE_UNIT_STOPPED,
	SUPERVISE_UNIT_PREPARING,
	SUPERVISE_UNIT_STARTING,
	SUPERVISE_UNIT_UP,
	SUPERVISE_UNIT_DRAINING,
	SUPERVISE_UNIT_FAILED,
};

/* Why a unit is in its state. */
enum supervise_unit_cause {
	SUPERVISE_CAUSE_NONE,
	SUPERVISE_CAUSE_ASKED,	   /* by a function below */
	SUPERVISE_CAUSE_ADOPTED,   /* it ran when the unit was opened */
	SUPERVISE_CAUSE_DONE,	   /* stopped: ended with status 0 */
	SUPERVISE_CAUSE_DIED,	   /* starting again: has ended otherwise */
	SUPERVISE_CAUSE_UNHEALTHY, /* starting again: its checks fail */
	SUPERVISE_CAUSE_START,	   /* could not be started, or not in time */
	SUPERVISE_CAUSE_PREPARE,   /* failed: its preparation has failed */
	SUPERVISE_CAUSE_LOST,	   /* failed: exit status 65, cannot pick up its state */
	SUPERVISE_CAUSE_STOP,	   /* failed: could not be stopped; something may still run */
};

/* All is borrowed until the unit is closed. */
struct supervise_unit_settings {
	const char *name; /* letters, digits, '-', '_', '.' and '@'; not a '.' first */

	const struct child_command *prepare; /* run one after the other before the first start
						    of a version */
	size_t nprepare;
	uint32_t prepare_timeout_ms; /* of each */
	const char *version; /* at most 127 bytes; the file .weft-prepared in the folder of the
				last step has that which is prepared. NULL: "" */

	bool must_report_ready; /* is up when it reports READY=1, whatever its checks find */
	const struct supervise_check_settings *check; /* NULL: none */
	bool can_be_unhealthy;	   /* failed checks are reported and do not restart it */
	uint32_t start_timeout_ms; /* from its start until it is up */
	struct supervise_restart_settings restart;
};

/* What a unit is about to do. */
enum supervise_unit_step {
	SUPERVISE_STEP_PREPARE, /* its preparation, if that is to be done: the runner is idle */
	SUPERVISE_STEP_START,	/* its runner is idle, and is started */
	SUPERVISE_STEP_RECYCLE, /* its runner makes it work again */
};

struct supervise_unit_events {
	/* It takes a step, after which commands are read that the settings have: they may be
	 * replaced in place now, and in the first two steps supervise_unit_change() may be called.
	 * Nothing else may. Returns 0; or a negative errno with `error` filled in: then the unit
	 * has failed, SUPERVISE_CAUSE_START. NULL: not wanted. */
	int (*on_starting)(void *arg, struct supervise_unit *unit, enum supervise_unit_step step,
			   struct base_error *error);
	/* The state has changed, or its cause has: a unit that dies is starting again. */
	void (*on_state)(void *arg, struct supervise_unit *unit, enum supervise_unit_state old);
	/* The health has changed: passed, degraded, failed; or why one that starts is not up. */
	void (*on_health)(void *arg, struct supervise_unit *unit);
	/* The service has reported its status (STATUS=). */
	void (*on_status)(void *arg, struct supervise_unit *unit, const char *status);
};

/* Opens a unit, and adopts what runs of it: then its state is `starting`, `up` or `draining` at
 * once. The runner moves in, even if the call fails. Functions of `events` are called from the
 * loop and from functions below, and may call these, but not close the unit. Returns 0, or a
 * negative errno with `error` filled in. */
int supervise_unit_open(struct supervise_unit **out, struct supervise_host *host,
			const struct supervise_unit_settings *settings,
			struct supervise_runner *take_runner,
			const struct supervise_unit_events *events, void *arg,
			struct base_error *error);

/* Frees the unit. What runs of it goes on, and its state file stays, for a supervisor that opens it
 * again; a unit that is stopped or failed leaves nothing. NULL is fine. */
void supervise_unit_close(struct supervise_unit *unit);

/* Wants the unit to run. Does nothing if it already is wanted, but ends a waiting time, and a
 * failure with all that is counted. */
void supervise_unit_start(struct supervise_unit *unit);

/* Wants the unit not to run. */
void supervise_unit_stop(struct supervise_unit *unit);

/* Stops and starts it; that does not count as a restart by its death. */
void supervise_unit_restart(struct supervise_unit *unit);

/* Goes on with other settings of the same name, which are borrowed instead; neither what runs nor
 * the state is touched. The check begins anew, with the health as it was. Not while it is being
 * prepared. The runner has its own settings: supervise_service_change(), supervise_machine_change()
 */
void supervise_unit_change(struct supervise_unit *unit,
			   const struct supervise_unit_settings *settings);

/* Checks it now, if it runs. Returns 0, or -ENOTSUP if it has no check. */
int supervise_unit_check(struct supervise_unit *unit);

/* Sends a signal to its main process. Returns 0, or a negative errno: -ESRCH if it does not run,
 * -ENOTSUP if it has no process. */
int supervise_unit_signal(struct supervise_unit *unit, int signal);

/* How it is. */
struct supervise_unit_view {
	enum supervise_unit_state state;
	enum supervise_unit_cause cause;
	const char *reason; /* one line, may be empty. Borrowed until the next event */
	pid_t pid;	    /* 0: none */
	enum supervise_verdict health;
	struct child_exit last_exit; /* of the last end */
	bool has_ended;		     /* there was one */
	uint32_t nrestarts;	     /* by its deaths, since it was started */
	const char *status;	     /* that it has reported of itself; "": none */
	uint64_t nchecks;	     /* that have ended, of this supervisor */
	uint64_t started_ms;	     /* wall clock; 0: does not run */
	int64_t wait_ms;	     /* starting again after so long; -1: is not waiting */
	bool is_wanted;
};
void supervise_unit_get(const struct supervise_unit *unit, struct supervise_unit_view *out);

const char *supervise_unit_name(const struct supervise_unit *unit);

/* Returns "stopped", "preparing", "starting", "up", "draining" or "failed". */
const char *supervise_unit_state_to_text(enum supervise_unit_state state);

/* Returns a word for the cause: "asked", "adopted", "done", "died" ... */
const char *supervise_unit_cause_to_text(enum supervise_unit_cause cause);
