/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* supervise/machine.h - the runner of what lives outside this supervisor: a virtual machine, a
 * resource of an OCF agent, a unit of systemd. Commands start and stop it, look at it, and recycle
 * it when it does not respond.
 *
 * What runs already when it is started is not started again: its check is asked first. That it has
 * died is what its check finds. Thread of the loop. */
#pragma once

#include <stdint.h>

#include "child/exit.h"
#include "supervise/output.h"
#include "supervise/runner.h"

struct child_command;
struct child_task_result;
struct supervise_host;

struct supervise_machine_action {
	const struct child_command *command; /* NULL: there is none */
	uint32_t timeout_ms;
};

/* What a check has found. */
enum supervise_machine_found {
	SUPERVISE_MACHINE_RUNS,
	SUPERVISE_MACHINE_STOPPED, /* cleanly: is to be started */
	SUPERVISE_MACHINE_BROKEN,  /* is to be stopped, then started */
};

/* All is borrowed until the runner is closed. */
struct supervise_machine_settings {
	const char *name;
	struct supervise_machine_action start; /* exit status 0: runs */
	struct supervise_machine_action stop;  /* exit status 0: is stopped */
	struct supervise_machine_action check; /* none: never runs already */
	struct supervise_machine_action recycle;
	/* What a stop gives a check, a start or a recycling that is still running: then that is
	 * killed, and stop follows. */
	uint32_t cut_ms;
	/* Judges how the check ended. NULL: 0 and 1 run, anything else is stopped. */
	enum supervise_machine_found (*judge)(struct child_exit exit);
	/* Returns whether a start that ended so is not tried again. NULL: never. */
	bool (*is_final)(struct child_exit exit);
	/* Writes the reason for an action's end to `out`. NULL: as child_exit_to_text. */
	void (*explain)(char *out, size_t size, const char *action,
			const struct child_task_result *result);
	struct supervise_output_settings output; /* of start, stop and recycle */
};

/* Makes a runner for a unit. Returns 0 or -ENOMEM. */
int supervise_machine_new(struct supervise_runner **out, struct supervise_host *host,
			  const struct supervise_machine_settings *settings);

/* Goes on with other settings of the same name, which are borrowed instead. */
void supervise_machine_change(struct supervise_runner *runner,
			      const struct supervise_machine_settings *settings);
